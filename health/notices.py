"""What a night tells sellers of their offers besides closures: at risk, and recovered (PRODUCT D9).

Closures and lifts write their notices where they are made (`closures.py`, `actions.py`). A night's notices
are written in its own transaction and by few queries, however many offers it has; the same date computed
twice writes them once. A notice that was written stays as it is.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from health.candidates import AT_RISK_NIGHTS
from health.closures import ONE_DAY, moment_of
from health.findings import Told
from health.models import Notification, NotificationKind, OfferHealth
from health.result import NightResult
from health.state import nights_before
from offers import bulk
from offers.lifecycle import Status
from offers.models import Offer

_PIECE: Final = 500
_COLUMNS: Final = ("seller_id", "marketplace_id", "offer_id", "kind", "on", "evidence", "email", "created_at")


def notify_night(result: NightResult, newest: date) -> int:
    """Write what a night has to tell of its offers. Returns how many notices are new.

    Runs inside the transaction that publishes the night, after its rows were written: an offer that was
    closed tonight is not LIVE any more. `newest` is yesterday: older nights send no e-mail.
    """
    return _write(result, newest, NotificationKind.AT_RISK, _at_risk(result)) + _write(
        result, newest, NotificationKind.RECOVERING, _recovered(result)
    )


def _write(result: NightResult, newest: date, kind: str, told: Iterable[Told]) -> int:
    """Notices of one kind about offers that have none of tonight."""
    on, marketplace = result.as_of + ONE_DAY, result.marketplace
    here = Notification.objects.filter(marketplace=marketplace, kind=kind, on=on)
    known = set(here.values_list("offer_id", flat=True))
    email = Notification.Email.PENDING if result.as_of >= newest else Notification.Email.NONE
    at = moment_of(marketplace, result.as_of, newest)
    rows = [
        (one.seller_id, marketplace.pk, one.offer_id, kind, on, one.evidence, email, at)
        for one in told
        if one.offer_id not in known
    ]
    return bulk.insert(Notification, _COLUMNS, rows)


def _recovered(result: NightResult) -> list[Told]:
    """LIVE offers that are shown Fair or better tonight for the first time since their relist."""
    found, well = result.findings.recovered, set[int]()
    for start in range(0, len(found), _PIECE):
        ids = [one.offer_id for one in found[start : start + _PIECE]]
        rows = OfferHealth.objects.filter(pk__in=ids, recovered_on=result.as_of, offer__status=Status.LIVE)
        well.update(rows.values_list("pk", flat=True))
    return [one for one in found if one.offer_id in well]


def _at_risk(result: NightResult) -> list[Told]:
    """Those whose spell began, are still LIVE, and were not told of this spell already.

    They may have been: data that came late may have moved the spell's nights.
    """
    found, live = result.findings.at_risk, set[int]()
    for start in range(0, len(found), _PIECE):
        ids = [one.offer_id for one in found[start : start + _PIECE]]
        live.update(Offer.objects.filter(pk__in=ids, status=Status.LIVE).values_list("pk", flat=True))
    told = _told_since(result) if live else set()
    return [one for one in found if one.offer_id in live and one.offer_id not in told]


def _told_since(result: NightResult) -> set[int | None]:
    nights = nights_before(result.marketplace, result.as_of, AT_RISK_NIGHTS - 1)
    told = Notification.objects.filter(
        marketplace=result.marketplace,
        kind=NotificationKind.AT_RISK,
        on__gt=nights[-1] + ONE_DAY,
        on__lte=result.as_of + ONE_DAY,
    )
    return set(told.values_list("offer_id", flat=True))
