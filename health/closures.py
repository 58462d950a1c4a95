"""Closing offers after a night (METHOD 6): who is closed, who waits for an operator, with what evidence."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
from django.core.mail import mail_managers
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from health.closing import breaker_limit
from health.evidence import closure_evidence
from health.judge import Judged
from health.models import ClosureHold, Night, Notification, NotificationKind
from offers.actions import MoveRefused, move
from offers.lifecycle import Move, Status
from offers.models import Marketplace, OfferStatusChange

logger = logging.getLogger(__name__)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Closed:
    """What a night's closing did. on_this_night counts those of an earlier computation of it too."""

    made: int
    on_this_night: int
    breaker_tripped: bool


def close_due(judged: Judged, newest: date) -> Closed:
    """Close what is due, or hold it back. `newest` is yesterday: older nights send no e-mail.

    Runs inside the transaction that publishes the night, before the rows are written.
    """
    marketplace, as_of = judged.marketplace, judged.as_of
    ClosureHold.objects.filter(
        marketplace=marketplace, state=ClosureHold.State.OPEN, as_of__gte=as_of
    ).delete()
    waiting = _still_waiting(marketplace)
    already = _closed_on(marketplace, as_of)
    if waiting.filter(cause=ClosureHold.Cause.BREAKER).exists():
        return Closed(0, already, breaker_tripped=False)
    held = set(waiting.values_list("offer_id", flat=True))
    due = [row for row in due_rows(judged) if int(judged.roster.offer_id[row]) not in held]
    without = [row for row in due if judged.clusters[row].held]
    _hold(judged, without, ClosureHold.Cause.CUSTOMERS)
    due = [row for row in due if not judged.clusters[row].held]
    if already + len(due) > breaker_limit(_closures_before(judged), judged.policy):
        _hold(judged, due, ClosureHold.Cause.BREAKER)
        _alert(judged, len(due))
        return Closed(0, already, breaker_tripped=True)
    made = sum(_close(judged, row, newest) for row in due)
    return Closed(made, already + made, breaker_tripped=False)


def _still_waiting(marketplace: Marketplace) -> QuerySet[ClosureHold]:
    """The open holds. One whose offer was closed by hand or deleted meanwhile has nothing left to decide."""
    waiting = ClosureHold.objects.filter(marketplace=marketplace, state=ClosureHold.State.OPEN)
    waiting.exclude(offer__status=Status.LIVE).update(
        state=ClosureHold.State.DROPPED, decided_at=timezone.now(), outcome="the offer is not live any more"
    )
    return waiting


def due_rows(judged: Judged) -> list[int]:
    """Rows of LIVE offers that could be closed on enough nights running, and were not relisted since."""
    day, roster = judged.as_of.toordinal(), judged.roster
    due = (judged.streak >= judged.policy.close_nights) & roster.live & (roster.latest_relist <= day)
    return [int(row) for row in np.flatnonzero(due)]


def _closed_on(marketplace: Marketplace, as_of: date) -> int:
    """Closures that the night of `as_of` made already: they are dated the day the job runs."""
    return OfferStatusChange.objects.filter(
        offer__marketplace=marketplace, move=Move.CLOSE.value, on=as_of + ONE_DAY
    ).count()


def _closures_before(judged: Judged) -> list[int]:
    """Closures of the computed nights before, oldest first."""
    nights = Night.objects.filter(marketplace=judged.marketplace, as_of__lt=judged.as_of).order_by("-as_of")
    return list(nights.values_list("closures", flat=True)[: judged.policy.breaker_nights])[::-1]


def _hold(judged: Judged, rows: list[int], cause: str) -> None:
    for row in rows:
        ClosureHold.objects.create(
            marketplace=judged.marketplace,
            offer_id=int(judged.roster.offer_id[row]),
            as_of=judged.as_of,
            cause=cause,
            evidence=closure_evidence(judged, row),
        )


def _alert(judged: Judged, due: int) -> None:
    said = (
        f"{judged.marketplace}: the night of {judged.as_of} would close {due} offers, far more than usual. "
        "None was closed. Look at the list in the admin (closure holds) and release or drop it: "
        "nothing closes until then."
    )
    logger.warning(said)
    transaction.on_commit(lambda: mail_managers("Closures are held back", said, fail_silently=True))


def _close(judged: Judged, row: int, newest: date) -> bool:
    """Close one offer with its evidence and its notice. False when somebody moved it meanwhile."""
    return close_offer(
        marketplace=judged.marketplace,
        offer_id=int(judged.roster.offer_id[row]),
        seller_id=int(judged.roster.seller[row]),
        at=moment_of(judged.marketplace, judged.as_of, newest),
        on=judged.as_of + ONE_DAY,
        evidence=closure_evidence(judged, row),
        email=judged.as_of >= newest,
    )


def moment_of(marketplace: Marketplace, as_of: date, newest: date) -> datetime:
    """When the night's closures hold from: now, or for a replayed night when its job would have run."""
    if as_of >= newest:
        return timezone.now()
    return datetime.combine(as_of + ONE_DAY, time(marketplace.recompute_hour), marketplace.zone)


def close_offer(
    *,
    marketplace: Marketplace,
    offer_id: int,
    seller_id: int,
    at: datetime,
    on: date,
    evidence: dict[str, Any],
    email: bool,
) -> bool:
    """Close a LIVE offer and notify its seller once. False, and nothing done, when it is not LIVE."""
    try:
        change = move(offer_id=offer_id, made=Move.CLOSE, at=at, on=on, evidence=evidence)
    except MoveRefused:
        return False
    Notification.objects.create(
        seller_id=seller_id,
        marketplace=marketplace,
        offer_id=offer_id,
        status_change=change,
        kind=NotificationKind.CLOSED,
        on=on,
        evidence=evidence,
        email=Notification.Email.PENDING if email else Notification.Email.NONE,
    )
    return True
