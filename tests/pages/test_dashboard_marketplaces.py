"""One seller on several marketplaces: one of them, or all together (PRODUCT A4)."""

from datetime import timedelta

import pytest

from health.models import SellerSummary, Tile
from offers.models import Marketplace
from tests.pages.people import Person, owner
from tests.pages.reading import DashboardRead, asked, dashboard
from tests.pages.shops import NIGHT, Shop

pytestmark = pytest.mark.django_db
NUMBERS = {"US": 4, "CA": 3, "MX": 2}


@pytest.fixture
def shops() -> dict[str, Shop]:
    """One seller with four Poor offers on US, three on CA, two on MX, one of each closed."""
    made: dict[str, Shop] = {}
    for code, number in NUMBERS.items():
        shop = made[code] = Shop(made["US"].seller if made else None, code=code)
        shop.closed(tile=Tile.POOR, sku=f"{code}-0")
        for place in range(1, number):
            shop.add(Tile.POOR, sku=f"{code}-{place}")
        shop.counted()
    return made


@pytest.fixture
def who(shops: dict[str, Shop]) -> Person:
    """The seller's owner, who looks at all marketplaces."""
    return owner(shops["US"].seller)


def marketplaces(page: DashboardRead) -> set[str]:
    """The marketplaces that the rows are marked with."""
    return {row.one("td", "td-prod").all("div", "meta")[0].all("span")[-1].text for row in page.rows}


def views(page: DashboardRead) -> list[str]:
    return [view.text for view in page.root.one("nav", "views").all("a")]


def test_a4_all_marketplaces_are_listed_together_and_each_row_names_its_own(who: Person) -> None:
    page = dashboard(who.dashboard())
    assert len(page.rows) == 9
    assert marketplaces(page) == {"US", "CA", "MX"}
    assert page.tiles["Poor"].count == 9


def test_a4_with_one_marketplace_chosen_neither_filter_nor_column_is_there(
    who: Person, shops: dict[str, Shop]
) -> None:
    who.switch(shops["CA"].seller, "CA")
    page = dashboard(who.dashboard())
    assert sorted(page.skus) == ["CA-0", "CA-1", "CA-2"]
    assert not marketplaces(page) & set(NUMBERS)
    assert not [legend for legend in page.root.all("legend") if legend.text == "Marketplace"]
    # A filter from a bookmark neither widens nor empties what was chosen.
    for query in ("mp=US", "mp=CA", "mp=US&mp=MX"):
        again = dashboard(who.dashboard(query))
        assert (sorted(again.skus), again.chips) == (sorted(page.skus), {})


@pytest.mark.parametrize("codes", [["US"], ["CA", "MX"], ["US", "CA", "MX"], ["MX", "XX"]])
def test_a4_the_marketplace_filter_narrows_rows_tiles_and_pages(who: Person, codes: list[str]) -> None:
    query = "&".join(f"mp={code}" for code in codes)
    page = dashboard(who.dashboard(query))
    expected = sum(NUMBERS.get(code, 0) for code in codes)
    assert len(page.rows) == page.tiles["Poor"].count == expected
    assert page.total == f"{expected} offers"
    assert set(page.chips) == {f"Marketplace {code}" for code in codes if code in NUMBERS}
    ticked = [box for box in page.menu("Marketplace").all("input") if "checked" in box.attributes]
    assert {box.attributes["value"] for box in ticked} == set(codes) & set(NUMBERS)


def test_a4_views_and_note_count_what_their_links_show(who: Person) -> None:
    page = dashboard(who.dashboard("mp=CA"))
    assert views(page) == ["All offers 9", "Action required 3", "At risk of closure 6", "Recovering 0"]
    assert page.root.one("div", "vp").text.startswith("3 offers are closed")
    assert len(dashboard(who.dashboard("status=action")).rows) == 3


def test_a4_a_marketplace_whose_night_is_a_week_behind_is_counted_all_the_same(
    who: Person, shops: dict[str, Shop]
) -> None:
    # On Mondays one marketplace's night is computed hours before another's: they are in different weeks then.
    SellerSummary.objects.filter(marketplace=shops["CA"].marketplace).update(as_of=NIGHT - timedelta(days=7))
    page = dashboard(who.dashboard())
    assert page.tiles["Poor"].count == len(page.rows) == 9
    assert page.total == "9 offers"
    assert views(page)[1] == "Action required 3"


def earlier(shop: Shop, weeks: int, poor: int) -> None:
    SellerSummary.objects.create(
        seller=shop.seller,
        marketplace=shop.marketplace,
        as_of=NIGHT - timedelta(weeks=weeks),
        counts={str(Tile.POOR.value): poor},
    )


def change(page: DashboardRead) -> str:
    """What the tile of Poor says of last week."""
    (tile,) = [tile for tile in page.root.all("a", "tile") if tile.one("span", "lab").text == "Poor"]
    return tile.one("span", "sub").text


def test_a4_changes_since_last_week_compare_the_same_marketplaces(
    who: Person, shops: dict[str, Shop]
) -> None:
    earlier(shops["US"], 1, poor=1)
    earlier(shops["CA"], 1, poor=1)
    earlier(shops["MX"], 2, poor=1)  # nothing was computed last week: as in the week before
    assert change(dashboard(who.dashboard())) == "6 more than last week"
    assert change(dashboard(who.dashboard("mp=US&mp=CA"))) == "5 more than last week"
    assert change(dashboard(who.dashboard("mp=CA"))) == "2 more than last week"
    assert change(dashboard(who.dashboard("mp=MX"))) == "1 more than last week"


def test_a4_an_offer_on_one_marketplace_only_leaves_nothing_to_choose() -> None:
    shop = Shop()
    shop.add()
    page = dashboard(owner(shop.counted().seller).dashboard())
    assert not [legend for legend in page.root.all("legend") if legend.text == "Marketplace"]
    assert marketplaces(page) & set(NUMBERS) == set()


def test_a4_marketplaces_without_offers_of_the_seller_are_not_named(who: Person) -> None:
    other = Shop(code="BR")
    other.add()
    other.counted()
    page = dashboard(who.dashboard())
    values = {box.attributes["value"] for box in page.menu("Marketplace").all("input")}
    assert values == set(NUMBERS)
    assert "Marketplace BR" not in page.root.text


def test_a4_the_last_run_is_given_per_marketplace_in_its_own_zone(who: Person) -> None:
    Marketplace.objects.filter(code="MX").update(time_zone="Asia/Tokyo")
    page = dashboard(who.dashboard())
    lines = [line.text for line in page.root.all("span", "fresh")]
    assert [line.split(":")[0] for line in lines] == ["Marketplace CA", "Marketplace MX", "Marketplace US"]
    assert "at 03:00" in lines[0]  # 08:00 UTC in New York
    assert "at 17:00" in lines[1]  # and in Tokyo


def test_a4_links_keep_the_marketplaces(who: Person) -> None:
    page = dashboard(who.dashboard("mp=CA&mp=MX"))
    assert asked(page.tiles["Poor"].address) == {"band": ["poor"], "mp": ["CA", "MX"]}
