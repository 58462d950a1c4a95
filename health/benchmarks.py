"""The benchmark of a night: refreshed when METHOD 2 says so, else the stored one, with newcomers placed."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Final

import numpy as np

from health.bands import Bools, Floats, Ints
from health.benchmark_store import (
    OfferRows,
    nearest_others,
    pack_sums,
    spreads,
    unpack_sums,
    unsaved_pieces,
)
from health.counting import Counts, NcxLines, OrderTally, choose_window, count
from health.grouping import Level, Market
from health.models import BenchmarkPlacement, BenchmarkRefresh, HealthPolicy, Part
from health.peers import Benchmarks, Sums, fit, place
from health.policy import Policy
from health.reading import Roster
from offers.models import Marketplace

_PIECES: Final = 64  # of a stored benchmark, unpacked together


@dataclass(frozen=True, slots=True)
class Compared:
    """What a night compares with: one value per offer of the roster, and what is to be stored.

    m, s, w are NaN where an offer does not take part; level and finest -1, similar 0. `w` is W of the
    finest known level, `finest` that level. window_before: the stored window, 0 for a newcomer.
    """

    counts: Counts
    window_before: Ints
    m: Floats
    s: Floats
    w: Floats
    level: Ints
    finest: Ints
    similar: Ints
    sum_n: float
    new: BenchmarkRefresh | None
    base: BenchmarkRefresh | None
    placed: list[BenchmarkPlacement]


@dataclass(frozen=True, slots=True)
class NightOrders:
    """Everything counted from, for one night."""

    roster: Roster
    taking_part: Bools
    orders: OrderTally
    lines: NcxLines
    as_of: date
    policy: Policy

    def counts(self, window: Ints) -> Counts:
        """The counts of the night, with these windows."""
        return count(
            self.orders,
            self.lines,
            window=window,
            relisted_on=self.roster.relisted_on,
            as_of=self.as_of.toordinal(),
            policy=self.policy,
        )

    def market(self, counts: Counts, where: Bools) -> Market:
        """The offers `where` as the benchmark takes them."""
        roster = self.roster
        return Market(
            seller=roster.seller[where].astype(np.int64),
            top=roster.top[where].astype(np.int64),
            category=roster.category[where].astype(np.int64),
            condition=roster.condition[where].astype(np.int64),
            price=roster.price[where],
            n=counts.n[where],
            k=counts.k[where],
        )


@dataclass(frozen=True, slots=True)
class _Stored:
    """The stored benchmark, laid out along the roster; window 0 where an offer has none."""

    window: Ints
    m: Floats
    s: Floats
    w: Floats
    level: Ints
    finest: Ints
    similar: Ints

    @classmethod
    def nothing(cls, size: int) -> "_Stored":
        nan = np.full(size, np.nan)
        none = np.full(size, -1, np.int8)
        return cls(
            np.zeros(size, np.int32), nan, nan.copy(), nan.copy(), none, none.copy(), np.zeros(size, np.int32)
        )

    def take(self, where: Ints, rows: OfferRows, which: Bools) -> None:
        """Fill in the rows `where` with those of a stored refresh."""
        self.window[where] = rows.window[which]
        self.m[where], self.s[where], self.w[where] = rows.m[which], rows.s[which], rows.w[which]
        self.level[where], self.finest[where] = rows.level[which], rows.finest[which]
        self.similar[where] = rows.similar[which]

    def put(self, where: Ints, window: Ints, found: Benchmarks) -> None:
        """Fill in the rows `where`."""
        self.window[where] = window
        self.m[where], self.s[where], self.w[where] = found.m, found.s, found.W
        self.level[where], self.finest[where], self.similar[where] = found.level, found.finest, found.N


def compare(
    night: NightOrders, marketplace: Marketplace, policy_row: HealthPolicy, last_night: date | None
) -> Compared:
    """Counts and benchmark of a night. Writes nothing: the caller stores `new` and `placed`."""
    base = (
        BenchmarkRefresh.objects.filter(marketplace=marketplace, as_of__lt=night.as_of)
        .order_by("-as_of")
        .first()
    )
    stored, sums = _read(base, night) if base else (_Stored.nothing(len(night.roster)), None)
    window = np.where(stored.window > 0, stored.window, choose_window(night.orders.short, night.policy))
    counts = night.counts(window)
    sum_n = float(counts.n[night.taking_part].sum())
    if base is None or sums is None or _due(base, policy_row, last_night, night, sum_n):
        return replace(_refresh(night, marketplace, policy_row), window_before=stored.window)
    return _frozen(night, counts, stored, sum_n, base=base, sums=sums)


def _due(
    base: BenchmarkRefresh,
    policy_row: HealthPolicy,
    last_night: date | None,
    night: NightOrders,
    sum_n: float,
) -> bool:
    """Whether METHOD 2 asks for a refresh tonight."""
    first_of_week = last_night is None or last_night.isocalendar()[:2] != night.as_of.isocalendar()[:2]
    moved = abs(sum_n - base.sum_n) > night.policy.refresh_share * base.sum_n
    return first_of_week or base.policy_id != policy_row.pk or moved


def _refresh(night: NightOrders, marketplace: Marketplace, policy_row: HealthPolicy) -> Compared:
    size = len(night.roster)
    window = choose_window(night.orders.short, night.policy)
    counts = night.counts(window)
    fitted = fit(night.market(counts, night.taking_part), night.policy)
    rows = np.flatnonzero(night.taking_part)
    stored = _Stored.nothing(size)
    stored.put(rows, window[rows], fitted.offers)
    sum_n = float(counts.n[rows].sum())
    offers, seller = fitted.offers, night.roster.seller[rows].astype(np.int64)
    new = BenchmarkRefresh(
        marketplace=marketplace,
        as_of=night.as_of,
        policy=policy_row,
        sum_n=sum_n,
        offers=len(rows),
        groups=fitted.sums.catalog.size(Level.PEER_GROUP),
        fit=pack_sums(fitted.sums),
    )
    nearest = nearest_others(fitted.sums, seller, offers.groups)
    new.unsaved_pieces = unsaved_pieces(
        OfferRows.of(night.roster.offer_id[rows], window[rows], offers, nearest),
        spreads(offers, seller, counts.n[rows], counts.k[rows], night.policy),
    )
    return _compared(counts, stored, sum_n, new=new)


def _compared(
    counts: Counts,
    stored: _Stored,
    sum_n: float,
    *,
    new: BenchmarkRefresh | None = None,
    base: BenchmarkRefresh | None = None,
    placed: list[BenchmarkPlacement] | None = None,
) -> Compared:
    return Compared(
        counts=counts,
        window_before=stored.window.copy(),
        m=stored.m,
        s=stored.s,
        w=stored.w,
        level=stored.level,
        finest=stored.finest,
        similar=stored.similar,
        sum_n=sum_n,
        new=new,
        base=base,
        placed=placed or [],
    )


def _read(base: BenchmarkRefresh, night: NightOrders) -> tuple[_Stored, Sums]:
    """The stored refresh and the placements made since, along the roster."""
    bodies = base.pieces.filter(part=Part.OFFERS).order_by("number").values_list("body", flat=True)
    stored = _Stored.nothing(len(night.roster))
    some = bodies.iterator(_PIECES)
    while pieces := list(islice(some, _PIECES)):
        rows = OfferRows.read(bytes(body) for body in pieces)
        index, known = night.roster.positions(rows.offer_id)
        stored.take(index[known], rows, known)
    # A second recompute of a date forgets what that date placed.
    for row in base.placements.filter(since__lt=night.as_of):
        (at,), (here,) = night.roster.positions(np.array([row.offer_id]))
        if here:
            stored.window[at], stored.level[at], stored.finest[at] = row.window_days, row.level, row.finest
            stored.m[at], stored.s[at], stored.w[at], stored.similar[at] = (
                row.m,
                row.s,
                row.w,
                row.similar_offers,
            )
    return stored, unpack_sums(bytes(base.fit))


def _frozen(
    night: NightOrders, counts: Counts, stored: _Stored, sum_n: float, *, base: BenchmarkRefresh, sums: Sums
) -> Compared:
    """The stored benchmark as it is, and newcomers placed by the stored sums."""
    newcomers = night.taking_part & (stored.window == 0)
    rows = np.flatnonzero(newcomers)
    groups, nearest = np.empty((0, len(Level)), np.int32), np.empty(0, np.int64)
    if len(rows):
        found = place(sums, night.market(counts, newcomers))
        stored.put(rows, counts.window[rows], found)
        groups = found.groups
        nearest = nearest_others(sums, night.roster.seller[rows], groups)
    placed = [
        BenchmarkPlacement(
            refresh=base,
            offer_id=int(night.roster.offer_id[row]),
            since=night.as_of,
            window_days=int(stored.window[row]),
            m=float(stored.m[row]),
            s=float(stored.s[row]),
            w=float(stored.w[row]),
            level=int(stored.level[row]),
            finest=int(stored.finest[row]),
            similar_offers=int(stored.similar[row]),
            nearest=int(nearest[at]),
            group=int(groups[at, stored.level[row]]),
        )
        for at, row in enumerate(rows)
    ]
    return _compared(counts, stored, sum_n, base=base, placed=placed)
