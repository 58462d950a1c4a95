"""METHOD 7: the numbers in words."""

import json
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from health.bands import Band
from health.forecast import (
    Counts,
    Recent,
    SetBy,
    clean_orders_to_fair,
    days_to_recover,
    times,
    typical_range,
    verdict_facts,
    weeks_to_recover,
    whole_percent,
    wilson,
)
from health.policy import Policy
from tests.rules import by_hand

POLICY = Policy()
GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "golden_cases.json").read_text())
AT_RISK = {"Insufficient Feedback": Band.INSUFFICIENT, "Poor": Band.POOR, "Very poor": Band.VERY_POOR}
FAIR_OR_BETTER = ("EXCELLENT", "GOOD", "FAIR")


def clean_orders(n: float, k: float, c: int, m: float, s: float, prev: Band) -> int:
    arrays = [np.array([float(value)]) for value in (n, k, m, s)]
    found = clean_orders_to_fair(
        arrays[0], arrays[1], np.array([c]), arrays[2], arrays[3], np.array([prev], np.int8), POLICY
    )
    return int(found[0])


@pytest.mark.parametrize(
    "case", [case for case in GOLDEN if case["clean_orders_to_fair"]], ids=lambda case: case["name"]
)
def test_worked_case_of_clean_orders_to_fair(case: dict[str, Any]) -> None:
    counts = (case["n"], case["k"], case["comments"], float(case["m"]), float(case["s"]))
    assert clean_orders(*counts, AT_RISK[case["band"]]) == case["clean_orders_to_fair"]


@settings(max_examples=60)
@given(
    st.integers(4, 200),
    st.integers(4, 60),
    st.floats(0.005, 0.3),
    st.floats(10, 200),
    st.sampled_from([Band.INSUFFICIENT, Band.POOR, Band.VERY_POOR]),
)
def test_clean_orders_are_the_fewest_that_reach_fair(n: int, k: int, m: float, s: float, prev: Band) -> None:
    orders, complaints = n / 4, min(n, k) / 4
    found = clean_orders(orders, complaints, int(complaints), m, s, prev)

    def fair(x: int) -> bool:
        band = by_hand.propose(orders + x, complaints, int(complaints), m, s, prev.name)
        return band in FAIR_OR_BETTER

    assert fair(found)
    assert found == 0 or not fair(found - 1)
    assert not any(fair(x) for x in range(0, found, max(found // 10, 1)))


def test_clean_orders_of_many_offers_at_once_are_those_of_each() -> None:
    n, k = np.array([60.0, 8.0, 60.0, 1e9]), np.array([14.0, 2.0, 1.0, 5e8])
    c, m, s = np.array([8, 2, 1, 1000]), np.full(4, 0.05), np.full(4, 49.0)
    prev = np.array([Band.VERY_POOR, Band.INSUFFICIENT, Band.FAIR, Band.VERY_POOR], np.int8)
    found = clean_orders_to_fair(n, k, c, m, s, prev, POLICY)
    assert found[:3].tolist() == [88, 19, 0]
    assert found[3] == clean_orders(1e9, 5e8, 1000, 0.05, 49, Band.VERY_POOR) > 5e9


def recent(days: int, n: float, k: dict[int, float], c: dict[int, float] | None = None) -> Recent:
    """Give n orders on every date, k complaints by age, each with a comment unless said."""
    complaints, comments = np.zeros(days), np.zeros(days)
    for age, number in k.items():
        complaints[age] = number
    for age, number in (k if c is None else c).items():
        comments[age] = number
    return Recent(n=np.full(days, n), k=complaints, c=comments, pace=n)


def recover_by_hand(some: Recent, rate: float, m: float, s: float, prev: Band) -> int | None:
    d = len(some.n)
    for j in range(d + 1):
        n = sum(some.n[age] for age in range(d) if age + j < d) + some.pace * j
        k = sum(some.k[age] for age in range(d) if age + j < d) + some.pace * j * rate
        c = floor(sum(some.c[age] for age in range(d) if age + j < d) + 1e-9)
        if by_hand.propose(n, k, c, m, s, prev.name) in FAIR_OR_BETTER:
            return j
    return None


@settings(max_examples=60)
@given(
    st.sampled_from([30, 60]),
    st.sampled_from([0.25, 0.5, 1.0, 3.0]),
    st.dictionaries(st.integers(0, 29), st.floats(0.25, 2), max_size=12),
    st.floats(0.01, 0.2),
    st.booleans(),
    st.sampled_from([Band.INSUFFICIENT, Band.POOR, Band.VERY_POOR]),
)
def test_the_day_of_recovery_is_the_one_found_by_hand(
    days: int, n: float, k: dict[int, float], m: float, clean: bool, prev: Band
) -> None:
    some = recent(days, n, {age: min(number, n) for age, number in k.items()})
    rate = 0.0 if clean else m
    found = days_to_recover(some, rate, m, 49.0, prev, POLICY)
    assert found == recover_by_hand(some, rate, m, 49.0, prev)
    weeks = weeks_to_recover(some, rate, m, 49.0, prev, POLICY)
    assert weeks == (None if found is None else ceil((found + 2) / 7))


def test_a_burst_weeks_ago_ages_out_of_the_window() -> None:
    some = recent(60, 1.0, dict.fromkeys(range(20, 40), 1.0))
    day = days_to_recover(some, 0.0, 0.05, 49.0, Band.VERY_POOR, POLICY)
    assert day is not None
    assert 20 < day < 40
    assert weeks_to_recover(some, 0.0, 0.05, 49.0, Band.VERY_POOR, POLICY) == ceil((day + 2) / 7)


def test_recovery_takes_longer_where_new_orders_have_the_usual_problems() -> None:
    some = recent(60, 1.0, dict.fromkeys(range(0, 40, 2), 1.0))
    clean, usual = (days_to_recover(some, rate, 0.05, 49.0, Band.VERY_POOR, POLICY) for rate in (0.0, 0.05))
    assert clean is not None
    assert usual is not None
    assert clean < usual


def test_an_offer_that_sells_nothing_new_never_recovers_within_the_window() -> None:
    """When its last order is gone it has no band, which is not Fair."""
    sold = Recent(n=np.eye(1, 60)[0] * 20, k=np.eye(1, 60)[0] * 15, c=np.eye(1, 60)[0] * 15, pace=0.0)
    assert weeks_to_recover(sold, 0.0, 0.05, 49.0, Band.VERY_POOR, POLICY) is None


def test_a_closed_offer_counts_from_its_relist_with_todays_orders_at_a_quarter() -> None:
    plain = recent(60, 1.0, dict.fromkeys(range(0, 60, 3), 1.0))
    relisted = plain.as_if_relisted(POLICY)
    assert (relisted.n.sum(), relisted.k.sum(), relisted.c.sum(), relisted.pace) == (15, 5, 5, 1.0)
    closed = days_to_recover(relisted, 0.0, 0.05, 49.0, Band.VERY_POOR, POLICY)
    open_ = days_to_recover(plain, 0.0, 0.05, 49.0, Band.VERY_POOR, POLICY)
    assert closed == recover_by_hand(relisted, 0.0, 0.05, 49.0, Band.VERY_POOR)
    assert closed is not None
    assert open_ is not None
    assert closed < open_


def test_fair_already_proposed_still_takes_the_nights_to_be_shown() -> None:
    some = recent(60, 1.0, {})
    assert days_to_recover(some, 0.0, 0.05, 49.0, Band.POOR, POLICY) == 0
    assert weeks_to_recover(some, 0.0, 0.05, 49.0, Band.POOR, POLICY) == 1


def test_the_likely_range_is_the_wilson_interval() -> None:
    """Known values: 31 of 250 (UX 2.3: 9.4 % to 16.2 %), none and all of 10, and no orders at all."""
    low, high = wilson(np.array([31.0, 0, 10, 0]), np.array([250.0, 10, 10, 0]), POLICY.wilson_z)
    assert (round(low[0], 3), round(high[0], 3)) == (0.094, 0.162)
    # At the ends of the interval the score test sits exactly at z: (p - rate)^2 = z^2 p (1 - p) / n.
    for end in (low[0], high[0]):
        assert (end - 31 / 250) ** 2 == pytest.approx(1.6449**2 * end * (1 - end) / 250)
    assert (low[1], high[2]) == (0, 1)
    assert high[1] == pytest.approx(1 - low[2])
    assert (low[3], high[3]) == (0, 1)


def test_the_typical_range_is_the_middle_of_the_prior() -> None:
    low, high = typical_range(np.array([0.05, 0.3]), np.array([49.0, 12.0]), POLICY)
    for row, (m, s) in enumerate([(0.05, 49.0), (0.3, 12.0)]):
        assert low[row] == pytest.approx(beta.ppf(0.1, m * s, (1 - m) * s), abs=1e-9)
        assert high[row] == pytest.approx(beta.ppf(0.9, m * s, (1 - m) * s), abs=1e-9)


def test_the_typical_range_around_a_mean_that_rounds_to_one_is_one() -> None:
    low, high = typical_range(np.array([1.0, 1e-25]), np.array([49.0, 49.0]), POLICY)
    assert (low[0], high[0]) == (1, 1)
    assert 0 <= low[1] <= high[1] < 1e-9


def test_times_is_the_plain_rate_over_the_benchmark() -> None:
    assert times(np.array([0.12]), np.array([0.04])) == pytest.approx([3.0])


def test_the_verdict_of_a_very_poor_offer_speaks_of_twice_the_average() -> None:
    facts = verdict_facts(
        Counts(orders=60, ncx_orders=14, n=60.0, k=14.0), 0.05, 49.0, Band.VERY_POOR, POLICY
    )
    assert facts.rate == pytest.approx(14 / 60)
    assert facts.underlying == pytest.approx(0.150917431193)
    assert (facts.cutoff, facts.multiple, facts.set_by) == (0.1, 2, SetBy.MULTIPLE)
    assert facts.chance == pytest.approx(0.944509059608, abs=1e-9)
    assert facts.percent == 94
    assert facts.times == pytest.approx(14 / 60 / 0.05)


@pytest.mark.parametrize("band", [Band.POOR, Band.INSUFFICIENT])
def test_the_verdict_of_a_poor_offer_speaks_of_half_as_much_again(band: Band) -> None:
    facts = verdict_facts(Counts(orders=60, ncx_orders=10, n=60.0, k=10.0), 0.05, 49.0, band, POLICY)
    assert (facts.multiple, facts.percent) == (1.5, 91)
    assert facts.cutoff == pytest.approx(0.075)


@pytest.mark.parametrize(
    ("m", "band", "set_by", "cutoff"),
    [
        (0.002, Band.POOR, SetBy.MARGIN, 0.012),
        (0.002, Band.VERY_POOR, SetBy.MARGIN, 0.022),
        (0.4, Band.POOR, SetBy.CAP, 0.55),
        (0.4, Band.VERY_POOR, SetBy.CAP, 0.70),
        (0.3, Band.POOR, SetBy.MULTIPLE, 0.45),
    ],
)
def test_the_verdict_says_above_where_margin_or_cap_set_the_cutoff(
    m: float, band: Band, set_by: SetBy, cutoff: float
) -> None:
    facts = verdict_facts(Counts(orders=50, ncx_orders=40, n=50.0, k=40.0), m, 30.0, band, POLICY)
    assert facts.set_by is set_by
    assert facts.cutoff == pytest.approx(cutoff)
    assert (facts.multiple is None) is (set_by is not SetBy.MULTIPLE)


def test_the_verdict_of_a_relisted_offer_shows_the_plain_rate_and_judges_the_weighed_one() -> None:
    facts = verdict_facts(Counts(orders=40, ncx_orders=20, n=10.0, k=5.0), 0.05, 49.0, Band.POOR, POLICY)
    assert facts.rate == 0.5
    assert facts.underlying == pytest.approx((0.05 * 49 + 5) / 59)


def test_an_offer_without_orders_has_no_verdict() -> None:
    with pytest.raises(ValueError, match="no rate"):
        verdict_facts(Counts(orders=0, ncx_orders=0, n=0.0, k=0.0), 0.05, 49.0, Band.NONE, POLICY)


@pytest.mark.parametrize(
    ("chance", "percent"),
    [(0.0, 0), (0.8999, 89), (0.29, 29), (0.9899, 98), (0.99, 99), (0.9999, 99), (1.0, 99)],
)
def test_a_chance_is_rounded_down_and_capped(chance: float, percent: int) -> None:
    assert whole_percent(chance, POLICY) == percent
