"""A refresh of the benchmark: from all shards' counts to what each offer is compared with (METHOD 2)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from health.bands import Ints
from health.benchmark_store import OfferRows, nearest_others, pack_sums, pieces_of, spreads
from health.benchmarks import NightOrders
from health.findings import OrderSums
from health.grouping import Level, Market
from health.models import BenchmarkPiece, BenchmarkRefresh
from health.peers import Benchmarks, fit
from health.tonight import Tonight

# One value per offer that takes part. Ids of sellers and categories take as many bits as they need.
_COLUMNS: Final = {
    "offer_id": "i8",
    "seller": "i4",
    "top": "i4",
    "category": "i4",
    "condition": "i1",
    "price": "f8",
    "n": "f8",
    "k": "f8",
    "window": "i2",
}
_OF_MARKET: Final = ("seller", "top", "category", "condition", "price", "n", "k")
_Columns: TypeAlias = dict[str, NDArray[Any]]


def _gathered(counted: Iterable[NightOrders], order: Ints) -> tuple[_Columns, OrderSums]:
    """The offers that take part, in this order of ids, which knows some more; a shard at a time."""
    columns: _Columns = {name: np.empty(len(order), kind) for name, kind in _COLUMNS.items()}
    sums, filled = OrderSums(), 0
    for night in counted:
        shard, its_sums = _taking(night)
        stop = filled + len(shard["offer_id"])
        for name, values in shard.items():
            if values.dtype.itemsize > columns[name].dtype.itemsize:
                columns[name] = columns[name].astype(values.dtype)
            columns[name][filled:stop] = values
        sums, filled = sums + its_sums, stop
    place = _places(columns["offer_id"][:filled], order)
    for name in _COLUMNS:
        columns[name] = columns[name][:filled][place]
    return columns, sums


def _taking(night: NightOrders) -> tuple[_Columns, OrderSums]:
    where, window = night.taking_part, night.chosen_window
    counts = night.counts(window)
    market = night.market(counts, where)
    columns = {name: getattr(market, name) for name in _OF_MARKET}
    ours = {"offer_id": night.roster.offer_id[where], "window": window[where].astype(np.int16)}
    return columns | ours, OrderSums.of(counts, where)


def _places(ids: Ints, order: Ints) -> Ints:
    """Where each id of the order that is known lies among the ids, which rise."""
    if not len(ids):
        return np.empty(0, np.int64)
    found = np.searchsorted(ids, order).clip(max=len(ids) - 1)
    places: Ints = found[ids[found] == order]
    return places


def refresh(
    tonight: Tonight, counted: Iterable[NightOrders], order: Ints
) -> tuple[BenchmarkRefresh, Iterator[BenchmarkPiece]]:
    """The refresh of tonight, not saved, and its pieces, which are made as they are asked for.

    counted: every shard's counts, by rising offer ids. order: the ids in which sums run (`read_order`).
    """
    columns, sums = _gathered(counted, order)
    kept = {name: columns[name] for name in ("offer_id", "window", "seller", "n", "k")}
    fitted = fit(Market(**{name: columns.pop(name) for name in _OF_MARKET}), tonight.policy)
    made = BenchmarkRefresh(
        marketplace=tonight.marketplace,
        as_of=tonight.as_of,
        policy=tonight.policy_row,
        sum_n=sums.weighed(tonight.policy),
        offers=len(kept["offer_id"]),
        groups=fitted.sums.catalog.size(Level.PEER_GROUP),
        fit=pack_sums(fitted.sums),
    )
    nearest = nearest_others(fitted.sums, kept["seller"].astype(np.int64), fitted.offers.groups)
    return made, _pieces(kept, fitted.offers, nearest.astype(np.int32), tonight)


def _pieces(kept: _Columns, found: Benchmarks, nearest: Ints, tonight: Tonight) -> Iterator[BenchmarkPiece]:
    rows = OfferRows.of(kept["offer_id"], kept["window"], found, nearest)
    yield from pieces_of(rows, spreads(found, kept["seller"], kept["n"], kept["k"], tonight.policy))
