"""The orders file: one row is one order line of one offer, or a part of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from django.conf import settings

from offers import bulk
from offers.customers import customer_hash, hash_key
from offers.importers.catalog import sellers_of
from offers.importers.checking import MOST, Objects, Rows
from offers.importers.dates import Moments, read_moments
from offers.importers.known import Context, Known, Pair
from offers.importers.lives import Life, life_of_order
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
_SHIPPED, _PENDING, _CANCELLED = (status.value for status in OrderLine.Status)
_STATUSES: Final = {
    "": _SHIPPED,
    **{value: value for value in OrderLine.Status.values},
    "canceled": _CANCELLED,
}
_COLUMNS: Final = ("offer_id", "order_ref", "ordered_on", "ordered_at", "quantity", "status", "customer")
MERGED: Final = "rows merged with others of their order line"
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Orders:
    """The columns of checked rows."""

    seller: Objects
    order_id: Objects
    sku: Objects
    moments: Moments
    quantity: Objects
    status: Objects
    customer: Objects


class Line(NamedTuple):
    """One order line: the rows that say it, and what they say together."""

    rows: list[int]
    pair: Pair
    order_ref: str
    on: date
    at: datetime | None
    quantity: int
    status: str
    customer: int | None


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

    def keys(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Seller, order and SKU."""
        return frame[list(KIND.key)]

    def take(self, chunk: Chunk) -> None:
        """Check and store rows."""
        rows = Rows(chunk, self._report)
        orders = self._check(rows)
        sellers = sellers_of(rows, orders.seller, self._context, self._known)
        pairs = pairs_of(rows, orders.seller, orders.sku, sellers)
        lives = self._known.lives(pairs.values())
        refuse_unknown_skus(rows, pairs, lives, self._known)
        lines = self._merged(rows, orders, {row: pair for row, pair in pairs.items() if rows.good[row]})
        self._store(rows, lines, lives)

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
        advice = f"give one of {', '.join(OrderLine.Status.values)}, or nothing for {_SHIPPED}"
        return Orders(
            seller=rows.texts("seller"),
            order_id=rows.texts("order_id"),
            sku=rows.texts("sku"),
            moments=read_moments(rows, "ordered_at", self._context.zone, self._context.today),
            quantity=rows.wholes("quantity", 0, empty=1),
            status=rows.choices("status", _STATUSES, advice),
            customer=_hashed(rows.texts("customer"), self._key),
        )

    def _merged(self, rows: Rows, orders: Orders, pairs: dict[int, Pair]) -> list[Line]:
        """The good rows as lines. Refuses lines whose quantities add up to too much."""
        same: dict[tuple[Pair, str], list[int]] = {}
        for row, pair in pairs.items():
            same.setdefault((pair, orders.order_id[row]), []).append(row)
        dates, moments = orders.moments.dates, orders.moments.moments
        lines = []
        for (pair, order_ref), parts in same.items():
            line = _merge(orders, dates, moments, parts, pair, order_ref)
            if line.quantity > MOST:
                _refuse_line(
                    rows, line, "quantity", f"the quantities of the order line add up to over {MOST}"
                )
            else:
                lines.append(line)
            for row in parts[:-1]:
                self._report.note(MERGED, f"line {rows.lines[row]}")
        return lines

    def _store(self, rows: Rows, lines: list[Line], lives: dict[Pair, list[Life]]) -> None:
        columns = [name for name in _COLUMNS if name != "customer" or rows.has("customer")]
        values = [
            _values(line, life_of_order(lives[line.pair], line.on).offer_id)[: len(columns)] for line in lines
        ]
        found = self._found(lines, values, columns, lives)
        new = [index for index in range(len(lines)) if index not in found]
        new = self._closures.without_refused(rows, new, lines, values)
        bulk.insert(OrderLine, columns, (values[index] for index in new))
        changed = {index: pk for index, (pk, differs) in found.items() if differs}
        bulk.update(
            OrderLine, ["id"], ["id", *columns], ((pk, *values[index]) for index, pk in changed.items())
        )
        self._count(lines, new, "added")
        self._count(lines, changed, "changed")
        self._count(lines, found.keys() - changed.keys(), "unchanged")

    def _count(self, lines: list[Line], indices: Iterable[int], outcome: str) -> None:
        self._report.tally(outcome, sum(len(lines[index].rows) for index in indices))

    def _found(
        self,
        lines: list[Line],
        values: list[tuple[Any, ...]],
        columns: list[str],
        lives: dict[Pair, list[Life]],
    ) -> dict[int, tuple[int, bool]]:
        """The lines that are there already, in whichever life of their SKU: index -> (id, differs).

        The life in which the line belongs is looked at last, so that it wins.
        """
        places = [
            (index, life.offer_id)
            for index, line in enumerate(lines)
            for life in sorted(lives[line.pair], key=lambda life: life.offer_id == values[index][0])
        ]
        there = bulk.compare(
            OrderLine,
            ["offer_id", "order_ref"],
            columns,
            ((offer_id, *values[index][1:]) for index, offer_id in places),
        )
        found: dict[int, tuple[int, bool]] = {}
        moved: dict[int, int] = {}
        for place, pk, differs in sorted(there):
            index, offer_id = places[place]
            moved.pop(index, None)
            if offer_id != values[index][0]:
                moved[index] = pk
            found[index] = (pk, differs or index in moved)
        self.moved += moved.values()
        return found


def pairs_of(rows: Rows, codes: Objects, skus: Objects, sellers: dict[str, int]) -> dict[int, Pair]:
    """Seller id and SKU of the good rows that name a SKU."""
    return {row: (sellers[codes[row]], skus[row]) for row in np.flatnonzero(rows.good).tolist() if skus[row]}


def refuse_unknown_skus(
    rows: Rows, pairs: dict[int, Pair], lives: dict[Pair, list[Life]], known: Known
) -> None:
    """Refuse the rows whose SKU the seller never had, and name the one that looks most like it."""
    for row, pair in pairs.items():
        if pair not in lives:
            nearest = known.nearest_sku(*pair)
            advice = (
                f"the nearest known SKU of this seller is {nearest!r}"
                if nearest
                else "import its offer first"
            )
            rows.refuse_row(row, "sku", f"this seller has no such SKU; {advice}")


def _hashed(references: Objects, key: bytes) -> Objects:
    """The hashes of customers; a chunk names each of them often."""
    hashes = {reference: customer_hash(reference, key) for reference in set(references)}
    made = np.empty(len(references), dtype=object)
    made[:] = [hashes[reference] for reference in references]
    return made


def _merge(  # noqa: PLR0917 - called in one place, for each line
    orders: Orders, dates: Objects, moments: Objects, parts: list[int], pair: Pair, order_ref: str
) -> Line:
    """One line of its rows: quantities not cancelled added, the earliest moment, the rest of the last row."""
    last = parts[-1]
    if len(parts) == 1:
        quantity, status, first = orders.quantity[last], orders.status[last], last
    else:
        valid = [row for row in parts if orders.status[row] != _CANCELLED]
        quantity = sum(orders.quantity[row] for row in valid)
        statuses = {orders.status[row] for row in parts}
        status = next(name for name in (_SHIPPED, _PENDING, _CANCELLED) if name in statuses)
        first = min(parts, key=lambda row: (dates[row], moments[row] or _NEVER))
    return Line(parts, pair, order_ref, dates[first], moments[first], quantity, status, orders.customer[last])


def _values(line: Line, offer_id: int) -> tuple[Any, ...]:
    """A line in the order of `_COLUMNS`."""
    return (offer_id, line.order_ref, line.on, line.at, line.quantity, line.status, line.customer)


def _refuse_line(rows: Rows, line: Line, column: str, advice: str) -> None:
    for row in line.rows:
        rows.refuse_row(row, column, advice)


@dataclass
class _Closures:
    """When which offers could not be bought."""

    context: Context
    _ever_closed: set[int] | None = field(default=None, init=False)

    def without_refused(
        self, rows: Rows, new: list[int], lines: list[Line], values: Sequence[tuple[Any, ...]]
    ) -> list[int]:
        """The new lines but those from a time when their offer was closed; these are refused."""
        candidates = {values[index][0] for index in new} & self._offers()
        periods = closed_periods(candidates) if candidates else {}
        kept = []
        for index in new:
            period = self._period(periods.get(values[index][0], []), lines[index])
            if period is None:
                kept.append(index)
            else:
                _refuse_line(rows, lines[index], "ordered_at", self._advice(*period))
        return kept

    def _offers(self) -> set[int]:
        if self._ever_closed is None:
            closures = OfferStatusChange.objects.filter(
                offer__marketplace=self.context.marketplace, move__in=CLOSING_MOVES
            )
            self._ever_closed = set(closures.values_list("offer_id", flat=True))
        return self._ever_closed

    def _period(
        self, periods: list[tuple[datetime, datetime | None]], line: Line
    ) -> tuple[datetime, datetime | None] | None:
        """The closed time in which the line surely was ordered: of a bare date, all of it must be inside."""
        first, last = line.at, line.at
        if first is None or last is None:
            first = datetime.combine(line.on, time.min, self.context.zone)
            last = datetime.combine(line.on + timedelta(days=1), time.min, self.context.zone)
        for closed, opened in periods:
            if closed <= first and (opened is None or last < opened or (line.at is None and last <= opened)):
                return closed, opened
        return None

    def _advice(self, closed: datetime, opened: datetime | None) -> str:
        since = closed.astimezone(self.context.zone).date()
        until = f"until {opened.astimezone(self.context.zone).date()}" if opened else "and still is"
        return (
            f"the offer was closed on {since} {until}, and a closed offer can't be bought; correct the date "
            "(orders from before the closure are taken)"
        )
