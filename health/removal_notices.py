"""Telling sellers that the marketplace has done, or dropped, what they asked for (PRODUCT D7)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from health.models import Notification, NotificationKind
from offers.models import Offer, RemovalChange, RemovalOrder
from offers.removal_actions import move_removal
from offers.removals import OPEN_STATES

_NEWS: Final = timedelta(days=2)  # what ended before is written down and not sent
_PIECE: Final = 500


@transaction.atomic
def move_and_tell(
    *,
    removal_id: int,
    to: str,
    by: AbstractBaseUser,
    done: int | None = None,
    cancelled: int | None = None,
    at: datetime | None = None,
) -> RemovalOrder:
    """An operator moves an order on; its seller is told when that ends it. Raises as `move_removal`."""
    # The offer is held first, as in every move: a form that is sent twice at once tells the seller once.
    held = Offer.objects.select_for_update(of=("self",), no_key=True).filter(removal_orders=removal_id)
    len(held.values_list("pk"))
    was_open = RemovalOrder.objects.filter(pk=removal_id, state__in=OPEN_STATES).exists()
    order = move_removal(
        removal_id=removal_id,
        to=to,
        by=by,
        done=done,
        cancelled=cancelled,
        source=RemovalChange.Source.OPERATOR,
        at=at,
    )
    if was_open and order.state not in OPEN_STATES:
        notify_ended([order.pk])
    return order


def notify_ended(removal_ids: Iterable[int]) -> None:
    """One notification for each of these orders, which have just ended and not by their seller.

    Evidence: `removal` (id), `reference`, `kind`, `state`, `quantity`, `done`, `cancelled`.
    """
    wanted = list(removal_ids)
    for start in range(0, len(wanted), _PIECE):
        orders = RemovalOrder.objects.filter(pk__in=wanted[start : start + _PIECE]).order_by("pk")
        Notification.objects.bulk_create(
            [_notification(order) for order in orders.select_related("offer__marketplace")]
        )


def _notification(order: RemovalOrder) -> Notification:
    is_news = order.changed_at >= timezone.now() - _NEWS
    return Notification(
        seller_id=order.seller_id,
        marketplace=order.offer.marketplace,
        offer=order.offer,
        kind=NotificationKind.REMOVAL,
        on=order.changed_at.astimezone(order.offer.marketplace.zone).date(),
        evidence={
            "removal": order.pk,
            "reference": order.reference,
            "kind": order.kind,
            "state": order.state,
            "quantity": order.quantity,
            "done": order.done,
            "cancelled": order.cancelled,
        },
        email=Notification.Email.PENDING if is_news else Notification.Email.NONE,
    )
