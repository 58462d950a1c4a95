"""The dashboard in Chromium: a list that is slow to come, and a view that is kept."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from health.models import Tile
from offers.lifecycle import Status
from tests.factories import (
    PASSWORD,
    HealthFactory,
    MarketplaceFactory,
    MembershipFactory,
    OfferFactory,
    SellerFactory,
    SummaryFactory,
    UserFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

YESTERDAY = timezone.now().date() - timedelta(days=1)
TREND = " ".join(f"2026{week}:0.0{week % 9}00" for week in range(30, 42))


@pytest.fixture
def shop() -> str:
    """A seller with sixty offers, one of them closed; the name of its owner."""
    marketplace, seller = MarketplaceFactory(code="US"), SellerFactory()
    user = UserFactory()
    MembershipFactory(user=user, seller=seller)
    tiles = [Tile.VERY_POOR, Tile.POOR, Tile.FAIR, Tile.GOOD, Tile.EXCELLENT, Tile.INSUFFICIENT]
    for number in range(60):
        closed = number == 0
        offer = OfferFactory(
            marketplace=marketplace,
            seller=seller,
            title=f"Kettle number {number}",
            status=Status.CLOSED.value if closed else Status.LIVE.value,
            last_closed_on=date(2026, 10, 6) if closed else None,
        )
        tile = tiles[number % len(tiles)]
        HealthFactory(
            offer=offer, seller=seller, marketplace=marketplace, as_of=YESTERDAY, tile=tile, band=tile,
            urgency=0 if closed else 4, orders=100, ncx_orders=5, n=100, k=5, rate=0.05, m=0.04, s=60, w=200,
            level=3, peer_p10=0.01, peer_p90=0.08, trend=TREND, stars_mean=4.2, stars_count=37,
        )  # fmt: skip
    counts = {str(tile.value): 10 for tile in tiles} | {"closed": 1, "at_risk": 19, "recovering": 0}
    SummaryFactory(marketplace=marketplace, seller=seller, as_of=YESTERDAY, counts=counts)
    return str(user.get_username())


def sign_in(page: Page, site: LiveServer, name: str) -> None:
    page.goto(f"{site.url}/voc/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Voice of the Customer", level=1)).to_be_visible()


def test_a_slow_list_shows_skeleton_rows(shop: str, live_server: LiveServer, page: Page) -> None:
    def slowly(route: Route) -> None:
        page.wait_for_timeout(1200)
        route.continue_()

    sign_in(page, live_server, shop)
    page.route("**/voc/?*", slowly)
    page.locator("a.tile.t-po").click()
    expect(page.locator("[data-list][aria-busy=true]")).to_have_count(1)
    expect(page.locator("tbody tr")).to_have_count(10)


def test_b4_a_view_is_saved_and_forgotten(shop: str, live_server: LiveServer, page: Page) -> None:
    sign_in(page, live_server, shop)
    page.goto(f"{live_server.url}/voc/?band=poor")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("Poor kettles")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Poor kettles")).to_be_visible()
    expect(page.locator(".views a", has_text="Poor kettles")).to_have_attribute("aria-current", "page")
    page.get_by_text("Save this view").click()
    page.get_by_role("button", name="Delete view “Poor kettles”").click()
    expect(page.locator(".views a", has_text="Poor kettles")).to_have_count(0)
