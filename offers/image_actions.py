"""Pictures that sellers upload: checked by decoding them, encoded anew, kept once per offer.

Nothing of the file that was sent is stored: what is kept was written by us, so it holds no metadata (places,
names, cameras) and nothing that only looks like a picture.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext
from PIL import Image, ImageOps

from offers.lifecycle import Status
from offers.models import ListingImage, ListingRevision, Offer

PREFIX: Final = "upload:"
MOST_BYTES: Final = 5 * 1024 * 1024
LEAST_SIDE: Final = 1_000
MOST_SIDE: Final = 2_000
# A picture is decoded before it is made smaller: this bounds the memory that takes.
MOST_PIXELS: Final = 40_000_000
# What one person may have kept within a day: hundreds of photographs, and no way to fill the disk.
MOST_A_DAY: Final = 1024**3
_A_DAY: Final = timedelta(days=1)
_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_ENDINGS: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_QUALITY: Final = 88


class ImageRefused(ValueError):
    """The picture can't be taken; the message says what to do. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as it is kept."""

    body: bytes
    kind: str
    width: int
    height: int

    @property
    def digest(self) -> str:
        """SHA-256 in hex."""
        return hashlib.sha256(self.body).hexdigest()


def reference(image: ListingImage) -> str:
    """How a listing names an uploaded picture."""
    return f"{PREFIX}{image.pk}"


def store_image(*, offer_id: int, upload: File, by: AbstractBaseUser | None) -> ListingImage:  # type: ignore[type-arg]
    """Check, encode and keep a picture for an offer's listing; no listing shows it before it is edited.

    The same picture twice is kept once. Raises ImageRefused with what to do; nothing is stored then.
    """
    _refuse_flood(by)
    picture = encode(_read(upload))
    written: list[str] = []
    try:
        return _keep(offer_id, picture, by, written)
    except BaseException:
        for name in written:
            default_storage.delete(name)
        raise


def _refuse_flood(by: AbstractBaseUser | None) -> None:
    """Asked before anything is decoded, which is what costs most."""
    if by is None:
        return
    mine = ListingImage.objects.filter(by_id=by.pk, at__gte=timezone.now() - _A_DAY)
    if (mine.aggregate(bytes=Sum("size"))["bytes"] or 0) >= MOST_A_DAY:
        raise ImageRefused(gettext("You've uploaded very many images today. Go on tomorrow."))


@transaction.atomic
def _keep(offer_id: int, picture: Encoded, by: AbstractBaseUser | None, written: list[str]) -> ListingImage:
    """The row of a picture and its file, whose name is put into `written`. The offer is held meanwhile."""
    offer = Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer_id)
    if offer.status == Status.LISTING_DELETED:
        raise ImageRefused(gettext("The listing was deleted, so no image can be added."))
    known = ListingImage.objects.filter(offer=offer, digest=picture.digest).first()
    if known:
        # As young as a new one: nothing that was just asked for is cleared away as unused.
        ListingImage.objects.filter(pk=known.pk).update(at=timezone.now())
        return known
    image = _new(offer, picture, by)
    image.file.save(f"{image.pk}.{_ENDINGS[picture.kind]}", ContentFile(picture.body), save=False)
    written.append(image.file.name or "")
    image.save(force_insert=True)
    return image


def _new(offer: Offer, picture: Encoded, by: AbstractBaseUser | None) -> ListingImage:
    return ListingImage(
        offer=offer,
        content_type=_TYPES[picture.kind],
        width=picture.width,
        height=picture.height,
        size=len(picture.body),
        digest=picture.digest,
        by=by,  # type: ignore[misc]  # the settings name the user model
    )


def _read(upload: File) -> bytes:  # type: ignore[type-arg]
    if upload.size > MOST_BYTES:
        raise ImageRefused(
            gettext(
                "The image is larger than 5 MB. Save it smaller, for example as JPEG, and choose it again."
            )
        )
    upload.seek(0)
    body: bytes = upload.read(MOST_BYTES + 1)
    return body


def encode(body: bytes) -> Encoded:
    """Decode a JPEG, PNG or WebP and write it anew: upright, in RGB, without metadata, not too large.

    Raises ImageRefused for everything else.
    """
    try:
        with Image.open(io.BytesIO(body), formats=list(_TYPES)) as opened:
            return _encoded(opened)
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    # Whatever a decoder raises on broken data means the same here, and it raises nearly everything.
    except Exception as error:
        raise ImageRefused(
            gettext("This file can't be read as an image. Choose a JPEG, PNG or WebP file.")
        ) from error


def _too_many_pixels() -> ImageRefused:
    return ImageRefused(
        gettext("The image has too many pixels. Save it with 2,000 pixels on its longest side.")
    )


def _encoded(opened: Image.Image) -> Encoded:
    # Many phones put a second picture behind a JPEG, such as its depths: the first is the photograph.
    kind = "JPEG" if opened.format == "MPO" else str(opened.format)
    if opened.width * opened.height > MOST_PIXELS:
        raise _too_many_pixels()
    if kind != "JPEG" and getattr(opened, "n_frames", 1) > 1:
        raise ImageRefused(gettext("The image is animated. Choose one that doesn't move."))
    if max(opened.size) < LEAST_SIDE:
        words = gettext("The image is %(width)s × %(height)s pixels. Its longest side needs at least 1,000.")
        raise ImageRefused(words % {"width": opened.width, "height": opened.height})
    # JPEGs are decoded at a fraction of their size where that is enough.
    opened.draft("RGB", (MOST_SIDE, MOST_SIDE))
    picture = _in_rgb(opened)
    # Smaller first: turning it makes a copy.
    picture.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS)
    picture = ImageOps.exif_transpose(picture)
    body = io.BytesIO()
    _clean(picture).save(body, kind, **_options(kind))
    return Encoded(body.getvalue(), kind, *picture.size)


def _in_rgb(picture: Image.Image) -> Image.Image:
    """In three colours, with transparency where the file has some: browsers differ about everything else."""
    transparent = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    wanted = "RGBA" if transparent else "RGB"
    if picture.mode.startswith("I"):
        # 16 bits of grey: the conversion would cut them off at white.
        picture = picture.point(lambda value: value / 256).convert("L")
    return picture if picture.mode == wanted else picture.convert(wanted)


def _clean(picture: Image.Image) -> Image.Image:
    """The pixels alone: what else came with the file stays behind."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _options(kind: str) -> dict[str, Any]:
    return {
        "JPEG": {"quality": _QUALITY, "optimize": True, "progressive": True},
        "PNG": {"optimize": False, "compress_level": 6},
        "WEBP": {"quality": _QUALITY, "method": 4},
    }[kind]


def references_in(values: Mapping[str, Any]) -> Iterator[str]:
    """The uploaded pictures that a listing's values name."""
    named = [values.get("image_url"), *(values.get("images") or ())]
    yield from (name for name in named if isinstance(name, str) and name.startswith(PREFIX))


def check_references(*, offer_id: int, values: Mapping[str, Any]) -> None:
    """Raise ImageRefused where a listing's values name a picture that was not uploaded for this offer.

    What the listing itself names, by an import, may stay.
    """
    wanted = set(references_in(values))
    if not wanted:
        return
    uploads = ListingImage.objects.filter(offer=offer_id).values_list("pk", flat=True)
    unknown = wanted - {f"{PREFIX}{pk}" for pk in uploads}
    if unknown and unknown - set(_named_by(Offer.objects.get(pk=offer_id))):
        raise ImageRefused(gettext("One of the images is no longer there. Upload it again."))


def _named_by(offer: Offer) -> Iterator[str]:
    return references_in({"image_url": offer.image_url, "images": offer.images})


def _nothing_more(_offer_id: int) -> Iterable[str]:
    return ()


def discard_unused_images(
    older_than: timedelta, *, also_named: Callable[[int], Iterable[str]] = _nothing_more
) -> int:
    """Take away the uploads of longer ago that nothing names; returns how many.

    What names a picture: the listing, any of its revisions, and `also_named`, which gives further references
    for an offer's id, such as those in edits that are not made yet. It is asked while the offer is held. A
    file is deleted once its row is gone for certain.
    """
    old = ListingImage.objects.filter(at__lt=timezone.now() - older_than)
    offers = list(old.order_by("offer_id").values_list("offer_id", flat=True).distinct())
    return sum(_discard(offer_id, older_than, also_named) for offer_id in offers)


@transaction.atomic
def _discard(offer_id: int, older_than: timedelta, also_named: Callable[[int], Iterable[str]]) -> int:
    """One offer's: it is held, so that nobody edits its listing meanwhile."""
    offer = Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer_id)
    named = {*also_named(offer_id), *_named_by(offer)}
    for content in ListingRevision.objects.filter(offer=offer).values_list("content", flat=True):
        named.update(references_in(content))
    old = ListingImage.objects.filter(offer=offer, at__lt=timezone.now() - older_than)
    unused = [image for image in old if reference(image) not in named]
    for image in unused:
        image.delete()
        transaction.on_commit(partial(default_storage.delete, image.file.name or ""))
    return len(unused)
