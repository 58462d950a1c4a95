"""The funnel plot's limits: between which an offer's rate can be chance alone. Pure numpy.

Spiegelhalter (2005) plots rates against the number of orders, with limits that narrow as orders grow. The
limits are the exact binomial's, drawn smooth by interpolating between two whole numbers of orders. Both sides
are exact: an offer lies beyond a limit only where so few, or so many, NCX orders have at most that chance.
"""

from typing import Final, NamedTuple

import numpy as np
from scipy.special import bdtr

from health.bands import Bools, Floats, Ints

# What lies beyond on either side by chance: 95 % and 99.8 % of offers at the typical rate lie within.
INNER: Final = 0.025
OUTER: Final = 0.001


class Limits(NamedTuple):
    """Rates, one pair for each number of orders."""

    low: Floats
    high: Floats


def limits(orders: Ints, rate: float, tail: float) -> Limits:
    """The limits for offers with so many orders each (at least 1), whose underlying rate is `rate`."""
    return Limits(_lowest(orders, rate, tail), 1 - _lowest(orders, 1 - rate, tail))


def _lowest(orders: Ints, rate: float, tail: float) -> Floats:
    """The rate below which at most `tail` of such offers lie; 0 where even no NCX order is no surprise."""
    if not 0 < rate < 1:
        return np.full(len(orders), rate, dtype=np.float64)
    first = _first_above(orders, rate, tail)
    upto, before = bdtr(first, orders, rate), np.where(first > 0, bdtr(first - 1, orders, rate), 0.0)
    part = (upto - tail) / (upto - before)
    lowest: Floats = np.maximum((first - part) / orders, 0.0)
    return lowest


def _first_above(orders: Ints, rate: float, tail: float) -> Ints:
    """The fewest NCX orders r with P(R <= r) > tail: by bisection, for all at once."""
    low, high = np.full(len(orders), -1, np.int64), orders.astype(np.int64)
    while (high - low > 1).any():
        middle = (low + high) // 2
        above = bdtr(np.maximum(middle, 0), orders, rate) > tail
        high = np.where(above & (middle >= 0), middle, high)
        low = np.where(above & (middle >= 0), low, middle)
    return high


def beyond(orders: Ints, ncx_orders: Ints, found: Limits) -> tuple[Bools, Bools]:
    """Which offers lie below, and which above, their limits."""
    rates = ncx_orders / orders
    return rates < found.low, rates > found.high
