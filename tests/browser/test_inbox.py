"""The inbox and the e-mails in Chromium: accessible, nothing blocked, no overflow, no scripts needed."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from time_machine import travel

from health.mailing import address_pending
from health.models import NotificationEmail
from offers.models import Membership, Offer
from tests.browsing import assert_accessible, shoot
from tests.factories import PASSWORD, MembershipFactory, NotificationFactory
from tests.health.story import LAST, ONE_DAY, bad_offer, market, sell
from vocdash.pages.mail import write

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Northlight gooseneck electric kettle, 1.7 L, matte black"
REMOVAL = {
    "removal": 1, "reference": "RM-0001", "kind": "return", "state": "completed", "quantity": 12, "done": 12,
    "cancelled": 0,
}  # fmt: skip
SCREENS = [(1440, "light"), (390, "dark")]


@pytest.fixture
def offer() -> Offer:
    """A closed offer; another one is at risk, and last night was the one before a Monday."""
    made = market()
    offer = bad_offer(made, title=TITLE, fulfillment="marketplace")
    risky = made.offer(title="Kids' packable rain jacket")
    sell(risky, range(40), complaints=range(0, 12, 2))
    MembershipFactory(seller=offer.seller)
    with travel(datetime(2024, 3, 18, 8, tzinfo=UTC), tick=False):
        made.nights(3, LAST + 2 * ONE_DAY)
    NotificationFactory(
        seller=offer.seller,
        marketplace=made.marketplace,
        offer=risky,
        kind="removal",
        on=LAST,
        evidence=REMOVAL,
    )
    return offer


@pytest.fixture
def open_page(live_server: LiveServer, offer: Offer, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that signs in as the offer's owner and opens an address."""

    def opened(address: str = "/notifications/", **options: object) -> Page:
        page = new_page(**options)
        member = Membership.objects.get(seller=offer.seller)
        page.goto(f"{live_server.url}/accounts/login/?next={address}")
        page.locator("input[name=username]").fill(member.user.username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form:has(input[name=password]) button").click()
        page.wait_for_url(f"{live_server.url}{address}")
        return page

    return opened


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_list_notice_and_settings_are_accessible_and_fit(
    open_page: Callable[..., Page], width: int, scheme: str
) -> None:
    page = open_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wide = width > 390
    expect(page.locator("article.read")).to_be_visible(visible=wide)
    look(page, f"inbox-list.{width}.{scheme}")
    page.locator("a.msg:has-text('Offer closed')").click()
    expect(page.locator("article.read h2")).to_have_text(
        "Your offer has been closed because of a high NCX rate"
    )
    expect(page.locator("nav[aria-label=Messages]")).to_be_visible(visible=wide)
    look(page, f"inbox-closed.{width}.{scheme}")
    page.goto(urlsplit(page.url)._replace(path="/settings/notifications/").geturl())
    look(page, f"inbox-settings.{width}.{scheme}")


def look(page: Page, name: str) -> None:
    """Accessible, no wider than the screen, and kept as a picture."""
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0
    assert_accessible(page)
    shoot(page, name, full=True)


def test_d9_without_scripts_notices_are_filtered_read_and_put_back(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 320, "height": 800})
    assert page.locator("a.msg.new").count() == 4
    page.locator("nav.views a:has-text('Weekly')").click()
    page.locator("a.msg").click()
    page.locator("button:has-text('Mark as unread')").click()
    assert page.locator("a.msg.new").count() == 1
    page.locator("nav.views a:has-text('All')").click()
    page.locator("button:has-text('Mark all as read')").click()
    assert page.locator("a.msg.new").count() == 0
    page.goto(urlsplit(page.url)._replace(path="/settings/notifications/").geturl())
    page.locator("label:has-text('Weekly summary')").click()
    page.locator("button:has-text('Save')").click()
    expect(page.locator("input[value=weekly]")).not_to_be_checked()
    expect(page.get_by_text("Your choices are saved.")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_e_mails_are_accessible_and_fit(
    offer: Offer, new_page: Callable[..., Page], width: int, scheme: str
) -> None:
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    address_pending()
    member = Membership.objects.get(seller=offer.seller)
    for kind in ("closed", "weekly"):
        row = NotificationEmail.objects.get(notification__kind=kind)
        page.set_content(write(row, member).html)
        look(page, f"mail-{kind}.{width}.{scheme}")


def test_the_way_out_of_summaries_is_a_page_for_those_signed_out(
    offer: Offer, page: Page, live_server: LiveServer
) -> None:
    address_pending()
    row = NotificationEmail.objects.get(notification__kind="weekly")
    link = write(row, Membership.objects.get(seller=offer.seller)).headers["List-Unsubscribe"].strip("<>")
    page.goto(f"{live_server.url}{urlsplit(link).path}")
    assert_accessible(page)
    page.get_by_role("button", name="Stop the weekly summaries").click()
    expect(page.get_by_text("You no longer get weekly summaries of")).to_be_visible()
