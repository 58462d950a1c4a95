"""A walk through the demo in Chromium, along every link: nothing is broken, blocked or inaccessible."""

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browsing import DemoSite, assert_accessible

pytestmark = pytest.mark.browser
SIGN_IN = re.compile(r"^ {2}(\S+@\S+) +(\S+) {2}", re.MULTILINE)
MOST_PAGES = 60


def sign_in(page: Page, site: DemoSite, who: str) -> None:
    """Sign in as one of the people that `make demo` names."""
    people = dict(SIGN_IN.findall("".join(site.told)))
    (name,) = [name for name in people if name.startswith(who)][:1]
    page.goto(f"{site.url}/accounts/login/")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(people[name])
    page.locator("form:has(input[name=password]) button").click()
    # An operator, who has chosen no seller yet, is asked for one first.
    page.wait_for_url(re.compile(f"{re.escape(site.url)}/(voc|switch)/"))


def kind_of(address: str) -> str:
    """Return what makes a page one of its own: its path, with 1 for every number, and its query's names."""
    parts = urlsplit(address)
    names = sorted({word.partition("=")[0] for word in parts.query.split("&")})
    return f"{re.sub(r'[0-9]+', '1', parts.path)}?{'&'.join(names)}"


def links(page: Page, site: DemoSite) -> list[str]:
    """Return the addresses of this site that the page links to, downloads and the admin left out."""
    found = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    whole = [urljoin(page.url, href).partition("#")[0] for href in found]
    return [
        address
        for address in whole
        if address.startswith(f"{site.url}/")
        and not urlsplit(address).path.endswith(".csv")
        and not urlsplit(address).path.startswith("/admin/")
    ]


@pytest.mark.parametrize(("who", "least"), [("owner@", 10), ("viewer@", 10), ("operator@", 2)])
def test_every_page_that_can_be_reached_is_whole(
    who: str, least: int, demo_site: DemoSite, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    sign_in(page, demo_site, who)
    waiting, seen = [page.url], {kind_of(page.url)}
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{answer.status} for {address}"
        if who == "owner@":  # who sees most; the others' pages are the same with less on them
            assert_accessible(page)
        for link in links(page, demo_site):
            if kind_of(link) not in seen:
                seen.add(kind_of(link))
                waiting.append(link)
    assert len(seen) >= least


def test_a_phone_in_the_dark_and_a_browser_without_scripts_get_the_same_dashboard(
    demo_site: DemoSite, new_page: Callable[..., Page]
) -> None:
    told = []
    for options in (
        {},
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
        {"java_script_enabled": False},
    ):
        page = new_page(**options)
        sign_in(page, demo_site, "owner@")
        told.append(page.locator("main tbody tr").count())
        if options.get("color_scheme"):
            assert_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert told[0] > 5
    assert told == [told[0]] * 3
