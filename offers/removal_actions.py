"""Asking for removal orders, cancelling them, and moving them on (PRODUCT D7).

**What the stock means.** An offer's `quantity` is what the last file said, at `quantity_at`, of the units at
the marketplace: those that removal orders have reserved but not yet taken away are among them. Units that
leave afterwards are taken from it as soon as we hear of them, while the order is still processing too. Units
that had left before the stock was told are in it no longer, so they are not taken from it a second time:
what counts is the moment of the move (a report's last-updated-date), not when we heard of it. A row of the
offers file that is unchanged says nothing new, so it tells no stock either. Where the order of things can't
be known the stock comes out too small rather than too large, and the next file that changes it sets it right.

**Locks.** First the offer's row, then the removal orders: whoever holds the offer may call these.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from offers import bulk
from offers.lifecycle import Status
from offers.models import Fulfillment, Offer, RemovalChange, RemovalKind, RemovalOrder, RemovalState
from offers.removals import OPEN_STATES, available_units

_SAID: Final = {
    "seller_fulfilled": "The seller ships this offer: the marketplace has no stock of it to remove.",
    "deleted": "The listing was deleted.",
    "not_positive": "Ask for one unit at least.",
    "none_left": "No units are left to remove.",
    "too_many": "There are fewer units in stock.",
    "too_late": "The marketplace has begun with this order, or it has ended.",
    "ended": "The order has ended.",
    "backwards": "An order never goes back: what is done or cancelled stays so.",
    "not_adding_up": "Units done and cancelled must add up to the units of the order.",
    "partly_done": "Some units are done already: complete the order, the others are then cancelled.",
    "nothing_done": "No unit is done: cancel the order.",
}
_RANK: Final = {RemovalState.REQUESTED.value: 0, RemovalState.PROCESSING.value: 1}


class RemovalRefused(ValueError):
    """Not possible; nothing was changed. `code` is one of the keys of `_SAID`.

    `available`: the units that could be asked for, where that is what was wrong. `state`: the order's
    present state, where that was.
    """

    def __init__(self, code: str, available: int | None = None, state: str = "") -> None:
        super().__init__(_SAID[code])
        self.code = code
        self.available = available
        self.state = state


@dataclass(frozen=True)
class Progress:
    """How far an order is: its state, the units done so far, and those cancelled so far."""

    state: str
    done: int
    cancelled: int


@transaction.atomic
def request_removal(
    *,
    offer_id: int,
    kind: str,
    quantity: int,
    by: AbstractBaseUser | None,
    note: str = "",
    form_key: str = "",
    at: datetime | None = None,
) -> RemovalOrder:
    """Ask for units to be returned or disposed of; from now on they are reserved.

    The offer's row is locked, so two who ask at once never get the same units. Of an offer whose stock is
    unknown any number may be asked for. With a `form_key` that has made an order of this offer already that
    order is returned, and nothing is done. Raises RemovalRefused: seller_fulfilled, deleted, not_positive,
    none_left, too_many; ValueError for an unknown kind.
    """
    offer = _locked_offer(offer_id)
    if form_key and (made := RemovalOrder.objects.filter(offer=offer, form_key=form_key).first()):
        return made
    _refuse_request(offer, quantity)
    at = at or timezone.now()
    order = _store(offer, RemovalKind(kind), quantity, by=by, note=note.strip(), form_key=form_key, at=at)
    _keep(order, RemovalChange.Source.SELLER, by, at)
    return order


def _locked_offer(offer_id: int) -> Offer:
    offers = Offer.objects.select_for_update(of=("self",), no_key=True).select_related("marketplace")
    return offers.get(pk=offer_id)


def _refuse_request(offer: Offer, quantity: int) -> None:
    if offer.status == Status.LISTING_DELETED:
        raise RemovalRefused("deleted")
    if offer.fulfillment != Fulfillment.MARKETPLACE:
        raise RemovalRefused("seller_fulfilled")
    if quantity < 1:
        raise RemovalRefused("not_positive")
    available = available_units(offer)
    if available is not None and quantity > available:
        raise RemovalRefused("too_many" if available else "none_left", available)


def _store(offer: Offer, kind: str, quantity: int, *, at: datetime, **values: Any) -> RemovalOrder:
    (pk,) = bulk.new_ids(RemovalOrder, 1)
    return RemovalOrder.objects.create(
        pk=pk,
        reference=f"RO-{at.astimezone(offer.marketplace.zone):%Y%m%d}-{pk:04d}",
        offer=offer,
        seller_id=offer.seller_id,
        kind=kind,
        quantity=quantity,
        requested_at=at,
        changed_at=at,
        **values,
    )


@transaction.atomic
def record_removal(
    *,
    offer_id: int,
    reference: str,
    kind: str,
    quantity: int,
    at: datetime,
    by: AbstractBaseUser | None = None,
) -> RemovalOrder:
    """Keep an order that a report names and that was asked for elsewhere, at `at`: by nobody whom we know.

    It exists whatever we think of the stock, so nothing but the database's constraints refuses it.
    """
    order = RemovalOrder.objects.create(
        reference=reference,
        offer_id=offer_id,
        seller_id=_locked_offer(offer_id).seller_id,
        kind=RemovalKind(kind),
        quantity=quantity,
        requested_at=at,
        changed_at=at,
    )
    _keep(order, RemovalChange.Source.IMPORT, by, at)
    return order


@transaction.atomic
def cancel_removal(
    *, removal_id: int, by: AbstractBaseUser | None, at: datetime | None = None
) -> RemovalOrder:
    """Cancel an order with which the marketplace has not begun: its units are available again.

    A conditional UPDATE whose row count must be 1. Raises RemovalRefused (too_late, with the present state)
    when it is no longer requested, RemovalOrder.DoesNotExist.
    """
    at = at or timezone.now()
    requested = RemovalOrder.objects.filter(pk=removal_id, state=RemovalState.REQUESTED, done=0)
    cancelled = requested.update(state=RemovalState.CANCELLED, cancelled=F("quantity"), changed_at=at)
    order = RemovalOrder.objects.get(pk=removal_id)
    if not cancelled:
        raise RemovalRefused("too_late", state=order.state)
    _keep(order, RemovalChange.Source.SELLER, by, at)
    return order


@transaction.atomic
def move_removal(
    *,
    removal_id: int,
    to: str,
    source: str,
    by: AbstractBaseUser | None = None,
    done: int | None = None,
    cancelled: int | None = None,
    at: datetime | None = None,
) -> RemovalOrder:
    """Say how far an order is now: `to` is its state, `done` and `cancelled` are totals, not differences.

    What is left out stays, or follows: a completed order is done but for what was cancelled, and where only
    `done` is given the others are cancelled. Units newly done leave the offer's stock, unless a stock told
    after `at` lacks them already. Saying the same again changes nothing. Raises RemovalRefused (ended,
    backwards, not_adding_up, partly_done, nothing_done), RemovalOrder.DoesNotExist.
    """
    at = at or timezone.now()
    offer = _locked_offer(RemovalOrder.objects.values_list("offer", flat=True).get(pk=removal_id))
    order = RemovalOrder.objects.select_for_update(of=("self",)).get(pk=removal_id)
    now = Progress(order.state, order.done, order.cancelled)
    then = next_progress(now, order.quantity, RemovalState(to), done, cancelled)
    if then == now:
        return order
    order.state, order.done, order.cancelled = then.state, then.done, then.cancelled
    order.changed_at = max(order.changed_at, at)
    order.save(update_fields=["state", "done", "cancelled", "changed_at"])
    _take_from_stock(offer, then.done - now.done, at)
    _keep(order, source, by, at)
    return order


def next_progress(now: Progress, quantity: int, to: str, done: int | None, cancelled: int | None) -> Progress:
    """How far an order of `quantity` units is after a move; the same as `now` when nothing is new.

    Raises RemovalRefused, see `move_removal`.
    """
    then = _filled(now, quantity, to, done, cancelled)
    if then == now:
        return then
    if now.state not in OPEN_STATES:
        raise RemovalRefused("ended", state=now.state)
    _refuse_sums(then, quantity)
    if then.done < now.done or then.cancelled < now.cancelled or _RANK.get(to, 2) < _RANK[now.state]:
        raise RemovalRefused("backwards", state=now.state)
    return then


def _filled(now: Progress, quantity: int, to: str, done: int | None, cancelled: int | None) -> Progress:
    """The move's numbers with those that were left out."""
    if to == RemovalState.CANCELLED:
        return Progress(to, now.done if done is None else done, quantity if cancelled is None else cancelled)
    if to == RemovalState.COMPLETED:
        if done is None:
            cancelled = now.cancelled if cancelled is None else cancelled
            return Progress(to, quantity - cancelled, cancelled)
        return Progress(to, done, quantity - done if cancelled is None else cancelled)
    return Progress(to, now.done if done is None else done, now.cancelled if cancelled is None else cancelled)


def _refuse_sums(then: Progress, quantity: int) -> None:
    if then.state == RemovalState.CANCELLED and then.done:
        raise RemovalRefused("partly_done")
    if then.state == RemovalState.COMPLETED and not then.done:
        raise RemovalRefused("nothing_done")
    ended = then.state not in OPEN_STATES
    total = then.done + then.cancelled
    if total > quantity or (ended and total < quantity) or min(then.done, then.cancelled) < 0:
        raise RemovalRefused("not_adding_up")


def _take_from_stock(offer: Offer, units: int, at: datetime) -> None:
    """Units left at `at`: they go from a stock that was told before."""
    told_since = offer.quantity_at is not None and offer.quantity_at >= at
    if units and offer.quantity and not told_since:
        Offer.objects.filter(pk=offer.pk).update(quantity=max(0, offer.quantity - units))


def _keep(order: RemovalOrder, source: str, by: AbstractBaseUser | None, at: datetime) -> None:
    RemovalChange.objects.create(
        order=order,
        state=order.state,
        done=order.done,
        cancelled=order.cancelled,
        source=source,
        by=by,  # type: ignore[misc]  # the settings name the user model
        at=at,
    )
