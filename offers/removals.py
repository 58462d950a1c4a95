"""What can be asked about removal orders and the stock they leave. Lists start at a seller."""

from collections.abc import Iterable
from typing import Final

from django.db.models import F, QuerySet, Sum

from offers.models import Offer, RemovalOrder, RemovalState, Seller

# Their units that are neither done nor cancelled are reserved.
OPEN_STATES: Final = (RemovalState.REQUESTED.value, RemovalState.PROCESSING.value)


def removals_of(seller: Seller | int) -> QuerySet[RemovalOrder]:
    """All removal orders of one seller, on all marketplaces."""
    return RemovalOrder.objects.filter(seller=seller)


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
