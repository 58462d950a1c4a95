"""When the numbers were computed and when next; stale and failed nights say so (PRODUCT B9)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from health.models import Night, RecomputeRun
from offers.models import Marketplace
from tests.factories import RunFactory
from tests.pages.people import operator, owner
from tests.pages.reading import dashboard
from tests.pages.shops import NIGHT, NOW, Shop

pytestmark = pytest.mark.django_db
State = RecomputeRun.State
NOT_YET = "The nights since then have not been computed yet."
PROMISE = "It is tried again without you, and no order or feedback is lost."


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon in New York on 21 November 2026; the night of the 20th is computed."""
    with time_machine.travel(NOW, tick=False):
        yield


def a_shop(**options: Any) -> Shop:
    shop = Shop(**options)
    shop.add()
    return shop.counted()


def a_shop_too(shop: Shop) -> Shop:
    """The same seller on another marketplace."""
    other = Shop(shop.seller, code="JP")
    other.add()
    return other.counted()


def lines_and_warnings(shop: Shop, at: datetime = NOW) -> tuple[list[str], list[str]]:
    """What the head of the page says, and what the notes below warn of."""
    with time_machine.travel(at, tick=False):
        page = dashboard(owner(shop.seller).dashboard())
    lines = [line.text.replace("\xa0", " ") for line in page.root.all("span", "fresh")]
    shown = [
        note.text.replace("\xa0", " ")
        for note in page.root.all("div", "fa")
        if "hidden" not in note.attributes
    ]
    assert len(page.root.all("span", "stale")) == len(shown)
    return lines, shown


def a_run(shop: Shop, state: str, hours: float = 1) -> RecomputeRun:
    """The newest run: it started so many hours ago."""
    started = datetime.now(UTC) - timedelta(hours=hours)
    finished = None if state == State.RUNNING else started
    error = "The disk is full." if state == State.FAILED else ""
    return RunFactory(
        marketplace=shop.marketplace, state=state, started_at=started, finished_at=finished, error=error,
        heartbeat_at=started,
    )  # fmt: skip


def test_b9_a_night_that_is_in_time_says_when_and_when_next() -> None:
    assert lines_and_warnings(a_shop()) == (["Recomputed today at 03:00 . Next: tomorrow at 03:00"], [])


def test_b9_before_todays_hour_yesterdays_numbers_are_in_time() -> None:
    at = datetime(2026, 11, 22, 7, 59, tzinfo=UTC)  # 02:59 in New York
    lines, warnings = lines_and_warnings(a_shop(), at)
    assert lines == ["Recomputed yesterday at 03:00 . Next: today at 03:00"]
    assert warnings == []


def test_b9_a_stale_night_says_how_many_days_it_is_behind_and_of_when_the_numbers_are() -> None:
    at = NOW + timedelta(days=2)
    lines, warnings = lines_and_warnings(a_shop(), at)
    assert lines == ["Recomputed on 21 Nov 2026 at 03:00 . Next: tried again within the hour"]
    assert warnings == [
        f"Health is 2 days behind. {NOT_YET} {PROMISE} The numbers below are from 20 Nov 2026."
    ]


def test_b9_a_failed_night_says_so() -> None:
    shop = a_shop()
    a_run(shop, State.FAILED)
    _, warnings = lines_and_warnings(shop, NOW + timedelta(days=1))
    why = f"The last run didn't finish. {PROMISE}"
    assert warnings == [f"Health is 1 day behind. {why} The numbers below are from 20 Nov 2026."]
    _, warnings = lines_and_warnings(shop)
    assert warnings == [
        "The last recomputation failed. The last run didn't finish. The numbers below are from 20 Nov 2026."
    ]


def test_b9_what_went_wrong_is_not_for_sellers() -> None:
    shop = a_shop()
    a_run(shop, State.FAILED)
    assert "The disk is full." not in owner(shop.seller).dashboard().content.decode()


def test_b9_a_failure_that_was_made_good_is_forgotten() -> None:
    shop = a_shop()
    a_run(shop, State.FAILED, hours=3)
    a_run(shop, State.SUCCEEDED, hours=2)
    assert lines_and_warnings(shop)[1] == []


def test_b9_a_run_that_is_going_on_says_so_while_the_numbers_are_old() -> None:
    shop = a_shop()
    a_run(shop, State.RUNNING, hours=0.1)
    assert lines_and_warnings(shop)[1] == []  # a second run of a night whose numbers are there
    RecomputeRun.objects.update(heartbeat_at=NOW + timedelta(days=1, minutes=-14))
    (warning,) = lines_and_warnings(shop, NOW + timedelta(days=1))[1]
    assert warning.startswith("Health is 1 day behind. The latest numbers are being computed now. ")


def test_b9_between_its_hour_and_the_end_of_the_job_a_night_is_expected_and_not_missing() -> None:
    shop = a_shop()
    at = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # 03:00 in New York, when the job begins
    for minutes in (0, 30, 59):
        lines, warnings = lines_and_warnings(shop, at + timedelta(minutes=minutes))
        assert lines == ["Recomputed yesterday at 03:00 . Next: about to begin"]
        assert warnings == []
    lines, warnings = lines_and_warnings(shop, at + timedelta(minutes=60))
    assert lines == ["Recomputed yesterday at 03:00 . Next: tried again within the hour"]
    assert warnings[0].startswith("Health is 1 day behind. ")


@pytest.mark.parametrize("state", [State.ABANDONED, State.RUNNING])
def test_b9_a_run_that_died_did_not_finish_whatever_it_says_of_itself(state: str) -> None:
    shop = a_shop()
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        run = a_run(shop, State.RUNNING, hours=0.26)  # silent for more than fifteen minutes
        if state == State.ABANDONED:
            RecomputeRun.objects.filter(pk=run.pk).update(state=state, finished_at=NOW)
    _, (warning,) = lines_and_warnings(shop, NOW + timedelta(days=1))
    assert "The last run didn't finish." in warning


def test_b9_an_operator_is_led_to_the_run_and_a_seller_is_not() -> None:
    shop = a_shop()
    run = a_run(shop, State.FAILED)
    address = f"/admin/health/recomputerun/{run.pk}/change/"
    assert address not in owner(shop.seller).dashboard().content.decode()
    who = operator()
    who.switch(shop.seller)
    page = dashboard(who.dashboard())
    note = next(note for note in page.root.all("div", "fa") if note.all("a"))
    assert [(link.text, link.attributes["href"]) for link in note.all("a")] == [("See the run", address)]


def test_b9_a_marketplace_that_was_never_computed_says_so() -> None:
    shop = a_shop(night=None)
    assert lines_and_warnings(shop) == (["Not computed yet . Next: tomorrow at 03:00"], [])


def test_b9_a_first_night_that_failed_says_so() -> None:
    shop = a_shop(night=None)
    a_run(shop, State.FAILED)
    lines, warnings = lines_and_warnings(shop)
    assert lines[0].startswith("Not computed yet")
    assert warnings == ["The last recomputation failed."]


def test_b9_of_several_marketplaces_the_failed_one_is_named() -> None:
    shop = a_shop()
    other = a_shop_too(shop)
    a_run(other, State.FAILED)
    (warning,) = lines_and_warnings(shop)[1]
    assert warning.startswith("Marketplace JP: The last recomputation failed. The last run didn't finish.")


def test_b9_each_marketplace_is_judged_by_its_own_zone_and_hour() -> None:
    shop = a_shop()
    a_shop_too(shop)
    Marketplace.objects.filter(code="JP").update(time_zone="Asia/Tokyo", recompute_hour=1)
    # In Tokyo it is 02:00 on the 22nd: the night of the 21st is missing, which in New York has not ended.
    lines, warnings = lines_and_warnings(shop)
    assert lines == [
        "Marketplace JP: Recomputed yesterday at 17:00 . Next: tried again within the hour",
        "Marketplace US: Recomputed today at 03:00 . Next: tomorrow at 03:00",
    ]
    said = f"{NOT_YET} {PROMISE} The numbers below are from 20 Nov 2026."
    assert warnings == [f"Health for Marketplace JP is 1 day behind. {said}"]


def test_b9_the_newest_night_counts_whatever_was_computed_last() -> None:
    shop = a_shop()
    night = Night.objects.get()
    Night.objects.create(
        marketplace=shop.marketplace,
        as_of=NIGHT - timedelta(days=1),
        policy=night.policy,
        sum_n=0,
        computed_at=NOW,
    )
    assert lines_and_warnings(shop)[0] == ["Recomputed today at 03:00 . Next: tomorrow at 03:00"]


def test_b9_the_clock_change_moves_the_next_run_with_the_wall_clock() -> None:
    # Clocks in New York go forward on 14 March 2027; the job starts at 03:00 of the wall clock all the same.
    shop = a_shop(night=date(2027, 3, 12))
    at = datetime(2027, 3, 13, 17, 0, tzinfo=UTC)
    assert lines_and_warnings(shop, at)[0][0].endswith("Next: tomorrow at 03:00")
    after = datetime(2027, 3, 14, 6, 59, tzinfo=UTC)  # 01:59, the last minute before
    assert lines_and_warnings(shop, after)[0][0].endswith("Next: today at 03:00")
