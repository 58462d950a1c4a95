"""The insights page in Chromium: accessible, nothing blocked, no overflow, with and without scripts."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from time_machine import travel

from health.actions import relist
from offers.models import Offer
from tests.browsing import assert_accessible, shoot
from tests.factories import PASSWORD, MembershipFactory
from tests.health.story import LAST, ONE_DAY, bad_offer, market, sell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = [(1440, "light"), (1440, "dark"), (390, "light"), (320, "dark")]


@pytest.fixture
def offer() -> Offer:
    """A relisted offer of a seller with another that stands out and one that does not."""
    made = market()
    offer = bad_offer(made, title="Kettle, 1.7 L")
    other = made.offer(title="Mug with a name that is long enough to need several lines on a phone")
    sell(other, range(50), complaints=range(1, 50, 4))
    sell(made.offer(title="Bowl", fulfillment="marketplace"), range(40), complaints=(3,))
    with travel(datetime(2024, 3, 28, 8, tzinfo=UTC), tick=False):
        made.nights(3)
        relist(offer_id=offer.pk, by=None, at=datetime(2024, 3, 17, 15, tzinfo=UTC))
        sell(offer, range(8), last=LAST + 12 * ONE_DAY, complaints=(4,))
        made.nights(9, LAST + 12 * ONE_DAY)
    return offer


@pytest.fixture
def open_page(live_server: LiveServer, offer: Offer, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that signs in as the seller's owner and opens the page."""

    def opened(query: str = "", **options: object) -> Page:
        page = new_page(**options)
        member = MembershipFactory(seller=offer.seller)
        page.goto(f"{live_server.url}/accounts/login/?next=/insights/{query}")
        page.locator("input[name=username]").fill(member.user.username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form:has(input[name=password]) button").click()
        page.wait_for_url(f"{live_server.url}/insights/**")
        return page

    return opened


def test_the_page_is_accessible_and_fits_every_screen(open_page: Callable[..., Page]) -> None:
    page = open_page()
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate("document.querySelectorAll('details.data').forEach(part => { part.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert_accessible(page)
        shoot(page, f"insights.{width}.{scheme}", full=True)


def test_a_choice_is_in_the_address_and_a_mark_leads_to_its_offer(
    open_page: Callable[..., Page], offer: Offer
) -> None:
    page = open_page()
    page.get_by_label("Fulfilment").select_option("seller")  # sends the form by itself
    page.wait_for_url("**ch=seller**")
    expect(page.locator(".kpi dd.s").first).to_contain_text("of 104 orders")
    page.get_by_role("link", name="Very poor").first.click()
    assert "band=very-poor" in page.url
    assert "ch=seller" in page.url
    page.go_back()
    page.locator(f'svg a[href="/voc/offers/{offer.pk}/"]').click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kettle, 1.7 L")


def test_the_funnels_offers_can_be_reached_by_keyboard_through_its_table(
    open_page: Callable[..., Page], offer: Offer
) -> None:
    page = open_page()
    page.get_by_text("Show the offers outside the funnel as a table").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the table's region
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/voc/offers/**")


def test_choices_work_without_scripts(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_label("Period").select_option("30")
    page.locator("form.actions button").click()
    assert "period=30" in page.url
    assert "last 30 days" in page.locator(".head").inner_text()
    page.get_by_text("How to read this chart").click()
    assert page.get_by_text("By chance alone").is_visible()
    page.locator("#choose-relisted").select_option(index=0)
    page.locator("section:has(#choose-relisted) header button").click()
    assert "relisted=" in page.url
    assert "period=30" in page.url
