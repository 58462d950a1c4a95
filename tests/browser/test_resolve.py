"""Resolve issue in Chromium: by keyboard alone, accessible in every step, without scripts (D4, D5, C7)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from offers.listing_actions import edit_listing
from offers.models import Offer
from tests.browsing import assert_accessible, shoot
from tests.factories import PASSWORD, MembershipFactory, UserFactory
from tests.pages.resolving import REMEDY, closed_offer, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
# Whether the control that has the focus is hidden, in part or whole, behind the bars at the top or the foot.
# Of a text of several lines the browser brings the line into view in which one types.
COVERED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const foot = document.querySelector(".formbar"), head = document.querySelector(".bar");
  if (at === document.body || foot.contains(at) || head.contains(at) || at.matches(".skip")) return "";
  const end = at.matches("textarea") ? box.top + 40 : box.bottom;
  const covers = bar => end > bar.top + 1 && box.top < bar.bottom - 1;
  const covered = [foot, head].some(bar => covers(bar.getBoundingClientRect()));
  return covered ? at.id || at.outerHTML.slice(0, 90) : "";
}"""


@pytest.fixture
def offer() -> Offer:
    return closed_offer()


@pytest.fixture
def open_page(live_server: LiveServer, offer: Offer, new_page: OpenPage) -> OpenPage:
    """Return a function that signs in as an owner and opens a page of the offer."""

    def opened(address: str = "resolve/", **options: object) -> Page:
        page = new_page(**options)
        page.goto(f"{live_server.url}/accounts/login/?next=/voc/offers/{offer.pk}/{address}")
        member = MembershipFactory(seller=offer.seller, user=UserFactory(username="owner"))
        sign_in(page, member.user.username)
        page.wait_for_url(f"{live_server.url}/voc/offers/**")
        return page

    return opened


def sign_in(page: Page, name: str) -> None:
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button").click()


def looks_right(page: Page, name: str) -> None:
    """The page fits, on the narrowest screens too, and breaks none of axe's rules."""
    assert_accessible(page)
    shoot(page, name, full=True)
    width = page.evaluate("document.documentElement.clientWidth")
    for narrow in (width, 320) if width < 400 else (width,):
        page.set_viewport_size({"width": narrow, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= narrow, f"{name} at {narrow}"
    page.set_viewport_size({"width": width, "height": 844})


def file() -> FilePayload:
    return {"name": "kettle.png", "mimeType": "image/png", "buffer": picture().read()}


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_every_step_is_accessible_and_fits(
    open_page: OpenPage, offer: Offer, width: int, scheme: str
) -> None:
    page = open_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    name = f"{width}.{scheme}"
    page.get_by_role("button", name="Continue to fix").click()
    expect(page.locator(".summary-err")).to_be_focused()
    looks_right(page, f"resolve-1.{name}")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Continue to fix").click()
    page.get_by_label("Title").fill("")
    page.get_by_label("Edit the listing").check()
    page.get_by_label("Remove or dispose").check()
    page.get_by_label("Add images").set_input_files(file())
    page.get_by_role("button", name="Continue to confirm").click()
    expect(page.locator(".summary-err")).to_be_focused()
    looks_right(page, f"resolve-2.{name}")
    page.get_by_label("Title").fill("Gooseneck kettle, 1.2 L, black")
    page.get_by_label("Units to remove").fill("5")
    page.get_by_label("Return them to me").check()
    page.get_by_role("button", name="Continue to confirm").click()
    looks_right(page, f"resolve-3.{name}")
    edit_listing(offer_id=offer.pk, values={"title": "Kettle"}, seen_revision=1, by=None, source="import")
    page.reload()
    looks_right(page, f"resolve-3-changed.{name}")
    page.get_by_role("button", name="Put my edits on top").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Confirm and relist").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your offer is open again")
    looks_right(page, f"resolve-done.{name}")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_bar_at_the_foot_never_covers_what_has_the_focus(open_page: OpenPage, width: int) -> None:
    page = open_page("resolve/review/", viewport={"width": width, "height": 844})
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Continue to fix").click()
    expect(page.get_by_label("Title")).to_be_visible()
    covered = set()
    for key in ["Tab"] * 60 + ["Shift+Tab"] * 50:
        page.keyboard.press(key)
        covered.add(page.evaluate(COVERED))
    assert covered == {""}


def press_until(page: Page, name: str, key: str = "Tab") -> None:
    """Go on by keyboard until the control with this name has the focus."""
    for _ in range(80):
        page.keyboard.press(key)
        focused = page.evaluate(
            "(document.activeElement.labels?.[0] || document.activeElement).innerText?.trim() || ''"
        )
        if focused.startswith(name):
            return
    pytest.fail(f"{name} was never reached by {key}")


def test_the_whole_flow_by_keyboard_alone(open_page: OpenPage, offer: Offer) -> None:
    page = open_page("")
    press_until(page, "Resolve issue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/resolve/review/")
    for _ in range(page.get_by_role("checkbox").count()):
        press_until(page, "I've read these comments")
        page.keyboard.press("Space")
    press_until(page, "Likely cause (optional)")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # a choice sends nothing
    press_until(page, "Continue to fix")
    page.keyboard.press("Enter")
    page.wait_for_url("**/resolve/fix/")
    press_until(page, "Something else")
    page.keyboard.press("Space")
    press_until(page, "What have you done?")
    page.keyboard.type(REMEDY)
    press_until(page, "Continue to confirm")
    page.keyboard.press("Enter")
    page.wait_for_url("**/resolve/confirm/")
    for words in ("I've reviewed", "The listing is accurate"):
        press_until(page, words)
        page.keyboard.press("Space")
    press_until(page, "Confirm and relist")
    page.keyboard.press("Enter")
    page.wait_for_url("**/resolve/done/**")
    offer.refresh_from_db()
    assert offer.status == "LIVE"


def test_d5_without_scripts_and_with_a_sign_in_that_ran_out(open_page: OpenPage, offer: Offer) -> None:
    page = open_page(java_script_enabled=False)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Continue to fix").click()
    page.get_by_label("Edit the listing").check()
    page.get_by_label("Title").fill("Gooseneck kettle, 1.2 L, black")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Continue to confirm").click()
    expect(page.get_by_text("Sign in to go on. Your draft is saved.")).to_be_visible()
    sign_in(page, "owner")
    expect(page.get_by_text("You're back. What you had typed is below.")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Gooseneck kettle, 1.2 L, black")
    page.get_by_label("Add images").set_input_files(file())
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("aside ins")).to_contain_text("1.2")
    page.get_by_role("button", name="Continue to confirm").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Confirm and relist").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your offer is open again")
    offer.refresh_from_db()
    assert (offer.title, len(offer.images)) == ("Gooseneck kettle, 1.2 L, black", 1)
    page.goto(page.url.split("resolve/")[0])
    expect(page.locator("dl.snap")).to_contain_text("2 images")
