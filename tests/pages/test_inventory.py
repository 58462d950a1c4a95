"""Manage Inventory: a seller's offers as a catalogue, and the end of a listing (PRODUCT D8, B7, F6)."""

import csv
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from health.models import OfferHealth, Tile
from offers.lifecycle import Status
from offers.models import Fulfillment, Offer, OfferStatusChange, RemovalOrder, Role
from offers.removal_actions import request_removal
from tests.pages.people import Person, member, operator, owner, queries, stranger
from tests.pages.reading import DashboardRead, page
from tests.pages.shops import NIGHT, Shop

pytestmark = pytest.mark.django_db
FBA = Fulfillment.MARKETPLACE.value


@pytest.fixture
def shop() -> Shop:
    """Five offers: two at the marketplace, one closed, one deleted, one that says little."""
    made = Shop()
    made.add(Tile.GOOD, sku="A1", title="Kettle", fulfillment=FBA, quantity=184, price="24.9000")
    made.add(Tile.FAIR, sku="B2", title="Mug <b>", fulfillment=FBA, quantity=None, price=None)
    made.closed(date(2026, 11, 18), sku="C3", title="Lamp", quantity=0, price="8", currency="CAD")
    made.add(Tile.DELETED, sku="D4", title="Gone", band=Tile.POOR, fulfillment=FBA, quantity=3)
    made.add(Tile.NO_RECENT_ORDERS, sku="E5", title="Vase", listed_on=date(2026, 10, 2), quantity=12)
    return made.counted()


def ask(who: Person, query: str = "") -> DashboardRead:
    return DashboardRead(who.client.get(f"{reverse('inventory')}?{query}"))


def download(who: Person, query: str = "") -> str:
    answer: Any = who.client.get(f"{reverse('inventory-csv')}?{query}")
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def offer_of(sku: str) -> Offer:
    return Offer.objects.get(sku=sku)


def remove(sku: str, quantity: int) -> RemovalOrder:
    return request_removal(offer_id=offer_of(sku).pk, kind="return", quantity=quantity, by=None)


def actions(shown: DashboardRead, sku: str) -> dict[str, str]:
    """The row menu: where each action leads."""
    return {link.text: link.attributes["href"] for link in shown.row(sku).one("td", "td-menu").all("a")}


def delete(who: Person, sku: str, method: str = "post") -> Any:
    return getattr(who.client, method)(reverse("listing-delete", args=[offer_of(sku).pk]), follow=True)


def test_d8_the_catalogue_shows_price_stock_health_status_and_since_when(shop: Shop) -> None:
    remove("A1", 12)
    shown = ask(owner(shop.seller))
    assert shown.skus == ["A1", "B2", "C3", "D4", "E5"]
    assert shown.cell("A1", "rate") == "24.90 USD"
    assert shown.cell("A1", "ord") == "172 available 12 reserved"
    assert (shown.cell("A1", "cx"), shown.cell("A1", "closed")) == ("Good", "Open")
    assert (shown.cell("B2", "rate"), shown.cell("B2", "ord")) == ("– No price", "Unknown")
    assert shown.cell("C3", "rate") == "8.00 CAD"
    assert shown.cell("C3", "closed") == "Closed Since 18 Nov 2026 !Action required!"
    assert shown.cell("D4", "closed") == "Listing deleted Since 20 Nov 2026"
    assert shown.cell("D4", "cx") == "Listing deleted Last: Poor"
    assert shown.cell("E5", "upd") == "2 Oct 2026"
    assert shown.row("B2").one("a", "t").text == "Mug <b>"


def test_d8_actions_on_a_row_are_those_that_are_possible(shop: Shop) -> None:
    shown = ask(owner(shop.seller))
    a1, c3 = offer_of("A1").pk, offer_of("C3").pk
    assert actions(shown, "A1").items() >= {
        ("Details", f"/voc/offers/{a1}/"),
        ("Create removal order", f"/removals/new/?offer={a1}"),
        ("Delete listing", f"/inventory/{a1}/delete/"),
    }
    assert "Create removal order" not in actions(shown, "C3"), "its seller ships it"
    assert actions(shown, "C3")["Delete listing"] == f"/inventory/{c3}/delete/"


def test_b7_nothing_can_be_done_with_a_deleted_listing(shop: Shop) -> None:
    shown = ask(owner(shop.seller))
    assert shown.row("D4").one("td", "td-menu").all("a") == []


def test_f6_a_viewer_and_an_operator_see_the_catalogue_without_actions(shop: Shop) -> None:
    reader = operator()
    reader.switch(shop.seller)
    for who in (member(shop.seller, Role.VIEWER), reader):
        assert list(actions(ask(who), "A1")) == ["Details"]
    assert "You are reading the pages of" in ask(reader).html


def test_a3_a_stranger_sees_their_own_catalogue_and_nothing_of_this_one(shop: Shop) -> None:
    who = stranger()
    assert "Kettle" not in ask(who, "q=A1").html
    assert "Kettle" not in download(who)
    assert who.client.get(reverse("listing-delete", args=[offer_of("A1").pk])).status_code == 404
    assert delete(who, "A1").status_code == 404
    assert offer_of("A1").status == Status.LIVE


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("q=kett", ["A1"]),
        ("q=b2", ["B2"]),
        ("status=action", ["C3"]),
        ("status=deleted", ["D4"]),
        ("status=open", ["A1", "B2", "E5"]),
        ("ch=marketplace", ["A1", "B2", "D4"]),
        ("band=good&band=very-poor", ["A1", "C3"]),
        ("sort=-product", ["E5", "B2", "C3", "A1", "D4"]),
        ("sort=-price", ["A1", "C3", "B2", "D4", "E5"]),
        ("sort=stock", ["C3", "D4", "E5", "A1", "B2"]),
        ("sort=-listed", ["E5", "A1", "B2", "C3", "D4"]),
        ("sort=nonsense&status=x&page=x", ["A1", "B2", "C3", "D4", "E5"]),
    ],
)
def test_d8_search_filters_and_order_stand_in_the_address(shop: Shop, query: str, skus: list[str]) -> None:
    Offer.objects.filter(sku__in=["B2", "D4", "E5"]).update(price=None)
    shown = ask(owner(shop.seller), query)
    assert shown.skus == skus
    assert shown.total == f"{len(skus)} offer{'s' if len(skus) > 1 else ''}"


def test_d8_a_head_sorts_reverses_and_clears(shop: Shop) -> None:
    who = owner(shop.seller)
    hrefs = [
        ask(who, query).head("Stock").one("a", "sort").attributes["href"]
        for query in ("q=a", "q=a&sort=-stock", "q=a&sort=stock")
    ]
    assert hrefs == ["?q=a&sort=-stock", "?q=a&sort=stock", "?q=a"]
    assert ask(who, "sort=stock").head("Stock").attributes["aria-sort"] == "ascending"


def test_d8_pages_hold_25_50_or_100_offers(shop: Shop) -> None:
    for number in range(60):
        shop.add(sku=f"X{number:02}")
    shop.counted()
    who = owner(shop.seller)
    first, last = ask(who), ask(who, "page=3")
    assert (len(first.skus), len(last.skus), last.skus[-1]) == (25, 15, "X59")
    assert first.following == "page=2"
    assert len(ask(who, "per_page=100").skus) == 65
    assert ask(who, "page=99").skus == last.skus


def test_a_filter_that_finds_nothing_says_how_to_go_on(shop: Shop) -> None:
    answer = owner(shop.seller).client.get(reverse("inventory") + "?q=nothing")
    shown = page(answer).one("div", "empty")
    assert "No offers match “nothing” with these filters" in shown.text
    assert shown.one("a", "primary").attributes["href"] == reverse("inventory")


def test_a4_several_marketplaces_are_named_and_priced_each_in_its_own_currency(shop: Shop) -> None:
    canada = Shop(shop.seller, "CA")
    canada.marketplace.currency = "CAD"
    canada.marketplace.save()
    canada.add(sku="A1", price="30", currency="", fulfillment=FBA)
    canada.counted()
    who = owner(shop.seller)
    shown = ask(who, "q=A1")
    assert [row.one("td", "td-rate").text for row in shown.rows] == ["24.90 USD", "30.00 CAD"]
    assert ask(who, "q=A1&mp=CA").skus == ["A1"]
    assert {"US", "CA"} == {row.all("span")[-1].text for row in (r.one("td", "td-prod") for r in shown.rows)}


def test_d8_the_download_holds_what_is_filtered_and_escapes_formulas(shop: Shop) -> None:
    Offer.objects.filter(sku="A1").update(title="=1+1")
    remove("A1", 12)
    rows = list(csv.DictReader(download(owner(shop.seller), "ch=marketplace").splitlines()))
    assert [row["SKU"] for row in rows] == ["A1", "B2", "D4"]
    assert rows[0]["Title"] == "'=1+1"
    assert (rows[0]["Price"], rows[0]["Currency"]) == ("24.9", "USD")
    assert (rows[0]["Stock"], rows[0]["Reserved"], rows[0]["Available"]) == ("184", "12", "172")
    assert (rows[2]["Status"], rows[2]["Deleted on"]) == ("LISTING_DELETED", NIGHT.isoformat())


def test_d8_deleting_asks_once_and_says_what_stays(shop: Shop) -> None:
    remove("A1", 5)
    asked = page(delete(owner(shop.seller), "A1", "get")).one("main")
    for words in (
        "can't be undone", "feedback history and its last CX health stay, frozen", "that is a new offer",
        "1 removal order of this offer goes on.",
    ):  # fmt: skip
        assert words in asked.text
    assert asked.one("form").attributes["method"] == "post"
    assert offer_of("A1").status == Status.LIVE, "a question deletes nothing"


def test_d8_then_the_listing_is_gone_and_its_history_stays(shop: Shop) -> None:
    removal, who = remove("A1", 5), member(shop.seller, Role.EDITOR)
    shown = DashboardRead(delete(who, "A1"))
    assert "Listing “Kettle” deleted." in shown.html
    assert shown.cell("A1", "closed").startswith("Listing deleted Since")
    change = OfferStatusChange.objects.get(offer=offer_of("A1"))
    assert (change.move, change.by) == ("delete", who.user)
    health = OfferHealth.objects.get(offer=offer_of("A1"))
    assert (health.tile, health.band, health.orders) == (Tile.DELETED, Tile.GOOD, 100)
    removal.refresh_from_db()
    assert removal.state == "requested"


def test_b7_deleting_twice_says_so_and_changes_nothing(shop: Shop) -> None:
    who = owner(shop.seller)
    delete(who, "A1")
    for method in ("post", "get"):
        assert "This listing was deleted already." in delete(who, "A1", method).content.decode()
    assert OfferStatusChange.objects.filter(offer=offer_of("A1")).count() == 1


def test_f6_viewers_delete_nothing_and_operators_only_read_the_question(shop: Shop) -> None:
    viewer, reader = member(shop.seller, Role.VIEWER), operator()
    assert [delete(viewer, "A1", method).status_code for method in ("get", "post")] == [403, 403]
    question = delete(reader, "A1", "get")
    assert (question.status_code, delete(reader, "A1").status_code) == (200, 403)
    assert page(question).one("main").all("form") == []
    assert offer_of("A1").status == Status.LIVE


def test_somebody_without_a_seller_is_told_so_and_an_operator_chooses_one() -> None:
    assert operator().client.get(reverse("inventory")).headers["Location"] == reverse("switch")
    answer = Person(member(Shop().seller).user)
    answer.user.memberships.all().delete()
    assert answer.client.get(reverse("inventory")).status_code == 200
    assert answer.client.get(reverse("inventory-csv")).status_code == 404


@pytest.mark.parametrize(("query", "most"), [("", 5), ("q=X", 6), ("sort=-stock&page=2", 5)])
def test_the_catalogue_asks_the_database_little_however_many_offers(
    shop: Shop, query: str, most: int
) -> None:
    for number in range(80):
        shop.add(sku=f"X{number:02}", fulfillment=FBA, quantity=5)
    shop.counted()
    remove("X10", 2)
    who = owner(shop.seller)
    asked = queries(lambda: who.client.get(f"{reverse('inventory')}?{query}"))
    assert len(asked) <= most, "\n".join(asked)
