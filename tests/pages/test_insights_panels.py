"""The charts and lists of the insights page, with their tables and downloads (UX 5e)."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from health.actions import relist
from health.models import OfferHealth, Tile
from offers.models import Offer
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, market, sell
from tests.pages.insights import a_seller, answer, ordered, panel, read, rows_of, table
from tests.pages.people import owner
from tests.pages.reading import page
from tests.pages.shops import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Market:
    return market()


def test_the_funnel_names_the_offers_above_it_and_links_them(made: Market) -> None:
    root = read(owner(a_seller(made)))
    part = panel(root, "funnel")
    bad = Offer.objects.get(sku__startswith="SKU", seller__code="BAD")
    assert "1 of 2 offers lies above the funnel" in part.one("desc").text
    (row,) = table(part)
    assert row[0] == f"{bad.title} {bad.sku}"
    assert row[1:4] == ["Very poor", "20 / 60", "33.3%"]
    marks = part.one("svg", "chart").all("a")
    assert {mark.attributes["href"] for mark in marks} == {
        reverse("offer", args=[offer.pk])
        for offer in Offer.objects.filter(seller__code="BAD", deleted_on=None)
    }
    assert "Mug, <white>, Poor: 4 of 50 orders (8.0%)" in [mark.one("title").text for mark in marks]


def test_the_funnel_of_many_offers_is_bounded_and_says_so() -> None:
    shop = Shop()
    for number in range(3000):
        orders = 1 + number * 7 % 400
        shop.add(
            (Tile.FAIR, Tile.GOOD, Tile.POOR)[number % 3], orders=orders, n=orders,
            ncx_orders=(ncx := number * 13 % (orders // 4 + 1)), k=ncx, rate=ncx / orders,
            excess=ncx - 0.04 * orders,
        )  # fmt: skip
    found = answer(owner(shop.counted().seller))
    part = panel(page(found), "funnel")
    marks = part.one("svg", "chart").all("a")
    assert 100 < len(marks) < 300
    assert len(found.content) < 150_000
    assert "lie close together share a mark" in part.text
    assert re.search(r"\d+ more offers beyond the limits, less far out, are not listed", part.text)
    keys = {
        key.text.split(" :")[0]: int(key.text.split()[-1].replace(",", ""))
        for key in part.one("ul", "key").all("a")
    }
    assert keys == {"Fair": 1000, "Good": 1000, "Poor": 1000}
    together = [mark for mark in marks if mark.attributes["href"].startswith("/voc/?band=")]
    assert together


def test_the_trend_has_a_table_and_ends_with_the_number_on_top(made: Market) -> None:
    bad = bad_offer(made)
    for back in (14, 7, 0):
        made.nights(1, LAST - back * ONE_DAY)
    root = read(owner(bad.seller))
    part = panel(root, "trend")
    weeks = table(part)
    assert [row[0] for row in weeks] == ["15 Mar 2024", "8 Mar 2024", "1 Mar 2024"]
    ncx, orders = ordered(root)
    assert weeks[0][1] == f"{ncx} / {orders}"
    assert f"You {weeks[0][2]}" in part.one("svg", "chart").text
    assert "Similar offers average" in part.one("svg", "chart").text


def test_reasons_by_week_are_images_with_their_finding_and_a_table(made: Market) -> None:
    part = panel(read(owner(a_seller(made))), "weeks")
    images = part.one("div", "sm-grid").all("svg", role="img")
    assert len(images) == 4
    assert "in the first of 12 weeks" in images[0].one("desc").text
    rows = {row[0]: [int(value) for value in row[1:]] for row in table(part)}
    assert rows["Too small"] == [*[0] * 11, 2]
    assert sum(rows["Defective"]) == 20


def test_the_worklist_leads_to_the_offers_with_most_to_gain(made: Market) -> None:
    part = panel(read(owner(a_seller(made))), "work")
    bad = OfferHealth.objects.get(offer__sku__startswith="SKU", seller__code="BAD")
    rows = table(part)
    assert rows[0][-1] == f"{bad.excess:.1f}"
    assert "20 / 60" in rows[0][2]
    links = [link.attributes["href"] for link in part.one("tbody").all("a")]
    assert links[0] == reverse("offer", args=[bad.pk])
    assert len(links) == 2


def test_a_relisted_offer_is_drawn_with_its_forecast_and_another_can_be_chosen(made: Market) -> None:
    offers = [bad_offer(made, sku=sku, title=f"Kettle {sku}") for sku in ("one", "two")]
    made.nights(3)
    for offer, day in zip(offers, (17, 18), strict=True):
        relist(offer_id=offer.pk, by=None, at=datetime(2024, 3, day, 15, tzinfo=UTC))
    sell(offers[1], range(5), last=LAST + 12 * ONE_DAY)
    made.nights(8, LAST + 12 * ONE_DAY)
    who = owner(offers[0].seller)
    part = panel(read(who, "period=60"), "relists")
    assert "After relisting: Kettle two" in part.text
    assert "Since the relist 0 of 5 orders had a problem." in part.text
    drawn = part.one("svg", "chart")
    assert drawn.attributes["role"] == "img"
    assert {"Relisted", "Last night"} <= {words.text for words in drawn.all("text")}
    assert drawn.all("path", "fan2")
    assert "Fair up to" in drawn.one("desc").text
    hidden = [
        (field.attributes["name"], field.attributes["value"]) for field in part.all("input", type="hidden")
    ]
    assert hidden == [("period", "60")]
    listed = part.all("table")[-1].one("tbody").all("tr")
    assert [row.one("a").text for row in listed] == ["Kettle two", "Kettle one"]
    assert "33.3% 20 / 60" in listed[0].text
    assert "0.0% 0 / 5" in listed[0].text
    other = panel(read(who, f"relisted={offers[0].pk}"), "relists")
    assert "After relisting: Kettle one" in other.text
    assert "It has had no orders since the relist." in other.text


def test_what_people_wrote_is_escaped(made: Market) -> None:
    offer = bad_offer(made, title="<script>alert(1)</script>")
    made.nights(3)
    relist(offer_id=offer.pk, by=None, at=datetime(2024, 3, 17, 15, tzinfo=UTC))
    html = answer(owner(offer.seller)).content.decode()
    assert html.count("&lt;script&gt;alert(1)") >= 4
    assert "<script>alert" not in html


def test_the_reasons_are_downloaded_as_they_stand(made: Market) -> None:
    who = owner(a_seller(made))
    (link,) = [link for link in read(who, "period=30").all("a") if "reasons.csv" in link.attributes["href"]]
    found = rows_of(who.client.get(link.attributes["href"]))
    shown = table(panel(read(who, "period=30"), "reasons"))
    assert [(row["Reason"], row["NCX orders"]) for row in found] == [(row[0], row[1]) for row in shown]
    assert float(found[-1]["Running total"]) == 1.0


def test_the_whole_worklist_is_downloaded_and_formulas_in_it_are_escaped() -> None:
    shop = Shop()
    for number in range(30):
        shop.add(Tile.POOR, sku=f"=S{number:02}", excess=30.5 - number, title="Kettle")
    who = owner(shop.counted().seller)
    part = panel(read(who), "work")
    assert len(table(part)) == 10
    found = rows_of(who.client.get(part.one("footer").one("a").attributes["href"]))
    assert [row["SKU"] for row in found] == [f"'=S{number:02}" for number in range(30)]
    assert found[0]["NCX orders above similar offers"] == "30.5"
    assert found[0]["CX health"] == "Poor"
