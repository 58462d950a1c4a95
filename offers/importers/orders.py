"""The orders file: one row is one order line of one offer, or a part of one.

Whole columns are checked, merged and compared at once; single rows are looked at only where something is
wrong with them, where their SKU had several lives, and where their offer was ever closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from offers import bulk
from offers.customers import customer_hash, hash_key
from offers.importers.catalog import sellers_of
from offers.importers.checking import Rows
from offers.importers.columns import Column, Columns, Mask
from offers.importers.dates import read_moments
from offers.importers.known import Context, Known
from offers.importers.lives import Lives
from offers.importers.order_lines import STATUSES, Ints, Lines, Orders, merge
from offers.importers.pairs import look_up, refuse_rows
from offers.importers.reading import Chunk, Kind
from offers.importers.reports import Report
from offers.lifecycle import CLOSING_MOVES
from offers.models import OfferStatusChange, OrderLine
from offers.selectors import closed_periods

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
        self._closures = _Closures(context)
        self.moved: list[int] = []
        """The ids of lines that now belong to another life of their SKU than before."""

    def keys(self, columns: Columns) -> Sequence[Column]:
        """Seller, order and SKU."""
        return [columns[name] for name in KIND.key]

    def take(self, chunk: Chunk) -> None:
        """Check and store rows."""
        rows = Rows(chunk, self._report)
        orders = self._check(rows)
        sellers = sellers_of(rows, self._context, self._known)
        named = look_up(rows, sellers, self._known)
        lines = merge(rows, orders, named, self._report)
        self._store(rows, lines, named.lives)

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

    def _store(self, rows: Rows, lines: Lines, lives: Lives) -> None:
        offer_id = lives.offers(lines.sku, lines.on)
        arrays = lines.arrays(offer_id)
        given = [name for name in arrays if name != "customer" or rows.has("customer")]
        there, differs = self._found(lines, {name: arrays[name] for name in given}, lives)
        refused = self._closures.refuse(rows, lines, offer_id, there == 0)
        new, changed = (there == 0) & ~refused, (there != 0) & differs
        # By offer, so that what is inserted into the indexes lies together.
        insert = np.flatnonzero(new)[np.argsort(offer_id[new], kind="stable")]
        bulk.insert_arrays(OrderLine, {name: column[insert] for name, column in arrays.items()})
        if changed.any():
            update = {name: arrays[name][changed] for name in given}
            bulk.update_arrays(OrderLine, ["id"], {"id": there[changed], **update})
        for outcome, some in (("added", new), ("changed", changed), ("unchanged", (there != 0) & ~differs)):
            self._report.tally(outcome, int(lines.parts[some].sum()))

    def _found(self, lines: Lines, arrays: dict[str, NDArray[Any]], lives: Lives) -> tuple[Ints, Mask]:
        """The ids of the lines that are there already, 0 for new ones, and whether they differ.

        They may be in whichever life of their SKU. The one where a line belongs is looked at last, and wins.
        """
        own = arrays["offer_id"]
        line, offer_id = lives.places(lines.sku, own)
        places = {name: column[line] for name, column in arrays.items()} | {"offer_id": offer_id}
        place, pk, differs = bulk.compare_arrays(OrderLine, ["offer_id", "order_ref"], places)
        order = np.argsort(place)
        place, pk, differs = place[order], pk[order], differs[order]
        moves = offer_id[place] != own[line[place]]
        there, other, moved = np.zeros((3, len(lines)), dtype=np.int64)
        there[line[place]], other[line[place]], moved[line[place]] = pk, differs | moves, moves
        self.moved += there[moved != 0].tolist()
        return there, other != 0


def _hashed(references: Column, key: bytes) -> "np.ma.MaskedArray[Any, np.dtype[np.int64]]":
    """The hashes of customers, masked where there is none."""
    hashed = references.numbers(lambda reference: customer_hash(reference, key) or 0)
    return np.ma.MaskedArray(hashed, mask=references.where(lambda reference: not reference))


@dataclass
class _Closures:
    """When which offers could not be bought."""

    context: Context
    _ever_closed: Ints | None = field(default=None, init=False)

    def refuse(self, rows: Rows, lines: Lines, offer_id: Ints, new: Mask) -> Mask:
        """Refuse the new lines from a time when their offer was closed; say which those are."""
        refused = np.zeros(len(lines), dtype=np.bool_)
        suspect = np.flatnonzero(new & np.isin(offer_id, self._offers())).tolist()
        periods = closed_periods({int(offer_id[line]) for line in suspect}) if suspect else {}
        for line in suspect:
            period = self._period(periods.get(int(offer_id[line]), []), *lines.one(line))
            if period is not None:
                refused[line] = True
                refuse_rows(rows, lines.of(line), "ordered_at", self._advice(*period))
        return refused

    def _offers(self) -> Ints:
        if self._ever_closed is None:
            closures = OfferStatusChange.objects.filter(
                offer__marketplace=self.context.marketplace, move__in=CLOSING_MOVES
            )
            self._ever_closed = np.array(list(closures.values_list("offer_id", flat=True)), dtype=np.int64)
        return self._ever_closed

    def _period(
        self, periods: list[tuple[datetime, datetime | None]], on: date, at: datetime | None
    ) -> tuple[datetime, datetime | None] | None:
        """The closed time in which the line surely was ordered: of a bare date, all of it must be inside."""
        first, last = at, at
        if first is None or last is None:
            first = datetime.combine(on, time.min, self.context.zone)
            last = datetime.combine(on + timedelta(days=1), time.min, self.context.zone)
        for closed, opened in periods:
            if closed <= first and (opened is None or last < opened or (at is None and last <= opened)):
                return closed, opened
        return None

    def _advice(self, closed: datetime, opened: datetime | None) -> str:
        since = closed.astimezone(self.context.zone).date()
        until = f"until {opened.astimezone(self.context.zone).date()}" if opened else "and still is"
        return (
            f"the offer was closed on {since} {until}, and a closed offer can't be bought; correct the date "
            "(orders from before the closure are taken)"
        )
