"""The orders file: one row is one order line of one offer, or a part of one.

Whole columns are checked and merged at once; single rows are looked at only where something is wrong with
them and where their SKU had several lives.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from django.conf import settings

from offers.customers import customer_hash, hash_key
from offers.importers.catalog import sellers_of
from offers.importers.checking import Rows
from offers.importers.columns import Column, Columns
from offers.importers.dates import read_moments
from offers.importers.known import Context, Known
from offers.importers.order_lines import STATUSES, Orders, merge
from offers.importers.order_storing import OrderStore, Placed
from offers.importers.pairs import look_up
from offers.importers.reading import Chunk, Kind
from offers.importers.reports import Report
from offers.models import OrderLine

KIND: Final = Kind(
    name="orders",
    required=("marketplace", "seller", "order_id", "sku", "ordered_at"),
    optional=("quantity", "status", "customer"),
    key=("seller", "order_id", "sku"),
)
_SHIPPED: Final = OrderLine.Status.SHIPPED.value
_STATUSES: Final = {
    "": _SHIPPED,
    **{value: value for value in OrderLine.Status.values},
    "canceled": OrderLine.Status.CANCELLED.value,
}
_PLACES: Final = {spelling: STATUSES.index(status) for spelling, status in _STATUSES.items()}


class OrderImporter:
    """Order lines: new ones are made, others replaced by what the newer file says."""

    kind = KIND

    def __init__(self, context: Context, known: Known, report: Report) -> None:
        self._context = context
        self._known = known
        self._report = report
        self._key = hash_key(settings.CUSTOMER_HASH_KEY)
        self._store = OrderStore(context, report)

    @property
    def moved(self) -> list[int]:
        """The ids of lines that now belong to another life of their SKU than before."""
        return self._store.moved

    def keys(self, columns: Columns) -> Sequence[Column]:
        """Seller, order and SKU."""
        return [columns[name] for name in KIND.key]

    def take(self, chunk: Chunk) -> None:
        """Check rows, and have the good ones stored with others."""
        rows = Rows(chunk, self._report)
        orders = self._check(rows)
        sellers = sellers_of(rows, self._context, self._known)
        named = look_up(rows, sellers, self._known)
        lines = merge(rows, orders, named, self._report)
        self._store.add(Placed.of(rows, lines, named.lives))

    def finish(self) -> None:
        """Store what is left."""
        self._store.flush()

    def _check(self, rows: Rows) -> Orders:
        rows.only_marketplace(self._context.marketplace.code)
        rows.required(
            {
                "seller": "give the seller's code",
                "order_id": "give the order's number",
                "sku": "give the seller's SKU",
                "ordered_at": "give the date of the order",
            }
        )
        rows.at_most({"seller": 64, "order_id": 100, "sku": 200})
        moments = read_moments(rows, "ordered_at", self._context.zone, self._context.today)
        quantity = rows.wholes("quantity", 0, empty=1)
        advice = f"give one of {', '.join(OrderLine.Status.values)}, or nothing for {_SHIPPED}"
        rows.choices("status", _STATUSES, advice)
        return Orders(
            order_id=rows.column("order_id"),
            moments=moments,
            quantity=quantity,
            status=rows.column("status").numbers(lambda text: _PLACES.get(text.lower(), 0)),
            customer=_hashed(rows.column("customer"), self._key),
        )


def _hashed(references: Column, key: bytes) -> "np.ma.MaskedArray[Any, np.dtype[np.int64]]":
    """The hashes of customers, masked where there is none."""
    hashed = references.numbers(lambda reference: customer_hash(reference, key) or 0)
    return np.ma.MaskedArray(hashed, mask=references.blanks)
