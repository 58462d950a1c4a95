"""The numbers of METHOD 7: the verdict, likely and typical ranges, and what it takes to reach Fair."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor

import numpy as np
from scipy.special import betaincinv

from health.bands import (
    Band,
    Bands,
    Bools,
    Floats,
    Ints,
    above,
    poor_cutoff,
    posterior,
    propose,
    very_poor_cutoff,
)
from health.policy import Policy

_DAYS_PER_WEEK = 7


def _is_fair_or_better(proposal: Bands) -> Bools:
    fair: Bools = (proposal != Band.NONE) & (proposal <= Band.FAIR)
    return fair


def clean_orders_to_fair(  # noqa: PLR0917 - the arguments of `propose`
    n: Floats, k: Floats, c: Ints, m: Floats, s: Floats, prev: Bands, policy: Policy
) -> Ints:
    """The fewest further orders without a problem (x*) that make the proposal Fair or better.

    One value per offer, prev = the band shown. 0 where tonight's proposal is that already. Sound
    because one more clean order never worsens a proposal; finite because the Poor cut-off is above 0.
    """

    def reached(x: Ints) -> Bools:
        return _is_fair_or_better(propose(n + x, k, c, m, s, prev, policy))

    enough = np.zeros(n.shape, dtype=np.int64)
    while not (done := reached(enough)).all():
        enough = np.where(done, enough, np.maximum(2 * enough, 1))
    too_few = enough // 2
    while (enough - too_few > 1).any():
        middle = (enough + too_few) // 2
        done = reached(middle)
        enough, too_few = np.where(done, middle, enough), np.where(done, too_few, middle)
    return enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """One offer's window by age: index 0 is as_of, the last index the window's oldest date.

    n, k, c: weighed counts of the orders of each date. pace: plain orders per day (lambda).
    """

    n: Floats
    k: Floats
    c: Floats
    pace: float

    def as_if_relisted(self, policy: Policy) -> "Recent":
        """These counts, given plain, as they weigh once the offer is relisted: for a closed offer.

        Its pace is that of the window before the closure.
        """
        weight = policy.relist_weight
        return Recent(n=self.n * weight, k=self.k * weight, c=self.c * weight, pace=self.pace)


def days_to_recover(  # noqa: PLR0917 - as in `propose`
    recent: Recent, rate: float, m: float, s: float, prev: Band, policy: Policy
) -> int | None:
    """The first day j = 0…d on which section 4 proposes Fair or better (j*); None where it never comes.

    Today's orders age out, new ones come at the offer's pace, with problems at `rate`: 0, or m.
    """
    days = len(recent.n)
    ahead = np.arange(days + 1)
    coming = recent.pace * ahead
    c = np.floor(_still_counted(recent.c) + policy.floor_tolerance).astype(np.int64)
    same = np.ones(days + 1)
    proposal = propose(
        _still_counted(recent.n) + coming,
        _still_counted(recent.k) + coming * rate,
        c,
        m * same,
        s * same,
        np.full(days + 1, prev, dtype=np.int8),
        policy,
    )
    reached = np.flatnonzero(_is_fair_or_better(proposal))
    return int(reached[0]) if len(reached) else None


def _still_counted(by_age: Floats) -> Floats:
    """What is still in the window after 0, 1, … d days, of counts by age."""
    return np.append(np.cumsum(by_age)[::-1], 0.0)


def rates_ahead(orders: Ints, ncx_orders: Ints, pace: float, rate: float) -> Floats:
    """The plain NCX rate after 0, 1, … d days; NaN where nothing is left in the window.

    orders, ncx_orders: today's by age, 0 for as_of, shape (d,). New orders come at `pace` a day, with
    problems at `rate`.
    """
    coming = pace * np.arange(len(orders) + 1)
    n = _still_counted(orders.astype(np.float64)) + coming
    k = _still_counted(ncx_orders.astype(np.float64)) + coming * rate
    return np.where(n > 0, k / np.where(n > 0, n, 1), np.nan)


def weeks_to_recover(  # noqa: PLR0917 - as in `propose`
    recent: Recent, rate: float, m: float, s: float, prev: Band, policy: Policy
) -> int | None:
    """Weeks until Fair or better is shown: enough nights must propose it; None: more than the window."""
    day = days_to_recover(recent, rate, m, s, prev, policy)
    return None if day is None else ceil((day + policy.improve_nights - 1) / _DAYS_PER_WEEK)


def wilson(k: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """The Wilson interval of the plain rate k / n; from 0 to 1 where there are no orders."""
    orders = np.where(n > 0, n, 1)
    rate = k / orders
    center = rate + z * z / (2 * orders)
    reach = z * np.sqrt(rate * (1 - rate) / orders + z * z / (4 * orders * orders))
    scale = 1 + z * z / orders
    low = np.maximum((center - reach) / scale, 0.0)
    high = np.minimum((center + reach) / scale, 1.0)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def typical_range(m: Floats, s: Floats, policy: Policy) -> tuple[Floats, Floats]:
    """The middle of the similar offers' rates: by default the 10 and 90 % points of Beta(ms, (1 - m)s)."""
    return _beta_point(m, s, policy.typical_low), _beta_point(m, s, policy.typical_high)


def _beta_point(m: Floats, s: Floats, share: float) -> Floats:
    """The rate below which the share lies; m itself where it has rounded to 0 or 1 and nothing varies."""
    point = np.asarray(betaincinv(m * s, (1 - m) * s, share), dtype=np.float64)
    return np.where(np.isnan(point), m, point)


def times(rate: Floats, m: Floats) -> Floats:
    """How many times the similar offers' average the plain rate is."""
    return rate / m


class SetBy(StrEnum):
    """What set a cut-off: the multiple of m, the absolute margin above m, or the cap near 1."""

    MULTIPLE = "multiple"
    MARGIN = "margin"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """The numbers of an offer's sentence.

    rate: plain k / n. underlying: a / (a + b). cutoff: the rate that the chance is about; multiple: how
    many times m that is, None where the margin or the cap set it ("above {cutoff}"). chance: unrounded;
    percent: as it is said, rounded down and capped. times: rate / m.
    """

    rate: float
    underlying: float
    cutoff: float
    multiple: float | None
    set_by: SetBy
    chance: float
    percent: int
    times: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One offer's counts: plain, as displayed, and weighed, as the method used them."""

    orders: int
    ncx_orders: int
    n: float
    k: float


def verdict_facts(counts: Counts, m: float, s: float, band: Band, policy: Policy) -> VerdictFacts:
    """The numbers for the sentence of the shown band: against t_vp where Very poor, else against t_poor.

    Raises ValueError for an offer without orders: it has no rate to speak of.
    """
    if counts.orders <= 0:
        raise ValueError("An offer without orders in the window has no rate and no verdict.")
    cutoff, multiple, set_by = _cutoff_spoken_of(m, band, policy)
    a, b = posterior(*(np.array([value]) for value in (counts.n, counts.k, m, s)))
    chance = float(above(a, b, np.array([cutoff]))[0])
    rate = counts.ncx_orders / counts.orders
    return VerdictFacts(
        rate=rate,
        underlying=float((a / (a + b))[0]),
        cutoff=cutoff,
        multiple=multiple if set_by is SetBy.MULTIPLE else None,
        set_by=set_by,
        chance=chance,
        percent=whole_percent(chance, policy),
        times=rate / m,
    )


def _cutoff_spoken_of(m: float, band: Band, policy: Policy) -> tuple[float, float, SetBy]:
    """The cut-off, the multiple of m that it stands for in general, and what set it for this m."""
    if band is Band.VERY_POOR:
        cutoff, ratio, margin = very_poor_cutoff(np.array([m]), policy), policy.vp_ratio, policy.vp_margin
    else:
        cutoff, ratio, margin = poor_cutoff(np.array([m]), policy), policy.poor_ratio, policy.poor_margin
    value = float(cutoff[0])
    if value == ratio * m:
        return value, ratio, SetBy.MULTIPLE
    return value, ratio, SetBy.MARGIN if value == m + margin else SetBy.CAP


def whole_percent(chance: float, policy: Policy) -> int:
    """A chance in whole percent as it is said: rounded down, never above the cap.

    The tolerance keeps 0.29, whose hundredfold lies a hair under 29, at 29.
    """
    return floor(min(chance, policy.chance_cap) * 100 + policy.floor_tolerance)
