"""The funnel's limits: exact binomial, by hand and against the distribution itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from health.funnel import INNER, OUTER, beyond, limits


def test_the_limits_of_ten_fair_coins_by_hand() -> None:
    # P(R <= 1) = 11/1024 is at most 2.5 %, P(R <= 2) = 56/1024 is not: the limit lies between 1 and 2 of 10,
    # (56/1024 - .025) / (45/1024) of an order below 2.
    found = limits(np.array([10]), 0.5, 0.025)
    part = (56 / 1024 - 0.025) / (45 / 1024)
    assert found.low[0] == pytest.approx((2 - part) / 10, abs=1e-12)
    assert found.high[0] == pytest.approx(1 - (2 - part) / 10, abs=1e-12)


def test_two_bad_orders_of_two_can_be_chance_and_twenty_of_a_hundred_can_not() -> None:
    orders, ncx = np.array([2, 100, 100]), np.array([2, 20, 9])
    _, above = beyond(orders, ncx, limits(orders, 0.05, OUTER))
    # P(R >= 2 of 2) = .0025, above .001; P(R >= 20 of 100) = 2e-8; P(R >= 9 of 100) = .063.
    assert above.tolist() == [False, True, False]


def test_no_bad_order_of_two_hundred_is_better_than_chance() -> None:
    orders, none = np.array([60, 200]), np.array([0, 0])
    below, _ = beyond(orders, none, limits(orders, 0.05, OUTER))
    # .95**60 = .046 and .95**200 = .000035.
    assert below.tolist() == [False, True]


@given(st.integers(1, 500), st.floats(0.001, 0.6), st.sampled_from([INNER, OUTER]), st.data())
def test_an_offer_lies_beyond_exactly_where_it_has_at_most_that_chance(
    orders: int, rate: float, tail: float, data: st.DataObject
) -> None:
    ncx = data.draw(st.integers(0, orders))
    few, many = float(binom.cdf(ncx, orders, rate)), float(binom.sf(ncx - 1, orders, rate))
    low, high = beyond(np.array([orders]), np.array([ncx]), limits(np.array([orders]), rate, tail))
    if abs(few - tail) > 1e-9:
        assert bool(low[0]) == (few < tail)
    if abs(many - tail) > 1e-9:
        assert bool(high[0]) == (many < tail)


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=20), st.floats(0.001, 0.9))
def test_limits_hold_the_rate_between_them_and_the_wider_hold_the_narrower(
    orders: list[int], rate: float
) -> None:
    inner, outer = (limits(np.array(orders), rate, tail) for tail in (INNER, OUTER))
    assert (outer.low <= inner.low + 1e-12).all()
    assert (inner.low <= rate).all()
    assert (rate <= inner.high).all()
    assert (inner.high <= outer.high + 1e-12).all()
    assert (outer.low >= 0).all()
    assert (outer.high <= 1).all()


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_where_nothing_varies_the_limits_are_the_rate_itself(rate: float) -> None:
    found = limits(np.array([1, 50]), rate, OUTER)
    assert found.low.tolist() == found.high.tolist() == [rate, rate]
