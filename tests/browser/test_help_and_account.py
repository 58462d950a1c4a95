"""Help, account and members in Chromium: accessible, nothing blocked, no overflow, also without scripts."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from offers.models import Membership, Role
from tests.browsing import assert_accessible, shoot
from tests.case_factories import InvitationFactory
from tests.factories import PASSWORD, MembershipFactory, PolicyFactory, SellerFactory, SummaryFactory
from vocdash.pages.help_pages import SPECS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = [(1440, "light"), (390, "dark")]
HELP = ["help", *(spec.name for spec in SPECS)]
WAYS_IN = ["login", "password_reset", "password_reset_done", "password_reset_complete"]
SETTINGS = ["settings-account", "settings-appearance", "settings-members", "password_change"]
SIGN_IN = "form:has(input[name=password]) button"


@pytest.fixture
def owner() -> Membership:
    """An owner of a seller with members and invitations, on one of two marketplaces."""
    seller = SellerFactory(name="Juniper & Pine Goods")
    for code in ("US", "CA"):
        policy = PolicyFactory(marketplace__code=code)
        SummaryFactory(seller=seller, marketplace=policy.marketplace)
    made = MembershipFactory(seller=seller, role=Role.OWNER)
    MembershipFactory(seller=seller, role=Role.OWNER, user__email="a.rather.long.address@shop.example")
    MembershipFactory(seller=seller, role=Role.VIEWER)
    InvitationFactory(seller=seller)
    return made


@pytest.fixture
def signed_in(
    live_server: LiveServer, owner: Membership, new_page: Callable[..., Page]
) -> Callable[..., Page]:
    """Return a function that signs in as the owner and stays on the page behind the sign-in."""

    def opened(name: str = "settings-members", **options: object) -> Page:
        page = new_page(**options)
        page.goto(f"{live_server.url}/accounts/login/?next={reverse(name)}")
        page.locator("input[name=username]").fill(owner.user.username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator(SIGN_IN).click()
        page.wait_for_url(f"{live_server.url}{reverse(name)}")
        return page

    return opened


def look(page: Page, address: str, picture: str, width: int) -> None:
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == width, address
    assert_accessible(page)
    shoot(page, picture, full=True)


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_a1_help_is_accessible_and_fits(
    live_server: LiveServer, new_page: Callable[..., Page], width: int, scheme: str
) -> None:
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    more = {(390, "light"): HELP, (1440, "dark"): ["help", *WAYS_IN]}
    for name in more.get((width, scheme), ["help-cx-health"]):
        look(page, live_server.url + reverse(name), f"{name.replace('_', '-')}.{width}.{scheme}", width)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_settings_are_accessible_and_fit(
    live_server: LiveServer, signed_in: Callable[..., Page], width: int, scheme: str
) -> None:
    page = signed_in(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for name in SETTINGS:
        look(page, live_server.url + reverse(name), f"{name.replace('_', '-')}.{width}.{scheme}", width)


def test_nothing_overflows_at_320(live_server: LiveServer, signed_in: Callable[..., Page]) -> None:
    page = signed_in(viewport={"width": 320, "height": 700})
    for name in [*SETTINGS, *HELP]:
        page.goto(live_server.url + reverse(name))
        assert page.evaluate("document.documentElement.scrollWidth") == 320, name


def test_the_key_of_the_search_can_be_turned_off(
    live_server: LiveServer, signed_in: Callable[..., Page]
) -> None:
    page = signed_in("settings-appearance")
    search = page.locator("#try")
    make = "document.querySelector('main').insertAdjacentHTML('beforeend', '<input type=search id=try>')"
    page.evaluate(make)
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.get_by_label("Single keys are shortcuts").uncheck()
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Your settings were saved.")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.evaluate(make)
    page.keyboard.press("/")
    expect(search).not_to_be_focused()


def test_f6_invited_and_joined_without_scripts(
    live_server: LiveServer, signed_in: Callable[..., Page], new_page: Callable[..., Page]
) -> None:
    page = signed_in(java_script_enabled=False)
    page.get_by_label("E-mail address").fill("no address@")
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_label("E-mail address").fill("new@shop.example")
    page.get_by_label("Role", exact=True).select_option("editor")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("row", name="new@shop.example")).to_contain_text("Editor")
    found = re.search(r"http://localhost:8000(/invitations/\S+)", str(mail.outbox[-1].body))
    assert found
    link = live_server.url + found[1]
    look(new_page(viewport={"width": 390, "height": 800}), link, "invitation.390.light", 390)
    new = new_page(java_script_enabled=False)
    new.goto(link)
    new.get_by_label("Name").fill("Newcomer")
    new.locator("input[name=password1]").fill(PASSWORD)
    new.locator("input[name=password2]").fill("another battery staple")
    new.get_by_role("button", name="Join").click()
    expect(new.get_by_role("alert")).to_contain_text("The two passwords differ.")
    new.locator("input[name=password1]").fill(PASSWORD)
    new.locator("input[name=password2]").fill(PASSWORD)
    new.get_by_role("button", name="Join").click()
    expect(new.get_by_text("You are now a member of Juniper & Pine Goods.")).to_be_visible()


def test_after_signing_out_the_back_button_shows_nothing(
    live_server: LiveServer, signed_in: Callable[..., Page]
) -> None:
    page = signed_in("settings-members")
    page.locator("summary.acct").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{live_server.url}/accounts/login/")
    page.go_back()
    page.wait_for_url(re.compile("/accounts/login/"))
    assert "a.rather.long.address" not in page.content()
