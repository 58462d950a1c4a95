"""Bringing what was written just now to the moments at which it would have been written."""

from datetime import datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F

from health.models import Night, Notification, RecomputeRun
from offers import bulk
from offers.models import ListingRevision, Marketplace, OfferStatusChange

_RUNS_FOR: Final = timedelta(seconds=48)
_LISTED_AT: Final = time(12, 0)
_READ_AFTER: Final = timedelta(hours=7)
_UNREAD_DAYS: Final = 9
"""Notices younger than this are still unread."""


@transaction.atomic
def date_back(marketplace: Marketplace) -> None:
    """Give runs, notices, moves and first revisions of a replayed marketplace their own moments.

    The last night keeps the moment at which it was really computed.
    """
    _date_runs(marketplace)
    _date_notices(marketplace)
    OfferStatusChange.objects.filter(offer__marketplace=marketplace).update(recorded_at=F("at"))
    revisions = ListingRevision.objects.filter(offer__marketplace=marketplace, number=1)
    dates = revisions.values_list("pk", "offer__listed_on")
    moments = [(pk, datetime.combine(on, _LISTED_AT, marketplace.zone)) for pk, on in dates if on]
    bulk.update(ListingRevision, ["id"], ["id", "at"], moments)


def _date_runs(marketplace: Marketplace) -> None:
    nights = list(Night.objects.filter(marketplace=marketplace).order_by("-as_of")[1:])
    for night in nights:
        job = datetime.combine(night.as_of, time(marketplace.recompute_hour, 2), marketplace.zone)
        started = job + timedelta(days=1)
        night.computed_at = finished = started + _RUNS_FOR
        RecomputeRun.objects.filter(marketplace=marketplace, as_of=night.as_of).update(
            started_at=started, heartbeat_at=finished, finished_at=finished
        )
    Night.objects.bulk_update(nights, ["computed_at"], batch_size=200)


def _date_notices(marketplace: Marketplace) -> None:
    notices = list(Notification.objects.filter(marketplace=marketplace).select_related("status_change"))
    newest = max((notice.on for notice in notices), default=None)
    for notice in notices:
        if notice.status_change is not None:  # those of a night without a move carry their own moment
            notice.created_at = notice.status_change.at
        if newest and (newest - notice.on).days >= _UNREAD_DAYS:
            notice.read_at = notice.created_at + _READ_AFTER
    Notification.objects.bulk_update(notices, ["created_at", "read_at"], batch_size=200)
