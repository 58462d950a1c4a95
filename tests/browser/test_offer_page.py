"""The page of one offer in Chromium: accessible, nothing blocked, no overflow, with and without scripts."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from time_machine import travel

from offers.models import Offer
from tests.browsing import assert_accessible, shoot
from tests.factories import PASSWORD, EventFactory, MembershipFactory
from tests.health.story import LAST, bad_offer, market, sell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = [(1440, "light"), (390, "dark")]


@pytest.fixture
def offer() -> Offer:
    """A closed manufacturer-barcode offer with feedback of several kinds."""
    made = market()
    offer = bad_offer(
        made, manufacturer_barcode=True, description="Boils. " * 40, attributes={"Size": "1.7 l"}
    )
    lines = sell(offer, range(30))
    for line, reason in zip(lines, ("too_small", "late_delivery", "changed_mind"), strict=False):
        EventFactory(order_line=line, raw_reason=reason, comment="As it is. " * 12, occurred_on=LAST)
    with travel(datetime(2024, 3, 16, 8, tzinfo=UTC), tick=False):
        made.nights(20)
    offer.refresh_from_db()
    return offer


@pytest.fixture
def open_page(live_server: LiveServer, offer: Offer, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that signs in as the offer's owner and opens its page."""

    def opened(address: str = "", **options: object) -> Page:
        page = new_page(**options)
        member = MembershipFactory(seller=offer.seller)
        page.goto(f"{live_server.url}/accounts/login/?next=/voc/offers/{offer.pk}/{address}")
        page.locator("input[name=username]").fill(member.user.username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form:has(input[name=password]) button").click()
        page.wait_for_url(f"{live_server.url}/voc/**")
        return page

    return opened


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_page_is_accessible_and_fits(open_page: Callable[..., Page], width: int, scheme: str) -> None:
    page = open_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details.data').forEach(part => { part.open = true })")
    expect(page.get_by_role("heading", name="Customer experience health")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert_accessible(page)
    shoot(page, f"offer.{width}.{scheme}", full=True)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_list_of_comments_is_accessible_and_fits(open_page: Callable[..., Page], width: int) -> None:
    page = open_page("feedback/", viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert_accessible(page)


def test_c3_a_cell_brings_its_comments_without_leaving_the_page(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("link", name="Too small", exact=True).click()
    expect(page.locator("article.cmt")).to_have_count(1)
    expect(page.get_by_role("heading", name="Health history")).to_be_visible()
    assert "reason=too_small&counted=orders" in page.url
    page.reload()  # the address is the state
    expect(page.locator("article.cmt")).to_have_count(1)


def test_c3_filters_work_without_scripts(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.locator("select[name=counted]").select_option("no")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("article.cmt")).to_have_count(2)
    expect(page.locator("article.cmt").first).to_contain_text("Not counted")
    page.get_by_role("link", name="Clear").click()
    assert page.locator("article.cmt").count() > 10
