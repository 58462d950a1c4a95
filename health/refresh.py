"""A refresh of the benchmark: from all shards' counts to what each offer is compared with (METHOD 2)."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple
from io import BytesIO
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from health.bands import Ints
from health.benchmark_store import SPREAD_PARTS, OfferRows, nearest_others, pack_sums, spreads
from health.benchmarks import NightOrders
from health.findings import OrderSums
from health.grouping import Level, Market
from health.models import BenchmarkRefresh, Part
from health.peers import fit
from health.reading import narrow
from health.tonight import Tonight

# One value per offer that takes part. Ids take as many bits as they need.
_COLUMNS: Final = {
    "offer_id": "i4",
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


class _Gathered(NamedTuple):
    """The offers that take part, in the order of sums.

    shards: where each shard begins among them by id, and the end. places: the place of each by id.
    """

    columns: _Columns
    sums: OrderSums
    shards: list[int]
    places: Ints


def _gathered(counted: Iterable["TakingPart"], order: Ints) -> _Gathered:
    """All shards' offers that take part, in this order of ids, which knows some more; a shard at a time."""
    columns: _Columns = {name: np.empty(len(order), kind) for name, kind in _COLUMNS.items()}
    sums, shards = OrderSums(), [0]
    for shard in counted:
        stop = shards[-1] + len(shard.columns["offer_id"])
        for name, values in shard.columns.items():
            if values.dtype.itemsize > columns[name].dtype.itemsize:
                columns[name] = columns[name].astype(values.dtype)
            columns[name][shards[-1] : stop] = values
        sums = sums + shard.sums
        shards.append(stop)
    places = _places(columns["offer_id"][: shards[-1]], order)
    for name in _COLUMNS:
        columns[name] = columns[name][: shards[-1]][places]
    return _Gathered(columns, sums, shards, places)


class TakingPart(NamedTuple):
    """What a fit needs of a shard's offers that take part, by rising ids, and the sums of their orders."""

    columns: _Columns
    sums: OrderSums

    @classmethod
    def of(cls, night: NightOrders) -> "TakingPart":
        """By the windows that tonight's orders ask for."""
        where, window = night.taking_part, night.chosen_window
        counts = night.counts(window)
        market = night.market(counts, where)
        columns = {name: getattr(market, name) for name in _OF_MARKET}
        ours = {"offer_id": narrow(night.roster.offer_id[where]), "window": window[where].astype(np.int16)}
        return cls(columns | ours, OrderSums.of(counts, where))

    def to_bytes(self) -> bytes:
        """As an uncompressed npz archive."""
        target = BytesIO()
        np.savez(target, allow_pickle=False, **{_SUMS: np.array(astuple(self.sums))}, **self.columns)
        return target.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> "TakingPart":
        """What `to_bytes` wrote."""
        with np.load(BytesIO(body), allow_pickle=False) as arrays:
            return cls({name: arrays[name] for name in _COLUMNS}, OrderSums(*arrays[_SUMS].tolist()))


_SUMS: Final = "sums"


def _places(ids: Ints, order: Ints) -> Ints:
    """Where each id of the order that is known lies among the ids, which rise."""
    if not len(ids):
        return np.empty(0, np.int64)
    found = np.searchsorted(ids, order).clip(max=len(ids) - 1)
    places: Ints = found[ids[found] == order].astype(np.int32)
    return places


class Refreshed:
    """A refresh of the benchmark, fitted: what it says of every offer, and what is to be stored of it.

    counted: every shard's, by rising offer ids. order: the ids in which sums run (`read_order`).
    """

    def __init__(self, tonight: Tonight, counted: Iterable[TakingPart], order: Ints) -> None:
        gathered = _gathered(counted, order)
        self._tonight = tonight
        self._sum_n = gathered.sums.weighed(tonight.policy)
        self._shards, self._places = gathered.shards, gathered.places
        columns = gathered.columns
        self._kept = {name: columns[name] for name in ("seller", "n", "k")}
        offer_id, window = columns.pop("offer_id"), columns.pop("window")
        fitted = fit(Market(**{name: columns.pop(name) for name in _OF_MARKET}), tonight.policy)
        self._found, self._sums = fitted.offers, fitted.sums
        nearest = nearest_others(self._sums, self._kept["seller"].astype(np.int64), self._found.groups)
        self._rows = OfferRows.of(offer_id, window, self._found, nearest.astype(np.int32))

    def of_shards(self) -> Iterator[OfferRows]:
        """What each shard's offers that take part are compared with, by rising ids."""
        by_id = np.empty(len(self._places), np.int32)
        by_id[self._places] = np.arange(len(self._places), dtype=np.int32)
        for start, stop in pairwise(self._shards):
            yield self._rows.at(by_id[start:stop])

    def spreads(self) -> Iterator[tuple[Part, int, bytes]]:
        """The pieces with the spread of each group."""
        seller, n, k = self._kept["seller"], self._kept["n"], self._kept["k"]
        for level, group, body in spreads(self._found, seller, n, k, self._tonight.policy):
            yield SPREAD_PARTS[level], group, body

    def sums(self) -> bytes:
        """The sums for newcomers: the `fit` of the row."""
        return pack_sums(self._sums)

    def row(self) -> BenchmarkRefresh:
        """The refresh of tonight, not saved, without its `fit`."""
        return BenchmarkRefresh(
            marketplace=self._tonight.marketplace,
            as_of=self._tonight.as_of,
            policy=self._tonight.policy_row,
            sum_n=self._sum_n,
            offers=len(self._places),
            groups=self._sums.catalog.size(Level.PEER_GROUP),
        )
