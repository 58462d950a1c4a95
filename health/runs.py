"""Runs of the nightly job: one at a time per marketplace, visible while they run, taken over when dead."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Final
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from health.models import RecomputeRun
from offers.models import Marketplace

# Each phase of a night takes seconds: a run that has been silent this long has died.
LEASE: Final = timedelta(minutes=15)
TRIES: Final = 3
"""So many runs in a row may fail before the schedule waits in between, and operators are to be told."""
LATER: Final = timedelta(hours=1)
_ENDED_BADLY: Final = (RecomputeRun.State.FAILED, RecomputeRun.State.ABANDONED)


class RunInProgress(Exception):
    """Another run of this marketplace is at work: wait until it has ended."""


class RunLost(Exception):
    """This run was silent for too long and another took its place: it must not publish."""


def running(marketplace: Marketplace) -> RecomputeRun | None:
    """The run that is at work now; one that has been silent for too long is none."""
    runs = RecomputeRun.objects.filter(marketplace=marketplace, state=RecomputeRun.State.RUNNING)
    return runs.filter(heartbeat_at__gte=timezone.now() - LEASE).first()


def open_run(
    marketplace: Marketplace,
    as_of: date,
    trigger: str,
    by: AbstractBaseUser | None = None,
    *,
    alone: bool = False,
) -> RecomputeRun:
    """Start a run, after ending one that died. Raises RunInProgress while another lives.

    alone: it is known that nobody else is at work (`presence.py`); else a run is dead when its lease is over.
    """
    now = timezone.now()
    left = RecomputeRun.objects.filter(marketplace=marketplace, state=RecomputeRun.State.RUNNING)
    for run in left if alone else left.filter(heartbeat_at__lt=now - LEASE):
        _abandon(run, now)
    try:
        with transaction.atomic():
            return RecomputeRun.objects.create(
                marketplace=marketplace,
                as_of=as_of,
                trigger=trigger,
                by=by,  # type: ignore[misc]  # the settings name the user model
                token=uuid4(),
                phase="start",
                started_at=now,
                heartbeat_at=now,
            )
    except IntegrityError as error:
        raise RunInProgress(
            f"A run of {marketplace.code} is at work. Try again when it has ended."
        ) from error


def _abandon(run: RecomputeRun, now: datetime) -> None:
    said = (
        f"The process that computed it ended without a word in the phase '{run.phase}'. It was last heard of "
        f"at {run.heartbeat_at:%Y-%m-%d %H:%M:%S} UTC. Nothing of the night was published."
    )
    RecomputeRun.objects.filter(pk=run.pk, state=RecomputeRun.State.RUNNING).update(
        state=RecomputeRun.State.ABANDONED, finished_at=now, error=said
    )


def in_vain(marketplace: Marketplace) -> list[RecomputeRun]:
    """The runs, newest first, that failed or died since the last that succeeded."""
    return all_in_vain([marketplace]).get(marketplace.pk, [])


def all_in_vain(marketplaces: Sequence[Marketplace]) -> dict[int, list[RecomputeRun]]:
    """`in_vain` of several marketplaces, by their ids, by one query; those without such runs are left out."""
    bad = RecomputeRun.objects.filter(marketplace__in=marketplaces, state__in=_ENDED_BADLY)
    found: dict[int, list[RecomputeRun]] = {}
    for run in bad.filter(~Exists(later_success())).order_by("-started_at", "-pk"):
        found.setdefault(run.marketplace_id, []).append(run)
    return found


def later_success() -> QuerySet[RecomputeRun]:
    """Of each run of a query: the runs of its marketplace that began after it and succeeded."""
    return RecomputeRun.objects.filter(
        marketplace=OuterRef("marketplace"),
        state=RecomputeRun.State.SUCCEEDED,
        started_at__gt=OuterRef("started_at"),
    )


def may_try_again(marketplace: Marketplace) -> bool:
    """Whether the schedule may start a run: at once after the first failures, then once an hour."""
    failed = in_vain(marketplace)
    if len(failed) < TRIES:
        return True
    return (failed[0].finished_at or failed[0].started_at) <= timezone.now() - LATER


def beat(run: RecomputeRun, phase: str) -> None:
    """Say that the run lives, and where it is. Raises RunLost when another run has taken over."""
    mine = RecomputeRun.objects.filter(pk=run.pk, token=run.token, state=RecomputeRun.State.RUNNING)
    if not mine.update(phase=phase, heartbeat_at=timezone.now()):
        raise RunLost(f"Run {run.pk} was taken over.")


def close_run(run: RecomputeRun, *, counts: dict[str, int], closures: int) -> None:
    """End a run well. Inside the transaction that publishes: both happen or neither."""
    mine = RecomputeRun.objects.filter(pk=run.pk, token=run.token, state=RecomputeRun.State.RUNNING)
    now = timezone.now()
    ended = mine.update(
        state=RecomputeRun.State.SUCCEEDED,
        phase="",
        counts=counts,
        closures=closures,
        finished_at=now,
        heartbeat_at=now,
    )
    if not ended:
        raise RunLost(f"Run {run.pk} was taken over.")


@contextmanager
def failing_well(run: RecomputeRun) -> Iterator[None]:
    """Whatever goes wrong inside is written to the run, then raised on."""
    try:
        yield
    except Exception as error:
        now = timezone.now()
        said = f"{type(error).__name__}: {error}"[:2000]
        # The database itself may be what went wrong: then the next run finds this one dead.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        with suppress(DatabaseError):
            RecomputeRun.objects.filter(pk=run.pk, token=run.token, state=RecomputeRun.State.RUNNING).update(
                state=RecomputeRun.State.FAILED, error=said, finished_at=now, heartbeat_at=now
            )
        raise
