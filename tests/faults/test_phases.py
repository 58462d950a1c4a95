"""The phases that kills are aimed at are told by what a night really asks of the database."""

import re

import pytest
from django.db import connection
from django.utils import timezone

from health import generations
from health.models import RecomputeRun
from health.presence import Presence
from tests.factories import RunFactory
from tests.faults.phases import CLEARING, EXCHANGE, INDEXES, RESTART, SAID, Watch
from tests.faults.processes import wait_until
from tests.health.story import bad_offer, market

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite writes rows in place, by one process"
    ),
]


def test_i4_4_a_night_says_to_the_database_in_which_phase_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "WORTH_IT", 0)
    monkeypatch.setattr(generations, "_SHARE", 0)
    made, seen = market(), list[str]()
    bad_offer(made)
    made.nights(1)

    def note(*statements: str) -> None:
        for statement in statements:
            found = (phase for phase, told in SAID.items() if re.search(told, statement))
            seen.extend(phase for phase in found if [phase] != seen[-1:])
            run(statement)

    run = generations._run
    monkeypatch.setattr(generations, "_run", note)
    made.nights(1)
    assert seen == [INDEXES, EXCHANGE]


def test_i4_4_the_watch_tells_runs_at_work_and_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch("US")
    assert watch.look() == ("", (), "")
    run = RunFactory(phase="judging, 2 of 7 shards", marketplace__code="US")
    look = watch.look()
    assert (look.phase, look.told) == ("judging", "US: judging, 2 of 7 shards")
    assert Watch("CA").look().phase == ""
    with Presence.of(run.marketplace):
        assert watch.look().phase == "judging"
        RecomputeRun.objects.update(state="succeeded", finished_at=timezone.now())
        assert watch.look().phase == CLEARING
    wait_until(lambda: watch.look().phase == "", "the leader's end")
    watch.close()
    monkeypatch.setattr(
        connection, "get_connection_params", lambda: {"dbname": "nowhere", "host": "/nowhere"}
    )
    assert watch.look().phase == RESTART
