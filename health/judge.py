"""From what a night reads of a shard to what it says of its offers. Nothing is written."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from health.bands import Band, Bands, Bools, Floats, Ints, propose, shown
from health.benchmark_store import OfferRows
from health.benchmarks import Compared, NightOrders, compare
from health.closing import ClusterResult, in_grace, qualifies
from health.clusters import judge_clusters
from health.counting import NEVER, NcxLines, last_updated, ncx_lines, top_reasons
from health.forecast import typical_range
from health.grouping import Level
from health.policy import Policy
from health.reading import Range, Roster, read_orders, read_plain_since, read_roster
from health.reading_feedback import REASONS, read_counted, read_said
from health.state import Known, State, Typical, nights_before, read_known
from health.tonight import Tonight
from offers.models import Marketplace

HEALTHY: Final = (Band.EXCELLENT, Band.GOOD, Band.FAIR)


@dataclass(frozen=True, slots=True)
class Extras:
    """What the grid shows besides: one value per offer. reason -1 for none, days NEVER for none."""

    last_ordered: Ints
    last_updated: Ints
    reason: Ints
    reason_orders: Ints
    stars_sum: Ints
    stars_count: Ints


@dataclass(frozen=True, slots=True)
class Judged:
    """A shard of a night, judged: one value per offer of its roster.

    `clusters` has the verdict of each candidate for closing, by its row.
    """

    tonight: Tonight
    night: NightOrders
    compared: Compared
    known: Known
    proposed: Bands
    band: Bands
    closable: Bools
    streak: Ints
    clusters: dict[int, ClusterResult]
    extras: Extras
    peer_p10: Floats
    peer_p90: Floats

    @property
    def roster(self) -> Roster:
        """The shard's offers."""
        return self.night.roster

    @property
    def lines(self) -> NcxLines:
        """The shard's NCX orders of the long window."""
        return self.night.lines

    @property
    def state(self) -> State:
        """The offers' states before tonight."""
        return self.known.state

    @property
    def policy(self) -> Policy:
        """The night's policy."""
        return self.tonight.policy

    @property
    def marketplace(self) -> Marketplace:
        """The night's marketplace."""
        return self.tonight.marketplace

    @property
    def as_of(self) -> date:
        """The night's date."""
        return self.tonight.as_of


def count_shard(tonight: Tonight, within: Range) -> NightOrders:
    """METHOD 1 for the offers of a range: the roster, with orders and counted events in both windows."""
    marketplace, as_of, policy = tonight.marketplace, tonight.as_of, tonight.policy
    roster = read_roster(marketplace, as_of, within)
    orders, last_ordered = read_orders(
        marketplace, roster, as_of, short=policy.short_window_days, long=policy.long_window_days
    )
    lines = ncx_lines(read_counted(marketplace, roster, as_of, policy.long_window_days))
    return NightOrders(roster, last_ordered, orders, lines, as_of, policy)


def judge_shard(tonight: Tonight, night: NightOrders, fitted: OfferRows | None = None) -> Judged:
    """Everything METHOD 2-6 says of the counted offers tonight.

    fitted: as in `benchmarks.compare`. Like `count_shard` it belongs into one `reading.snapshot()`.
    """
    marketplace, policy, roster = tonight.marketplace, tonight.policy, night.roster
    compared = compare(night, tonight, fitted)
    known = read_known(marketplace, roster, tonight.past)
    state = known.state
    proposed = _propose(compared, state, policy)
    band = shown(state.prev, proposed, state.one_before, state.two_before, policy)
    closable, clusters = _closable(night, compared, proposed, band)
    streak_before = _streak_before(marketplace, night, state)
    low, high = _typical(compared, policy, known.typical)
    return Judged(
        tonight=tonight,
        night=night,
        compared=compared,
        known=known,
        proposed=proposed,
        band=band,
        closable=closable,
        streak=np.where(closable, streak_before + 1, 0),
        clusters=clusters,
        extras=_extras(tonight, night, compared.counts.window),
        peer_p10=low,
        peer_p90=high,
    )


def _extras(tonight: Tonight, night: NightOrders, window: Ints) -> Extras:
    reason, reason_orders = top_reasons(
        night.lines, window, tonight.as_of.toordinal(), np.arange(len(REASONS)), len(night.roster)
    )
    last_counted, stars_sum, stars_count = read_said(night.roster, tonight.as_of)
    updated = last_updated(night.last_ordered, last_counted)
    return Extras(night.last_ordered, updated, reason, reason_orders, stars_sum, stars_count)


def _propose(compared: Compared, state: State, policy: Policy) -> Bands:
    """Proposals; offers without a benchmark have no orders either, and so no band."""
    counts, has = compared.counts, ~np.isnan(compared.m)
    proposed = np.zeros(len(has), np.int8)
    proposed[has] = propose(
        counts.n[has], counts.k[has], counts.c[has], compared.m[has], compared.s[has], state.prev[has], policy
    )
    return proposed


def _typical(compared: Compared, policy: Policy, known: Typical) -> tuple[Floats, Floats]:
    """The middle 80 % of similar offers. What last night found for the same m and s is taken over."""
    wanted = compared.counts.orders > 0
    stands = wanted & (known.m == compared.m) & (known.s == compared.s)
    low, high = (np.where(stands, points, np.nan) for points in (known.low, known.high))
    has = np.flatnonzero(wanted & ~stands)
    # Alike for a seller's offers within a group, so computed once for these.
    pairs, inverse = np.unique(compared.m[has] + 1j * compared.s[has], return_inverse=True)
    if len(has):
        points = typical_range(pairs.real.copy(), pairs.imag.copy(), policy)
        low[has], high[has] = points[0][inverse], points[1][inverse]
    return low, high


def _closable(
    night: NightOrders, compared: Compared, proposed: Bands, band: Bands
) -> tuple[Bools, dict[int, ClusterResult]]:
    """On which offers all of METHOD 6 holds tonight, but for the three nights and the breaker.

    Whether the offer is LIVE plays no part: a second recompute after the closure says the same.
    """
    counts, policy = compared.counts, night.policy
    # Where the peer group is new, nobody stands in it yet: no closing by a wider group's weight.
    peer_weight = np.where(compared.finest == Level.PEER_GROUP, compared.w, policy.kappa)
    candidate = qualifies(
        shown=band,
        proposed=proposed,
        n=counts.n,
        k=counts.k,
        since_n=counts.since_n,
        since_k=counts.since_k,
        since_c=counts.since_c,
        m=compared.m,
        s=compared.s,
        W=peer_weight,
        policy=policy,
    )
    candidate &= night.roster.counts_from <= night.as_of.toordinal()
    candidate[np.flatnonzero(candidate)] = ~_in_grace(night, np.flatnonzero(candidate))
    verdicts = judge_clusters(night, compared, np.flatnonzero(candidate))
    closable = np.zeros(len(candidate), np.bool_)
    for row, verdict in verdicts.items():
        closable[row] = verdict.passes
    return closable, verdicts


def _in_grace(night: NightOrders, rows: Ints) -> Bools:
    """Which of these offers are in grace after a relist."""
    roster, day = night.roster, night.as_of.toordinal()
    since = np.zeros(len(rows), np.int64)
    relisted = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[D]")
    for at, row in enumerate(rows.tolist()):
        on = int(roster.relisted_on[row])
        if on > NEVER:
            relisted[at] = np.datetime64(date.fromordinal(on), "D")
            since[at] = read_plain_since(int(roster.offer_id[row]), on, day)
    return in_grace(np.datetime64(night.as_of, "D"), relisted, since, night.policy)


def _streak_before(marketplace: Marketplace, night: NightOrders, state: State) -> Ints:
    """The streaks up to last night, without the nights that a relist, a lift or a drop made void."""
    streak, roster = state.streak.copy(), night.roster
    start = np.maximum(roster.counts_from, roster.relisted_on)
    restarted = np.flatnonzero((streak > 0) & (start > NEVER))
    if len(restarted):
        nights = np.array([day.toordinal() for day in nights_before(marketplace, night.as_of)])
        for row in restarted:
            streak[row] = min(streak[row], int((nights >= start[row]).sum()))
    return streak
