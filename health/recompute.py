"""One night, end to end: read, judge, close, publish. And the order in which nights are computed."""

import logging
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from feedback.actions import rejudge
from health import generations
from health.closures import Closed, close_due
from health.judge import Judged, judge_night
from health.models import HealthPolicy, Night, RecomputeRun
from health.notices import notify_night
from health.policy import Policy
from health.publishing import place_moved_since, write_history, write_night, write_rows
from health.reading import snapshot
from health.runs import beat, close_run, failing_well, open_run
from health.weekly import summarize_week
from offers.models import Marketplace

logger = logging.getLogger(__name__)
ONE_DAY: Final = timedelta(days=1)


class DateRefused(ValueError):
    """The date can't be computed; the message says which could."""


def yesterday(marketplace: Marketplace) -> date:
    """The last whole day in the marketplace's zone: the newest date that can be computed."""
    return timezone.now().astimezone(marketplace.zone).date() - ONE_DAY


def last_night(marketplace: Marketplace) -> date | None:
    """The last computed as-of date."""
    nights = Night.objects.filter(marketplace=marketplace).order_by("-as_of")
    return nights.values_list("as_of", flat=True).first()


def active_policy(marketplace: Marketplace) -> HealthPolicy:
    """The active policy version. Raises DateRefused where there is none."""
    found = HealthPolicy.objects.filter(marketplace=marketplace, state=HealthPolicy.State.ACTIVE).first()
    if found is None:
        raise DateRefused(f"{marketplace.code} has no active policy. Activate one first.")
    return found


def check_date(marketplace: Marketplace, as_of: date) -> None:
    """Refuse a period that ends in the future or before the last computed night."""
    newest, last = yesterday(marketplace), last_night(marketplace)
    if as_of > newest:
        raise DateRefused(
            f"{as_of} is not over yet in {marketplace.code} ({marketplace.time_zone}). "
            f"The newest date that can be computed is {newest}."
        )
    if last and as_of < last:
        nights = (last - as_of).days + 1
        raise DateRefused(
            f"{as_of} is before the last computed night, {last}. An earlier date is computed only as part "
            f"of a period that ends at {last} or later: --as-of {last} --nights {nights}."
        )


def due_dates(marketplace: Marketplace, policy: Policy) -> list[date]:
    """The missed dates up to yesterday, oldest first, the newest `max_missed_nights` of them.

    Before the first night there is nothing to catch up with: yesterday alone.
    """
    newest, last = yesterday(marketplace), last_night(marketplace)
    if last is None:
        return [newest]
    first = max(last + ONE_DAY, newest - (policy.max_missed_nights - 1) * ONE_DAY)
    return list(_dates(first, newest))


def _dates(first: date, last: date) -> Iterator[date]:
    for day in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(day)


def recompute_period(
    marketplace: Marketplace,
    as_of: date,
    nights: int = 1,
    *,
    trigger: str = RecomputeRun.Trigger.COMMAND,
    by: AbstractBaseUser | None = None,
    progress: Callable[[Night], None] | None = None,
) -> list[Night]:
    """Compute `nights` dates that end with `as_of`, oldest first, each from the state before it.

    Raises DateRefused, RunInProgress, or what went wrong in a night (the nights before it stay).
    """
    check_date(marketplace, as_of)
    done = []
    for day in _dates(as_of - (nights - 1) * ONE_DAY, as_of):
        done.append(recompute_night(marketplace, day, trigger=trigger, by=by))
        if progress:
            progress(done[-1])
    return done


def recompute_due(marketplace: Marketplace) -> list[Night]:
    """The scheduled job: compute every missed date."""
    days = due_dates(marketplace, active_policy(marketplace).policy)
    return [recompute_night(marketplace, day, trigger=RecomputeRun.Trigger.SCHEDULE) for day in days]


def dates_asked_for(marketplace: Marketplace) -> list[date]:
    """What an operator's button computes: the missed dates or, when none is missed, the newest one again."""
    return due_dates(marketplace, active_policy(marketplace).policy) or [yesterday(marketplace)]


def recompute_asked_for(marketplace: Marketplace, by: AbstractBaseUser) -> list[Night]:
    """Compute `dates_asked_for`."""
    days = dates_asked_for(marketplace)
    return recompute_period(marketplace, days[-1], len(days), trigger=RecomputeRun.Trigger.OPERATOR, by=by)


def recompute_night(
    marketplace: Marketplace, as_of: date, *, trigger: str, by: AbstractBaseUser | None = None
) -> Night:
    """Compute one night. Until it is published, in one transaction, nothing of it is visible."""
    policy_row = active_policy(marketplace)
    run = open_run(marketplace, as_of, trigger, by)
    with failing_well(run):
        beat(run, "judging feedback")
        rejudge(marketplace)
        beat(run, "counting and comparing")
        with snapshot():
            judged = judge_night(marketplace, policy_row, as_of)
        beat(run, "publishing")
        return _publish(run, judged)


def _publish(run: RecomputeRun, judged: Judged) -> Night:
    """By a new generation of the grid's table where that is faster, else in place: the same rows."""
    if generations.pays(judged):
        try:
            with generations.Generation.built(judged) as generation:
                return _publish_beside(run, judged, generation)
        except generations.NotSwapped as why:
            logger.warning("%s Its rows are written in place.", why)
    return _publish_in_place(run, judged)


# Both write offers before their rows in the grid: everybody who moves an offer locks in this order.


@transaction.atomic
def _publish_in_place(run: RecomputeRun, judged: Judged) -> Night:
    newest = yesterday(judged.marketplace)
    closed = close_due(judged, newest)
    write_history(judged)
    write_rows(judged)
    notify_night(judged, newest)
    return _end(run, judged, closed, newest)


@transaction.atomic
def _publish_beside(run: RecomputeRun, judged: Judged, generation: generations.Generation) -> Night:
    newest = yesterday(judged.marketplace)
    generation.read_from_here()
    closed = close_due(judged, newest)
    write_history(judged)
    notify_night(judged, newest)

    def end() -> Night:
        # No transaction lasts a day: what was moved since the night was read is among these.
        place_moved_since(run.started_at - ONE_DAY)
        return _end(run, judged, closed, newest)

    return generation.put_in_place(end)


def _end(run: RecomputeRun, judged: Judged, closed: Closed, newest: date) -> Night:
    night = write_night(judged, closed)
    summarize_week(judged, newest)
    close_run(run, counts=night.counts, closures=closed.made)
    return night
