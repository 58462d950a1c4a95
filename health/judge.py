"""From what a night read to what it says of every offer. Reads and rules only: nothing is written."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from health.bands import Band, Bands, Bools, Floats, Ints, propose, shown
from health.benchmarks import Compared, NightOrders, compare
from health.closing import ClusterResult, in_grace, qualifies
from health.clusters import judge_clusters
from health.counting import NEVER, NcxLines, last_updated, ncx_lines, top_reasons
from health.forecast import typical_range
from health.grouping import Level
from health.models import HealthPolicy
from health.policy import Policy
from health.reading import (
    Roster,
    read_orders,
    read_plain_since,
    read_roster,
)
from health.reading_feedback import read_counted, read_said
from health.state import State, Typical, nights_before, read_state, read_typical
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
    """A night, judged: one value per offer of the roster. `clusters` has the verdict of each candidate."""

    marketplace: Marketplace
    as_of: date
    policy_row: HealthPolicy
    policy: Policy
    roster: Roster
    compared: Compared
    state: State
    proposed: Bands
    band: Bands
    closable: Bools
    streak: Ints
    clusters: dict[int, ClusterResult]
    lines: NcxLines
    reasons: list[str]
    extras: Extras
    peer_p10: Floats
    peer_p90: Floats


def judge_night(marketplace: Marketplace, policy_row: HealthPolicy, as_of: date) -> Judged:
    """Everything METHOD 1-6 says of the night of `as_of`. Call it inside one `reading.snapshot()`."""
    policy = policy_row.policy
    roster = read_roster(marketplace, as_of)
    orders, last_ordered = read_orders(
        marketplace, roster, as_of, short=policy.short_window_days, long=policy.long_window_days
    )
    lines, reasons = _ncx_lines(marketplace, roster, as_of, policy)
    day = as_of.toordinal()
    taking_part = (roster.listed_on <= day) | (last_ordered > NEVER)
    night = NightOrders(roster, taking_part, orders, lines, as_of, policy)
    last_night = next(iter(nights_before(marketplace, as_of, 1)), None)
    compared = compare(night, marketplace, policy_row, last_night)
    state = read_state(marketplace, roster, as_of)
    proposed = _propose(compared, state, policy)
    band = shown(state.prev, proposed, state.one_before, state.two_before, policy)
    closable, clusters = _closable(night, compared, proposed, band)
    streak_before = _streak_before(marketplace, night, state)
    reason, reason_orders = top_reasons(
        lines, compared.counts.window, day, np.arange(len(reasons)), len(roster)
    )
    last_counted, stars_sum, stars_count = read_said(marketplace, roster, as_of)
    updated = last_updated(last_ordered, last_counted)
    low, high = _typical(compared, policy, read_typical(marketplace, roster, last_night, policy_row))
    return Judged(
        marketplace=marketplace,
        as_of=as_of,
        policy_row=policy_row,
        policy=policy,
        roster=roster,
        compared=compared,
        state=state,
        proposed=proposed,
        band=band,
        closable=closable,
        streak=np.where(closable, streak_before + 1, 0),
        clusters=clusters,
        lines=lines,
        reasons=reasons,
        extras=Extras(last_ordered, updated, reason, reason_orders, stars_sum, stars_count),
        peer_p10=low,
        peer_p90=high,
    )


def _ncx_lines(
    marketplace: Marketplace, roster: Roster, as_of: date, policy: Policy
) -> tuple[NcxLines, list[str]]:
    """The NCX orders of the long window, and the names behind their reasons."""
    feedback = read_counted(marketplace, roster, as_of, policy.long_window_days)
    return ncx_lines(feedback.events), feedback.reasons


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
