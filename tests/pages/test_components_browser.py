"""The dashboard in Chromium: accessible, within the Content-Security-Policy, with and without scripts."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from health.models import Tile
from offers.lifecycle import Status
from tests.browsing import Watched, assert_accessible
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
PHONE = {"width": 390, "height": 844}
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


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a2_axe_finds_nothing_and_nothing_runs_out_of_the_screen(
    shop: str, live_server: LiveServer, new_page: Callable[..., Page], viewport: dict[str, int], scheme: str
) -> None:
    page = new_page(viewport=viewport, color_scheme=scheme)
    page.goto(f"{live_server.url}/accounts/login/")
    assert_accessible(page)
    sign_in(page, live_server, shop)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.locator("details.f summary").first.click()
    assert_accessible(page)
    page.goto(f"{live_server.url}/no-such-page/")
    assert_accessible(page)


def test_b4_sort_page_and_filter_swap_the_list_and_the_address(
    shop: str, live_server: LiveServer, page: Page
) -> None:
    sign_in(page, live_server, shop)
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="NCX rate").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("NCX rate")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_text("26–50 of 60 offers")).to_be_visible()
    page.locator("a.tile.t-po").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    assert page.url.endswith("?band=poor&sort=-rate")
    page.locator("details.f summary").first.click()
    page.get_by_label("Very poor").check()
    page.locator("details.f[open]").get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr")).to_have_count(20)
    page.locator("#q").fill("number 8")
    page.locator("#q").press("Enter")
    expect(page.get_by_role("heading", name="No offers match “number 8” with these filters")).to_be_visible()
    assert page.evaluate("window.stayed") is True  # the page was never left
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(20)


def test_everything_works_without_scripts(
    shop: str, live_server: LiveServer, new_page: Callable[..., Page]
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, live_server, shop)
    page.locator("details.f summary").first.click()
    page.locator("details.f[open] label.opt", has_text="Fair").click()
    page.locator("details.f[open]").get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_label("Rows per page").select_option("50")
    page.get_by_role("button", name="Go", exact=True).click()
    assert "per_page=50" in page.url
    page.locator("details.acct, summary.acct").first.click()
    page.locator(".pop.end").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_keyboard_reaches_search_and_menus(shop: str, live_server: LiveServer, page: Page) -> None:
    sign_in(page, live_server, shop)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.locator("details.f summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.f[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details.f[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.goto(page.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"


def test_a_list_that_does_not_come_says_so(
    shop: str, live_server: LiveServer, page: Page, watched: Watched
) -> None:
    sign_in(page, live_server, shop)
    page.route("**/voc/?*", lambda route: route.abort())
    page.locator("a.tile.t-po").click()
    expect(page.get_by_text("We couldn't update the list. What you see is from")).to_be_visible()
    assert any("htmx:sendError" in complaint for complaint in watched.complaints)
    watched.complaints.clear()  # this failure was meant


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
