"""Uploaded pictures: decoded, encoded anew without metadata, kept once; what is no picture is refused."""

import io
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from time_machine import travel

from health.resolving import discard_unused_pictures
from offers import image_actions
from offers.image_actions import (
    ImageRefused,
    check_references,
    discard_unused_images,
    encode,
    reference,
    store_image,
)
from offers.lifecycle import Status
from offers.models import ListingImage
from tests.case_factories import ResolutionCaseFactory
from tests.factories import A_DAY, ListingRevisionFactory, OfferFactory, UserFactory

WEEK = timedelta(days=7)


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (1200, 900), mode: str = "RGB", **options: Any
) -> bytes:
    """A picture that is red on its left and blue on its right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    body = io.BytesIO()
    image = image.convert(mode)
    if "A" in mode:
        image.putalpha(128)
    image.save(body, kind, **options)
    return body.getvalue()


def upload(body: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_is_kept_in_its_kind(kind: str) -> None:
    made = encode(picture(kind))
    kept = opened(made.body)
    assert (made.kind, kept.format, kept.size, kept.mode) == (kind, kind, (1200, 900), "RGB")
    assert (made.width, made.height) == kept.size


def test_a_large_picture_is_made_smaller_and_keeps_its_shape() -> None:
    made = encode(picture(size=(5000, 2500)))
    assert (made.width, made.height) == (2000, 1000)


def test_a_picture_lies_as_its_camera_said_and_says_nothing_else_any_more() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"  # a place
    made = encode(picture(exif=exif, comment=b"by somebody"))
    kept = opened(made.body)
    assert kept.size == (900, 1200)
    assert not kept.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(kept.info)
    assert b"camera" not in made.body
    top, bottom = (kept.getpixel((450, y)) for y in (10, 1190))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, top[2] > 60, bottom[2] > 200, bottom[0] > 60) == (True, False, True, False)


@pytest.mark.parametrize(
    ("kind", "mode", "kept"),
    [
        ("JPEG", "CMYK", "RGB"),
        ("JPEG", "L", "RGB"),
        ("PNG", "P", "RGB"),
        ("PNG", "1", "RGB"),
        ("PNG", "I;16", "RGB"),
        ("PNG", "RGBA", "RGBA"),
        ("PNG", "LA", "RGBA"),
        ("WEBP", "RGBA", "RGBA"),
    ],
)
def test_every_way_to_store_colours_becomes_one_that_browsers_agree_on(
    kind: str, mode: str, kept: str
) -> None:
    body = io.BytesIO()
    if mode == "I;16":
        Image.new(mode, (1200, 900), 40_000).save(body, kind)
    else:
        body.write(picture(kind, mode=mode))
    shown = opened(encode(body.getvalue()).body)
    assert shown.mode == kept
    if mode == "CMYK":
        left = shown.getpixel((100, 100))
        assert isinstance(left, tuple)
        assert (left[0] > 200, left[2] > 60) == (True, False)
    if mode == "I;16":
        assert shown.getpixel((5, 5)) == (156, 156, 156)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "can't be read"),
        (b"no picture at all" * 100, "can't be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "can't be read"),
        (picture()[:2000], "can't be read"),
        (picture("GIF"), "can't be read"),
        (picture("BMP"), "can't be read"),
        (picture(size=(999, 400)), "at least 1,000"),
        (bomb(9000, 9000), "too many pixels"),
        (bomb(60_000, 60_000), "too many pixels"),
    ],
    ids=["empty", "text", "svg", "cut off", "gif", "bmp", "small", "large", "bomb"],
)
def test_what_is_no_usable_picture_is_refused_with_what_to_do(body: bytes, words: str) -> None:
    with pytest.raises(ImageRefused, match=words):
        encode(body)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (1000, 1000), color) for color in ("red", "blue")]
    body = io.BytesIO()
    frames[0].save(body, kind, save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(ImageRefused, match="animated"):
        encode(body.getvalue())


def test_the_photograph_of_a_phone_is_taken_without_what_is_behind_it() -> None:
    """A second picture stands behind the first one in the same JPEG: depths, or brighter parts."""
    body = io.BytesIO()
    behind = Image.new("RGB", (300, 225), "green")
    opened(picture()).save(body, "MPO", save_all=True, append_images=[behind])
    assert opened(body.getvalue()).format == "MPO"
    kept = opened(encode(body.getvalue()).body)
    assert (kept.format, kept.size) == ("JPEG", (1200, 900))


def test_a_picture_of_the_least_size_is_taken() -> None:
    assert encode(picture(size=(400, 1000))).height == 1000


@pytest.mark.django_db
def test_an_upload_is_stored_with_what_is_known_of_it() -> None:
    offer, person = OfferFactory(), UserFactory()
    image = store_image(offer_id=offer.pk, upload=upload(picture(), "../../evil name.php"), by=person)
    image.refresh_from_db()
    with default_storage.open(image.file.name or "") as file:
        body = file.read()
    assert (image.offer, image.by, image.content_type) == (offer, person, "image/jpeg")
    assert (image.width, image.height, image.size) == (1200, 900, len(body))
    assert Path(image.file.name or "").name == f"{image.pk}.jpg"
    assert reference(image) == f"upload:{image.pk}"


@pytest.mark.django_db
def test_the_same_picture_is_kept_once_per_offer_and_is_young_again() -> None:
    offer, other = OfferFactory(), OfferFactory()
    with travel("2024-03-01T00:00Z", tick=False):
        first = store_image(offer_id=offer.pk, upload=upload(picture()), by=None)
    again = store_image(offer_id=offer.pk, upload=upload(picture(quality=75)), by=None)
    assert again.pk == first.pk
    assert ListingImage.objects.get(pk=first.pk).at > first.at
    assert store_image(offer_id=other.pk, upload=upload(picture()), by=None).pk != first.pk


@pytest.mark.django_db
def test_a_file_of_more_than_5_mb_is_not_even_read() -> None:
    offer = OfferFactory()
    with pytest.raises(ImageRefused, match="larger than 5 MB"):
        store_image(offer_id=offer.pk, upload=upload(b"\0" * (5 * 1024 * 1024 + 1)), by=None)


@pytest.mark.django_db
def test_nobody_fills_the_disk_with_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """One person's day is full: others may go on, and so may that person a day later."""
    offer, person = OfferFactory(), UserFactory()

    def store(by: object) -> ListingImage:
        return store_image(offer_id=offer.pk, upload=upload(picture()), by=by)  # type: ignore[arg-type]

    with travel("2024-03-01T12:00Z", tick=False):
        monkeypatch.setattr(image_actions, "MOST_A_DAY", store(person).size)
        with pytest.raises(ImageRefused, match="Go on tomorrow"):
            store(person)
        store(UserFactory())
    with travel("2024-03-02T12:00:01Z", tick=False):
        store(person)


@pytest.mark.django_db
def test_b7_a_deleted_listing_takes_no_picture() -> None:
    offer = OfferFactory(status=Status.LISTING_DELETED, deleted_on=A_DAY)
    with pytest.raises(ImageRefused, match="deleted"):
        store_image(offer_id=offer.pk, upload=upload(picture()), by=None)
    assert not ListingImage.objects.exists()


@pytest.mark.django_db
def test_a_picture_whose_row_can_not_be_written_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[str] = []

    def fail(self: ListingImage, **_options: object) -> None:
        saved.append(self.file.name or "")
        raise RuntimeError

    offer = OfferFactory()
    monkeypatch.setattr(ListingImage, "save", fail)
    with pytest.raises(RuntimeError):
        store_image(offer_id=offer.pk, upload=upload(picture()), by=None)
    assert saved
    assert not default_storage.exists(saved[0])


@pytest.mark.django_db
def test_a_listing_names_only_pictures_of_its_own_offer() -> None:
    offer = OfferFactory()
    mine = store_image(offer_id=offer.pk, upload=upload(picture()), by=None)
    theirs = store_image(offer_id=OfferFactory().pk, upload=upload(picture()), by=None)
    check_references(
        offer_id=offer.pk, values={"image_url": reference(mine), "images": ["https://a.example/b"]}
    )
    for wrong in (reference(theirs), "upload:", "upload:../etc/passwd", f"upload:{'0' * 32}"):
        with pytest.raises(ImageRefused, match="Upload it again"):
            check_references(offer_id=offer.pk, values={"images": [wrong]})


@pytest.mark.django_db
def test_what_an_import_has_put_into_a_listing_may_stay_in_it() -> None:
    named = f"upload:{'0' * 32}"
    offer = OfferFactory(image_url="demo:kettle", images=[named])
    check_references(offer_id=offer.pk, values={"image_url": named, "images": ["demo:kettle"]})


@pytest.mark.django_db(transaction=True)
def test_pictures_that_nothing_names_are_cleared_away_after_a_while() -> None:
    offer = OfferFactory()
    with travel("2024-03-01T00:00Z", tick=False):
        sizes = {"shown": 1000, "main": 1010, "before": 1020, "draft": 1030, "unused": 1040}
        made = {
            name: store_image(offer_id=offer.pk, upload=upload(picture(size=(side, 500))), by=None)
            for name, side in sizes.items()
        }
    young = store_image(offer_id=offer.pk, upload=upload(picture(size=(1050, 500))), by=None)
    offer.image_url, offer.images = reference(made["main"]), [reference(made["shown"])]
    offer.save(update_fields=["image_url", "images"])
    ListingRevisionFactory(offer=offer, content={"images": [reference(made["before"])]})
    person = UserFactory()
    ResolutionCaseFactory(offer=offer, by=person, listing={"images": [reference(made["draft"])]})
    ResolutionCaseFactory(
        offer=offer, by=person, state="dropped", listing={"images": [reference(made["unused"])]}
    )
    assert discard_unused_pictures(WEEK) == 1
    left = set(ListingImage.objects.values_list("pk", flat=True))
    assert left == {image.pk for name, image in made.items() if name != "unused"} | {young.pk}
    assert not default_storage.exists(made["unused"].file.name or "")
    assert all(default_storage.exists(ListingImage.objects.get(pk=pk).file.name or "") for pk in left)
    assert discard_unused_pictures(WEEK) == 0
    assert discard_unused_images(WEEK) == 1  # the draft's, which this floor knows nothing of


def test_a_picture_is_never_decoded_at_more_pixels_than_fit_in_memory() -> None:
    assert image_actions.MOST_PIXELS * 4 < 200 * 1024 * 1024
