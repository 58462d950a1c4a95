"""Who is compared with whom: the ladder of groups of METHOD 2, and the stretches of one seller in each.

A market's offers form nested groups on four levels. A *run* is one seller's offers within one group;
whatever the benchmark holds is the same for all offers of a run, so the levels are computed per run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from health.bands import Bools, Floats, Ints
from health.policy import Policy

Indexes: TypeAlias = NDArray[np.int32]


class Level(IntEnum):
    """The ladder, coarse to fine."""

    MARKETPLACE = 0
    TOP_CATEGORY = 1
    CATEGORY = 2
    PEER_GROUP = 3


@dataclass(frozen=True, slots=True)
class Market:
    """The offers that take part, one value per offer, in (seller, sku) order.

    Codes are the caller's stable ids (whole numbers): of the seller, of the first step of the category path,
    of the whole path, of the condition. price is float64, NaN for none; n and k are weighed counts.
    Raises ValueError for arrays of different lengths.
    """

    seller: Ints
    top: Ints
    category: Ints
    condition: Ints
    price: Floats
    n: Floats
    k: Floats

    def __post_init__(self) -> None:
        columns = (self.seller, self.top, self.category, self.condition, self.price, self.n, self.k)
        if len({column.shape for column in columns}) > 1 or self.seller.ndim != 1:
            raise ValueError("A market's columns must be one-dimensional and equally long.")

    def __len__(self) -> int:
        return len(self.seller)


def find(known: Ints, wanted: Ints) -> Indexes:
    """The positions of the wanted values among the known ones (sorted, each once); -1 where absent."""
    if not len(known):
        return np.full(wanted.shape, -1, dtype=np.int32)
    low, high = int(known[0]), int(known[-1])
    if high - low < len(known) + 2 * len(wanted):
        return _find_by_table(known - low, np.clip(wanted, low - 1, high + 1) - low, high - low)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[places] == wanted, places, -1).astype(np.int32)


def _find_by_table(known: Ints, wanted: Ints, high: int) -> Indexes:
    """`find` for values from 0 to `high` that lie close together: several times faster than searching.

    Wanted values are at least -1, the last row of the table, and at most high + 1.
    """
    table = np.full(high + 3, -1, dtype=np.int32)
    table[known] = np.arange(len(known), dtype=np.int32)
    return table[wanted]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The groups of one refresh. A group's number on its level is its place in that level's keys.

    tops, categories, conditions: the codes met, sorted. category_keys: (top, category) pairs;
    peer_keys: (category group, price band, condition) triples; both as one sorted number each, so that
    groups are numbered with the offspring of one group side by side. cuts: the price cut points of
    each category group, infinite where it has a single price band.
    """

    tops: Ints
    categories: Ints
    conditions: Ints
    category_keys: Ints
    cuts: Floats
    peer_keys: Ints

    @classmethod
    def of(cls, market: Market, policy: Policy) -> Self:
        """The groups that the market's offers form."""
        tops, categories, conditions = (
            np.unique(codes).astype(np.int64) for codes in (market.top, market.category, market.condition)
        )
        none = np.empty(0, dtype=np.int64)
        codes = cls(tops, categories, conditions, none, np.empty((0, len(policy.price_band_points))), none)
        pairs = codes._category_keys_of(find(tops, market.top), market)
        category_keys = np.unique(pairs)
        group = find(category_keys, pairs)
        cuts = price_cuts(group, len(category_keys), market.price, policy)
        upper = replace(codes, category_keys=category_keys, cuts=cuts)
        return replace(upper, peer_keys=np.unique(upper._peer_keys_of(group, market)))

    def locate(self, market: Market) -> list[Indexes]:
        """The group of every offer on each level, -1 where that group is new."""
        top = find(self.tops, market.top)
        category = find(self.category_keys, self._category_keys_of(top, market))
        peers = find(self.peer_keys, self._peer_keys_of(category, market))
        return [np.zeros(len(market), dtype=np.int32), top, category, peers]

    def parents(self, level: Level) -> Ints:
        """The group one level up of every group of a level below the marketplace."""
        if level is Level.TOP_CATEGORY:
            return np.zeros(len(self.tops), dtype=np.int64)
        if level is Level.CATEGORY:
            return self.category_keys // max(len(self.categories), 1)
        return self.peer_keys // (self._bands * max(len(self.conditions), 1))

    def size(self, level: Level) -> int:
        """How many groups the level has."""
        sizes = (1, len(self.tops), len(self.category_keys), len(self.peer_keys))
        return sizes[level]

    @property
    def _bands(self) -> int:
        return int(self.cuts.shape[1]) + 1

    def _category_keys_of(self, top: Indexes, market: Market) -> Ints:
        """The key of every offer's category group, -1 where its top category or category is new."""
        return _pair(top, find(self.categories, market.category), len(self.categories))

    def _peer_keys_of(self, category: Indexes, market: Market) -> Ints:
        """The key of every offer's peer group, -1 where its category or condition is new."""
        band = np.zeros(len(market), dtype=np.int32)
        for cut in self.cuts.T:
            # A price equal to a cut point belongs above it; no price (NaN) is never above anything.
            band += market.price >= cut[category] if len(cut) else 0
        banded = _pair(category, band, self._bands)
        return _pair(banded, find(self.conditions, market.condition), len(self.conditions))


def _pair(major: Ints | Indexes, minor: Indexes, minors: int) -> Ints:
    """Two numbers as one that sorts like the pair; -1 where either is -1."""
    return np.where((major < 0) | (minor < 0), -1, major.astype(np.int64) * minors + minor)


def price_cuts(group: Indexes, groups: int, price: Floats, policy: Policy) -> Floats:
    """The points that cut each group's prices into bands, shape (groups, points).

    Linear interpolation, as in numpy.quantile, over all the group's prices; infinite, so that nothing
    lies above, where the group has too few priced offers.
    """
    priced = np.flatnonzero(~np.isnan(price))
    order = priced[np.argsort(price[priced])]
    order = order[np.argsort(group[order], kind="stable")]
    prices = price[order]
    counts = np.bincount(group[priced], minlength=groups)
    first = np.cumsum(counts) - counts
    cut = counts >= policy.price_band_min_priced
    cuts = np.full((groups, len(policy.price_band_points)), np.inf)
    last = counts[cut] - 1
    for column, point in enumerate(policy.price_band_points):
        cuts[cut, column] = _interpolate(prices, first[cut], last * np.float64(point), last)
    return cuts


def _interpolate(values: Floats, first: Ints, place: Floats, last: Ints) -> Floats:
    """The value at a fractional place after `first`, between its two neighbors."""
    whole = np.floor(place).astype(np.int64)
    low, high = values[first + whole], values[first + np.minimum(whole + 1, last)]
    share, step = place - whole, high - low
    # From the nearer end, as numpy.quantile does, so that the rounding is the same.
    between: Floats = np.where(share < 0.5, low + step * share, high - step * (1 - share))
    return between


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one level, in order of (seller, group).

    of_offer: the run of every offer. group, parent: every run's group on this level, and its run one
    level up. key: rank of the seller * groups + group, rising, by which a run is found again.
    """

    of_offer: Indexes
    group: Indexes
    parent: Indexes
    key: Ints


def seller_ranks(market: Market) -> tuple[Indexes, Ints]:
    """Each offer's seller as its rank by first appearance, and the code of each rank.

    Raises ValueError where a seller's offers do not stand together.
    """
    heads = _heads(market.seller)
    codes = market.seller[heads]
    if len(np.unique(codes)) < len(codes):
        raise ValueError("Sort the offers by (seller, sku): a seller's offers do not stand together.")
    return _numbered(heads), codes.astype(np.int64)


def _heads(values: Ints | Indexes) -> Bools:
    """Where a value differs from the one before it."""
    heads = np.ones(len(values), dtype=np.bool_)
    heads[1:] = values[1:] != values[:-1]
    return heads


def _numbered(heads: Bools) -> Indexes:
    """The number of the stretch that each position lies in, from 0."""
    numbers: Indexes = np.cumsum(heads, dtype=np.int32) - np.int32(1)
    return numbers


def runs_of(rank: Indexes, groups: list[Indexes], catalog: Catalog) -> Iterator[Runs]:
    """The runs of every level, coarse to fine, each made when it is asked for."""
    order = np.argsort(run_keys(rank, groups, catalog, Level.PEER_GROUP), kind="stable").astype(np.int32)
    above = np.zeros(len(rank), dtype=np.int32)
    for level in Level:
        key = run_keys(rank, groups, catalog, level)[order]
        heads = _heads(key)
        run = _numbered(heads)
        of_offer = np.empty(len(rank), dtype=np.int32)
        of_offer[order] = run
        made = Runs(of_offer, groups[level][order[heads]], above[heads], key[heads])
        del key, heads, of_offer  # so that they are not kept while the level is fitted
        yield made
        del made
        above = run


def run_keys(rank: Indexes, groups: list[Indexes], catalog: Catalog, level: Level) -> Ints:
    """The key of each offer's run on the level; -1 where its seller or its group there is unknown."""
    return _pair(rank, groups[level], catalog.size(level))


def pieces(rank: Indexes, size: int) -> Iterator[slice]:
    """Stretches of about `size` offers, cut between sellers, so that no run is ever cut."""
    heads = np.append(np.flatnonzero(_heads(rank)), len(rank))
    start = 0
    while start < len(rank):
        after = min(int(np.searchsorted(heads, start + size)), len(heads) - 1)
        stop = int(heads[after])
        yield slice(start, stop)
        start = stop
