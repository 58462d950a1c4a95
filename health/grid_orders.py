"""The order of a large seller's rows by a column of the grid, kept in the process while no night changes it.

An index for each column would have to be made anew every night, for the sake of a few sellers; sorting a
hundred thousand rows for every page takes longer than all the rest of the page. What these columns hold only
a night changes, and between nights rows are only added. So an order is right as long as the nights and the
number of rows are the same, which every page knows anyway; it is sorted once, and pages are cut out of it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, NamedTuple

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from offers import bulk

Ids = NDArray[np.int64]

NIGHTLY: Final = frozenset({"rate", "orders", "ncx", "stars", "reason", "updated"})
"""The columns of the grid that only a night changes."""
LARGE: Final = 5_000
"""From so many rows on an order is kept: fewer are sorted in a millisecond or two."""
_MOST_KEPT: Final = 4_000_000  # ids of eight bytes, in all orders together


class Wanted(NamedTuple):
    """Whose rows, in which order."""

    seller_id: int
    marketplace_ids: tuple[int, ...]
    sort: str


_kept: "OrderedDict[Wanted, tuple[Hashable, Ids]]" = OrderedDict()
_lock: Final = Lock()


def in_order(wanted: Wanted, as_of: Hashable, rows: Callable[[], "QuerySet[Any, Any]"]) -> Ids:
    """The ids of all rows in their order. `as_of` tells the nights and the number of rows they are from."""
    with _lock:
        found = _kept.get(wanted)
        if found and found[0] == as_of:
            _kept.move_to_end(wanted)
            return found[1]
    (ids,) = bulk.fetch_columns(*rows().values_list("pk").query.sql_with_params(), ("int",))
    with _lock:
        _kept[wanted] = (as_of, ids)
        _kept.move_to_end(wanted)
        while len(_kept) > 1 and sum(len(each) for _, each in _kept.values()) > _MOST_KEPT:
            _kept.popitem(last=False)
    return ids


def forget_orders() -> None:
    """Forget all orders, as a new process would not know them."""
    with _lock:
        _kept.clear()
