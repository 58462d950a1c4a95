"""What a row says in each state, after real nights, relists, closures and deletions (PRODUCT B2-B7)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.health.story import LAST
from tests.pages.lived import NOW, lived_through
from tests.pages.people import owner
from tests.pages.reading import DashboardRead, dashboard

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def page(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> DashboardRead:
    """The seller's dashboard on 19 March 2024, read once for all tests here; nothing of it stays."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel(NOW),
        transaction.atomic(),
    ):
        read = dashboard(owner(lived_through()).dashboard())
        transaction.set_rollback(True)
    return read


def test_b3_a_closed_offer_says_action_required_and_resolve_issue_under_its_date(page: DashboardRead) -> None:
    cell = page.row("closed").one("td", "td-closed")
    assert cell.text.startswith("18 Mar 2024 !Action required! Resolve issue")
    assert cell.one("strong").text == "!Action required!"
    button = cell.one("a", "btn")
    assert button.text == "Resolve issue for Kettle closed"
    assert button.attributes["href"].startswith("/voc/offers/")
    assert page.cell("closed", "cx") == "Very poor"
    assert "closed" in page.row("closed").attributes["class"].split()


def test_b3_after_relisting_the_date_stays_and_the_flag_goes(page: DashboardRead) -> None:
    assert page.cell("relisted", "closed") == "18 Mar 2024 Relisted 18 Mar 2024"
    assert page.cell("relisted", "cx") == "Very poor Recovering"
    assert "class" not in page.row("relisted").attributes


def test_b3_of_several_closures_the_latest_date_is_shown(page: DashboardRead) -> None:
    assert page.cell("twice", "closed").startswith("19 Mar 2024 !Action required! Resolve issue")
    assert "Recovering" not in page.cell("twice", "cx")


@pytest.mark.parametrize("sku", ["fair", "fresh", "quiet", "one-of-one"])
def test_b3_never_closed_is_empty(page: DashboardRead, sku: str) -> None:
    assert page.cell(sku, "closed") == "– Never closed"


def test_b3_d10_a_closure_in_error_leaves_no_date(page: DashboardRead) -> None:
    assert page.cell("lifted", "closed") == "– Never closed"
    assert "Recovering" not in page.cell("lifted", "cx")


def test_b2_a_relisted_offers_old_orders_count_a_quarter_and_the_row_says_so(page: DashboardRead) -> None:
    assert "Orders before 18 Mar 2024 count a quarter." in page.cell("relisted", "rate")
    assert "count a quarter" not in page.cell("closed", "rate")
    # Displayed are the plain counts and the plain rate (METHOD 1).
    assert page.cell("relisted", "ord") == page.cell("closed", "ord") == "19 / 57"
    assert page.cell("relisted", "rate").startswith("33.3%")


def test_b2_the_row_of_an_ordinary_offer(page: DashboardRead) -> None:
    product = page.cell("fair", "prod")
    assert product == "A <kettle> fair P-fair Refurbished FBA Manufacturer barcode"
    assert (
        page.row("fair").one("td", "td-prod").one("abbr").attributes["title"] == "Marketplace-fulfilled (FBA)"
    )
    assert page.cell("fair", "cx") == "Fair"
    assert page.cell("fair", "ord") == "2 / 98"
    assert page.cell("fair", "rate").startswith("2.0% , likely ")
    assert "similar offers" in page.cell("fair", "rate")
    assert page.cell("fair", "reason") == "Defective 100% 2 of 2 NCX orders"
    assert page.cell("fair", "upd") == "14 Mar 2024"
    assert page.cell("fair", "star") == "– No reviews"


def test_b2_manufacturer_barcode_stands_where_it_is_and_only_there(page: DashboardRead) -> None:
    assert [row for row in page.skus if "Manufacturer barcode" in page.cell(row, "prod")] == ["fair"]


def test_b5_new_quiet_and_insufficient_are_told_apart(page: DashboardRead) -> None:
    assert page.cell("fresh", "cx") == "No orders yet"
    assert page.cell("fresh", "rate") == "No rate yet Shown after the first sale"
    assert page.cell("fresh", "ord") == "– No orders"
    assert page.cell("fresh", "upd") == "– Never"
    assert page.cell("quiet", "cx") == "No recent orders None in the last 60 days"
    assert page.cell("quiet", "rate") == "No rate now Shown after the next sale"
    assert page.cell("one-of-one", "cx") == "Insufficient Feedback Too little feedback to rate"
    assert "%" not in page.cell("fresh", "rate") + page.cell("quiet", "rate")


def test_b5_an_event_on_an_old_order_alone_gives_no_rate(page: DashboardRead) -> None:
    # Its orders are 80 and 90 days old, the complaint is 77: both are outside the window.
    assert page.cell("quiet", "ord") == "– No orders"
    assert page.cell("quiet", "reason") == "– None"
    assert page.cell("quiet", "upd") == f"{(LAST - timedelta(days=77)).day} Dec 2023"


def test_b6_insufficient_feedback_still_shows_the_rate_and_no_closure(page: DashboardRead) -> None:
    rate = page.cell("one-of-one", "rate")
    assert rate.startswith("100.0% , likely ")
    assert "Too little feedback to compare" in rate
    assert "times" not in rate
    assert page.cell("one-of-one", "ord") == "1 / 1"


def test_b7_a_deleted_offer_keeps_its_last_band_and_counts_frozen_and_offers_no_action(
    page: DashboardRead,
) -> None:
    assert page.cell("deleted", "cx") == "Listing deleted Last: Very poor"
    assert page.cell("deleted", "rate").startswith("32.8%")
    assert page.cell("deleted", "ord") == "19 / 58"  # neither aged out nor added to by the night since
    assert page.cell("deleted", "closed") == "18 Mar 2024"
    row = page.row("deleted")
    assert "gone" in row.attributes["class"].split()
    assert not row.all("details")
    assert not row.all("a", "btn")
    assert page.skus[-1] == "deleted"


def test_b2_closed_offers_stand_first_the_newest_closure_before_the_older(page: DashboardRead) -> None:
    assert page.skus[:2] == ["twice", "closed"]
    assert set(page.skus[2:4]) == {"relisted", "lifted"}
    assert page.skus[4:7] == ["one-of-one", "fair", "quiet"] or page.skus[4:6] == ["one-of-one", "fair"]


def test_b1_the_tiles_of_these_nights_agree_with_the_rows(page: DashboardRead) -> None:
    counts = {label: tile.count for label, tile in page.tiles.items() if tile.count}
    assert counts == {
        "Very poor": 4, "Poor and Very poor": 4, "Fair": 1, "Insufficient Feedback": 1,
        "No recent orders": 2, "Listing deleted": 1,
    }  # fmt: skip
    assert page.total == "9 offers"


def test_a5_the_page_says_that_closures_do_not_touch_the_account(page: DashboardRead) -> None:
    note = page.root.one("div", "vp")
    assert note.text.startswith("2 offers are closed.")
    assert "Closures don't affect your seller account." in note.text
    assert "NCX rates and CX health never lead to account-level action." in page.root.one("footer").text
