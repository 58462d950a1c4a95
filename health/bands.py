"""From counts and a benchmark to a band: METHOD 3 (posterior, cut-offs), 4 (proposal) and 5 (shown).

Everything is vectorised: arrays of one value per offer in, arrays of the same shape out; a single offer
is an array of one. n and k are weighed counts (float64), c the weighed and floored count of commented
orders, m and s the benchmark. Offers with n = 0 need a finite m and s like any other.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from health.policy import Policy

Floats: TypeAlias = NDArray[np.float64]
# Of 64 bits or, where there are very many that need no more, of 32 or 8.
Ints: TypeAlias = NDArray[np.signedinteger[Any]]
Bools: TypeAlias = NDArray[np.bool_]
Bands: TypeAlias = NDArray[np.int8]


class Band(IntEnum):
    """The bands in order of worsening; NONE stands outside the order."""

    NONE = 0
    EXCELLENT = 1
    GOOD = 2
    FAIR = 3
    INSUFFICIENT = 4
    POOR = 5
    VERY_POOR = 6


class Cutoffs(NamedTuple):
    """The rates at which the bands part: t_exc, t_good, t_poor and t_vp of METHOD 3."""

    exc: Floats
    good: Floats
    poor: Floats
    vp: Floats


class Probabilities(NamedTuple):
    """P(p < t_exc), P(p < t_good), P(p > t_poor) and P(p > t_vp)."""

    exc: Floats
    good: Floats
    poor: Floats
    vp: Floats


def posterior(n: Floats, k: Floats, m: Floats, s: Floats) -> tuple[Floats, Floats]:
    """Parameters a and b of the Beta distribution of an offer's underlying rate."""
    return m * s + k, (1 - m) * s + n - k


def cutoffs(m: Floats, policy: Policy) -> Cutoffs:
    """The four cut-offs for the benchmark mean m."""
    return Cutoffs(
        policy.exc_ratio * m, policy.good_ratio * m, poor_cutoff(m, policy), very_poor_cutoff(m, policy)
    )


def poor_cutoff(m: Floats, policy: Policy) -> Floats:
    """t_poor: a multiple of m, at least a margin above it, and never too near 1."""
    return _upper_cutoff(m, policy.poor_ratio, policy.poor_margin, policy.poor_cap)


def very_poor_cutoff(m: Floats, policy: Policy) -> Floats:
    """t_vp, in the same way."""
    return _upper_cutoff(m, policy.vp_ratio, policy.vp_margin, policy.vp_cap)


def _upper_cutoff(m: Floats, ratio: float, margin: float, cap: float) -> Floats:
    cutoff: Floats = np.minimum(np.maximum(ratio * m, m + margin), cap + (1 - cap) * m)
    return cutoff


def below(a: Floats, b: Floats, rate: Floats) -> Floats:
    """P(p < rate) for p ~ Beta(a, b)."""
    return np.asarray(betainc(a, b, rate), dtype=np.float64)


def above(a: Floats, b: Floats, rate: Floats) -> Floats:
    """P(p > rate). Not betaincc: it is ten times slower, and differs by less than 1e-12."""
    return np.asarray(1 - betainc(a, b, rate), dtype=np.float64)


def probabilities(n: Floats, k: Floats, m: Floats, s: Floats, policy: Policy) -> Probabilities:
    """All four probabilities for every offer, without shortcuts: for pages and exports."""
    a, b = posterior(n, k, m, s)
    cut = cutoffs(m, policy)
    return Probabilities(
        below(a, b, cut.exc), below(a, b, cut.good), above(a, b, cut.poor), above(a, b, cut.vp)
    )


class _Offers(NamedTuple):
    """What section 4 looks at, one value per offer."""

    n: Floats
    k: Floats
    c: Ints
    m: Floats
    s: Floats
    prev: Bands

    def at(self, where: Bools) -> "_Offers":
        n, k, c, m, s, prev = self
        return _Offers(n[where], k[where], c[where], m[where], s[where], prev[where])


def propose(  # noqa: PLR0917 - the method's own order
    n: Floats, k: Floats, c: Ints, m: Floats, s: Floats, prev: Bands, policy: Policy
) -> Bands:
    """Tonight's proposals (METHOD 4); prev = the bands shown on the computed night before, 0 for none.

    Probabilities are computed only where they can decide (METHOD 10): each shortcut is exact, because
    P(p > t) is at most mean / t (Markov), and because the gates that count orders come first.
    """
    offers = _Offers(n, k, c, m, s, prev)
    proposal = np.full(n.shape, Band.FAIR, dtype=np.int8)
    suspect = _suspects(offers, policy)
    proposal[suspect] = _judge_suspects(offers.at(suspect), policy)
    thin = ~suspect & _looks_poor_on_thin_evidence(offers, policy)
    proposal[thin] = Band.INSUFFICIENT
    may_be_good = ~suspect & ~thin & (offers.n - offers.k >= policy.good_min_clean)
    proposal[may_be_good] = _judge_good(offers.at(may_be_good), policy)
    proposal[offers.n == 0] = Band.NONE
    return proposal


def _gate(prev: Bands, held_by: Sequence[Band], gate: float, policy: Policy) -> Floats:
    """The gate of each offer: lower where the band shown last night is one that holds."""
    holds = np.isin(prev, held_by)
    return np.where(holds, gate - policy.gate_hold, gate)


# Insufficient Feedback is in the set on purpose: there the rate looked Poor, only the words were missing.
_HOLD_POOR: Final = (Band.INSUFFICIENT, Band.POOR, Band.VERY_POOR)


def _suspects(offers: _Offers, policy: Policy) -> Bools:
    """Rule 2, S_p: probably worse than the Poor cut-off."""
    gate = _gate(offers.prev, _HOLD_POOR, policy.poor_gate, policy)
    return (offers.k >= policy.suspect_min_k) & _exceeds(offers, poor_cutoff(offers.m, policy), gate)


def _exceeds(offers: _Offers, cutoff: Floats, gate: Floats) -> Bools:
    """Where P(p > cutoff) >= gate; computed only where the posterior mean leaves that possible."""
    a, b = posterior(offers.n, offers.k, offers.m, offers.s)
    exceeds: Bools = a >= gate * cutoff * (a + b)
    exceeds[exceeds] = above(a[exceeds], b[exceeds], cutoff[exceeds]) >= gate[exceeds]
    return exceeds


def _judge_suspects(offers: _Offers, policy: Policy) -> Bands:
    """Rules 2 (S_v) and 3, for offers with S_p."""
    gate = _gate(offers.prev, (Band.VERY_POOR,), policy.vp_gate, policy)
    fed = (offers.k >= policy.poor_min_k) & (offers.c >= policy.poor_min_c)
    proposal = np.where(fed, Band.POOR, Band.INSUFFICIENT).astype(np.int8)
    severe = (offers.k >= policy.vp_min_k) & (offers.c >= policy.vp_min_c)
    some = offers.at(severe)
    severe[severe] = _exceeds(some, very_poor_cutoff(some.m, policy), gate[severe])
    proposal[severe] = Band.VERY_POOR
    return proposal


def _looks_poor_on_thin_evidence(offers: _Offers, policy: Policy) -> Bools:
    """Rule 4: the rate is above the Poor cut-off, with too few orders or too little feedback to say so."""
    thin = (offers.n < policy.rate_min_n) | (offers.k < policy.poor_min_k) | (offers.c < policy.poor_min_c)
    rate = offers.k / np.where(offers.n > 0, offers.n, 1)
    return (offers.k >= policy.suspect_min_k) & (rate > poor_cutoff(offers.m, policy)) & thin


def _judge_good(offers: _Offers, policy: Policy) -> Bands:
    """Rule 5, for offers with enough clean orders to be Good."""
    a, b = posterior(offers.n, offers.k, offers.m, offers.s)
    good_gate = _gate(offers.prev, (Band.EXCELLENT, Band.GOOD), policy.good_gate, policy)
    good = below(a, b, policy.good_ratio * offers.m) >= good_gate
    proposal = np.where(good, Band.GOOD, Band.FAIR).astype(np.int8)
    exc_gate = _gate(offers.prev, (Band.EXCELLENT,), policy.exc_gate, policy)
    clean = good & (offers.n - offers.k >= policy.exc_min_clean)
    clean[clean] = below(a[clean], b[clean], policy.exc_ratio * offers.m[clean]) >= exc_gate[clean]
    proposal[clean] = Band.EXCELLENT
    return proposal


def shown(prev_shown: Bands, tonight: Bands, one_before: Bands, two_before: Bands, policy: Policy) -> Bands:
    """The bands to show tonight (METHOD 5).

    prev_shown: the bands shown on the computed night before (0 none); tonight, one_before, two_before:
    the proposals of tonight and of the two computed nights before it (0 none). A band changes only
    after several nights that agree, and where one side is missing there is nothing to hold on to.
    """
    nights = np.stack((tonight, one_before, two_before))
    worse, better = nights[: policy.worsen_nights], nights[: policy.improve_nights]
    band = np.where(np.all(worse > prev_shown, axis=0), worse.min(axis=0), prev_shown)
    improves = np.all((better != Band.NONE) & (better < prev_shown), axis=0)
    band = np.where(improves, better.max(axis=0), band)
    band = np.where((prev_shown == Band.NONE) | (tonight == Band.NONE), tonight, band)
    return band.astype(np.int8)
