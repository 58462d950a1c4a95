"""Nights that are late: since when, what was tried, when it is tried again. One rule for pages, mail and monitors."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from health.models import HealthPolicy, Night, RecomputeRun
from offers.models import Marketplace

GRACE: Final = timedelta(hours=1)
"""So long after its hour a night may take to come: the clock looks once an hour, a large night takes minutes."""
SILENT: Final = timedelta(minutes=15)
"""A run that says it is at work and has said nothing for so long has died."""
PAUSES: Final = tuple(timedelta(hours=hours) for hours in (0, 0, 2, 4, 8))
"""From the start of a failed attempt to the next: by the number of failed attempts, the last for all further."""
_CLOCK: Final = timedelta(minutes=10)
"""The clock doesn't strike to the second: an attempt that is nearly due is due."""
_ENDED_BADLY: Final = (RecomputeRun.State.FAILED, RecomputeRun.State.ABANDONED)


@dataclass(frozen=True, slots=True)
class Late:
    """A marketplace whose night should be there: `due` is the newest missing date, `since` when it was to begin.

    `last` is the last computed night, `failures` how many attempts ended badly since, `run` the newest of them.
    """

    marketplace: Marketplace
    due: date
    since: datetime
    last: date | None
    failures: int
    run: int | None


def hour_of(marketplace: Marketplace, now: datetime) -> datetime:
    """The moment of today at which the marketplace's night begins, in its own zone."""
    today = now.astimezone(marketplace.zone).date()
    return datetime.combine(today, time(marketplace.recompute_hour), marketplace.zone)


def due_date(marketplace: Marketplace, now: datetime) -> date:
    """The newest night that should be there by `now`; one whose hour has just come is not missing yet."""
    begins = hour_of(marketplace, now)
    return begins.date() - timedelta(days=1 if now >= begins + GRACE else 2)


def late_nights(now: datetime | None = None) -> list[Late]:
    """The marketplaces with a policy whose newest due night is not computed, by code.

    Before its first night a marketplace is late only when a night of it has failed.
    """
    moment = now or timezone.now()
    night = Night.objects.filter(marketplace=OuterRef("pk")).order_by("-as_of")
    active = HealthPolicy.objects.filter(state=HealthPolicy.State.ACTIVE).values("marketplace")
    known = Marketplace.objects.filter(pk__in=active).annotate(last=Subquery(night.values("as_of")[:1]))
    late = [_late(marketplace, marketplace.last, moment) for marketplace in known.order_by("code")]
    return [one for one in late if one]


def _late(marketplace: Marketplace, last: date | None, now: datetime) -> Late | None:
    due = due_date(marketplace, now)
    if last and last >= due:
        return None
    failed = _failed(marketplace, last, now)
    if not last and not failed:
        return None
    since = datetime.combine(due + timedelta(days=1), time(marketplace.recompute_hour), marketplace.zone)
    return Late(marketplace, due, since, last, len(failed), failed[0][0] if failed else None)


def _failed(marketplace: Marketplace, last: date | None, now: datetime) -> list[tuple[int, datetime]]:
    """The attempts at the first missing night that ended badly, or died, newest first: id and start."""
    runs = RecomputeRun.objects.filter(marketplace=marketplace, trigger=RecomputeRun.Trigger.SCHEDULE)
    dead = Q(state=RecomputeRun.State.RUNNING, heartbeat_at__lt=now - SILENT)
    bad = runs.filter(Q(state__in=_ENDED_BADLY) | dead)
    if last:
        bad = bad.filter(as_of__gt=last)
    return list(bad.order_by("-started_at", "-pk").values_list("pk", "started_at")[: len(PAUSES) * 4])


def rests_until(marketplace: Marketplace, last: date | None, now: datetime) -> datetime | None:
    """Until when the clock lets a night rest that failed again and again; None when it may be tried now.

    An operator who asks for the night is not held up by this.
    """
    failed = _failed(marketplace, last, now)
    if not failed:
        return None
    until = failed[0][1] + PAUSES[min(len(failed), len(PAUSES)) - 1]
    return until if now < until - _CLOCK else None
