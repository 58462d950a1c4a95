"""The dashboard, the switcher and what stands around them, in Chromium (PRODUCT A2, A4, B1-B9; UX 7)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from health.models import Tile
from offers.models import Seller
from tests.browsing import Watched, assert_accessible, shoot
from tests.factories import PASSWORD, MembershipFactory, SellerFactory, UserFactory
from tests.pages.lived import NOW, lived_through
from tests.pages.shops import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SCREENS = [
    pytest.param(viewport, scheme, id=f"{viewport['width']}-{scheme}")
    for viewport in (DESK, PHONE)
    for scheme in ("light", "dark")
]
LAST_NIGHT = NOW.date() - timedelta(days=1)
TREND = " ".join(f"2024{week:02}:0.{week % 9:02}00" for week in range(1, 12))


@pytest.fixture(autouse=True)
def story_time() -> Iterator[None]:
    """The site's clock stands on the day of the story."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def seller() -> Seller:
    """A seller with an offer in each state and forty more, on two pages, and one on another marketplace."""
    seller = lived_through()
    seller.name = "Juniper shop"
    seller.save()
    shop = Shop(seller, night=LAST_NIGHT)
    more = [Tile.POOR, Tile.FAIR, Tile.GOOD, Tile.EXCELLENT, Tile.INSUFFICIENT]
    for number in range(40):
        shop.add(
            more[number % len(more)], title=f"Gooseneck kettle number {number}, 1.7 L", **_numbers(number)
        )
    shop.counted()
    other = Shop(seller, code="CA", night=LAST_NIGHT)
    other.add(Tile.FAIR, title="Canadian kettle")
    other.counted()
    return seller


def _numbers(number: int) -> dict[str, Any]:
    ncx_orders = number % 9
    return {
        "trend": TREND, "orders": 100, "ncx_orders": ncx_orders, "rate": ncx_orders / 100, "stars_mean": 4.2,
        "top_reason": "too_small" if ncx_orders else "", "top_reason_orders": ncx_orders // 2,
        "stars_count": 37, "last_updated_on": LAST_NIGHT, "last_ordered_on": LAST_NIGHT,
    }  # fmt: skip


@pytest.fixture
def signed_in(seller: Seller, live_server: LiveServer) -> Callable[[Page], Page]:
    """Return a function that signs the seller's owner in, on the United States' marketplace."""
    user = MembershipFactory(seller=seller).user

    def sign(page: Page) -> Page:
        sign_in(page, live_server, user.get_username())
        return page

    return sign


def sign_in(page: Page, site: LiveServer, name: str) -> None:
    page.goto(f"{site.url}/accounts/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site.url}/voc/**")


def rows(page: Page) -> int:
    return page.locator("tbody tr").count()


def whole(page: Page, name: str, viewport: dict[str, int], scheme: str) -> None:
    """Nothing inaccessible, nothing sideways; a picture is kept."""
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name
    assert_accessible(page)
    shoot(page, f"{name}.{'desk' if viewport is DESK else 'mob'}.{scheme}", full=True)


@pytest.mark.parametrize(("viewport", "scheme"), SCREENS)
def test_a2_every_page_is_accessible_fits_and_breaks_no_policy(
    signed_in: Callable[[Page], Page],
    live_server: LiveServer,
    new_page: Callable[..., Page],
    viewport: dict[str, int],
    scheme: str,
) -> None:
    page = new_page(viewport=viewport, color_scheme=scheme)
    page.goto(f"{live_server.url}/voc/?band=poor")
    whole(page, "signin", viewport, scheme)
    page.locator("#id_username").fill("nobody")
    page.locator("#id_password").fill("wrong")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    whole(page, "signin-refused", viewport, scheme)
    signed_in(page)
    addresses = {
        "dashboard": "/voc/", "switch": "/switch/", "nothing": "/voc/?q=ketle",
        "calm": "/voc/?status=action&q=no", "last-page": "/voc/?page=2", "lost": "/no-such-page/",
        "filtered": "/voc/?band=poor&status=open&updated=30&sort=-rate",
    }  # fmt: skip
    for name, address in addresses.items():
        page.goto(f"{live_server.url}{address}")
        whole(page, name, viewport, scheme)


@pytest.mark.parametrize(("viewport", "scheme"), SCREENS[::3])
def test_a2_menus_and_filters_are_accessible_when_they_are_open(
    signed_in: Callable[[Page], Page], new_page: Callable[..., Page], viewport: dict[str, int], scheme: str
) -> None:
    page = signed_in(new_page(viewport=viewport, color_scheme=scheme))
    opened = 0
    for menu in page.locator("details.menu > summary:visible").all()[:9]:
        menu.click()
        expect(page.locator("details.menu[open]")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert_accessible(page)
        if menu.inner_text().startswith("CX health"):
            shoot(page, f"filter-open.{viewport['width']}.{scheme}")
        menu.press("Escape")
        opened += 1
    assert opened >= 7


@pytest.mark.parametrize(("viewport", "scheme"), SCREENS)
def test_a2_pages_without_offers_or_seller_are_accessible(
    live_server: LiveServer, new_page: Callable[..., Page], viewport: dict[str, int], scheme: str
) -> None:
    people = {"empty": MembershipFactory(seller=SellerFactory()).user, "no-seller": UserFactory()}
    for name, user in people.items():
        page = new_page(viewport=viewport, color_scheme=scheme)
        sign_in_anywhere(page, live_server, user.get_username())
        whole(page, name, viewport, scheme)


@pytest.mark.parametrize(("viewport", "scheme"), SCREENS)
def test_f6_an_operators_search_for_a_seller_is_accessible(
    live_server: LiveServer, new_page: Callable[..., Page], viewport: dict[str, int], scheme: str
) -> None:
    Seller.objects.bulk_create(Seller(code=f"S{number:02}", name=f"Shop {number}") for number in range(40))
    page = new_page(viewport=viewport, color_scheme=scheme)
    sign_in_anywhere(page, live_server, UserFactory(is_staff=True).get_username())
    whole(page, "operator", viewport, scheme)
    page.get_by_label("Search by the seller's name or code").fill("shop 1")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(11)
    page.goto(f"{live_server.url}/switch/?q=no-such-shop")
    whole(page, "operator-nothing", viewport, scheme)


def sign_in_anywhere(page: Page, site: LiveServer, name: str) -> None:
    page.goto(f"{site.url}/accounts/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.locator("#id_password")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a4_one_seller_two_marketplaces_is_two_clicks_from_the_menu(
    signed_in: Callable[[Page], Page], new_page: Callable[..., Page], scripts: bool
) -> None:
    page = signed_in(new_page(java_script_enabled=scripts))
    header = page.locator("summary.acct")
    expect(header).to_have_text("Juniper shopAll marketplaces")
    header.click()
    page.get_by_role("link", name="Switch seller or marketplace").first.click()
    page.get_by_role("button", name="Marketplace CA").click()
    expect(header).to_have_text("Juniper shopMarketplace CA")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a4_a_phone_switches_by_its_menu(
    signed_in: Callable[[Page], Page], new_page: Callable[..., Page]
) -> None:
    page = signed_in(new_page(viewport=PHONE))
    page.get_by_label("Menu").click()
    page.get_by_role("link", name="Switch seller or marketplace").last.click()
    page.get_by_role("button", name="Marketplace CA").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_b4_htmx_changes_the_list_and_the_address_and_back_works(
    signed_in: Callable[[Page], Page], page: Page
) -> None:
    signed_in(page)
    first = page.url
    page.evaluate("window.stayed = true")
    page.locator("a.tile.t-po").click()
    expect(page.locator("tbody tr")).to_have_count(8)
    assert page.url.endswith("?band=poor")
    page.get_by_role("link", name="NCX rate").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("NCX rate")
    page.locator("#q").fill("number 5")
    page.locator("#q").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "sort=-rate" in page.url
    assert "band=poor" in page.url
    assert page.evaluate("window.stayed") is True
    # Going back asks the server anew, so the list is never older than the page around it.
    for query, number in (("?band=poor&sort=-rate", 8), ("?band=poor", 8), ("", 25)):
        go(page, "back")
        expect(page).to_have_url(f"{first}{query}")
        expect(page.locator("tbody tr")).to_have_count(number)
    go(page, "forward")
    expect(page.locator("tbody tr")).to_have_count(8)


def go(page: Page, where: str) -> None:
    """Go back or forward, and wait for the new page."""
    page.evaluate("window.stayed = true")
    with page.expect_event("load"):
        page.evaluate(f"setTimeout(() => history.{where}())")
    assert page.evaluate("window.stayed") is None


def test_b4_menus_still_work_after_the_list_was_swapped(
    signed_in: Callable[[Page], Page], page: Page
) -> None:
    signed_in(page)
    for band, number in (("Good", 8), ("Excellent", 16)):
        page.locator("details.f > summary", has_text="CX health").click()
        page.locator("details.f[open] label.opt", has_text=band).click()
        page.locator("details.f[open]").get_by_role("button", name="Apply").click()
        expect(page.locator("tbody tr")).to_have_count(number)
    page.get_by_role("link", name="Remove filter: Good").click()
    expect(page.locator("tbody tr")).to_have_count(8)
    page.get_by_label("Rows per page").select_option("100")  # sends its form by itself
    page.wait_for_url("**per_page=100**")
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator("tbody tr")).to_have_count(50)


def test_b4_a_request_that_fails_says_so_and_can_be_tried_again(
    signed_in: Callable[[Page], Page], page: Page, watched: Watched
) -> None:
    signed_in(page)
    before = rows(page)

    def refuse(route: Route) -> None:
        route.fulfill(status=500, body="no")

    page.route("**/voc/?band=poor", refuse)
    page.locator("a.tile.t-po").click()
    note = page.locator("[data-failed]")
    expect(note).to_be_visible()
    expect(note).to_contain_text("We couldn't update the list. What you see is from")
    assert rows(page) == before
    page.unroute("**/voc/?band=poor")
    page.locator("a.tile.t-po").click()
    expect(page.locator("tbody tr")).to_have_count(8)
    expect(note).to_be_hidden()
    watched.complaints = [
        text for text in watched.complaints if "band=poor" not in text and "500" not in text
    ]


def test_b4_without_scripts_filters_sort_pages_and_page_size_work(
    signed_in: Callable[[Page], Page], new_page: Callable[..., Page]
) -> None:
    page = signed_in(new_page(java_script_enabled=False))
    page.locator("details.f > summary", has_text="CX health").click()
    page.locator("details.f[open] label.opt", has_text="Insufficient").click()
    page.locator("details.f[open]").get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr")).to_have_count(9)
    page.get_by_role("link", name="NCX rate").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("NCX rate")
    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_text("26–50 of 50 offers")).to_be_visible()
    page.get_by_label("Rows per page").select_option("50")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.locator("#q").fill("gooseneck")
    page.locator("#q").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(40)
    assert "sort=-rate" in page.url
    assert "per_page=50" in page.url


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.getAttribute('href')"))


def test_the_keyboard_skips_searches_and_closes(signed_in: Callable[[Page], Page], page: Page) -> None:
    signed_in(page)
    page.goto(page.url)
    page.keyboard.press("Tab")
    assert focused(page) == "#main"
    page.keyboard.press("Tab")
    assert focused(page) == "#offers"
    expect(page.locator("a.skip[href='#offers']")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert focused(page) == "offers"
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("a/b")  # while one types, "/" is a letter
    expect(page.locator("#q")).to_have_value("a/b")
    menu = page.locator("details.f > summary").first
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.f[open]")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("details.f[open]")).to_have_count(0)
    expect(menu).to_be_focused()


def test_closed_offers_are_found_at_once(signed_in: Callable[[Page], Page], page: Page) -> None:
    signed_in(page)
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("!Action required!")
    expect(first.get_by_role("link", name="Resolve issue")).to_be_visible()
    page.get_by_role("link", name="Show the 2 offers").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Resolve issue").first.click()
    expect(page.locator("h1")).to_have_text("Kettle twice")


def test_b4_a_download_holds_what_is_shown(signed_in: Callable[[Page], Page], page: Page) -> None:
    signed_in(page)
    for lines in (9, 51, 9):  # with its head; the tile filters, clears and filters again
        page.locator("a.tile.t-po").click() if lines == 9 else page.get_by_role(
            "link", name="Clear all"
        ).click()
        expect(page.locator("tbody tr")).to_have_count(min(lines - 1, 25))
        with page.expect_download() as download:
            page.get_by_role("link", name="Export CSV").click()
        assert len(download.value.path().read_text(encoding="utf-8-sig").splitlines()) == lines
