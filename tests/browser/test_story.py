"""The whole story on the demo (D3-D9): notice, details, resolve, relist, recover; also without scripts."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller, travel

from health.models import OfferHealth
from health.recompute import last_night, recompute_period
from offers.lifecycle import Status
from offers.models import Offer
from tests.demo.builds import build_quietly
from vocdash.demo.accounts import WELL_KNOWN_PASSWORD
from vocdash.imports import import_files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = datetime(2026, 3, 17, 15, 0, tzinfo=UTC)
OWNER = "owner@juniper-pine-goods.example"
# One offer for somebody with scripts, one for somebody without; both lie in fulfilment centres.
SHEETS, CLOCK = "JP-SHT-Q-WHT", "JP-CLK-25-BLK"
A_WEEK, MOST_WEEKS = 7, 9
ORDERS_A_DAY = 6


@pytest.fixture
def now() -> Iterator[Traveller]:
    """The day on which the demo ends; it can be moved on."""
    with travel(TODAY, tick=True) as traveller:
        build_quietly(size=700, nights=60)
        yield traveller


def offer(sku: str) -> Offer:
    return Offer.objects.select_related("marketplace", "seller").get(
        sku=sku, marketplace__code="US", seller__code="demo-jp"
    )


def sign_in(page: Page, site: str, onward: str) -> None:
    page.goto(f"{site}/accounts/login/?next={onward}")
    page.locator("input[name=username]").fill(OWNER)
    page.locator("input[name=password]").fill(WELL_KNOWN_PASSWORD)
    page.locator("form:has(input[name=password]) button").click()
    page.wait_for_url(f"{site}{onward}")


def from_the_notice_to_the_flow(page: Page, site: str, closed: Offer) -> None:
    """D3: the notice says why, and its link lands where the dashboard's path lands."""
    sign_in(page, site, "/notifications/?kind=closed")
    page.get_by_role("link", name=re.compile(re.escape(closed.title))).first.click()
    expect(page.get_by_text("no effect on your seller account")).to_be_visible()
    page.get_by_role("link", name="View details").click()
    expect(page).to_have_url(f"{site}/voc/offers/{closed.pk}/")
    expect(page.get_by_text("!Action required!")).to_be_visible()
    page.get_by_role("link", name="Resolve issue").click()


def resolve(page: Page, closed: Offer) -> None:
    """D4: read, edit the listing and order stock away, confirm."""
    for box in page.get_by_role("checkbox", name="I've read these comments").all():
        box.check()
    page.get_by_role("button", name="Continue to fix").click()
    page.get_by_role("checkbox", name="Edit the listing").check()
    page.get_by_role("checkbox", name="Remove or dispose").check()
    page.get_by_label("Title", exact=True).fill(f"{closed.title}, tested")
    page.get_by_label("Units to remove").fill("20")
    page.get_by_role("radio", name="Return them to me").check()
    page.get_by_role("button", name="Continue to confirm").click()
    expect(page.locator("ins")).to_contain_text("tested")
    for box in page.get_by_role("group").or_(page.locator("main")).get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Confirm and relist").click()
    expect(page.get_by_role("heading", name="Your offer is open again")).to_be_visible()
    expect(page.get_by_text("several weeks").first).to_be_visible()


def sell_well(now: Traveller, folder: Path, sold: list[Offer]) -> None:
    """A week in which both offers sell and nobody complains, night by night."""
    marketplace = sold[0].marketplace
    last = last_night(marketplace)
    assert last
    days = [last + timedelta(days=number) for number in range(1, 1 + A_WEEK)]
    now.move_to(datetime.combine(days[-1] + timedelta(days=1), time(15), UTC))
    path = folder / f"orders-{days[0]}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(
            ("marketplace", "seller", "order_id", "sku", "ordered_at", "quantity", "status", "customer")
        )
        rows.writerows(
            (
                "US",
                "demo-jp",
                f"{one.sku}-{day}-{number}",
                one.sku,
                f"{day}T23:0{number}:00-04:00",
                1,
                "shipped",
                "",
            )
            for one in sold
            for day in days
            for number in range(ORDERS_A_DAY)
        )
    outcome = import_files(marketplace, [path])
    assert not outcome.bad
    recompute_period(marketplace, days[-1], A_WEEK)


def is_recovering(one: Offer) -> bool:
    return OfferHealth.objects.get(pk=one.pk).recovered_on is None


def test_from_the_notice_to_fair_again(
    now: Traveller, live_server: LiveServer, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    with_scripts, without = new_page(), new_page(java_script_enabled=False)
    offers = [offer(SHEETS), offer(CLOCK)]
    for page, closed in zip((with_scripts, without), offers, strict=True):
        assert closed.status == Status.CLOSED
        from_the_notice_to_the_flow(page, live_server.url, closed)
        resolve(page, closed)
        page.goto(f"{live_server.url}/voc/?q={closed.sku}")
        expect(page.get_by_text("Recovering").first).to_be_visible()
    weeks = 0
    while any(map(is_recovering, offers)) and weeks < MOST_WEEKS:
        sell_well(now, tmp_path, offers)
        weeks += 1
    assert 1 < weeks < MOST_WEEKS
    for closed in offers:
        with_scripts.context.clear_cookies()
        sign_in(with_scripts, live_server.url, f"/voc/?q={closed.sku}")
        row = with_scripts.get_by_role("row").filter(has_text=closed.sku)
        expect(row).not_to_contain_text("Recovering")
        expect(row).not_to_contain_text("Action required")
        with_scripts.goto(f"{live_server.url}/voc/offers/{closed.pk}/")
        expect(with_scripts.get_by_text("Offer relisted").first).to_be_visible()
