"""Operators at work on offers, sellers and marketplaces: what they save keeps the house in order (F1)."""

from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from health.models import HealthPolicy, OfferHealth, SellerSummary
from offers.lifecycle import Status
from offers.listing_actions import ListingRefused
from offers.models import ListingRevision, Marketplace, Membership, Offer, OfferStatusChange, Seller
from tests.factories import (
    A_DAY,
    CategoryFactory,
    MarketplaceFactory,
    MembershipFactory,
    OfferFactory,
    SellerFactory,
    UserFactory,
)
from tests.operators import operator, page_of, said, staff

pytestmark = pytest.mark.django_db


def fields_of(client: Client, offer: Offer) -> dict[str, Any]:
    """What the offer's page would send, as it stands."""
    form = client.get(page_of(Offer, "change", offer.pk)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "" if value is None else value
        for name, value in values.items()
        if value is not False  # a box that is not ticked sends nothing
    }


def save(client: Client, offer: Offer, **edits: object) -> Any:
    return client.post(page_of(Offer, "change", offer.pk), {**fields_of(client, offer), **edits})


def errors_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.context["errors"])


def test_f1_an_edit_becomes_a_revision_by_the_operator() -> None:
    offer, client = OfferFactory(title="Kettle", attributes={"color": "red"}), operator()
    fields = fields_of(client, offer)
    answer = client.post(
        page_of(Offer, "change", offer.pk),
        {
            **fields,
            "title": "Kettle, quiet",
            "bullets": "Quiet\r\n\r\n 1.7 l ",
            "attributes": '{"color": "blue"}',
        },
    )
    assert answer.status_code == 302, answer.context["errors"]
    offer.refresh_from_db()
    revision = ListingRevision.objects.get()
    assert (offer.title, offer.bullets, offer.attributes) == (
        "Kettle, quiet", ["Quiet", "1.7 l"], {"color": "blue"},
    )  # fmt: skip
    assert (revision.number, offer.revision, revision.source) == (2, 2, "operator")
    assert revision.changed_fields == ["title", "bullets", "attributes"]
    assert revision.by is not None
    assert LogEntry.objects.get().get_change_message() == "Changed Title, Bullets and Attributes."


def test_f1_saving_without_an_edit_changes_nothing() -> None:
    client, offer = operator(), OfferFactory(bullets=["Quiet", "1.7 l"], manufacturer_barcode=True)
    before = Offer.objects.values().get()
    assert save(client, offer).status_code == 302
    after = Offer.objects.values().get()
    assert {**after, "updated_at": None} == {**before, "updated_at": None}
    assert not ListingRevision.objects.exists()


def test_f1_the_state_of_an_offer_is_never_edited() -> None:
    client, offer = operator(), OfferFactory()
    edits = {"status": "CLOSED", "last_closed_on": "2024-01-01", "deleted_on": "2024-01-01", "revision": "7"}
    save(client, offer, title="Other", sku="B2", **edits)
    offer.refresh_from_db()
    assert (offer.status, offer.last_closed_on, offer.deleted_on) == (Status.LIVE, None, None)
    assert (offer.sku, offer.revision, offer.title) == (Offer.objects.get().sku, 2, "Other")
    assert offer.sku != "B2"


def test_d5_an_edit_of_what_somebody_changed_meanwhile_is_refused_and_nothing_lost() -> None:
    client, offer = operator(), OfferFactory(title="Kettle")
    stale = fields_of(client, offer)
    save(client, offer, title="Kettle, quiet")
    answer = client.post(page_of(Offer, "change", offer.pk), {**stale, "title": "Kettle, loud"})
    assert "Somebody else changed this listing" in errors_of(answer)
    assert "Kettle, loud" in answer.content.decode()  # what was written is still there
    assert Offer.objects.get().title == "Kettle, quiet"


def test_d5_an_edit_that_is_refused_at_the_last_moment_says_so() -> None:
    client, offer = operator(), OfferFactory(title="Kettle")
    fields = fields_of(client, offer)
    with patch("offers.admin.offers.edit_listing", side_effect=ListingRefused("Somebody was faster.")):
        answer = client.post(page_of(Offer, "change", offer.pk), {**fields, "title": "Other"})
    assert (answer.status_code, said(answer)) == (302, "Somebody was faster.")
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ({"title": ""}, "This field is required"),
        ({"price": "-1"}, "offer_price_not_negative"),
        ({"currency": "US$"}, "three letters"),
        ({"attributes": '["red"]'}, "names and values"),
        ({"attributes": '{"size": 7}'}, "names and values"),
        ({"attributes": "{"}, "valid JSON"),
        ({"bullets": "x" * 1001}, "Shorten the bullets"),
        ({"quantity": "-1"}, "greater than or equal to 0"),
        ({"condition": "mint"}, "valid choice"),
        ({"seen_revision": ""}, "Somebody else"),
    ],
)
def test_f1_bad_input_is_refused_in_words(edits: dict[str, str], error: str) -> None:
    client, offer = operator(), OfferFactory()
    before = Offer.objects.values().get()
    assert error in errors_of(save(client, offer, **edits))
    assert Offer.objects.values().get() == before


def test_b7_a_deleted_listing_can_be_read_and_not_edited() -> None:
    offer = OfferFactory(status=Status.LISTING_DELETED, deleted_on=A_DAY, title="Kettle")
    client = operator()
    page = client.get(page_of(Offer, "change", offer.pk))
    assert page.status_code == 200
    assert 'name="title"' not in page.content.decode()
    assert client.post(page_of(Offer, "change", offer.pk), {"title": "Other"}).status_code == 403


def new_offer(**fields: object) -> dict[str, object]:
    seller = Seller.objects.first() or SellerFactory()
    key = {"marketplace": MarketplaceFactory().pk, "seller": seller.pk, "sku": "A1", "title": "Kettle"}
    return {**key, "condition": "new", "fulfillment": "seller", "attributes": "{}", **fields}


def test_f1_a_new_offer_has_its_first_revision_and_is_on_its_sellers_dashboard() -> None:
    client = operator()
    answer = client.post(page_of(Offer, "add"), new_offer(category=CategoryFactory().pk))
    assert answer.status_code == 302, answer.context["errors"]
    offer = Offer.objects.get()
    revision = ListingRevision.objects.get()
    assert (offer.status, offer.revision, revision.number) == (Status.LIVE, 1, 1)
    assert (revision.source, revision.content["category"]) == ("operator", "Home > Kitchen > Kettles")
    row = OfferHealth.objects.get()
    assert (row.offer_id, row.seller_id, row.as_of) == (offer.pk, offer.seller_id, None)
    assert SellerSummary.objects.get().counts == {"0": 1}
    # A list on which it can be found, and a page with links to what is kept of it.
    page = client.get(page_of(Offer, "change", offer.pk)).content.decode()
    for kept in ("offers/listingrevision", "feedback/feedbackevent", "health/healthchange"):
        address = f"/admin/{kept}/?offer__id__exact={offer.pk}"
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def test_f1_a_sku_that_is_listed_is_not_listed_twice() -> None:
    client = operator()
    client.post(page_of(Offer, "add"), new_offer())
    assert "has an offer with this SKU already" in errors_of(client.post(page_of(Offer, "add"), new_offer()))
    assert Offer.objects.count() == 1


@pytest.mark.parametrize(("listed_on", "made"), [("", False), ("2024-03-15", False), ("2024-03-16", True)])
def test_f1_a_deleted_sku_comes_again_only_with_a_later_listing_date(listed_on: str, made: bool) -> None:
    gone = OfferFactory(sku="A1", status=Status.LISTING_DELETED, deleted_on=A_DAY)
    answer = operator().post(page_of(Offer, "add"), new_offer(seller=gone.seller_id, listed_on=listed_on))
    assert (answer.status_code == 302) is made
    assert Offer.objects.filter(sku="A1").count() == 1 + made
    assert made or "deleted on 2024-03-15 for ever" in errors_of(answer)


def test_f1_a_new_marketplace_begins_with_the_methods_numbers() -> None:
    answer = operator().post(
        page_of(Marketplace, "add"),
        {
            "code": "CA", "name": "Canada", "currency": "CAD", "time_zone": "America/Toronto",
            "language": "fr", "recompute_hour": "3",
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["errors"]
    policy = HealthPolicy.objects.get()
    assert (policy.marketplace.code, policy.version, policy.state) == ("CA", 1, "active")
    assert policy.activated_by is not None


def test_f1_a_code_stays_as_it_was_given() -> None:
    marketplace, seller, client = MarketplaceFactory(), SellerFactory(code="S-1"), operator()
    fields = {"name": "Other", "currency": "USD", "time_zone": "UTC", "language": "en", "recompute_hour": "4"}
    assert (
        client.post(page_of(Marketplace, "change", marketplace.pk), {**fields, "code": "XX"}).status_code
        == 302
    )
    members = {f"memberships-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    assert (
        client.post(
            page_of(Seller, "change", seller.pk), {"name": "Other", "code": "S-2", **members}
        ).status_code
        == 302
    )
    marketplace.refresh_from_db()
    seller.refresh_from_db()
    assert (marketplace.code, marketplace.name, marketplace.recompute_hour) == ("US", "Other", 4)
    assert (seller.code, seller.name) == ("S-1", "Other")
    assert HealthPolicy.objects.count() == 0  # an edit makes no policy


def test_f1_a_time_zone_that_nobody_knows_is_refused() -> None:
    fields = {"code": "X", "name": "X", "currency": "USD", "language": "en", "recompute_hour": "3"}
    answer = operator().post(page_of(Marketplace, "add"), {**fields, "time_zone": "Mars/Olympus"})
    assert "time zone such as America/New_York" in errors_of(answer)


def test_f6_members_are_added_and_changed_on_their_sellers_page() -> None:
    seller, person, client = SellerFactory(), UserFactory(), operator()
    owner = MembershipFactory(seller=seller)
    rows = {
        "memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": owner.pk, "memberships-0-seller": seller.pk, "memberships-0-user": owner.user.pk,
        "memberships-0-role": "viewer", "memberships-1-seller": seller.pk, "memberships-1-user": person.pk,
        "memberships-1-role": "editor",
    }  # fmt: skip
    answer = client.post(page_of(Seller, "change", seller.pk), {"name": seller.name, **rows})
    assert answer.status_code == 302, answer.context["errors"]
    roles = dict(Membership.objects.values_list("user__pk", "role"))
    assert roles == {owner.user.pk: "viewer", person.pk: "editor"}


def test_f6_a_membership_can_be_ended_and_its_person_not_exchanged() -> None:
    member, other, client = MembershipFactory(), UserFactory(), operator()
    page = page_of(Membership, "change", member.pk)
    assert (
        client.post(page, {"user": other.pk, "seller": member.seller.pk, "role": "viewer"}).status_code == 302
    )
    assert Membership.objects.values_list("user", "role").get() == (member.user.pk, "viewer")
    assert client.post(page_of(Membership, "delete", member.pk), {"post": "yes"}).status_code == 302
    assert not Membership.objects.exists()


def test_f1_editing_needs_the_permission_to_change() -> None:
    offer = OfferFactory(title="Kettle")
    client = staff("offers.view_offer", "offers.view_marketplace")
    assert client.post(page_of(Offer, "change", offer.pk), {"title": "Other"}).status_code == 403
    assert client.post(page_of(Offer, "add"), new_offer()).status_code == 403
    assert Offer.objects.get().title == "Kettle"
    assert not OfferStatusChange.objects.exists()
