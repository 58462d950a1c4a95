"""Runs: one at a time, visible, taken over when dead; the schedule; the commands (PRODUCT E1, E2)."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg2
import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from time_machine import travel

from health.export import HEADER
from health.models import Night, OfferHealth, RecomputeRun
from health.recompute import recompute_due, recompute_night
from health.runs import LEASE, RunInProgress, RunLost, in_vain
from health.tasks import compute_night, is_due, recompute_marketplace, start_due_nights
from tests.factories import MarketplaceFactory, PolicyFactory, RunFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, market, sell

pytestmark = pytest.mark.django_db
State = RecomputeRun.State


@pytest.fixture
def made() -> Market:
    return market()


def test_e2_a_run_leaves_a_row_with_state_counts_and_duration(made: Market) -> None:
    made.nights(1)
    run = RecomputeRun.objects.get()
    assert (run.state, run.as_of, run.error) == (State.SUCCEEDED, LAST, "")
    assert run.finished_at is not None
    assert run.finished_at >= run.started_at
    assert sum(run.counts.values()) == 24


def test_e2_two_runs_never_overlap(made: Market) -> None:
    RunFactory(marketplace=made.marketplace, heartbeat_at=timezone.now())
    with pytest.raises(RunInProgress):
        made.nights(1)
    assert not Night.objects.exists()


def test_e2_a_run_that_died_is_taken_over_and_ends_right(made: Market) -> None:
    dead = RunFactory(
        marketplace=made.marketplace, heartbeat_at=timezone.now() - LEASE - timedelta(seconds=1)
    )
    made.nights(1)
    dead.refresh_from_db()
    assert dead.state == State.ABANDONED
    assert "ended without a word" in dead.error
    assert Night.objects.filter(as_of=LAST).exists()


def test_e2_a_run_that_was_taken_over_publishes_nothing(made: Market) -> None:
    def lose(*_args: object) -> None:
        RecomputeRun.objects.update(state=State.ABANDONED, finished_at=timezone.now())

    with patch("health.recompute.rejudge", lose), pytest.raises(RunLost):
        recompute_night(made.marketplace, LAST, trigger="command")
    assert not Night.objects.exists()
    assert not OfferHealth.objects.exists()


def test_e2_a_failed_run_says_why_and_leaves_the_last_night_as_it_was(made: Market) -> None:
    made.nights(1)
    before = list(OfferHealth.objects.order_by("pk").values())
    with (
        patch("health.publishing.total_tiles", side_effect=RuntimeError("disk full")),
        pytest.raises(RuntimeError),
    ):
        made.nights(1, LAST + ONE_DAY)
    run = RecomputeRun.objects.get(as_of=LAST + ONE_DAY)
    assert (run.state, run.error) == (State.FAILED, "RuntimeError: disk full")
    assert list(OfferHealth.objects.order_by("pk").values()) == before
    assert Night.objects.latest("as_of").as_of == LAST


def test_e1_a_marketplace_is_due_after_its_own_hour(made: Market) -> None:
    with travel(datetime(2024, 3, 16, 6, 59, tzinfo=UTC), tick=False):  # 02:59 in New York
        assert not is_due(made.marketplace)
    with travel(datetime(2024, 3, 16, 7, 0, tzinfo=UTC), tick=False):
        assert is_due(made.marketplace)
        recompute_due(made.marketplace)
        assert not is_due(made.marketplace)


def test_e1_clock_changes_neither_skip_nor_repeat_a_night(made: Market) -> None:
    # On 10 March 2024 New York went from 02:00 to 03:00, on 3 November back from 02:00 to 01:00.
    for day in (date(2024, 3, 10), date(2024, 11, 3)):
        computed = []
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        for hour in range(36):
            with travel(start + timedelta(hours=hour, minutes=2), tick=False):
                if is_due(made.marketplace):
                    computed += [night.as_of for night in recompute_due(made.marketplace)][-1:]
        assert computed == [day - ONE_DAY, day] or computed == [day - 2 * ONE_DAY, day - ONE_DAY, day]


def test_e1_a_night_that_died_before_midnight_is_tried_again_after_it(made: Market) -> None:
    made.marketplace.recompute_hour = 23
    made.marketplace.save()
    with travel(datetime(2024, 3, 16, 4, 30, tzinfo=UTC), tick=False):  # 00:30 in New York
        assert not is_due(made.marketplace)  # before its first night it waits for its hour
        made.nights(1, date(2024, 3, 13))
        assert is_due(made.marketplace)
        assert [night.as_of for night in recompute_due(made.marketplace)] == [date(2024, 3, 14)]
        assert not is_due(made.marketplace)
    with travel(datetime(2024, 3, 17, 3, 0, tzinfo=UTC), tick=False):  # 23:00
        assert is_due(made.marketplace)
        assert [night.as_of for night in recompute_due(made.marketplace)] == [date(2024, 3, 15)]


@pytest.mark.parametrize("task", [recompute_marketplace, compute_night])
def test_4_4_what_kills_its_worker_again_and_again_is_not_given_out_for_ever(made: Market, task: Any) -> None:
    now = timezone.now()
    for _ in range(3):
        RunFactory(marketplace=made.marketplace, state=State.ABANDONED, started_at=now, finished_at=now)
    asked_for = ("US", get_user_model().objects.create_user("op", is_staff=True).pk)
    with (
        patch("health.tasks.recompute_period") as computed,
        patch("health.tasks.recompute_asked_for") as again,
    ):
        for redelivered in (True, False):
            task.push_request(delivery_info={"redelivered": redelivered})
            try:
                task.run(*(asked_for if task is recompute_marketplace else ("US", LAST.isoformat())))
            finally:
                task.pop_request()
            assert computed.call_count + again.call_count == (0 if redelivered else 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite needs no second connection")
def test_e2_a_database_that_gives_no_second_connection_is_noted_as_a_failed_run(made: Market) -> None:
    refused = psycopg2.OperationalError("sorry, too many clients already")
    with patch("health.presence.second_connection", side_effect=refused), pytest.raises(OperationalError):
        made.nights(1)
    run = RecomputeRun.objects.get()
    assert (run.state, "too many clients" in run.error) == (State.FAILED, True)


def test_4_4_after_three_runs_in_vain_the_schedule_tries_once_an_hour(made: Market) -> None:
    def fail(at: datetime, state: str = State.FAILED) -> None:
        RunFactory(
            marketplace=made.marketplace, state=state, error="disk full", started_at=at, finished_at=at
        )

    morning = datetime(2024, 3, 16, 8, 0, tzinfo=UTC)
    with travel(morning, tick=False):
        fail(morning - timedelta(minutes=20))
        fail(morning - timedelta(minutes=15), State.ABANDONED)
        assert is_due(made.marketplace)
        fail(morning - timedelta(minutes=10))
        assert [run.state for run in in_vain(made.marketplace)] == [
            State.FAILED,
            State.ABANDONED,
            State.FAILED,
        ]
        assert not is_due(made.marketplace)
    with travel(morning + timedelta(minutes=50), tick=False):
        assert is_due(made.marketplace)
        recompute_due(made.marketplace)
        assert in_vain(made.marketplace) == []


def test_e1_the_entry_of_the_schedule_starts_every_marketplace_that_is_due(made: Market) -> None:
    tokyo = MarketplaceFactory(code="JP", time_zone="Asia/Tokyo")
    PolicyFactory(marketplace=tokyo)
    MarketplaceFactory(code="XX")  # no policy yet
    with travel(datetime(2024, 3, 15, 18, 30, tzinfo=UTC), tick=False):  # 03:30 of the 16th in Tokyo
        made.nights(1, date(2024, 3, 14))
        with patch.object(recompute_marketplace, "delay") as delayed:
            assert start_due_nights() == ["JP"]
        delayed.assert_called_once_with("JP")
        assert recompute_marketplace("JP") == ["2024-03-15"]
        assert start_due_nights() == []


def test_the_task_finds_a_run_at_work_and_leaves_it_alone(made: Market) -> None:
    RunFactory(marketplace=made.marketplace, heartbeat_at=timezone.now())
    assert recompute_marketplace("US") == []


def test_the_recompute_command_computes_a_period(made: Market, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("recompute_health", marketplace="US", as_of=LAST, nights=3)
    assert list(Night.objects.order_by("as_of").values_list("as_of", flat=True)) == [
        LAST - 2 * ONE_DAY,
        LAST - ONE_DAY,
        LAST,
    ]
    assert capsys.readouterr().out.startswith("2024-03-13: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--marketplace", "NO", "--as-of", "2024-03-15"], "no marketplace 'NO' .there are: US"),
        (["--marketplace", "US", "--as-of", "15.3.2024"], "YYYY-MM-DD"),
        (["--marketplace", "US", "--as-of", "2024-03-15", "--nights", "0"], "1 or more"),
        (["--marketplace", "US", "--as-of", "2124-03-15"], "not over yet"),
    ],
)
def test_the_recompute_command_says_what_is_wrong(made: Market, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("recompute_health", *arguments)


def test_the_recompute_command_fails_while_another_run_is_at_work(made: Market) -> None:
    RunFactory(marketplace=made.marketplace, heartbeat_at=timezone.now())
    with pytest.raises(CommandError) as failed:
        call_command("recompute_health", "--marketplace", "US", "--as-of", "2024-03-15")
    assert failed.value.returncode == 1


def read_export(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_export_has_one_row_per_offer_in_order(made: Market, tmp_path: Path) -> None:
    bad = bad_offer(made)
    quiet = made.offer()
    made.nights(3)
    call_command("export_health", "--marketplace", "US", "--output", str(tmp_path / "out.csv"))
    rows = read_export(tmp_path / "out.csv")
    assert len(rows) == 26
    assert tuple(rows[0]) == HEADER
    assert [(row["seller"], row["sku"]) for row in rows] == sorted(
        (row["seller"], row["sku"]) for row in rows
    )
    by_sku = {row["sku"]: row for row in rows}
    closed, silent = by_sku[bad.sku], by_sku[quiet.sku]
    assert (closed["status"], closed["band"], closed["proposed_band"], closed["level"]) == (
        "CLOSED", "Very poor", "Very poor", "peer group",
    )  # fmt: skip
    assert (float(closed["n"]), float(closed["k"]), closed["c"], closed["window_days"]) == (
        60,
        20,
        "20",
        "60",
    )
    assert float(closed["p_vp"]) > 0.95
    assert float(closed["p_exc"]) > 0  # the full computation, no shortcut's zero
    assert (closed["last_updated"], closed["last_closed_on"]) == ("2024-03-15", "2024-03-16")
    assert (float(silent["n"]), float(silent["k"]), silent["c"]) == (0, 0, "0")
    assert {
        silent[name] for name in ("m", "s", "w", "p_exc", "p_good", "p_poor", "p_vp", "rate", "band")
    } == {""}


def test_the_export_says_where_it_can_not_write(made: Market, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Choose another place"):
        call_command("export_health", "--marketplace", "US", "--output", str(tmp_path / "no" / "out.csv"))


def test_a_night_of_nothing_is_computed_too() -> None:
    empty = MarketplaceFactory(code="EMPTY")
    PolicyFactory(marketplace=empty)
    assert recompute_night(empty, LAST, trigger="command").sum_n == 0


def test_sellers_do_not_share_what_is_theirs(made: Market) -> None:
    offer = made.offer(seller="ALONE")
    sell(offer, range(10))
    made.nights(1)
    assert OfferHealth.objects.get(pk=offer.pk).seller.code == "ALONE"


def test_e2_a_task_computes_one_date_and_leaves_a_run(made: Market, caplog: pytest.LogCaptureFixture) -> None:
    with patch("health.tasks.send_notices.delay"):
        assert compute_night("US", LAST.isoformat())
        assert compute_night("US", LAST.isoformat())
        assert not compute_night("US", "2124-03-15")
    assert [run.state for run in RecomputeRun.objects.filter(as_of=LAST)] == [State.SUCCEEDED] * 2
    assert "not over yet" in caplog.text
