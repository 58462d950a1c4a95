"""A night that can't be computed: who is told, how often, and what keeps quiet (issue 4, requirement 4)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings
from time_machine import travel

from health.late_mail import advice, tell_managers
from health.lateness import GRACE, late_nights
from health.models import LateNight, RecomputeRun
from health.tasks import recompute_marketplace
from offers.models import Marketplace
from tests.factories import MarketplaceFactory, NightFactory, PolicyFactory, RunFactory
from tests.pages.people import operator
from vocdash.tasks import tell_of_late_nights

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 20)
HOUR = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""03:00 in New York, when the night of the 21st begins."""
LATER = HOUR + GRACE
State = RecomputeRun.State


@pytest.fixture(autouse=True)
def _managers(settings: Settings) -> Iterator[None]:
    settings.MANAGERS = [("", "night@voc.example")]
    with travel(LATER, tick=False):
        yield


@pytest.fixture
def marketplace() -> Marketplace:
    made = MarketplaceFactory()
    NightFactory(policy=PolicyFactory(marketplace=made), as_of=LAST)
    return made


def fail(marketplace: Marketplace, times: int = 1, error: str = "OSError: No space left on device") -> Any:
    runs = [
        RunFactory(
            marketplace=marketplace, state=State.FAILED, as_of=LAST + timedelta(days=1), error=error,
            started_at=HOUR + timedelta(minutes=number), finished_at=HOUR + timedelta(minutes=number),
        )
        for number in range(times)
    ]  # fmt: skip
    return runs[-1]


def test_i4_4_a_night_is_late_an_hour_after_its_hour_and_not_before(marketplace: Marketplace) -> None:
    assert late_nights(LATER - timedelta(seconds=1)) == []
    (late,) = late_nights(LATER)
    assert (late.due, late.last, late.since, late.failures, late.run) == (
        date(2026, 11, 21),
        LAST,
        HOUR,
        0,
        None,
    )


def test_i4_4_a_marketplace_without_a_policy_or_before_its_first_night_is_not_late() -> None:
    MarketplaceFactory(code="DE")
    new = MarketplaceFactory(code="JP")
    PolicyFactory(marketplace=new)
    assert late_nights() == []
    fail(new)
    assert [late.marketplace for late in late_nights()] == [new]


def test_i4_4_failures_are_counted_since_the_last_success_whoever_asked(marketplace: Marketplace) -> None:
    for hours, state in enumerate((State.FAILED, State.SUCCEEDED)):
        ended = HOUR - timedelta(hours=24 - hours)
        error = "broken" if state == State.FAILED else ""
        RunFactory(marketplace=marketplace, state=state, started_at=ended, finished_at=ended, error=error)
    run = fail(marketplace, 2)
    (late,) = late_nights()
    assert (late.failures, late.run) == (2, run)


def test_i4_4_managers_are_told_once_for_a_date_however_often_it_fails(marketplace: Marketplace) -> None:
    run = fail(marketplace, 3)
    assert tell_of_late_nights.apply().get() == 1
    fail(marketplace, 5)
    assert [tell_managers(LATER + timedelta(hours=hours)) for hours in (1, 2, 20)] == [0, 0, 0]
    (message,) = mail.outbox
    assert message.to == ["night@voc.example"]
    assert "US: the night of 2026-11-21 is missing" in message.subject
    assert "It was tried 3 times. The last attempt: OSError: No space left on device\n" in message.body
    assert reverse("admin:health_recomputerun_change", args=[run.pk]) in message.body
    assert "make room on the database's disk" in message.body
    assert tell_managers(LATER + timedelta(days=1)) == 1  # the next date


def test_i4_4_what_could_not_be_sent_is_sent_the_next_time(
    marketplace: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: object) -> None:
        raise OSError("no route to the mail server")

    with monkeypatch.context() as patched:
        patched.setattr("health.late_mail.mail_managers", refused)
        with pytest.raises(OSError, match="no route"):
            tell_managers()
    assert not LateNight.objects.filter(told_at__isnull=False).exists()
    assert tell_managers() == 1
    assert len(mail.outbox) == 1


def test_i4_4_the_mail_says_how_many_nights_are_made_up_for() -> None:
    policy = PolicyFactory(numbers={"max_missed_nights": 3})
    NightFactory(policy=policy, as_of=LAST)
    tell_managers()
    assert "are computed in order, at most 3." in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_i4_4_a_slow_mail_server_keeps_nobody_from_writing_on_sqlite(
    marketplace: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding: list[bool] = []
    monkeypatch.setattr(
        "health.late_mail.mail_managers", lambda *_args: holding.append(connection.in_atomic_block)
    )
    assert [tell_managers(), tell_managers()] == [1, 0]
    assert holding == [connection.vendor == "postgresql"]  # there it is one row that nobody else needs


def test_i4_4_a_night_that_nobody_tried_points_at_the_clock(marketplace: Marketplace) -> None:
    assert tell_managers() == 1
    assert "No attempt was made." in mail.outbox[0].body
    assert "the clock (beat) and a worker" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("DiskFull: could not extend file", "make room"),
        ("OperationalError: server closed the connection", "the database was away"),
        ("The process that computed it ended without a word in the phase 'counting'.", "memory"),
        ("KeyError: 'x'", "the worker's log"),
        (None, "the clock (beat)"),
    ],
)
def test_i4_4_every_error_has_an_advice(error: str | None, said: str) -> None:
    assert said in advice(error)


def test_i4_4_operators_see_a_banner_in_the_administration_with_the_run_and_what_to_do(
    marketplace: Marketplace,
) -> None:
    run = fail(marketplace, 2)
    who = operator()
    who.user.is_superuser = True
    who.user.save()
    page = who.client.get(reverse("admin:index")).content.decode()
    address = reverse("admin:health_recomputerun_change", args=[run.pk])
    assert "US: the night of 21 Nov 2026 is missing." in page.replace("\xa0", " ").replace("&nbsp;", " ")
    assert "It was tried 2 times in a row, in vain." in page
    assert address in page
    shown = who.client.get(address).content.decode()
    assert "No space left on device" in shown
    assert "make room on the database&#x27;s disk" in shown


def test_i4_4_whoever_may_not_see_runs_sees_no_banner(marketplace: Marketplace) -> None:
    fail(marketplace)
    assert "is missing" not in operator().client.get(reverse("admin:index")).content.decode()


def test_i4_4_monitors_see_that_a_night_is_late_and_no_more_of_it(
    marketplace: Marketplace, client: Client
) -> None:
    fail(marketplace, 2)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["nights"]) == (200, "late: 1, failed attempts: 2")


def test_i4_4_a_night_that_killed_its_workers_is_not_tried_each_time_the_queue_gives_it_out(
    marketplace: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def noted(market: Marketplace, _help: object) -> list[Any]:
        tried.append(market.code)
        return []

    monkeypatch.setattr("health.tasks.recompute_due", noted)
    fail(marketplace, 2)
    recompute_marketplace.apply(args=("US",)).get()
    assert tried == ["US"]
    RecomputeRun.objects.update(finished_at=LATER)
    fail(marketplace, 1)
    RecomputeRun.objects.update(finished_at=LATER)
    recompute_marketplace.apply(args=("US",)).get()
    assert tried == ["US"]
