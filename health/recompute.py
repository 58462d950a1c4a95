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
from health.crew import Crew, Summon, alone
from health.grid_ends import keep_ends
from health.models import HealthPolicy, Night, RecomputeRun
from health.notices import notify_night
from health.policy import Policy
from health.presence import NoConnection, Occupied, Presence
from health.publishing import place_moved_since, write_history, write_night, write_rows
from health.result import NightResult
from health.runs import RunInProgress, close_run, failing_well, open_run
from health.stages import Stage
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
    summon: Summon = alone,
) -> list[Night]:
    """Compute `nights` dates that end with `as_of`, oldest first, each from the state before it.

    Raises DateRefused, RunInProgress, or what went wrong in a night (the nights before it stay).
    """
    check_date(marketplace, as_of)
    done = []
    for day in _dates(as_of - (nights - 1) * ONE_DAY, as_of):
        done.append(recompute_night(marketplace, day, trigger=trigger, by=by, summon=summon))
        if progress:
            progress(done[-1])
    return done


def newest_due(marketplace: Marketplace) -> date:
    """The newest date that the schedule has to compute by now: before its hour that is not yesterday yet."""
    has_begun = timezone.now().astimezone(marketplace.zone).hour >= marketplace.recompute_hour
    return yesterday(marketplace) - (0 if has_begun else 1) * ONE_DAY


def recompute_due(marketplace: Marketplace, summon: Summon = alone) -> list[Night]:
    """The scheduled job: compute every missed date that is due."""
    newest = newest_due(marketplace)
    days = [day for day in due_dates(marketplace, active_policy(marketplace).policy) if day <= newest]
    trigger = RecomputeRun.Trigger.SCHEDULE
    return [recompute_night(marketplace, day, trigger=trigger, summon=summon) for day in days]


def dates_asked_for(marketplace: Marketplace) -> list[date]:
    """What an operator's button computes: the missed dates or, when none is missed, the newest one again."""
    return due_dates(marketplace, active_policy(marketplace).policy) or [yesterday(marketplace)]


def recompute_asked_for(
    marketplace: Marketplace, by: AbstractBaseUser, summon: Summon = alone
) -> list[Night]:
    """Compute `dates_asked_for`."""
    days, trigger = dates_asked_for(marketplace), RecomputeRun.Trigger.OPERATOR
    return recompute_period(marketplace, days[-1], len(days), trigger=trigger, by=by, summon=summon)


def recompute_night(
    marketplace: Marketplace,
    as_of: date,
    *,
    trigger: str,
    by: AbstractBaseUser | None = None,
    summon: Summon = alone,
) -> Night:
    """Compute one night. Until it is published, in one transaction, nothing of it is visible.

    summon: asks others for help with a run.
    """
    policy = active_policy(marketplace)
    try:
        with Presence.of(marketplace) as presence:
            run = open_run(marketplace, as_of, trigger, by, alone=presence is not None)
            with failing_well(run):
                night = _compute(Crew(run, policy, presence, summon))
    except Occupied as error:
        raise RunInProgress(f"{error} Try again when it has ended.") from error
    except NoConnection:
        with failing_well(open_run(marketplace, as_of, trigger, by)):
            raise
    keep_ends(marketplace)
    return night


def _compute(crew: Crew) -> Night:
    crew.beat("judging feedback")
    rejudge(crew.run.marketplace)
    with crew.judged() as (result, stage, generation):
        crew.beat("publishing")
        return _publish(crew.run, result, stage, generation)


def _publish(
    run: RecomputeRun, result: NightResult, stage: Stage, generation: generations.Generation | None
) -> Night:
    """By a new generation of the grid's table where that is faster, else in place: the same rows."""
    if generation:
        try:
            generation.complete()
            return _publish_beside(run, result, stage, generation)
        except generations.NotSwapped as why:
            logger.warning("%s Its rows are written in place.", why)
    return _publish_in_place(run, result, stage)


# Both write offers before their rows in the grid: everybody who moves an offer locks in this order.


@transaction.atomic
def _publish_in_place(run: RecomputeRun, result: NightResult, stage: Stage) -> Night:
    newest = yesterday(result.marketplace)
    closed = close_due(result, newest)
    write_history(result, stage)
    write_rows(result, stage)
    notify_night(result, newest)
    return _end(run, result, closed, newest)


@transaction.atomic
def _publish_beside(
    run: RecomputeRun, result: NightResult, stage: Stage, generation: generations.Generation
) -> Night:
    newest = yesterday(result.marketplace)
    write_history(result, stage)
    generation.completed()
    generation.read_from_here()
    closed = close_due(result, newest)
    notify_night(result, newest)

    def end() -> Night:
        # No transaction lasts a day: what was moved since the night was read is among these.
        place_moved_since(run.started_at - ONE_DAY)
        return _end(run, result, closed, newest)

    return generation.put_in_place(end)


def _end(run: RecomputeRun, result: NightResult, closed: Closed, newest: date) -> Night:
    night = write_night(result, closed)
    summarize_week(result, newest)
    close_run(run, counts=night.counts, closures=closed.made)
    return night
