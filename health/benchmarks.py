"""What the offers of a shard are compared with: the stored benchmark, with newcomers placed (METHOD 2)."""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, TypeAlias

import numpy as np

from health.bands import Bools, Floats, Ints
from health.benchmark_store import OfferRows, nearest_others, piece_of
from health.counting import NEVER, Counts, NcxLines, OrderTally, choose_window, count
from health.grouping import Market
from health.models import BenchmarkRefresh, Part
from health.peers import Benchmarks, place
from health.policy import Policy
from health.reading import Roster
from health.tonight import Tonight

Placement: TypeAlias = dict[str, float]
"""The fields of a newcomer's `BenchmarkPlacement`, but for its refresh and its date."""
_PIECES: Final = 64  # of a stored benchmark, unpacked together


@dataclass(frozen=True, slots=True)
class Compared:
    """What a shard is compared with: one value per offer of the roster, and what is to be stored.

    m, s, w are NaN where an offer does not take part; level and finest -1, similar 0. `w` is W of the
    finest known level, `finest` that level. window_before: the window stored by earlier nights, 0 for none.
    placed: newcomers.
    """

    counts: Counts
    window_before: Ints
    m: Floats
    s: Floats
    w: Floats
    level: Ints
    finest: Ints
    similar: Ints
    placed: list[Placement]


@dataclass(frozen=True, slots=True)
class NightOrders:
    """Everything counted from, for one shard of one night. last_ordered: NEVER for none."""

    roster: Roster
    last_ordered: Ints
    orders: OrderTally
    lines: NcxLines
    as_of: date
    policy: Policy

    @property
    def taking_part(self) -> Bools:
        """Who takes part in the benchmark: listed by now, or ordered."""
        taking_part: Bools = (self.roster.listed_on <= self.as_of.toordinal()) | (self.last_ordered > NEVER)
        return taking_part

    @property
    def chosen_window(self) -> Ints:
        """The window that each offer's present orders ask for."""
        return choose_window(self.orders.short, self.policy)

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
            seller=roster.seller[where],
            top=roster.top[where],
            category=roster.category[where],
            condition=roster.condition[where],
            price=roster.price[where],
            n=counts.n[where],
            k=counts.k[where],
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """The stored benchmark, laid out along the roster; window 0 where an offer has none."""

    window: Ints
    m: Floats
    s: Floats
    w: Floats
    level: Ints
    finest: Ints
    similar: Ints

    @classmethod
    def nothing(cls, size: int) -> "Stored":
        """Of no offer."""
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


def compare(night: NightOrders, tonight: Tonight, fitted: OfferRows | None) -> Compared:
    """Counts and benchmark of a shard. Writes nothing: the caller stores `placed`.

    fitted: what tonight's refresh says of the shard's offers, None where the benchmark of `base` stays.
    """
    base = tonight.base
    before = _read(base, night) if base else Stored.nothing(len(night.roster))
    if fitted is not None:
        stored = Stored.nothing(len(night.roster))
        _take(stored, night.roster, fitted)
        return _compared(night.counts(_window(night, stored)), before.window, stored, [])
    counts = night.counts(_window(night, before))
    window_before = before.window.copy()
    return _compared(counts, window_before, before, _placed(night, counts, before, tonight) if base else [])


def _window(night: NightOrders, stored: Stored) -> Ints:
    return np.where(stored.window > 0, stored.window, night.chosen_window)


def _compared(counts: Counts, before: Ints, stored: Stored, placed: list[Placement]) -> Compared:
    return Compared(
        counts=counts,
        window_before=before,
        m=stored.m,
        s=stored.s,
        w=stored.w,
        level=stored.level,
        finest=stored.finest,
        similar=stored.similar,
        placed=placed,
    )


def _take(stored: Stored, roster: Roster, rows: OfferRows) -> None:
    """Lay these rows out along the roster."""
    index, known = roster.positions(rows.offer_id)
    stored.take(index[known], rows, known)


def _read(base: BenchmarkRefresh, night: NightOrders) -> Stored:
    """The stored refresh and the placements made since, along the roster."""
    roster, stored = night.roster, Stored.nothing(len(night.roster))
    numbers = [piece_of(offer_id) for offer_id in roster.range]
    pieces = base.pieces.filter(part=Part.OFFERS, number__range=numbers).order_by("number")
    bodies = iter(pieces.values_list("body", flat=True).iterator(_PIECES))
    while some := list(islice(bodies, _PIECES)):
        _take(stored, roster, OfferRows.read(map(bytes, some)))
    # A second recompute of a date forgets what that date placed.
    for row in base.placements.filter(since__lt=night.as_of, offer__id__range=roster.range):
        (at,), (here,) = roster.positions(np.array([row.offer_id]))
        if here:
            stored.window[at], stored.level[at], stored.finest[at] = row.window_days, row.level, row.finest
            stored.m[at], stored.s[at], stored.w[at], stored.similar[at] = (
                row.m,
                row.s,
                row.w,
                row.similar_offers,
            )
    return stored


def _placed(night: NightOrders, counts: Counts, stored: Stored, tonight: Tonight) -> list[Placement]:
    """Newcomers, placed by the stored sums, also in `stored`."""
    newcomers = night.taking_part & (stored.window == 0)
    rows = np.flatnonzero(newcomers)
    if not len(rows):
        return []
    sums = tonight.sums
    found = place(sums, night.market(counts, newcomers))
    stored.put(rows, counts.window[rows], found)
    nearest = nearest_others(sums, night.roster.seller[rows], found.groups)
    return [
        {
            "offer_id": int(night.roster.offer_id[row]),
            "window_days": int(stored.window[row]),
            "m": float(stored.m[row]),
            "s": float(stored.s[row]),
            "w": float(stored.w[row]),
            "level": int(stored.level[row]),
            "finest": int(stored.finest[row]),
            "similar_offers": int(stored.similar[row]),
            "nearest": int(nearest[at]),
            "group": int(found.groups[at, stored.level[row]]),
        }
        for at, row in enumerate(rows)
    ]
