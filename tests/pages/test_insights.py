"""The insights page: its numbers agree with the dashboard's, and who sees them (UX 5e)."""

import re

import pytest
from django.urls import reverse
from time_machine import travel

from health.models import OfferHealth, Tile
from offers.models import Offer, Seller
from tests.factories import EventFactory, SellerFactory
from tests.health.story import LAST, ONE_DAY, Market, market, sell
from tests.pages.insights import a_seller, answer, figures, ordered, panel, read, rows_of, table
from tests.pages.lived import NOW, lived_through
from tests.pages.people import operator, owner, person, queries
from tests.pages.reading import dashboard, page
from tests.pages.shops import Shop, every_tile

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def made() -> Market:
    return market()


@pytest.mark.parametrize("query", ["", "ch=marketplace", "ch=seller", "period=30", "period=90", "mp=US"])
def test_the_reasons_sum_to_the_ncx_orders_that_are_shown(made: Market, query: str) -> None:
    root = read(owner(a_seller(made)), query)
    reasons = table(panel(root, "reasons"))
    ncx, _ = ordered(root)
    assert sum(int(row[1]) for row in reasons) == ncx > 0
    assert f"{ncx} NCX orders, each counted once" in panel(root, "reasons").text
    assert reasons[-1][4] == "100.0%"


@pytest.mark.parametrize("query", ["", "ch=marketplace", "ch=seller"])
def test_orders_and_ncx_orders_are_the_dashboards_for_the_same_filter(made: Market, query: str) -> None:
    who = owner(a_seller(made))
    grid = [row for row in rows_of(who.csv(query)) if row["Status"] != "LISTING_DELETED"]
    ncx, orders = (sum(int(row[name]) for row in grid) for name in ("NCX orders", "Total orders"))
    assert ordered(read(who, query)) == (ncx, orders)


@pytest.mark.parametrize("query", ["", "ch=marketplace"])
def test_a_reason_leads_to_as_many_offers_as_it_says(made: Market, query: str) -> None:
    who = owner(a_seller(made))
    part = panel(read(who, query), "reasons")
    told = {row[0]: row[5] for row in table(part)}
    links = part.one("tbody").all("a")
    assert links
    for link in links:
        listed = dashboard(who.client.get(link.attributes["href"]))
        assert listed.total == f"{told[link.text]} offer{'' if told[link.text] == '1' else 's'}"


def test_reasons_stand_most_common_first_with_share_and_running_total(made: Market) -> None:
    part = panel(read(owner(a_seller(made))), "reasons")
    assert [row[:2] + row[3:] for row in table(part)] == [
        ["Defective", "20", "83.3%", "83.3%", "2"],
        ["Too small", "2", "8.3%", "91.7%", "1"],
        ["Color differs", "1", "4.2%", "95.8%", "0"],
        ["Missing parts", "1", "4.2%", "100.0%", "0"],
    ]
    assert "The first reason makes up 83% of NCX orders. An order with several complaints" in part.text


def test_the_note_names_how_many_reasons_make_up_sixty_percent(made: Market) -> None:
    lines = sell(made.offer(), range(50))
    reasons = ["too_small"] * 3 + ["color_differs"] * 3 + ["defective"] * 2 + ["missing_parts"] * 2
    for line, reason in zip(lines, reasons, strict=False):
        EventFactory(order_line=line, raw_reason=reason, occurred_on=LAST)
    made.nights(1)
    part = panel(read(owner(Seller.objects.get(code="BAD"))), "reasons")
    assert "The first 2 reasons make up 60% of NCX orders." in part.text


def test_the_four_numbers_say_what_they_are_out_of(made: Market) -> None:
    found = figures(read(owner(a_seller(made))))
    flagged = OfferHealth.objects.filter(seller__code="BAD").exclude(tile=Tile.DELETED)
    assert found["NCX rate, all offers"][0] == "21.8%"
    assert found["NCX rate, all offers"][1].startswith("24 of 110 orders. Similar offers: ")
    assert found["Avoidable NCX orders"] == (
        str(round(sum(row.excess for row in flagged))),
        "of 24, if the 2 Poor or Very poor offers matched similar offers",
    )
    assert found["Offers closed now"] == ("0", "of 2 offers · 0 closures in 60 days")
    assert found["Back to Fair after relisting"] == ("–", "No offer was relisted in the last year")


def test_closed_offers_and_relists_are_counted() -> None:
    with travel(NOW, tick=False):
        root = read(owner(lived_through()))
    found = figures(root)
    assert found["Offers closed now"] == ("2", "of 8 offers · median 1 day closed · 4 closures in 60 days")
    assert found["Back to Fair after relisting"] == ("–", "1 still recovering · 1 closed again")
    links = [link.attributes["href"] for link in root.one("dl", "kpi").all("a")]
    assert links == ["/voc/?band=poor&band=very-poor", "/voc/?status=action"]


def test_what_was_imported_since_the_night_is_told_apart(made: Market) -> None:
    seller = a_seller(made)
    assert "imported since" not in read(owner(seller)).text
    line = OfferHealth.objects.get(offer__sku="few").offer.order_lines.order_by("-ordered_on")[20]
    EventFactory(order_line=line, raw_reason="too_small", occurred_on=LAST)
    root = read(owner(seller))
    assert ordered(root)[0] == 24
    assert "What was imported since the last night is in this table already" in panel(root, "reasons").text


def test_an_address_that_asks_for_nonsense_shows_the_plain_page(made: Market) -> None:
    who = owner(a_seller(made))
    plain = ordered(read(who))
    for query in ("period=31", "ch=x", "mp=XX", "relisted=-1", "relisted=99999999999999999999", "relisted=²"):
        assert ordered(read(who, query)) == plain


def test_a4_marketplaces_are_together_or_one_by_one() -> None:
    american, canadian = market(), market("CA")
    for made, complaints in ((american, (3, 4)), (canadian, (9,))):
        sell(made.offer(), range(30), complaints=complaints)
    american.nights(1)
    canadian.nights(1, LAST - ONE_DAY)
    who = owner(Seller.objects.get(code="BAD"))
    assert [ordered(read(who, query))[0] for query in ("", "mp=US", "mp=CA")] == [3, 2, 1]
    assert [row for row in read(who).all("select") if row.attributes["name"] == "mp"]
    who.switch(Seller.objects.get(code="BAD"), "CA")
    root = read(who, "mp=US")
    assert ordered(root)[0] == 1
    assert not [row for row in root.all("select") if row.attributes["name"] == "mp"]


def test_a3_a_stranger_sees_nothing_of_another_seller(made: Market) -> None:
    a_seller(made)
    other = SellerFactory(code="OTHER")
    sell(made.offer(seller="OTHER", title="Lamp"), range(20), complaints=(0,))
    made.nights(1, LAST + ONE_DAY)
    who = owner(other)
    root = read(who)
    assert ordered(root) == (1, 20)
    assert "Mug" not in root.text
    theirs = Offer.objects.get(sku="few")
    assert "Mug" not in read(who, f"relisted={theirs.pk}").text


def test_f6_an_operator_reads_a_sellers_page_and_it_says_so(made: Market) -> None:
    seller = a_seller(made)
    who = operator()
    assert answer(who)["Location"] == reverse("switch")
    who.switch(seller)
    assert f"You are reading the pages of {seller.name} as an operator" in read(who).text


def test_somebody_without_a_seller_is_told_so() -> None:
    who = person()
    assert "You don't belong to a seller yet" in page(answer(who)).text
    for name in ("insights-reasons-csv", "insights-worklist-csv"):
        assert who.client.get(reverse(name)).status_code == 404


@pytest.mark.parametrize("shop", ["none", "uncomputed"])
def test_before_the_first_night_the_page_says_what_has_to_come_in(shop: str) -> None:
    seller = SellerFactory() if shop == "none" else Shop(night=None).counted().seller
    root = read(owner(seller))
    assert "There are no offers yet" in root.text
    assert not root.all("dl", "kpi")


def test_a_seller_without_orders_or_reports_has_words_in_every_panel(made: Market) -> None:
    made.offer(seller="QUIET")
    made.nights(1)
    root = read(owner(Seller.objects.get(code="QUIET")))
    assert figures(root)["NCX rate, all offers"] == ("–", "No orders in this time")
    for head, words in {
        "reasons": "No customer reported a problem in this time.",
        "funnel": "No offer has orders to compare yet.",
        "trend": "There were no orders in these weeks.",
        "weeks": "No customer reported a problem in these weeks.",
        "work": "No offer has more NCX orders than similar offers would have had.",
        "relists": "No offer was relisted in the last year.",
    }.items():
        assert words in panel(root, head).text


def test_orders_without_a_complaint_have_a_rate_of_nothing(made: Market) -> None:
    sell(made.offer(seller="FINE"), range(40))
    made.nights(1)
    root = read(owner(Seller.objects.get(code="FINE")))
    assert ordered(root) == (0, 40)
    assert "No offer lies above the funnel" in panel(root, "funnel").text


@pytest.mark.parametrize("query", ["", "period=30", "ch=marketplace", "mp=US"])
def test_the_page_asks_at_most_twelve_queries_whatever_there_is_to_show(query: str) -> None:
    with travel(NOW, tick=False):
        who = owner(lived_through())
        answer(who, query)
        assert len(queries(lambda: answer(who, query))) <= MOST_QUERIES


def test_a_large_seller_asks_no_more_queries_than_a_small_one() -> None:
    small, large = every_tile(), Shop(SellerFactory(name="Large shop"))
    for number in range(600):
        large.add(list(Tile)[number % len(Tile)])
    large.counted()
    people = [owner(shop.seller) for shop in (small, large)]
    asked = [len(queries(lambda who=who: answer(who))) for who in people]  # type: ignore[misc]
    assert asked == [9, 9]


def test_a4_the_page_speaks_french(made: Market) -> None:
    root = page(answer(owner(a_seller(made)), headers={"Accept-Language": "fr-CA"}))
    assert "21,8" in root.text
    for english in ("Offers", "orders", "Reasons", "Similar", "chance", "Last", "week", "Download"):
        assert not re.search(rf"\b{english}\b", root.one("main").text), english


def test_days_are_given_in_words_of_the_page(made: Market) -> None:
    root = read(owner(a_seller(made)), "period=30")
    assert "Rate and reasons of the last 30 days up to 15 Mar 2024" in root.one("div", "head").text
