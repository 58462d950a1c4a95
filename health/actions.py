"""What people and importers do to offers' health. Each verb is atomic, names its actor and leaves a trace."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from health.closures import close_offer
from health.models import ClosureHold, Night, Notification, NotificationKind, OfferHealth
from health.policy import Policy
from health.publishing import (
    place_in_grid,
    refresh_grid_status,
    refresh_summary,
    total_tiles,
    write_summaries,
)
from health.recompute import active_policy, last_night
from offers import bulk
from offers.actions import mark_closures_in_error, move
from offers.lifecycle import Move, Status
from offers.models import Marketplace, Offer, OfferStatusChange


@transaction.atomic
def sync_offers(marketplace: Marketplace) -> int:
    """Give every offer its row in the grid and bring states in line. Returns how many rows are new.

    Called after every import and by whatever else makes offers: until its first night an offer has a
    row without numbers, so that it is on its seller's dashboard at once.
    """
    rows = OfferHealth.objects.filter(offer=OuterRef("pk"))
    missing = Offer.objects.filter(~Exists(rows), marketplace=marketplace).values_list("pk", "seller_id")
    new = [(offer_id, seller_id, marketplace.pk) for offer_id, seller_id in missing]
    bulk.insert(OfferHealth, ["offer_id", "seller_id", "marketplace_id"], new)
    refresh_grid_status(marketplace)
    _recount(marketplace)
    return len(new)


def _recount(marketplace: Marketplace, seller_id: int | None = None) -> None:
    """The summaries after something changed between two nights."""
    night = Night.objects.filter(marketplace=marketplace).order_by("-as_of").first()
    as_of = night.as_of if night else timezone.now().astimezone(marketplace.zone).date()
    if seller_id is None:
        write_summaries(marketplace, as_of)
    else:
        refresh_summary(marketplace, as_of, seller_id)
    if night:
        mine = Night.objects.filter(pk=night.pk)
        len(mine.select_for_update(of=("self",), no_key=True))  # whoever counts meanwhile counts first
        mine.update(counts=total_tiles(marketplace, as_of))


def _show_move(change: OfferStatusChange) -> None:
    """Bring the grid and the seller's tiles in line with a move that was just made."""
    place_in_grid([change.offer_id])
    _recount(change.offer.marketplace, change.offer.seller_id)


@transaction.atomic
def relist(*, offer_id: int, by: AbstractBaseUser | None, at: datetime | None = None) -> OfferStatusChange:
    """Relist a closed offer: the seller's own act. Raises MoveRefused when it is not closed (any more).

    `at` is the moment, by default now; a replay of past nights gives the moment in its own time.
    """
    change = _move(offer_id, Move.RELIST, by, at=at)
    OfferHealth.objects.filter(pk=offer_id).update(recovering=True, recovered_on=None)
    _show_move(change)
    return change


@transaction.atomic
def close_by_hand(*, offer_id: int, by: AbstractBaseUser, reason: str) -> OfferStatusChange:
    """An operator closes a LIVE offer. Raises ValueError without a reason, MoveRefused if it is not LIVE."""
    change = _move(offer_id, Move.CLOSE_BY_HAND, by, _required(reason))
    _notify(change, NotificationKind.CLOSED)
    _show_move(change)
    return change


@transaction.atomic
def lift_closure(*, offer_id: int, by: AbstractBaseUser, reason: str) -> OfferStatusChange:
    """An operator undoes a closure that was an error (PRODUCT D10).

    The offer is LIVE, old orders keep their full weight, and only nights from today on can close it
    again. Raises ValueError without a reason, MoveRefused when the offer is not closed.
    """
    change = _move(offer_id, Move.LIFT, by, _required(reason))
    mark_closures_in_error(offer_id=offer_id, until=change.at)
    _notify(change, NotificationKind.LIFTED)
    _show_move(change)
    return change


@transaction.atomic
def delete_listing(
    *, offer_id: int, by: AbstractBaseUser | None, at: datetime | None = None
) -> OfferStatusChange:
    """Delete a listing for ever. Its last health and its feedback stay, frozen (PRODUCT B7).

    `at` as for `relist`.
    """
    change = _move(offer_id, Move.DELETE, by, at=at)
    _show_move(change)
    return change


def _required(reason: str) -> str:
    if not reason.strip():
        raise ValueError("Give a reason: the seller will read it.")
    return reason.strip()


def _move(
    offer_id: int,
    made: Move,
    by: AbstractBaseUser | None,
    reason: str = "",
    at: datetime | None = None,
) -> OfferStatusChange:
    at = at or timezone.now()
    marketplace = Marketplace.objects.get(offers=offer_id)
    return move(
        offer_id=offer_id, made=made, at=at, on=at.astimezone(marketplace.zone).date(), by=by, reason=reason
    )


def _notify(change: OfferStatusChange, kind: str) -> None:
    Notification.objects.create(
        seller_id=change.offer.seller_id,
        marketplace_id=change.offer.marketplace_id,
        offer_id=change.offer_id,
        status_change=change,
        kind=kind,
        on=change.on,
        evidence={"reason": change.reason},
        email=Notification.Email.PENDING,
    )


@transaction.atomic
def release_hold(*, hold_id: int, by: AbstractBaseUser) -> bool:
    """An operator lets a held closure happen, if the latest night still asks for it. True if it closed.

    Either way the hold is decided. Raises ClosureHold.DoesNotExist when it was decided already.
    """
    hold = _take(hold_id)
    closed = _still_due(hold) and close_offer(
        marketplace=hold.marketplace,
        offer_id=hold.offer_id,
        seller_id=hold.offer.seller_id,
        at=(now := timezone.now()),
        on=now.astimezone(hold.marketplace.zone).date(),
        evidence=hold.evidence,
        email=True,
    )
    hold.outcome = "closed" if closed else "not closed: the latest night did not ask for it any more"
    _decide(hold, ClosureHold.State.RELEASED, by)
    place_in_grid([hold.offer_id])
    _recount(hold.marketplace, hold.offer.seller_id)
    return bool(closed)


@transaction.atomic
def drop_hold(*, hold_id: int, by: AbstractBaseUser) -> None:
    """An operator drops a held closure: the offer's nights start again."""
    hold = _take(hold_id)
    hold.nights_start_after = last_night(hold.marketplace) or hold.as_of
    _decide(hold, ClosureHold.State.DROPPED, by)


def _take(hold_id: int) -> ClosureHold:
    """The hold, locked where the database locks rows."""
    open_holds = ClosureHold.objects.select_for_update(of=("self",)).select_related("offer", "marketplace")
    return open_holds.get(pk=hold_id, state=ClosureHold.State.OPEN)


def _still_due(hold: ClosureHold) -> bool:
    policy: Policy = active_policy(hold.marketplace).policy
    row = OfferHealth.objects.filter(pk=hold.offer_id, as_of=last_night(hold.marketplace))
    return row.filter(streak__gte=policy.close_nights, offer__status=Status.LIVE).exists()


def _decide(hold: ClosureHold, state: str, by: AbstractBaseUser) -> None:
    hold.state, hold.decided_by, hold.decided_at = state, by, timezone.now()  # type: ignore[assignment]
    hold.save(update_fields=["state", "decided_by", "decided_at", "outcome", "nights_start_after"])
