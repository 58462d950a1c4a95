"""What can be asked about removal orders and the stock they leave. Lists start at a seller."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from offers.lifecycle import Status
from offers.models import Fulfillment, Offer, RemovalChange, RemovalOrder, RemovalState, Seller

# Their units that are neither done nor cancelled are reserved.
OPEN_STATES: Final = (RemovalState.REQUESTED.value, RemovalState.PROCESSING.value)
RECENT: Final = timedelta(days=30)


class RemovalView(StrEnum):
    """Which removal orders a list shows."""

    ALL = ""
    OPEN = "open"
    ATTENTION = "attention"
    COMPLETED = "completed"


def removals_of(seller: Seller | int) -> QuerySet[RemovalOrder]:
    """All removal orders of one seller, on all marketplaces."""
    return RemovalOrder.objects.filter(seller=seller)


def with_shortfall(orders: QuerySet[RemovalOrder]) -> QuerySet[RemovalOrder]:
    """The orders, each with whether it `fell_short`.

    It did when it ended with fewer units than were asked for, and not because its seller cancelled it.
    """
    by_seller = RemovalChange.objects.filter(
        order=OuterRef("pk"), state=RemovalState.CANCELLED, source=RemovalChange.Source.SELLER
    )
    short = ~Q(state__in=OPEN_STATES) & Q(cancelled__gt=0) & ~Exists(by_seller)
    return orders.annotate(fell_short=short)


def _chosen(view: RemovalView, now: datetime) -> Q:
    if view == RemovalView.ATTENTION:
        return Q(fell_short=True, changed_at__gte=now - RECENT)
    return {
        RemovalView.ALL: Q(),
        RemovalView.OPEN: Q(state__in=OPEN_STATES),
        RemovalView.COMPLETED: Q(state=RemovalState.COMPLETED),
    }[view]


def listed(seller: Seller | int, marketplace_ids: Sequence[int], view: RemovalView) -> QuerySet[RemovalOrder]:
    """The orders of a view, newest first. `attention`: fell short within the last 30 days."""
    rows = with_shortfall(removals_of(seller)).filter(offer__marketplace__in=marketplace_ids)
    return rows.filter(_chosen(view, timezone.now())).order_by("-requested_at", "-pk")


def view_counts(seller: Seller | int, marketplace_ids: Sequence[int]) -> dict[str, int]:
    """How many orders each view has."""
    now = timezone.now()
    rows = with_shortfall(removals_of(seller)).filter(offer__marketplace__in=marketplace_ids)
    counts = {f"n_{view.name}": Count("pk", filter=_chosen(view, now) or None) for view in RemovalView}
    found = rows.aggregate(**counts)
    return {view.value: found[f"n_{view.name}"] for view in RemovalView}


def removable_offers(seller: Seller | int, marketplace_ids: Sequence[int], search: str) -> QuerySet[Offer]:
    """The seller's offers of which the marketplace may have stock, by SKU."""
    rows = Offer.objects.filter(
        seller=seller, marketplace__in=marketplace_ids, fulfillment=Fulfillment.MARKETPLACE
    ).exclude(status=Status.LISTING_DELETED.value)
    if search:
        rows = rows.filter(
            Q(title__icontains=search) | Q(sku__icontains=search) | Q(product_id__icontains=search)
        )
    return rows.order_by("sku", "pk")


def reserved_units(offer_ids: Iterable[int]) -> dict[int, int]:
    """The units that open removal orders still take, by offer; offers without any are missing."""
    open_orders = RemovalOrder.objects.filter(offer__in=list(offer_ids), state__in=OPEN_STATES)
    sums = open_orders.values_list("offer").annotate(units=Sum(F("quantity") - F("done") - F("cancelled")))
    return {offer_id: units for offer_id, units in sums if units}


def available_units(offer: Offer) -> int | None:
    """The units that can still be asked for: the stock less what is reserved; None: the stock is unknown.

    Never below 0: a file may tell a stock that is smaller than what was reserved before.
    """
    if offer.quantity is None:
        return None
    return max(0, offer.quantity - reserved_units([offer.pk]).get(offer.pk, 0))


def open_removals(offer_id: int) -> int:
    """How many removal orders of an offer go on."""
    return RemovalOrder.objects.filter(offer=offer_id, state__in=OPEN_STATES).count()
