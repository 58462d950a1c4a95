"""Editing a listing outside Resolve issue, others' edits meanwhile, pictures (PRODUCT D4, D5, F6)."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from time_machine import travel

from offers.listing_actions import edit_listing
from offers.models import ListingImage, ListingRevision, Offer, Role
from tests.factories import UserFactory
from tests.pages.people import Person, member, operator, owner, queries, stranger
from tests.pages.reading import Element, page
from tests.pages.resolving import NOON, at_risk_offer, closed_offer, form_values, picture, problems
from tests.pages.shops import Shop
from vocdash.pages.listing_merge import merge
from vocdash.pages.pictures import picture_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def offer() -> Offer:
    return at_risk_offer()


def address(offer: Offer) -> str:
    return reverse("offer-edit", args=[offer.pk])


def read(who: Person, offer: Offer) -> Element:
    return page(who.client.get(address(offer)))


def send(who: Person, offer: Offer, /, root: Element | None = None, **fields: Any) -> Any:
    return who.client.post(address(offer), {**form_values(root or read(who, offer)), **fields})


def test_the_listing_is_edited_with_complaints_beside_its_fields(offer: Offer) -> None:
    who = owner(offer.seller)
    root = read(who, offer)
    assert "3 customers reported: Inaccurate product page" in root.one(id="description-said").text
    answer = send(who, offer, root, title="Kettle, 1.2 L", bullet=["Fast", "Fitted lid"])
    assert answer.headers["Location"] == reverse("offer", args=[offer.pk])
    offer.refresh_from_db()
    assert (offer.title, offer.bullets, offer.revision) == ("Kettle, 1.2 L", ["Fast", "Fitted lid"], 2)
    revision = ListingRevision.objects.get(offer=offer, number=2)
    assert (revision.by, revision.source, revision.changed_fields) == (
        who.user,
        "seller",
        ["title", "bullets"],
    )
    assert "Listing saved: Title, Bullets." in page(who.client.get(answer.headers["Location"])).text


def test_a_preview_shows_the_changes_and_saves_nothing(offer: Offer) -> None:
    who = owner(offer.seller)
    answer = send(who, offer, title="Gooseneck kettle, 1.2 L, black", preview="1")
    assert answer.status_code == 200
    root = page(answer)
    assert root.one("aside").one("dl", "diff").one("del").text == "[Removed: 1.7 – end of the change]"
    assert "1 edit" in root.one("aside").text
    assert Offer.objects.get(pk=offer.pk).revision == 1
    assert send(who, offer, root).status_code == 302
    assert Offer.objects.get(pk=offer.pk).title == "Gooseneck kettle, 1.2 L, black"


def test_problems_are_said_and_nothing_is_saved(offer: Offer) -> None:
    who = owner(offer.seller)
    for title, expected in (
        ("", "Enter a title"),
        (offer.title, "You haven't changed the listing. Make a change, or go back"),
    ):
        answer = send(who, offer, title=title)
        assert answer.status_code == 422
        assert problems(page(answer)) == [expected]
    assert Offer.objects.get(pk=offer.pk).revision == 1


def test_what_only_looks_otherwise_is_no_edit(offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(attributes={"Hold": 1.7, "Tint": "black"}, title="x" * 300)
    who = owner(offer.seller)
    typed: dict[str, Any] = {"attribute-value": ["1.7", "red", "", ""]}
    answer = send(who, offer, **typed)
    assert answer.status_code == 302  # the title is longer than allowed and was so before
    offer.refresh_from_db()
    assert offer.attributes == {"Hold": 1.7, "Tint": "red"}
    assert ListingRevision.objects.get(offer=offer, number=2).changed_fields == ["attributes"]


def test_d5_a_listing_that_changed_meanwhile_is_shown_with_both_changes(offer: Offer) -> None:
    who = owner(offer.seller)
    root = read(who, offer)
    edit_listing(
        offer_id=offer.pk,
        values={"brand": "Home", "attributes": {"Size": "1.7 L", "Color": "slate"}},
        seen_revision=1,
        by=UserFactory(first_name="Anna", last_name="Field"),
        source="seller",
    )
    fields: dict[str, Any] = {"title": "Kettle, 1.2 L", "attribute-value": ["1.2 L", "black", "", ""]}
    answer = send(who, offer, root, **fields)
    assert answer.status_code == 409
    told = page(answer)
    assert (
        told.one(id="clash-head").text == "The listing changed at 12:00 (Anna Field). Check your edits again."
    )
    assert [row.one("th").text for row in told.one("tbody").all("tr")] == ["Brand", "Color", "Title", "Size"]
    assert Offer.objects.get(pk=offer.pk).revision == 2
    assert send(who, offer, told).status_code == 302
    offer.refresh_from_db()
    assert (offer.title, offer.brand) == ("Kettle, 1.2 L", "Home")
    assert offer.attributes == {"Size": "1.2 L", "Color": "slate"}


BASE = {"title": "a", "bullets": ["x"], "attributes": {"s": "1", "c": "2"}, "image_url": "p", "images": []}


@pytest.mark.parametrize(
    ("mine", "theirs", "edits", "conflicts"),
    [
        ({"title": "m"}, {"bullets": ["y"]}, {"title": "m"}, []),
        ({"title": "m"}, {"title": "t"}, {"title": "m"}, ["title"]),
        ({"title": "t"}, {"title": "t"}, {}, []),
        ({"attributes": {"s": "9"}}, {"attributes": {"s": "1", "c": "2", "n": "3"}},
         {"attributes": {"s": "9", "n": "3"}}, []),
        ({"attributes": {"s": "9", "c": "2"}}, {"attributes": {"s": "8", "c": "7"}},
         {"attributes": {"s": "9", "c": "7"}}, ["attribute s"]),
        ({"image_url": "q", "images": ["p"]}, {"images": ["z"]},
         {"image_url": "q", "images": ["p"]}, ["images"]),
    ],
)  # fmt: skip
def test_d5_edits_of_two_people_are_put_together(
    mine: dict[str, Any], theirs: dict[str, Any], edits: dict[str, Any], conflicts: list[str]
) -> None:
    now = {**BASE, **theirs}
    merged = merge(BASE, mine, now)
    assert (merged.edits, merged.conflicts) == (edits, conflicts)
    taken = merge(BASE, mine, now, theirs=conflicts)
    for name in taken.edits:
        assert not conflicts or taken.edits[name] != edits[name]


def test_f6_only_owners_and_editors_edit_and_only_they_see_the_link(offer: Offer) -> None:
    people = [
        (owner(offer.seller), 200), (member(offer.seller, Role.EDITOR), 200),
        (member(offer.seller, Role.VIEWER), 403), (operator(), 403), (stranger(), 404),
    ]  # fmt: skip
    for who, status in people:
        assert who.client.get(address(offer)).status_code == status
        posted = who.client.post(address(offer), {"seen_revision": "1"}).status_code
        assert posted == (422 if status == 200 else status)  # nothing was typed
        if status != 404:
            links = page(who.client.get(reverse("offer", args=[offer.pk]))).one("div", "ohead").all("a")
            assert ("Edit listing" in [link.text for link in links]) == (status == 200)


def test_a_deleted_listing_is_not_edited(offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(status="LISTING_DELETED", deleted_on="2024-03-16")
    who = owner(offer.seller)
    answer = who.client.get(address(offer))
    assert answer.headers["Location"] == reverse("offer", args=[offer.pk])
    assert "can't be edited any more" in page(who.client.get(answer.headers["Location"])).text


def upload(offer: Offer) -> ListingImage:
    assert send(owner(offer.seller), offer, upload=[picture()]).status_code == 302
    return ListingImage.objects.get(offer=offer)


def test_a_picture_is_served_to_its_seller_and_to_operators_alone(offer: Offer) -> None:
    image = upload(offer)
    where = reverse("listing-image", args=[image.pk])
    answer = member(offer.seller, Role.VIEWER).client.get(where)
    assert answer.status_code == 200
    assert answer.getvalue()[:8] == b"\x89PNG\r\n\x1a\n"
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["Cache-Control"].startswith("private")
    assert operator().client.get(where).status_code == 200
    assert stranger().client.get(where).status_code == 404
    assert owner(offer.seller).client.get(reverse("listing-image", args=[uuid4()])).status_code == 404
    assert owner(offer.seller).client.post(where).status_code == 405
    default_storage.delete(image.file.name or "")
    assert owner(offer.seller).client.get(where).status_code == 404


def test_the_offer_page_shows_uploads_and_counts_images(offer: Offer) -> None:
    image = upload(offer)
    edit_listing(
        offer_id=offer.pk, values={"image_url": f"upload:{image.pk}", "images": ["demo:kettle", "demo:mug"]},
        seen_revision=2, by=None, source="seller",
    )  # fmt: skip
    root = page(owner(offer.seller).client.get(reverse("offer", args=[offer.pk])))
    assert root.one("div", "ohead").one("img").attributes["src"] == f"/voc/images/{image.pk}/"
    listing = root.one("dl", "snap")
    said = dict(zip((f.text for f in listing.all("dt")), (f.text for f in listing.all("dd")), strict=True))
    assert said["Images"] == "3 images"
    assert "Listing edited: Images" in root.text


def test_the_grid_shows_uploads_and_no_reference_makes_markup() -> None:
    shop, image_id = Shop(), uuid4()
    shop.add(image_url=f"upload:{image_id}")
    shop.counted()
    assert f'src="/voc/images/{image_id}/"' in owner(shop.seller).dashboard().content.decode()
    assert "<img" not in picture_for('upload:"><script>')
    assert "<img" not in picture_for("https://elsewhere.example/x.png")


def test_a_closed_offer_is_edited_too() -> None:
    offer = closed_offer()
    assert send(owner(offer.seller), offer, title="Kettle").status_code == 302
    assert Offer.objects.get(pk=offer.pk).status == "CLOSED"


def test_the_form_asks_so_many_questions(offer: Offer) -> None:
    who = owner(offer.seller)
    assert len(queries(lambda: who.client.get(address(offer)))) == 9
