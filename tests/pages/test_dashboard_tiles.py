"""The tiles: how many offers each state has, and what a click on them shows (PRODUCT B1)."""

from datetime import timedelta

import pytest

from health.models import SellerSummary, Tile
from offers.models import Fulfillment
from tests.factories import SellerFactory
from tests.pages.people import Person, owner
from tests.pages.reading import asked, dashboard
from tests.pages.shops import NIGHT, Shop, every_tile

pytestmark = pytest.mark.django_db
COUNTS = {
    "Very poor": 5, "Poor": 4, "Fair": 3, "Good": 2, "Excellent": 1,
    "Poor and Very poor": 9, "Insufficient Feedback": 6, "No recent orders": 7, "Listing deleted": 8,
}  # fmt: skip


@pytest.fixture
def who() -> Person:
    """The owner of a shop with another number of offers in each state."""
    return owner(every_tile().seller)


def test_b1_the_five_bands_and_apart_from_them_the_other_states_are_counted(who: Person) -> None:
    page = dashboard(who.dashboard())
    assert {label: tile.count for label, tile in page.tiles.items()} == COUNTS
    assert [tile.one("span", "lab").text for tile in page.root.all("a", "tile")] == list(COUNTS)[:5]
    beside = page.root.one("div", "tile-more").all("a")
    assert [link.all("span")[0].text for link in beside] == list(COUNTS)[5:]
    assert page.total == "36 offers"


@pytest.mark.parametrize("label", COUNTS)
def test_b1_one_click_shows_just_these_offers_and_another_clears(who: Person, label: str) -> None:
    page = dashboard(who.dashboard())
    filtered = dashboard(who.dashboard(page.tiles[label].address.removeprefix("?")))
    assert len(filtered.rows) == COUNTS[label]
    assert [tile.label for tile in filtered.tiles.values() if tile.chosen] == [label]
    # The tiles obey the other filters, not their own.
    assert {name: tile.count for name, tile in filtered.tiles.items()} == COUNTS
    assert asked(filtered.tiles[label].address) == {}


def test_b1_poor_and_very_poor_together_is_one_click(who: Person) -> None:
    address = dashboard(who.dashboard()).tiles["Poor and Very poor"].address
    page = dashboard(who.dashboard(address.removeprefix("?")))
    badges = {row.one("td", "td-cx").one("span", "badge").text for row in page.rows}
    assert (len(page.rows), badges) == (9, {"Poor", "Very poor"})
    assert set(page.chips) == {"Poor", "Very poor"}


def test_b1_tiles_count_what_the_other_filters_leave() -> None:
    shop = Shop()
    for tile in (Tile.POOR, Tile.POOR, Tile.FAIR):
        shop.add(tile, fulfillment=Fulfillment.MARKETPLACE, top_reason="too_small", title="Blue kettle")
        shop.add(tile, fulfillment=Fulfillment.SELLER, title="Red kettle")
    shop.counted()
    who = owner(shop.seller)
    for query in ("ch=marketplace", "q=blue", "reason=too_small", "q=kettle&ch=marketplace&updated=7"):
        page = dashboard(who.dashboard(query))
        assert {label: tile.count for label, tile in page.tiles.items() if tile.count} == {
            "Poor": 2, "Fair": 1, "Poor and Very poor": 2,
        }  # fmt: skip
        narrowed = dashboard(who.dashboard(page.tiles["Poor"].address.removeprefix("?")))
        assert len(narrowed.rows) == 2
        assert asked(page.tiles["Poor"].address) == {**asked(f"?{query}"), "band": ["poor"]}
        assert {label: tile.count for label, tile in narrowed.tiles.items() if tile.count} == {
            "Poor": 2, "Fair": 1, "Poor and Very poor": 2,
        }  # fmt: skip


def test_b1_a_filter_that_nothing_matches_counts_zero_everywhere(who: Person) -> None:
    page = dashboard(who.dashboard("q=no+such+offer"))
    assert {tile.count for tile in page.tiles.values()} == {0}


def test_b1_counts_are_written_with_separators_and_never_of_another_seller(who: Person) -> None:
    every_tile(Shop(SellerFactory(name="Other shop")))
    seller = who.user.memberships.get().seller
    SellerSummary.objects.filter(seller=seller).update(counts={str(Tile.GOOD.value): 12345})
    page = dashboard(who.dashboard())
    assert page.tiles["Good"].count == 12345
    assert "12,345" in page.html
    assert page.tiles["Fair"].count == 0


def test_b1_a_tile_tells_how_its_count_moved_since_last_week(who: Person) -> None:
    shop = Shop(who.user.memberships.get().seller)
    for weeks, number in ((1, 3), (2, 9)):
        SellerSummary.objects.create(
            seller=shop.seller,
            marketplace=shop.marketplace,
            as_of=NIGHT - timedelta(weeks=weeks),
            counts={"6": number, "5": 4},
        )
    tiles = dashboard(who.dashboard()).root
    by_label = {tile.one("span", "lab").text: tile.one("span", "sub").text for tile in tiles.all("a", "tile")}
    assert by_label["Very poor"] == "2 more than last week"
    assert by_label["Poor"] == "As last week"
    # Filtered counts have no past to be compared with.
    assert not dashboard(who.dashboard("q=kettle")).root.one("section", "tiles").all("span", "sub")


def test_b8_every_band_has_label_shape_and_color(who: Person) -> None:
    page = dashboard(who.dashboard("per_page=100"))
    seen = {}
    for row in page.rows:
        badge = row.one("td", "td-cx").one("span", "badge")
        shape = badge.one("svg", "g").all("path") or badge.one("svg", "g").all("circle")
        tone = next(name for name in badge.attributes["class"].split() if name.startswith("b-"))
        seen[badge.text] = (shape[0].attributes.get("d", "circle"), tone)
    bands = ("Excellent", "Good", "Fair", "Poor", "Very poor")
    assert {seen[band][1] for band in bands} == {"b-ex", "b-go", "b-fa", "b-po", "b-vp"}
    assert len({shape for shape, _tone in seen.values()}) == len(seen) == 8
