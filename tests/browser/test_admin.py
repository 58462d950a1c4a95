"""The stock admin under the strict Content-Security-Policy, in Chromium: nothing of it is blocked."""

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browsing import Watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


@pytest.fixture
def operator(live_server: LiveServer, page: Page) -> Page:
    """Return a page on which an operator has signed in to the admin."""
    User.objects.create_superuser("operator@example.org", password=PASSWORD)
    Group.objects.create(name="Operators")
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("operator@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Site administration")).to_be_visible()
    return page


def test_lists_and_forms_work_and_nothing_is_blocked(operator: Page, live_server: LiveServer) -> None:
    for address in ("auth/user/", "auth/user/add/", "auth/group/", "axes/accessattempt/"):
        operator.goto(f"{live_server.url}/admin/{address}")
        expect(operator.locator("#content")).to_be_visible()
    user = User.objects.get()
    operator.goto(f"{live_server.url}/admin/auth/user/{user.pk}/change/")
    # The two-box chooser and the calendar are built by scripts.
    operator.locator("#id_groups_from").select_option(label="Operators")
    operator.locator("#id_groups_add, #id_groups_add_link").click()
    expect(operator.locator("#id_groups_to option")).to_have_text("Operators")
    operator.locator("#id_last_login_0").fill("")
    operator.locator(".field-last_login .datetimeshortcuts").get_by_role("link", name="Today").click()
    operator.get_by_role("button", name="Save and continue editing").click()
    expect(operator.locator(".messagelist .success")).to_be_visible()
    assert [group.name for group in user.groups.all()] == ["Operators"]


def test_a_row_is_deleted_after_asking(operator: Page, live_server: LiveServer) -> None:
    operator.goto(f"{live_server.url}/admin/auth/group/")
    operator.locator("#action-toggle").click()
    operator.get_by_label("Action:").select_option("delete_selected")
    operator.get_by_role("button", name="Go").click()
    operator.get_by_role("button", name="Yes, I’m sure").click()
    expect(operator.locator(".messagelist .success")).to_be_visible()
    assert not Group.objects.exists()


def test_the_watch_notices_an_inline_script(page: Page, watched: Watched, live_server: LiveServer) -> None:
    # Were the watch blind, every other test in the browser would be worth nothing.
    page.goto(f"{live_server.url}/healthz")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.head.append(script);
    }""")
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None
    assert any("CSP violation: script-src" in complaint for complaint in watched.complaints)
    watched.complaints.clear()


def test_the_watch_notices_a_missing_file(page: Page, watched: Watched, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/healthz")
    page.evaluate(
        """() => { document.body.append(Object.assign(new Image(), {src: "/static/none.png"})); }"""
    )
    page.wait_for_timeout(300)
    assert watched.complaints == [f"404 for {live_server.url}/static/none.png"]
    watched.complaints.clear()
