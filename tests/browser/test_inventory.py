"""Manage Inventory and removal orders in Chromium: accessible, nothing blocked, with and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from health.models import Tile
from offers.lifecycle import Status
from offers.models import Fulfillment, Offer, RemovalOrder
from offers.removal_actions import move_removal, request_removal
from tests.browsing import assert_accessible, shoot
from tests.factories import PASSWORD, MembershipFactory
from tests.pages.shops import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = [(1440, "light"), (390, "dark")]


@pytest.fixture
def shop() -> Shop:
    """Offers in every status, and removal orders in several states."""
    made = Shop()
    long = "Gooseneck kettle with temperature control and a very long name, 1.2 L, matte black"
    made.add(Tile.GOOD, sku="A1", title=long, fulfillment=Fulfillment.MARKETPLACE.value, quantity=184)
    made.closed(sku="B2", title="Lamp", quantity=20)
    made.add(Tile.DELETED, sku="C3", title="Gone")
    made.add(Tile.NO_RECENT_ORDERS, sku="D4", title="Vase", quantity=None, price=None)
    made.counted()
    kettle = Offer.objects.get(sku="A1").pk
    for units, state in ((20, "requested"), (15, "completed"), (9, "cancelled")):
        order = request_removal(offer_id=kettle, kind="return", quantity=units, by=None)
        if state != "requested":
            done = units - 3 if state == "completed" else None
            move_removal(removal_id=order.pk, to=state, source="import", done=done)
    return made


@pytest.fixture
def signed_in(live_server: LiveServer, shop: Shop, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that signs in as the shop's owner, at Manage Inventory."""

    def opened(**options: object) -> Page:
        page = new_page(**options)
        member = MembershipFactory(seller=shop.seller)
        page.goto(f"{live_server.url}/accounts/login/?next=/inventory/")
        page.locator("input[name=username]").fill(member.user.username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form:has(input[name=password]) button").click()
        page.wait_for_url("**/inventory/")
        return page

    return opened


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_pages_are_accessible_and_fit(
    signed_in: Callable[..., Page], live_server: LiveServer, width: int, scheme: str
) -> None:
    page = signed_in(viewport={"width": width, "height": 900}, color_scheme=scheme)
    offer, order = Offer.objects.get(sku="A1").pk, RemovalOrder.objects.get(state="requested").pk
    for name, address in {
        "inventory": "/inventory/",
        "listing-delete": f"/inventory/{offer}/delete/",
        "removals": "/removals/",
        "removal": f"/removals/{order}/",
        "removal-cancel": f"/removals/{order}/cancel/",
        "removal-choose": "/removals/new/",
        "removal-new": f"/removals/new/?offer={offer}",
    }.items():
        page.goto(f"{live_server.url}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") == width, address
        assert_accessible(page)
        shoot(page, f"{name}.{width}.{scheme}", full=True)
        if width == 390:
            page.set_viewport_size({"width": 320, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") == 320, address
            page.set_viewport_size({"width": width, "height": 900})


def test_d7_d8_without_scripts_stock_is_removed_an_order_cancelled_and_a_listing_deleted(
    signed_in: Callable[..., Page],
) -> None:
    page = signed_in(java_script_enabled=False)
    menu = page.locator("tr", has_text="A1").locator("details.rowmenu")
    menu.locator("summary").click()
    menu.get_by_role("link", name="Create removal order").click()
    page.get_by_label("Units to remove").fill("500")
    page.get_by_label("Disposal").check()
    page.get_by_role("button", name="Create removal order").click()
    expect(page.locator(".summary-err")).to_contain_text("Units to remove: enter a number from 1 to 152")
    assert page.title().startswith("Error: ")
    page.get_by_label("Units to remove").fill("52")
    page.get_by_role("button", name="Create removal order").click()
    expect(page.locator("main")).to_contain_text("The units are disposed of")
    page.get_by_role("link", name="Cancel order").click()
    page.get_by_role("button", name="Cancel order").click()
    expect(page.get_by_text("Order cancelled. 52 units are available again.")).to_be_visible()
    page.get_by_role("link", name="Manage Inventory").first.click()
    row = page.locator("tr", has_text="A1")
    expect(row).to_contain_text("152 available")
    row.locator("summary").click()
    row.get_by_role("link", name="Delete listing").click()
    page.get_by_role("button", name="Delete listing").click()
    expect(page.locator("tr", has_text="A1")).to_contain_text("Listing deleted")
    assert Offer.objects.get(sku="A1").status == Status.LISTING_DELETED


def test_a_problem_takes_the_focus_and_its_link_leads_to_the_field(
    signed_in: Callable[..., Page], live_server: LiveServer
) -> None:
    page = signed_in()
    page.goto(f"{live_server.url}/removals/new/?offer={Offer.objects.get(sku='A1').pk}")
    page.get_by_role("button", name="Create removal order").click()
    expect(page.locator(".summary-err")).to_be_focused()
    page.get_by_role("link", name="Choose what should happen to these units").click()
    expect(page.get_by_label("Return to seller")).to_be_focused()
    assert_accessible(page)
