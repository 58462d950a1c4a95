"""Making offers and editing listings by hand: every change is kept, and nobody overwrites anybody."""

from decimal import Decimal

import pytest

from offers.lifecycle import Status
from offers.listing import LISTING_FIELDS
from offers.listing_actions import ListingRefused, content_of, create_offer, edit_listing
from offers.models import ListingRevision, Offer
from tests.factories import (
    A_DAY,
    CategoryFactory,
    MarketplaceFactory,
    OfferFactory,
    SellerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
OPERATOR = ListingRevision.Source.OPERATOR


def edit(offer: Offer, seen: int = 1, **values: object) -> list[str]:
    return edit_listing(offer_id=offer.pk, values=values, seen_revision=seen, by=None, source=OPERATOR)


def test_an_edit_is_kept_as_a_revision_with_who_and_what() -> None:
    offer, person, category = OfferFactory(title="Kettle"), UserFactory(), CategoryFactory()
    changed = edit_listing(
        offer_id=offer.pk,
        values={"title": "Kettle, 1.7 l", "category": category, "bullets": ["Quiet"], "brand": ""},
        seen_revision=1,
        by=person,
        source=ListingRevision.Source.SELLER,
    )
    offer.refresh_from_db()
    revision = ListingRevision.objects.get(offer=offer)
    assert changed == revision.changed_fields == ["title", "category", "bullets"]
    assert (revision.number, offer.revision, revision.by, revision.source) == (2, 2, person, "seller")
    assert revision.content == content_of(offer)
    assert revision.content["category"] == "Home > Kitchen > Kettles"
    assert set(revision.content) == set(LISTING_FIELDS)


def test_price_and_stock_are_stored_without_a_revision() -> None:
    offer = OfferFactory(price="19.90", quantity=None)
    assert edit(offer, price=Decimal("18.50"), quantity=0) == []
    offer.refresh_from_db()
    assert (offer.price, offer.quantity, offer.revision) == (Decimal("18.50"), 0, 1)
    assert not ListingRevision.objects.exists()


def test_an_edit_that_changes_nothing_leaves_no_revision() -> None:
    offer = OfferFactory(title="Kettle")
    assert edit(offer, title="Kettle") == []
    assert not ListingRevision.objects.exists()


def test_d5_of_two_who_edit_at_once_the_second_is_told_and_loses_nothing() -> None:
    offer = OfferFactory(title="Kettle")
    edit(offer, title="Kettle, quiet")
    with pytest.raises(ListingRefused, match="Somebody else changed this listing"):
        edit(offer, title="Kettle, loud")
    offer.refresh_from_db()
    assert (offer.title, offer.revision) == ("Kettle, quiet", 2)
    assert edit(offer, seen=2, title="Kettle, loud") == ["title"]


def test_an_edit_never_writes_the_state_that_somebody_changed_meanwhile() -> None:
    offer = OfferFactory()
    Offer.objects.filter(pk=offer.pk).update(status=Status.CLOSED, last_closed_on=A_DAY)
    edit(offer, title="Other")
    offer.refresh_from_db()
    assert (offer.status, offer.title) == (Status.CLOSED, "Other")


def test_b7_a_deleted_listing_is_not_edited() -> None:
    offer = OfferFactory(status=Status.LISTING_DELETED, deleted_on=A_DAY, title="Kettle")
    with pytest.raises(ListingRefused, match="deleted"):
        edit(offer, title="Other")
    offer.refresh_from_db()
    assert offer.title == "Kettle"


@pytest.mark.parametrize("field", ["status", "last_closed_on", "sku", "seller", "revision", "import_digest"])
def test_what_is_no_part_of_a_listing_cannot_be_edited(field: str) -> None:
    offer = OfferFactory()
    before = Offer.objects.values().get(pk=offer.pk)
    with pytest.raises(KeyError, match=field):
        edit(offer, 1, **{field: None})
    assert Offer.objects.values().get(pk=offer.pk) == before


def test_a_new_offer_is_live_and_has_its_first_revision() -> None:
    person = UserFactory()
    offer = Offer(
        marketplace=MarketplaceFactory(), seller=SellerFactory(), sku="A1", title="Kettle", status="CLOSED"
    )
    create_offer(offer=offer, by=person, source=OPERATOR)
    offer.refresh_from_db()
    revision = ListingRevision.objects.get(offer=offer)
    assert (offer.status, offer.revision) == (Status.LIVE, 1)
    assert (revision.number, revision.changed_fields, revision.source) == (1, [], "operator")
    assert (revision.content["title"], revision.content["category"], revision.by) == ("Kettle", "", person)
