"""Nights that are late: since when, and what was tried. One rule for pages, mail and monitors."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from health.models import HealthPolicy, Night, RecomputeRun
from health.runs import all_in_vain
from offers.models import Marketplace

GRACE: Final = timedelta(hours=1)
"""So long after its hour a night may take to come; then it is missing."""


@dataclass(frozen=True, slots=True)
class Late:
    """A marketplace whose night should be there.

    `due` is the newest missing date, `since` when it was to begin, `last` the last computed night; `failures`
    how many runs in a row failed or died, `run` the newest of them.
    """

    marketplace: Marketplace
    due: date
    since: datetime
    last: date | None
    failures: int
    run: RecomputeRun | None


def hour_of(marketplace: Marketplace, now: datetime) -> datetime:
    """The moment of today at which the marketplace's night begins, in its own zone."""
    today = now.astimezone(marketplace.zone).date()
    return datetime.combine(today, time(marketplace.recompute_hour), marketplace.zone)


def due_date(marketplace: Marketplace, now: datetime) -> date:
    """The newest night that should be there by `now`; one whose hour has just come is not missing yet."""
    begins = hour_of(marketplace, now)
    return begins.date() - timedelta(days=1 if now >= begins + GRACE else 2)


def late_nights(now: datetime | None = None) -> list[Late]:
    """The marketplaces with a policy whose newest due night is not computed, by code. Two queries at most.

    Before its first night a marketplace is late only when a night of it has failed.
    """
    moment = now or timezone.now()
    night = Night.objects.filter(marketplace=OuterRef("pk")).order_by("-as_of")
    active = HealthPolicy.objects.filter(state=HealthPolicy.State.ACTIVE).values("marketplace")
    known = Marketplace.objects.filter(pk__in=active).annotate(last=Subquery(night.values("as_of")[:1]))
    behind = [
        marketplace
        for marketplace in known.order_by("code")
        if marketplace.last is None or marketplace.last < due_date(marketplace, moment)
    ]
    failed = all_in_vain(behind) if behind else {}
    found = (_late(one, one.last, failed.get(one.pk, []), moment) for one in behind)
    return [late for late in found if late.last or late.run]


def _late(marketplace: Marketplace, last: date | None, failed: list[RecomputeRun], now: datetime) -> Late:
    due = due_date(marketplace, now)
    since = datetime.combine(due + timedelta(days=1), time(marketplace.recompute_hour), marketplace.zone)
    return Late(marketplace, due, since, last, len(failed), failed[0] if failed else None)
