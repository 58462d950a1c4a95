"""A night that several workers share: the same result, whoever does what and whoever dies (issue 4)."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from health import crew, generations, shards, staging
from health.crew import Crew, help_out
from health.models import Night, OfferHealth, RecomputeRun
from health.presence import Presence
from health.recompute import active_policy, recompute_night
from health.runs import RunInProgress, RunLost, in_vain, open_run
from offers import bulk
from offers.models import Offer, OfferStatusChange
from tests.architecture.code import ROOT
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, sell
from tests.health.test_nights import everything
from tests.health.test_shards import busy_market, live_through

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite one process does a night"),
]
State = RecomputeRun.State


@pytest.fixture(autouse=True)
def _in_small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "WORTH_IT", 0)
    monkeypatch.setattr(generations, "_SHARE", 0)
    monkeypatch.setattr("health.reading.SHARD", 3)
    monkeypatch.setattr("health.benchmark_store.PIECE", 2)


@pytest.fixture
def made() -> Market:
    return busy_market()


def in_a_thread(work: Callable[[], object]) -> threading.Thread:
    """Begin the work on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def helped(run: int) -> None:
    """A second worker."""
    in_a_thread(lambda: help_out(RecomputeRun.objects.select_related("marketplace").get(pk=run)))


@contextmanager
def who_works(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[int, str]]:
    """By shard of the last step the thread that did it."""
    who: dict[int, str] = {}
    real = shards.work_off

    def noted(tonight: Any, stage: Any, shard: Any, exported: str = "") -> None:
        real(tonight, stage, shard, exported)
        who[shard.number] = threading.current_thread().name

    with monkeypatch.context() as patched:
        patched.setattr(crew, "work_off", noted)
        yield who


def night(made: Market, number: int = 0, summon: crew.Summon = crew.alone) -> Night:
    return recompute_night(made.marketplace, LAST + number * ONE_DAY, trigger="command", summon=summon)


def test_4_2_two_workers_find_what_one_finds_in_one_shard(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_through(made)
    with monkeypatch.context() as patched:
        patched.setattr(generations, "WORTH_IT", 10**9)
        patched.setattr("health.reading.SHARD", 1 << 15)
        made.nights(3, LAST + 3 * ONE_DAY)
    in_one = everything()
    with who_works(monkeypatch) as who:
        for number in (1, 2, 3):
            night(made, number, helped)
    assert everything() == in_one
    assert {night["refreshed"] for night in in_one["nights"]} == {True, False}
    assert len(who) > 5
    assert len(set(who.values())) == 2


KILLED = """
import os, signal, django
django.setup()
from health import staging
from health.crew import help_out
from health.models import RecomputeRun
def die(*_args, **_more):
    os.kill(os.getpid(), signal.SIGKILL)
staging.bulk.copy_arrays = die
help_out(RecomputeRun.objects.get(state="running"))
"""


def test_4_4_a_helper_killed_in_the_midst_of_a_shard_loses_nothing(made: Market) -> None:
    made.nights(2)
    made.nights(1)
    undisturbed, deaths = everything(), []
    known = connection.get_connection_params()
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{known['user']}@/{known['dbname']}?host={known['host']}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }

    def killed(_run: int) -> None:
        process = subprocess.run(
            [sys.executable, "-c", KILLED], cwd=ROOT, env=environment, check=False, timeout=60
        )
        deaths.append(process.returncode)

    night(made, summon=killed)
    assert deaths == [-signal.SIGKILL]
    assert everything() == undisturbed


def test_4_4_a_worker_that_comes_back_after_its_run_was_taken_over_writes_nothing(made: Market) -> None:
    run = open_run(made.marketplace, LAST, "command")
    policy = active_policy(made.marketplace)
    with Presence.of(made.marketplace) as presence:
        beginning = Crew(run, policy, presence, lambda _run: zombie.append(threading.get_ident()))
        zombie: list[int] = []
        taken = open_run(made.marketplace, LAST, "command", alone=True)
        with pytest.raises(RunLost), beginning.judged():
            pass
    run.refresh_from_db()
    assert (run.state, taken.state) == (State.ABANDONED, State.RUNNING)
    assert "ended without a word in the phase 'start'" in run.error
    assert zombie == []
    assert not OfferHealth.objects.exists()


def test_4_4_a_shard_of_a_run_that_ended_is_refused_in_the_midst(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = staging.Staging.put_counted

    def late(self: Any, number: int, *counted: Any) -> None:
        RecomputeRun.objects.update(state=State.ABANDONED, finished_at=self.run.started_at)
        try:
            real(self, number, *counted)
        except RunLost:
            refused.append(number)
            raise

    refused: list[int] = []
    monkeypatch.setattr(staging.Staging, "put_counted", late)
    with pytest.raises(RunLost):
        night(made)
    assert refused == [0]
    assert not Night.objects.exists()


def test_4_4_a_leader_that_died_is_found_dead_at_once(made: Market) -> None:
    leading, over = threading.Event(), threading.Event()

    def lead() -> None:
        with Presence.of(made.marketplace):
            open_run(made.marketplace, LAST, "schedule", alone=True)
            leading.set()
            over.wait(30)

    leader = in_a_thread(lead)
    assert leading.wait(10)
    with pytest.raises(RunInProgress):
        night(made)
    over.set()
    leader.join(10)
    night(made)
    first, second = RecomputeRun.objects.order_by("pk")
    assert (first.state, second.state) == (State.ABANDONED, State.SUCCEEDED)
    assert "Nothing of the night was published" in first.error
    assert in_vain(made.marketplace) == []


def test_4_4_a_leader_that_published_and_clears_up_is_waited_for(made: Market) -> None:
    clearing, over = threading.Event(), threading.Event()

    def clear_up() -> None:
        with Presence.of(made.marketplace):
            clearing.set()
            over.wait(30)

    leader = in_a_thread(clear_up)
    assert clearing.wait(10)
    threading.Timer(0.2, over.set).start()
    night(made)
    leader.join(10)
    assert RecomputeRun.objects.get().state == State.SUCCEEDED


def test_4_6_an_import_between_two_shards_is_seen_by_none(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = Offer.objects.earliest("pk"), made.offer()
    made.nights(2)
    made.nights(1)
    undisturbed = everything()
    done: list[Any] = []
    real = shards.work_off

    def land() -> None:
        with transaction.atomic():
            for offer in (first, last):
                sell(offer, range(5), complaints=(1,))

    def between(tonight: Any, stage: Any, shard: Any, exported: str = "") -> None:
        real(tonight, stage, shard, exported)
        if not done:
            done.append(shard)
            importing = in_a_thread(
                lambda: [sell(offer, range(5), complaints=(1,)) for offer in (first, last)]
            )
            importing.join(30)

    with monkeypatch.context() as patched:
        patched.setattr(crew, "work_off", between)
        night(made)
    assert everything() == undisturbed
    night(made)
    assert health(last).orders == 5


def test_4_4_a_helper_that_holds_its_shard_for_ever_is_not_waited_for(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_PATIENCE", 0.1)
    holding, over = threading.Event(), threading.Event()

    def hold(run: int) -> None:
        def work() -> None:
            bulk.fetch("SELECT pg_advisory_lock(%s)", [run << 16])
            holding.set()
            over.wait(30)

        in_a_thread(work)
        assert holding.wait(10)

    night(made, summon=hold)
    over.set()
    assert OfferHealth.objects.filter(as_of=LAST).exists()


def test_4_4_help_with_a_run_that_is_over_does_nothing(made: Market) -> None:
    made.nights(1)
    before = everything()
    run = RecomputeRun.objects.get()
    assert help_out(run) == 0
    assert everything() == before


def test_4_2_a_market_that_grew_is_compared_anew_after_all_shards_were_judged(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.nights(1)
    sell(made.offer(), list(range(40)) * 20, complaints=(1, 2))
    with monkeypatch.context() as patched:
        patched.setattr(generations, "WORTH_IT", 10**9)
        assert made.nights(1, LAST + ONE_DAY)[0].refreshed
    in_memory = everything()
    with who_works(monkeypatch) as who:
        assert night(made, 1, helped).refreshed
    assert everything() == in_memory
    assert who


def test_4_4_closures_are_made_once_by_whoever_judged_them(made: Market) -> None:
    bad_offer(made)
    for number in range(4):
        with patch("health.crew._PAUSE", 0):
            night(made, number, helped)
    night(made, 3, helped)
    assert OfferStatusChange.objects.filter(move="close").count() == 4
