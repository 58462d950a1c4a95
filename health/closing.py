"""Closing an offer (METHOD 6): who qualifies, the cluster tests, grace, the circuit breaker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from health.bands import Band, Bands, Bools, Floats, Ints, above, poor_cutoff, posterior, very_poor_cutoff
from health.policy import Policy

Dates: TypeAlias = NDArray[np.datetime64]
_AT_ONCE: Final = 1 << 20  # weights looked at together: bounds the memory for offers with very many orders


def high_mean(m: Floats, w: Floats, policy: Policy) -> Floats:
    """The benchmark mean at the upper end of its own uncertainty (m_hi): w orders stand behind m."""
    high: Floats = np.minimum(m + np.sqrt(m * (1 - m) / w), policy.high_mean_cap)
    return high


def qualifies(
    *,
    shown: Bands,
    proposed: Bands,
    n: Floats,
    k: Floats,
    since_n: Ints,
    since_k: Ints,
    since_c: Ints,
    m: Floats,
    s: Floats,
    W: Floats,  # noqa: N803 - the method's own letter
    policy: Policy,
) -> Bools:
    """Which offers meet every condition but grace and the cluster tests, which read raw rows.

    One value per offer. shown, proposed: tonight's bands. n, k: the weighed counts of the window;
    since_n, since_k, since_c: the plain ones of the window's order lines dated on or after the latest
    relist (all of them if never relisted). m, s, W: the benchmark, W at the peer-group level: kappa for
    an offer whose peer group the refresh did not know. The caller keeps to LIVE offers that are not
    `in_grace`, and counts the nights running.
    """
    if not policy.closing_enabled:
        return np.zeros(n.shape, dtype=np.bool_)
    meets = (
        (shown == Band.VERY_POOR)
        & (proposed == Band.VERY_POOR)
        & (W - policy.kappa >= policy.close_min_weight)
    )
    meets &= since_n >= policy.close_min_n
    meets &= since_k >= policy.close_min_k
    meets &= since_c >= policy.close_min_c
    sure: Bools = meets.copy()
    sure[meets] = is_certain(n[meets], k[meets], m[meets], s[meets], W[meets], policy)
    return sure


def is_certain(  # noqa: PLR0917 - in the method's own order
    n: Floats, k: Floats, m: Floats, s: Floats, w: Floats, policy: Policy
) -> Bools:
    """Where the rate is Very poor beyond doubt, the doubt about the benchmark itself included."""
    a, b = posterior(n, k, m, s)
    plainly = above(a, b, very_poor_cutoff(m, policy)) >= policy.close_gate
    certain: Bools = plainly & (close_probability(n, k, m, s, w, policy) >= policy.close_gate)
    return certain


def close_probability(  # noqa: PLR0917 - in the method's own order
    n: Floats, k: Floats, m: Floats, s: Floats, w: Floats, policy: Policy
) -> Floats:
    """P(p > t_vp(m_hi)) with the posterior around m."""
    return above(*posterior(n, k, m, s), very_poor_cutoff(high_mean(m, w, policy), policy))


@dataclass(frozen=True, slots=True)
class Lines:
    """The order lines of one offer's window, one value per line.

    order_age: the order date in days before as_of (0 = as_of). event_age: that of the line's first
    counted event, -1 where it has none. customer: a code per customer, -1 for no reference. weight: 1,
    or the relist weight for lines before the latest relist; since_relist: those on or after it.
    """

    order_age: Ints
    event_age: Ints
    customer: Ints
    weight: Floats
    since_relist: Bools


class ClusterTest(NamedTuple):
    """One of the tests (A) to (D): the probability, and K and N of the orders that decided it."""

    probability: float
    k: float
    n: float
    passes: bool


@dataclass(frozen=True, slots=True)
class ClusterResult:
    """Whether the complaints are more than one customer, one week or one burst.

    customers: how many different ones complained since the latest relist. without_orders and
    without_complaints: the tests (B) and (C) at the dates that speak most for the offer. held: too few
    complaints name their customer, so that an operator is to look first.
    """

    customers: int
    enough_customers: bool
    all_orders: ClusterTest
    without_orders: ClusterTest
    without_complaints: ClusterTest
    newest: ClusterTest
    held: bool

    @property
    def passes(self) -> bool:
        """Whether every test passes; a held closure still waits for an operator."""
        tests = (self.all_orders, self.without_orders, self.without_complaints, self.newest)
        return self.enough_customers and all(test.passes for test in tests)


def cluster_tests(  # noqa: PLR0917 - in the method's own order
    lines: Lines, m: float, s: float, w: float, window_days: int, policy: Policy
) -> ClusterResult:
    """The cluster tests of one offer. m, s, w: its benchmark; window_days: 30 or 60, as counted tonight."""
    orders = _Orders(lines, m, s)
    mean = np.array([m])
    t_vp = float(very_poor_cutoff(high_mean(mean, np.array([w]), policy), policy)[0])
    t_poor = float(poor_cutoff(mean, policy)[0])
    newest = lines.order_age < window_days // policy.cluster_newest_divisor
    return ClusterResult(
        customers=orders.customers(lines.since_relist),
        enough_customers=orders.customers(lines.since_relist) >= policy.cluster_min_customers,
        all_orders=orders.test(np.ones((1, len(newest)), np.bool_), t_vp, policy.cluster_all_gate),
        without_orders=orders.test(
            _left_out(lines.order_age, window_days, policy.cluster_order_days),
            t_poor,
            policy.cluster_left_out_gate,
        ),
        without_complaints=orders.test(
            _left_out(lines.event_age, window_days, policy.cluster_event_days),
            t_poor,
            policy.cluster_left_out_gate,
        ),
        newest=orders.test(newest[None, :], t_poor, policy.cluster_newest_gate),
        held=policy.hold_without_customers and orders.named_share() < policy.hold_customer_share,
    )


def _left_out(age: Ints, window_days: int, days: int) -> Bools:
    """Which lines stay when those with an age in some `days` consecutive dates go, a row for each such dates.

    Age -1 (no event) always stays. An event dated before its order may be older than the window.
    """
    dates = max(window_days, int(age.max(initial=0)) + 1)
    start = np.arange(dates - days + 1)[:, None]
    stays: Bools = (age < start) | (age >= start + days)
    return stays


class _Orders:
    """One offer's lines with each customer counted once."""

    def __init__(self, lines: Lines, m: float, s: float) -> None:
        self.complaint = lines.event_age >= 0
        self.weight = lines.weight
        self.named = lines.customer >= 0
        self.prior = (m * s, (1 - m) * s)
        # A line without a reference is its own customer.
        own = int(np.max(lines.customer, initial=-1)) + 1 + np.arange(len(lines.customer))
        _, self.customer = np.unique(np.where(self.named, lines.customer, own), return_inverse=True)
        # The complaints of one customer side by side.
        places = np.flatnonzero(self.complaint)
        self.by_customer = places[np.argsort(self.customer[places], kind="stable")]
        self.heads = np.flatnonzero(np.diff(self.customer[self.by_customer], prepend=-1))

    def customers(self, where: Bools) -> int:
        """How many different customers complained."""
        return len(np.unique(self.customer[where & self.complaint]))

    def named_share(self) -> float:
        """The share of the complaint lines that carry a customer reference."""
        complaints = int(np.count_nonzero(self.complaint))
        return int(np.count_nonzero(self.named & self.complaint)) / max(complaints, 1)

    def test(self, sets: Bools, cutoff: float, gate: float) -> ClusterTest:
        """The test on the set (a row) that speaks most for the offer; the first, on a tie."""
        rows = max(_AT_ONCE // max(len(self.weight), 1), 1)
        counts = [self._counts(sets[start : start + rows]) for start in range(0, len(sets), rows)]
        k, n = np.concatenate(counts, axis=1)
        probability = above(self.prior[0] + k, self.prior[1] + n - k, np.full(len(k), cutoff))
        decisive = int(np.argmin(probability))
        least = float(probability[decisive])
        return ClusterTest(least, float(k[decisive]), float(n[decisive]), least >= gate)

    def _counts(self, sets: Bools) -> Floats:
        """K and N of each set: of each customer's complaints only the one that weighs most."""
        weights = np.where(sets, self.weight, 0.0)
        complaints = weights[:, self.by_customer]
        if not len(self.heads):
            return np.stack((np.zeros(len(sets)), weights.sum(axis=1)))
        k = np.maximum.reduceat(complaints, self.heads, axis=1).sum(axis=1)
        return np.stack((k, weights.sum(axis=1) - (complaints.sum(axis=1) - k)))


def in_grace(as_of: np.datetime64, relisted_on: Dates, lines_since: Ints, policy: Policy) -> Bools:
    """Which offers are in grace on the day as_of.

    relisted_on: the date of the latest relist not after as_of, NaT for never. lines_since: plain order
    lines dated from then to as_of, however long ago that is (not only those of the window). Grace lasts
    until both enough days and enough orders have passed.
    """
    over = (as_of >= relisted_on + np.timedelta64(policy.grace_days, "D")) & (
        lines_since >= policy.grace_orders
    )
    grace: Bools = ~np.isnat(relisted_on) & ~over
    return grace


def breaker_limit(closures: Sequence[int] | Ints, policy: Policy) -> float:
    """The most closures that one night may make on a marketplace.

    closures: those made on the last computed nights before tonight, no more than the policy looks at.
    """
    usual = float(np.median(closures)) if len(closures) else 0.0
    return max(float(policy.breaker_min), policy.breaker_ratio * usual)
