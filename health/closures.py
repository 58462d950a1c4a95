"""Closing offers after a night (METHOD 6): who is closed, who waits for an operator, with what evidence."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.mail import mail_managers
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from health.closing import breaker_limit
from health.findings import Told
from health.models import ClosureHold, Night, Notification, NotificationKind
from health.result import NightResult
from offers.actions import MoveRefused, move
from offers.lifecycle import Move, Status
from offers.models import Marketplace, OfferStatusChange

logger = logging.getLogger(__name__)
ONE_DAY: Final = timedelta(days=1)
_PIECE: Final = 200


@dataclass(frozen=True, slots=True)
class Closed:
    """What a night's closing did. on_this_night counts those of an earlier computation of it too."""

    made: int
    on_this_night: int
    breaker_tripped: bool


def close_due(result: NightResult, newest: date) -> Closed:
    """Close what is due, or hold it back. `newest` is yesterday: older nights send no e-mail.

    Runs inside the transaction that publishes the night, before the rows are written.
    """
    marketplace, as_of = result.marketplace, result.as_of
    ClosureHold.objects.filter(
        marketplace=marketplace, state=ClosureHold.State.OPEN, as_of__gte=as_of
    ).delete()
    waiting = _still_waiting(marketplace)
    already = _closed_on(marketplace, as_of)
    if waiting.filter(cause=ClosureHold.Cause.BREAKER).exists():
        return Closed(0, already, breaker_tripped=False)
    held = set(waiting.values_list("offer_id", flat=True))
    due = [one for one in result.findings.due if one.offer_id not in held]
    _hold(result, [one for one in due if one.held], ClosureHold.Cause.CUSTOMERS)
    due = [one for one in due if not one.held]
    if already + len(due) > breaker_limit(_closures_before(result), result.policy):
        _hold(result, due, ClosureHold.Cause.BREAKER)
        _alert(result, len(due))
        return Closed(0, already, breaker_tripped=True)
    made = sum(_close(result, one, newest) for one in due)
    return Closed(made, already + made, breaker_tripped=False)


def _still_waiting(marketplace: Marketplace) -> QuerySet[ClosureHold]:
    """The open holds. One whose offer was closed by hand or deleted meanwhile has nothing left to decide."""
    waiting = ClosureHold.objects.filter(marketplace=marketplace, state=ClosureHold.State.OPEN)
    waiting.exclude(offer__status=Status.LIVE).update(
        state=ClosureHold.State.DROPPED, decided_at=timezone.now(), outcome="the offer is not live any more"
    )
    return waiting


def _closed_on(marketplace: Marketplace, as_of: date) -> int:
    """Closures that the night of `as_of` made already: they are dated the day the job runs."""
    return OfferStatusChange.objects.filter(
        offer__marketplace=marketplace, move=Move.CLOSE.value, on=as_of + ONE_DAY
    ).count()


def _closures_before(result: NightResult) -> list[int]:
    """Closures of the computed nights before, oldest first."""
    nights = Night.objects.filter(marketplace=result.marketplace, as_of__lt=result.as_of).order_by("-as_of")
    return list(nights.values_list("closures", flat=True)[: result.policy.breaker_nights])[::-1]


def _hold(result: NightResult, due: list[Told], cause: str) -> None:
    ClosureHold.objects.bulk_create(
        [
            ClosureHold(
                marketplace=result.marketplace,
                offer_id=one.offer_id,
                as_of=result.as_of,
                cause=cause,
                evidence=one.evidence,
            )
            for one in due
        ],
        batch_size=_PIECE,
    )


def _alert(result: NightResult, due: int) -> None:
    said = (
        f"{result.marketplace}: the night of {result.as_of} would close {due} offers, far more than usual. "
        "None was closed. Look at the list in the admin (closure holds) and release or drop it: "
        "nothing closes until then."
    )
    logger.warning(said)
    transaction.on_commit(lambda: mail_managers("Closures are held back", said, fail_silently=True))


def _close(result: NightResult, due: Told, newest: date) -> bool:
    """Close one offer with its evidence and its notice. False when somebody moved it meanwhile."""
    return close_offer(
        marketplace=result.marketplace,
        offer_id=due.offer_id,
        seller_id=due.seller_id,
        at=moment_of(result.marketplace, result.as_of, newest),
        on=result.as_of + ONE_DAY,
        evidence=due.evidence,
        email=result.as_of >= newest,
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
