"""The order of a large seller's rows by a column of the grid, kept while no night changes it.

An index for each column would have to be made anew every night, for the sake of a few sellers; sorting a
hundred thousand rows for every page takes longer than all the rest of the page. What these columns hold only
a night changes, and between nights rows are only added. So an order is right as long as the nights and the
number of rows are the same, which every page knows anyway. Its two ends, where people look, are kept in the
database after each night (`grid_ends`); a page further in sorts the whole of it once in a process. Pages are
cut out of either.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Final, NamedTuple

import numpy as np
from django.db.models import Case, FloatField, QuerySet, Value, When
from numpy.typing import NDArray

from health.bands import Floats
from health.grid import SORT_FIELDS, for_seller
from health.models import GridOrder, OfferHealth
from offers import bulk
from offers.prepared import Prepared

Ids = NDArray[np.int64]

NIGHTLY: Final[Mapping[str, str]] = {
    sort: SORT_FIELDS[sort] for sort in ("rate", "orders", "ncx", "stars", "reason", "updated")
}
"""The columns of the grid that only a night changes: the field of each."""
LARGE: Final = 5_000
"""From so many rows on an order is kept: fewer are sorted in a millisecond or two."""
STORED: Final = "<i8"  # how ids lie in the database
_MOST_KEPT: Final = 4_000_000  # ids of eight bytes, in all orders together


class Wanted(NamedTuple):
    """Whose rows, in which order."""

    seller_id: int
    marketplace_ids: tuple[int, ...]
    sort: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a page knows of the rows that it asks for: how many match, and from which nights they are.

    computed_at: when the night was computed, where rows of one marketplace are asked for. Without all this
    rows are counted from the first, and no order is kept.
    """

    total: int = 0
    nights: Hashable = None
    computed_at: datetime | None = None


UNKNOWN: Final = Known()


class Order(NamedTuple):
    """As much as is known of an order: all of it in `first`, or ids from either end."""

    rows: int
    first: Ids
    last: Ids

    def cut(self, start: int, size: int) -> Ids | None:
        """The ids at these places; None where they lie between what is known."""
        stop = min(start + size, self.rows)
        known_from = self.rows - len(self.last)
        if stop <= len(self.first):
            return self.first[start:stop]
        return self.last[start - known_from : stop - known_from] if start >= known_from else None


_kept: "OrderedDict[Wanted, tuple[Known, Order]]" = OrderedDict()
_lock: Final = Lock()


def ids_at(wanted: Wanted, known: Known, start: int, size: int) -> Ids:
    """The ids of the rows at these places: of what this process keeps, of the ends, else of all sorted."""
    found = _found(wanted, known)
    ids = found.cut(start, size) if found else None
    if ids is None and found is None:
        found = _read_ends(wanted, known)
        ids = found.cut(start, size) if found else None
        if found and ids is not None:
            _keep(wanted, known, found)
    if ids is not None:
        return ids
    column = read_column(wanted.seller_id, wanted.marketplace_ids, wanted.sort.removeprefix("-"))
    every = column.sorted_ids(falling=wanted.sort.startswith("-"))
    _keep(wanted, known, Order(len(every), every, every[:0]))
    return every[start : start + size]


def _found(wanted: Wanted, known: Known) -> Order | None:
    with _lock:
        found = _kept.get(wanted)
        if found is None or found[0] != known:
            return None
        _kept.move_to_end(wanted)
        return found[1]


def _keep(wanted: Wanted, known: Known, order: Order) -> None:
    with _lock:
        _kept[wanted] = (known, order)
        _kept.move_to_end(wanted)
        held = sum(len(each.first) + len(each.last) for _, each in _kept.values())
        while len(_kept) > 1 and held > _MOST_KEPT:
            _, (_, gone) = _kept.popitem(last=False)
            held -= len(gone.first) + len(gone.last)


_ENDS: Final = Prepared(
    lambda seller_id, marketplace_id, sort: GridOrder.objects.filter(
        seller_id=seller_id, marketplace_id=marketplace_id, sort=sort
    ).values_list("computed_at", "rows", "first", "last")
)


def _read_ends(wanted: Wanted, known: Known) -> Order | None:
    """The ends that were kept after the last night; None where it has not left any, or rows came since."""
    if len(wanted.marketplace_ids) != 1 or known.computed_at is None:
        return None
    for computed_at, rows, first, last in _ENDS.rows(wanted.seller_id, *wanted.marketplace_ids, wanted.sort):
        if (computed_at, rows) == (known.computed_at, known.total):
            return Order(rows, _ids(first), _ids(last))
    return None


def _ids(stored: bytes) -> Ids:
    return np.frombuffer(bytes(stored), STORED).astype(np.int64)


class Column(NamedTuple):
    """A seller's rows by one column, NaN for what is missing."""

    ids: Ids
    values: Floats

    def sorted_ids(self, *, falling: bool) -> Ids:
        """All ids as `grid.ordered` sorts them: what is missing last in either direction, ties by id."""
        return self.ids[np.lexsort((self.ids, -self.values if falling else self.values))]


def read_column(seller_id: int, marketplace_ids: Sequence[int], sort: str) -> Column:
    """What `sort` sorts by, read along the index that holds it."""
    rows = for_seller(seller_id, list(marketplace_ids)).order_by()
    name = NIGHTLY[sort]
    kind = "day" if name == "last_updated_on" else "float"
    chosen = _ranked(rows) if name == "top_reason" else rows.values_list("pk", name)
    ids, values = bulk.fetch_columns(*chosen.query.sql_with_params(), ("int", kind))
    if kind == "day":
        values = np.where(values == 0, np.nan, values)
    return Column(ids, values.astype(np.float64))


def _ranked(rows: "QuerySet[OfferHealth]") -> "QuerySet[Any, Any]":
    """Rows with the place of their reason among all, as the database sorts texts."""
    named = rows.exclude(top_reason="").order_by("top_reason")
    reasons = named.values_list("top_reason", flat=True).distinct()
    cases = [When(top_reason=reason, then=Value(float(place))) for place, reason in enumerate(reasons)]
    place = Case(*cases, default=None, output_field=FloatField()) if cases else Value(None, FloatField())
    return rows.values_list("pk", place)


def forget_orders() -> None:
    """Forget all orders, as a new process would not know them."""
    with _lock:
        _kept.clear()
