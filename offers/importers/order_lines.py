"""Order rows as order lines: rows of one key become one line, whole columns at once."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from offers.importers.checking import MOST, Rows
from offers.importers.columns import Column, group
from offers.importers.dates import Moments
from offers.importers.pairs import Named, refuse_rows
from offers.importers.reports import Report
from offers.models import OrderLine

MERGED: Final = "rows merged with others of their order line"
STATUSES: Final = [status.value for status in OrderLine.Status]
"""In the order in which they win where rows are merged: one that is shipped makes the line shipped."""
_CANCELLED: Final = STATUSES.index(OrderLine.Status.CANCELLED.value)
_UNIX_DAY: Final = date(1970, 1, 1).toordinal()
_NEVER: Final = np.iinfo(np.int64).max
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Orders:
    """The columns of checked rows; refused ones say nothing. `status` is a place in STATUSES."""

    order_id: Column
    moments: Moments
    quantity: NDArray[np.object_]
    status: Ints
    customer: "np.ma.MaskedArray[Any, np.dtype[np.int64]]"


@dataclass(frozen=True)
class Lines:
    """Order lines, one in each place of the columns."""

    rows: Ints
    """The rows of all lines, those of a line together and in the order of the file."""
    end: Ints
    """Where each line's rows end in `rows`."""
    sku: Ints
    """The number of the line's SKU."""
    order_ref: NDArray[np.bytes_]
    on: Ints
    """As proleptic ordinals."""
    at: NDArray[np.datetime64]
    quantity: Ints
    status: Ints
    customer: "np.ma.MaskedArray[Any, np.dtype[np.int64]]"

    def __len__(self) -> int:
        return len(self.end)

    @property
    def parts(self) -> Ints:
        """How many rows each line has."""
        return np.diff(self.end, prepend=0)

    def of(self, line: int) -> list[int]:
        """The rows of one line."""
        begin = self.end[line - 1] if line else 0
        found: list[int] = self.rows[begin : self.end[line]].tolist()
        return found

    def arrays(self, offer_id: Ints) -> dict[str, NDArray[Any]]:
        """The lines under the names of the table's columns."""
        return {
            "offer_id": offer_id,
            "order_ref": self.order_ref,
            "ordered_on": self.on,
            "ordered_at": self.at,
            "quantity": self.quantity,
            "status": np.array(STATUSES, dtype=np.bytes_)[self.status],
            "customer": self.customer,
        }


def merge(rows: Rows, orders: Orders, named: Named, report: Report) -> Lines:
    """The good rows as lines: quantities not cancelled added, the earliest moment, the rest of the last row.

    Refuses the rows of lines whose quantities add up to more than can be kept.
    """
    lines = _together(np.flatnonzero(rows.good), orders, named)
    is_last = np.zeros(len(lines.rows), dtype=np.bool_)
    is_last[lines.end - 1] = True
    report.note_lines(MERGED, rows.lines[lines.rows[~is_last]].tolist())
    too_many = np.flatnonzero(lines.quantity > MOST).tolist()
    for line in too_many:
        advice = f"the quantities of the order line add up to over {MOST}"
        refuse_rows(rows, lines.of(line), "quantity", advice)
    return _together(np.flatnonzero(rows.good), orders, named) if too_many else lines


def _together(some: Ints, orders: Orders, named: Named) -> Lines:
    """These rows as lines, in the order of their first rows."""
    line = group([named.number[some], orders.order_id.codes[some]])
    rows = some[np.argsort(line, kind="stable")]
    end = np.cumsum(np.bincount(line))
    begin, last = np.concatenate(([0], end))[:-1], rows[end - 1]
    first = last if len(end) == len(rows) else _first(orders.moments, some, line)[begin]
    texts = orders.order_id.distinct
    refs = [texts[code].encode() for code in orders.order_id.codes[last].tolist()]
    return Lines(
        rows=rows,
        end=end,
        sku=named.number[last],
        order_ref=np.array(refs, dtype=np.bytes_),
        on=orders.moments.on[first].astype(np.int64) + _UNIX_DAY,
        at=orders.moments.at[first],
        quantity=_quantities(orders, rows, begin, end),
        status=_reduced(np.minimum, orders.status[rows], begin),
        customer=orders.customer[last],
    )


def _first(moments: Moments, some: Ints, line: Ints) -> Ints:
    """The rows by line, those of a line from the earliest on; on one day a bare date comes last."""
    on, at = moments.on[some].astype(np.int64), moments.at[some]
    moment = np.where(np.isnat(at), _NEVER, at.astype(np.int64))
    return some[np.lexsort((moment, on, line))]


def _quantities(orders: Orders, rows: Ints, begin: Ints, end: Ints) -> Ints:
    """A row alone keeps its quantity; of several only those not cancelled count."""
    given = orders.quantity[rows].astype(np.int64)
    alone = np.repeat(end - begin == 1, end - begin)
    return _reduced(np.add, np.where(alone | (orders.status[rows] != _CANCELLED), given, 0), begin)


def _reduced(function: np.ufunc, values: Ints, begin: Ints) -> Ints:
    """One value of each line's values."""
    reduced: Ints = function.reduceat(values, begin) if len(begin) else values
    return reduced
