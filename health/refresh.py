"""A refresh of the benchmark: from all shards' counts to what each offer is compared with (METHOD 2)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from health.bands import Floats, Ints
from health.benchmark_store import OfferRows, nearest_others, pack_sums, pieces_of, spreads
from health.benchmarks import NightOrders
from health.findings import OrderSums
from health.grouping import Level, Market
from health.models import BenchmarkPiece, BenchmarkRefresh
from health.peers import Fit, fit
from health.tonight import Tonight


@dataclass(frozen=True, slots=True)
class _Taking:
    """The offers that take part, one value each, in (seller code, sku) order, as a `Market` wants them."""

    offer_id: Ints
    seller: Ints
    top: Ints
    category: Ints
    condition: Ints
    price: Floats
    n: Floats
    k: Floats
    window: Ints

    @classmethod
    def of(cls, shards: Iterable["_Taking"], order: Ints) -> "_Taking":
        """All shards' offers in this order of ids, which knows some more."""
        parts = list(shards)
        names = cls.__slots__
        columns: dict[str, NDArray[Any]] = {}
        place = np.empty(0, np.int64)
        for name in names:
            whole = np.concatenate([getattr(part, name) for part in parts] or [np.empty(0, np.int64)])
            if name == "offer_id":
                place = _places(whole, order)
            columns[name] = whole[place]
        return cls(**columns)

    @property
    def market(self) -> Market:
        return Market(self.seller, self.top, self.category, self.condition, self.price, self.n, self.k)


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
    sums = OrderSums()
    shards = []
    for night in counted:
        shard, its_sums = _taking(night)
        shards.append(shard)
        sums += its_sums
    taking = _Taking.of(shards, order)
    shards.clear()
    fitted = fit(taking.market, tonight.policy)
    made = BenchmarkRefresh(
        marketplace=tonight.marketplace,
        as_of=tonight.as_of,
        policy=tonight.policy_row,
        sum_n=sums.weighed(tonight.policy),
        offers=len(taking.offer_id),
        groups=fitted.sums.catalog.size(Level.PEER_GROUP),
        fit=pack_sums(fitted.sums),
    )
    return made, _pieces(taking, fitted, tonight)


def _taking(night: NightOrders) -> tuple[_Taking, OrderSums]:
    where, window = night.taking_part, night.chosen_window
    counts = night.counts(window)
    market = night.market(counts, where)
    columns = (market.seller, market.top, market.category, market.condition, market.price, market.n, market.k)
    taking = _Taking(night.roster.offer_id[where], *columns, window[where].astype(np.int16))
    return taking, OrderSums.of(counts, where)


def _pieces(taking: _Taking, fitted: Fit, tonight: Tonight) -> Iterator[BenchmarkPiece]:
    found, seller = fitted.offers, taking.seller.astype(np.int64)
    nearest = nearest_others(fitted.sums, seller, found.groups)
    rows = OfferRows.of(taking.offer_id, taking.window, found, nearest)
    yield from pieces_of(rows, spreads(found, seller, taking.n, taking.k, tonight.policy))
