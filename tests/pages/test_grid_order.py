"""The order of the grid, by urgency and by every column, over all pages (PRODUCT B2, B4)."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from health.models import OfferHealth, Tile
from offers.lifecycle import Status
from tests.pages.people import Person, owner
from tests.pages.reading import asked, dashboard
from tests.pages.shops import NIGHT, Shop

pytestmark = pytest.mark.django_db
REASONS = ("", "", "defective", "too_small", "not_as_described")
PLACE_OF_TILE = {
    Tile.VERY_POOR: 1, Tile.POOR: 2, Tile.INSUFFICIENT: 3, Tile.FAIR: 4, Tile.GOOD: 5, Tile.EXCELLENT: 6,
    Tile.NO_RECENT_ORDERS: 7, Tile.DELETED: 8,
}  # fmt: skip


def a_varied_shop(offers: int = 130, seed: int = 5) -> Shop:
    """Offers in every state, with many equal values and many missing ones."""
    chance, shop = random.Random(seed), Shop()
    for _ in range(offers):
        tile = chance.choice(list(Tile))
        closed_on = chance.choice([None, NIGHT - timedelta(days=chance.randrange(5))])
        status = Status.LISTING_DELETED.value if tile == Tile.DELETED else Status.LIVE.value
        if tile != Tile.DELETED and closed_on and chance.random() < 0.4:
            status = Status.CLOSED.value
        has_rate = tile not in {Tile.NO_RECENT_ORDERS, Tile.DELETED} or chance.random() < 0.3
        orders = chance.randrange(1, 9) * 10 if has_rate else 0
        ncx_orders = chance.randrange(0, 6) if has_rate else 0
        shop.add(
            tile,
            title=f"Kettle {chance.randrange(40):02}",
            status=status,
            last_closed_on=closed_on,
            orders=orders,
            ncx_orders=ncx_orders,
            rate=ncx_orders / orders if orders else None,
            excess=chance.choice([-1.5, 0.0, 0.25, 7.0]),
            stars_mean=chance.choice([None, 1.0, 3.5, 4.25]),
            stars_count=3,
            top_reason=chance.choice(REASONS),
            top_reason_orders=0,
            last_updated_on=chance.choice([None, NIGHT, NIGHT - timedelta(days=9)]),
        )
    return shop.counted()


@pytest.fixture
def rows() -> list[OfferHealth]:
    """Every row of a varied shop."""
    a_varied_shop()
    return list(OfferHealth.objects.select_related("offer").order_by("pk"))


@pytest.fixture
def who(rows: list[OfferHealth]) -> Person:
    """The shop's owner."""
    return owner(rows[0].seller)


def shown(who: Person, query: str = "", per_page: int = 25) -> list[str]:
    """The SKUs of all pages, one after the other, following Next page."""
    found: list[str] = []
    page = dashboard(who.dashboard(f"{query}&per_page={per_page}"))
    while True:
        found += page.skus
        if page.following is None:
            return found
        page = dashboard(who.dashboard(page.following))


def most_urgent_first(row: OfferHealth) -> tuple[Any, ...]:
    """The words of PRODUCT B2, one after the other."""
    if row.offer.status == Status.CLOSED.value:
        assert row.offer.last_closed_on
        return (0, -row.offer.last_closed_on.toordinal(), -row.excess, row.pk)
    return (PLACE_OF_TILE[Tile(row.tile)], 0, -row.excess, row.pk)


def skus(rows: list[OfferHealth]) -> list[str]:
    return [row.offer.sku for row in rows]


def test_b2_closed_first_then_from_very_poor_to_deleted_then_excess_then_id(
    rows: list[OfferHealth], who: Person
) -> None:
    expected = skus(sorted(rows, key=most_urgent_first))
    assert len({most_urgent_first(row)[:3] for row in rows}) < len(rows) - 30  # the id decides often
    assert shown(who) == expected


Value = Callable[[OfferHealth], Any]
COLUMNS: dict[str, Value] = {
    "product": lambda row: row.offer.title,
    "rate": lambda row: row.rate,
    "orders": lambda row: row.orders,
    "ncx": lambda row: row.ncx_orders,
    "stars": lambda row: row.stars_mean,
    "reason": lambda row: row.top_reason or None,
    "updated": lambda row: row.last_updated_on,
    "closed": lambda row: row.offer.last_closed_on,
}


def by_column(rows: list[OfferHealth], value: Value, *, falling: bool) -> list[OfferHealth]:
    """Sorted by the value, missing ones last either way, equal ones by id."""
    known = sorted((row for row in rows if value(row) is not None), key=lambda row: row.pk)
    known.sort(key=value, reverse=falling)  # stable, also in reverse
    return known + sorted((row for row in rows if value(row) is None), key=lambda row: row.pk)


@pytest.mark.parametrize("falling", [False, True], ids=["rising", "falling"])
@pytest.mark.parametrize("column", COLUMNS)
def test_b4_every_column_sorts_with_missing_values_last_and_the_id_for_ties(
    rows: list[OfferHealth], who: Person, column: str, falling: bool
) -> None:
    value = COLUMNS[column]
    assert len({value(row) for row in rows}) < len(rows) / 2
    expected = skus(by_column(rows, value, falling=falling))
    assert shown(who, f"sort={'-' if falling else ''}{column}", per_page=50) == expected


def test_b4_sorting_by_health_is_by_urgency_and_turns_round(rows: list[OfferHealth], who: Person) -> None:
    expected = skus(sorted(rows, key=most_urgent_first))
    assert shown(who, "sort=health", per_page=100) == expected
    assert shown(who, "sort=-health", per_page=100) == expected[::-1]


@pytest.mark.parametrize("per_page", [25, 50, 100])
@pytest.mark.parametrize("sort", ["", "-rate", "closed", "reason"])
def test_b4_over_the_pages_no_row_is_lost_and_none_comes_twice(
    rows: list[OfferHealth], who: Person, sort: str, per_page: int
) -> None:
    found = shown(who, f"sort={sort}", per_page=per_page)
    assert len(found) == len(set(found)) == len(rows) == 130


@pytest.mark.parametrize("filters", ["band=poor&band=very-poor", "status=open&q=kettle+1", "ch=seller"])
def test_b4_filtered_and_sorted_the_rows_are_those_that_match(who: Person, filters: str) -> None:
    one_page = dashboard(who.dashboard(f"{filters}&sort=-updated&per_page=100"))
    assert shown(who, f"{filters}&sort=-updated") == shown(who, f"{filters}&sort=-updated", per_page=100)
    assert one_page.total.startswith(str(len(shown(who, filters))))


def test_b4_heads_say_what_is_sorted_and_the_third_click_clears(who: Person) -> None:
    page = dashboard(who.dashboard("band=fair"))
    for _ in range(2):
        address = page.head("NCX rate").one("a", "sort").attributes["href"]
        page = dashboard(who.dashboard(address.removeprefix("?")))
        sorted_heads = [head for head in page.root.all("th") if "aria-sort" in head.attributes]
        assert [head.text.split()[0] for head in sorted_heads] == ["NCX"]
        assert asked(address)["band"] == ["fair"]
    assert page.head("NCX rate").attributes["aria-sort"] == "ascending"
    third = page.head("NCX rate").one("a", "sort").attributes["href"]
    assert asked(third) == {"band": ["fair"]}


def test_b4_every_column_of_b2_has_a_sorting_head(who: Person) -> None:
    page = dashboard(who.dashboard())
    heads = {head.text for head in page.root.all("th") if head.all("a", "sort")}
    for label in (
        *("Product", "CX health", "NCX rate", "NCX / total orders", "Star rating", "Top reason"),
        *("Last updated", "Last offer closed date"),
    ):
        assert any(head.startswith(label) for head in heads), label


@pytest.mark.parametrize("sort", ["nonsense", "--rate", "-", "pk", "offer__seller", "rate;drop", "rate%00"])
def test_b4_an_unknown_order_is_the_usual_one(who: Person, sort: str) -> None:
    assert dashboard(who.dashboard(f"sort={sort}")).skus == dashboard(who.dashboard()).skus


@pytest.mark.parametrize("size", [25, 50, 100])
def test_b4_page_sizes_are_kept_over_pages(who: Person, size: int) -> None:
    page = dashboard(who.dashboard(f"per_page={size}"))
    assert len(page.rows) == size
    assert page.root.one("select", id="per_page").one("option", selected="").attributes["value"] == str(size)
    assert asked(f"?{page.following}").get("per_page", ["25"]) == [str(size)]


@pytest.mark.parametrize("size", ["0", "-25", "24", "26", "1000000", "x", "25.0", "", "9" * 400, "５０"])
def test_b4_any_other_page_size_is_25(who: Person, size: str) -> None:
    assert len(dashboard(who.dashboard(f"per_page={size}")).skus) == 25


@pytest.mark.parametrize("number", ["7", "999999999"])
def test_b4_a_page_past_the_end_is_the_last_one(who: Person, number: str) -> None:
    page = dashboard(who.dashboard(f"page={number}"))
    assert len(page.rows) == 5
    assert "126–130 of 130 offers" in page.root.text
    assert page.root.one("nav", **{"aria-label": "Pages"}).one("a", **{"aria-current": "page"}).text == "6"


@pytest.mark.parametrize("number", ["0", "-3", "x", "", "1.5", "²", "9" * 400])
def test_b4_a_page_that_is_no_number_is_the_first(who: Person, number: str) -> None:
    assert "1–25 of 130 offers" in dashboard(who.dashboard(f"page={number}")).root.text


def test_b2_deleted_offers_stand_last_even_when_they_were_closed() -> None:
    shop = Shop()
    deleted = shop.add(Tile.DELETED, last_closed_on=date(2026, 11, 1), excess=50)
    quiet = shop.add(Tile.NO_RECENT_ORDERS)
    shop.counted()
    assert shown(owner(shop.seller)) == [quiet.offer.sku, deleted.offer.sku]
