"""Managers are told by e-mail of a night that doesn't come: once for each date, however often it is tried."""

from contextlib import nullcontext
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.mail import mail_managers
from django.db import connection, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from health.lateness import Late, late_nights
from health.models import HealthPolicy, LateNight, RecomputeRun
from health.policy import Policy

_SAID: Final = """\
{marketplace}: the night of {due} is not computed. It should have begun on {since:%d %b %Y at %H:%M} ({zone}).

{tried}
Sellers see the numbers of {last} and that newer ones are missing. Orders and feedback come in as ever, and \
once the cause is gone the missing nights are computed in order, at most {most}.

What to do: {advice}
"""


def tell_managers(now: datetime | None = None) -> int:
    """Tell of each late night that nobody was told of; returns how many. What isn't sent is tried again."""
    moment = now or timezone.now()
    return sum(_tell(late, moment) for late in late_nights(moment))


def _tell(late: Late, now: datetime) -> bool:
    """Tell of one, holding its row meanwhile; on SQLite nothing, or nobody could write until it is sent."""
    with transaction.atomic() if connection.features.has_select_for_update else nullcontext():
        LateNight.objects.bulk_create(
            [LateNight(marketplace=late.marketplace, as_of=late.due)], ignore_conflicts=True
        )
        untold = LateNight.objects.filter(marketplace=late.marketplace, as_of=late.due, told_at=None)
        row = untold.select_for_update(of=("self",)).first()
        if row is None:
            return False
        mail_managers(f"{late.marketplace.code}: the night of {late.due} is missing", _words(late))
        untold.filter(pk=row.pk).update(told_at=now)
        return True


def _words(late: Late) -> str:
    run = late.run
    return _SAID.format(
        marketplace=late.marketplace,
        due=late.due,
        since=late.since,
        zone=late.marketplace.time_zone,
        tried=_tried(late, run),
        last=late.last or "no night yet",
        most=_policy(late).max_missed_nights,
        advice=advice(run.error if run else None),
    )


def _policy(late: Late) -> Policy:
    """The active one's numbers: without one no night is late."""
    return HealthPolicy.objects.get(marketplace=late.marketplace, state=HealthPolicy.State.ACTIVE).policy


def _tried(late: Late, run: RecomputeRun | None) -> str:
    if run is None:
        return "No attempt was made.\n"
    times = "once" if late.failures == 1 else f"{late.failures} times"
    return f"It was tried {times}. The last attempt: {run.error}\n{settings.SITE_URL}{_address(run)}\n"


def _address(run: RecomputeRun) -> str:
    try:
        return reverse("admin:health_recomputerun_change", args=[run.pk])
    except NoReverseMatch:
        return ""


def advice(error: str | None) -> str:
    """What an operator does about a run's error; None where none was even started."""
    if error is None:
        return "see that the clock (beat) and a worker are running; both write a log."
    for mark, said in _ADVICE:
        if mark in error:
            return said
    return (
        "the worker's log of that moment has the whole story. Once the cause is gone, choose Recompute now "
        "on the marketplace, or wait for the clock."
    )


_IF_IT_DIED: Final = (
    "nothing, unless it dies again: nothing of it was kept, and the night is computed anew. If it does, "
    "look for the end of the worker in the system's log; too little memory is the usual cause, a night "
    "longer than its time limit another."
)
_ADVICE: Final = (
    ("ended without a word", _IF_IT_DIED),
    ("No space left", "make room on the database's disk; a night needs the grid's table twice for a time."),
    ("DiskFull", "make room on the database's disk; a night needs the grid's table twice for a time."),
    ("MemoryError", "give the worker more memory, or let it compute fewer marketplaces at once."),
    (
        "TimeLimitExceeded",
        "see why the night took longer than its limit: the database's load, or its plans.",
    ),
    ("OperationalError", "see whether the database was away or full; the night is tried again by itself."),
    ("InterfaceError", "see whether the database was away or full; the night is tried again by itself."),
)
