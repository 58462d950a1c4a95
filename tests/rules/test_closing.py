"""METHOD 6: closing an offer."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc

from health.bands import Band
from health.closing import Lines, breaker_limit, cluster_tests, high_mean, in_grace, qualifies
from health.policy import Policy

POLICY = Policy()
GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "golden_cluster.json").read_text())
# (order age, event age or None, customer or None, weight)
Line: TypeAlias = tuple[int, int | None, Any, float]


def as_lines(rows: Sequence[Line]) -> Lines:
    codes: dict[Any, int] = {}
    return Lines(
        order_age=np.array([row[0] for row in rows], dtype=np.int64),
        event_age=np.array([-1 if row[1] is None else row[1] for row in rows], dtype=np.int64),
        customer=np.array(
            [-1 if row[2] is None else codes.setdefault(row[2], len(codes)) for row in rows], dtype=np.int64
        ),
        weight=np.array([row[3] for row in rows], dtype=np.float64),
        since_relist=np.array([row[3] == 1 for row in rows]),
    )


def golden_lines(number: int) -> list[Line]:
    return [tuple(line) for line in GOLDEN[number]["lines"]]


@pytest.mark.parametrize("case", GOLDEN, ids=[case["name"] for case in GOLDEN])
def test_worked_cluster_case(case: dict[str, Any]) -> None:
    lines = as_lines([tuple(line) for line in case["lines"]])
    found = cluster_tests(lines, float(case["m"]), float(case["s"]), float(case["W"]), case["d"], POLICY)
    tests = zip(
        "ABCD", (found.all_orders, found.without_orders, found.without_complaints, found.newest), strict=True
    )
    for letter, test in tests:
        assert test.probability == pytest.approx(float(case[letter]), abs=1e-9, rel=0), letter
        assert [test.k, test.n] == case[f"{letter}_KN"], letter
    assert found.passes is case["passes"]
    assert not found.held


def judge(rows: Sequence[Line], policy: Policy = POLICY, d: int = 60) -> Any:
    return cluster_tests(as_lines(rows), 0.05, 49.0, 1000.0, d, policy)


def test_complaints_of_fewer_than_five_customers_do_not_close() -> None:
    rows = [(age, 0, f"customer {age % 4}", 1.0) for age in range(60)]
    found = judge(rows)
    assert (found.customers, found.enough_customers, found.passes) == (4, False, False)
    assert judge([*rows[:-1], (59, 0, "a fifth", 1.0)]).enough_customers


def test_only_customers_since_the_relist_count_towards_the_five() -> None:
    older = [(30 + age, 20, f"old {age}", 0.25) for age in range(20)]
    newer = [(age, 0, f"new {age}", 1.0) for age in range(4)]
    found = judge([*newer, *older])
    assert (found.customers, found.enough_customers) == (4, False)


def test_an_order_without_a_customer_reference_is_its_own_customer() -> None:
    rows = golden_lines(0)
    nameless = [(order, event, None, weight) for order, event, _, weight in rows]
    found = judge(nameless)
    assert found.customers == 20
    assert found.all_orders == judge(rows).all_orders


@pytest.mark.parametrize(("named", "held"), [(9, True), (10, False)])
def test_fewer_than_half_the_complaints_with_a_customer_reference_hold_the_closure(
    named: int, held: bool
) -> None:
    complaints = [row for row in golden_lines(0) if row[1] is not None]
    clean = [row for row in golden_lines(0) if row[1] is None]
    rows = clean + complaints[:named] + [(row[0], row[1], None, row[3]) for row in complaints[named:]]
    found = judge(rows)
    assert found.passes
    assert found.held is held
    assert not judge(rows, replace(POLICY, hold_without_customers=False)).held


def test_a_burst_that_begins_on_the_windows_oldest_dates_is_left_out_whole() -> None:
    rows = [(59 - age % 7, 0, age, 1.0) for age in range(20)] + [
        (age, None, 100 + age, 1.0) for age in range(40)
    ]
    found = judge(rows)
    assert (found.without_orders.k, found.without_orders.n) == (0, 40)


def test_seven_dates_are_seven_and_not_eight() -> None:
    """Complaints on eight consecutive dates: one of them always stays."""
    rows = [(20 + age, 5 + age, age, 1.0) for age in range(8)] + [(0, None, 100, 1.0)]
    assert judge(rows).without_orders.k == 1
    assert judge(rows).without_complaints.k == 1


def test_an_event_dated_before_its_order_and_window_belongs_to_a_burst_too() -> None:
    """FORMATS keeps such events; all consecutive dates are tried, wherever they lie."""
    rows = [(59, 62 + age % 7, age, 1.0) for age in range(20)] + [
        (age, None, 100 + age, 1.0) for age in range(40)
    ]
    assert judge(rows).without_complaints.k == 0


def test_the_newest_third_of_a_thirty_day_window_is_ten_dates() -> None:
    rows = [(age, 0 if age < 20 else None, age, 1.0) for age in range(30)]
    assert (judge(rows, d=30).newest.k, judge(rows, d=30).newest.n) == (10, 10)


def test_no_recent_order_means_the_prior_which_does_not_close() -> None:
    rows = [(age, 0, age, 1.0) for age in range(20, 60)]
    found = judge(rows)
    assert (found.newest.k, found.newest.n, found.newest.passes) == (0, 0, False)
    assert not found.passes


line = st.tuples(
    st.integers(0, 29),
    st.none() | st.integers(0, 29),
    st.none() | st.integers(0, 5),
    st.sampled_from([1.0, 0.25]),
)


@settings(max_examples=60)
@given(st.lists(line, min_size=1, max_size=40))
def test_cluster_tests_agree_with_the_method_done_by_hand(rows: Sequence[Line]) -> None:
    found = judge(rows, d=30)
    weeks = range(30 - 7 + 1)
    without_orders = [[row for row in rows if not start <= row[0] < start + 7] for start in weeks]
    without_events = [
        [row for row in rows if row[1] is None or not start <= row[1] < start + 7] for start in weeks
    ]
    newest = [row for row in rows if row[0] < 10]
    m_hi = 0.05 + np.sqrt(0.05 * 0.95 / 1000)
    assert found.all_orders.probability == pytest.approx(by_hand(rows, 2 * m_hi), abs=1e-12)
    assert found.newest.probability == pytest.approx(by_hand(newest, 0.075), abs=1e-12)
    least = min(by_hand(some, 0.075) for some in without_orders)
    assert found.without_orders.probability == pytest.approx(least, abs=1e-12)
    least = min(by_hand(some, 0.075) for some in without_events)
    assert found.without_complaints.probability == pytest.approx(least, abs=1e-12)


def by_hand(rows: Sequence[Line], cutoff: float) -> float:
    """P_S(t) as section 6 says it."""
    largest: dict[Any, float] = {}
    for number, (_, event, customer, weight) in enumerate(rows):
        if event is not None:
            name = ("nobody", number) if customer is None else customer
            largest[name] = max(largest.get(name, 0), weight)
    k = sum(largest.values())
    n = sum(row[3] for row in rows) - (sum(row[3] for row in rows if row[1] is not None) - k)
    return float(1 - betainc(0.05 * 49 + k, 0.95 * 49 + n - k, cutoff))


def qualifying(**changed: Any) -> dict[str, Any]:
    """An offer that qualifies: 25 of 60 among similar offers with 5 %."""
    offer = {
        "shown": Band.VERY_POOR,
        "proposed": Band.VERY_POOR,
        "n": 60.0,
        "k": 25.0,
        "since_n": 60,
        "since_k": 25,
        "since_c": 10,
        "m": 0.05,
        "s": 49.0,
        "W": 1000.0,
    }
    return {name: np.array([value]) for name, value in (offer | changed).items()}


def test_an_offer_qualifies_when_every_condition_holds() -> None:
    assert qualifies(**qualifying(), policy=POLICY).tolist() == [True]
    edge = qualifying(since_n=10, since_k=5, since_c=3, W=200.0)
    assert qualifies(**edge, policy=POLICY).tolist() == [True]


@pytest.mark.parametrize(
    "changed",
    [
        {"shown": Band.POOR},
        {"proposed": Band.POOR},
        {"since_n": 9},
        {"since_k": 4},
        {"since_c": 2},
        {"W": 199.9},
        {"k": 14.0},  # P_vp .945
        {"k": 60.0, "n": 60.0, "m": 0.999},  # P_vp .89, though .97 with the mean capped at .99
        {"k": 20.0, "n": 70.0, "W": 201.0, "m": 0.08},  # P_vp above .95, at the upper end of m below
    ],
    ids=str,
)
def test_an_offer_does_not_qualify_when_one_condition_fails(changed: dict[str, Any]) -> None:
    assert qualifies(**qualifying(**changed), policy=POLICY).tolist() == [False]


def test_nobody_qualifies_where_closing_is_off() -> None:
    """PRODUCT D1: automatic closing can be switched off."""
    assert qualifies(**qualifying(), policy=replace(POLICY, closing_enabled=False)).tolist() == [False]


def test_the_upper_end_of_the_mean_is_capped() -> None:
    high = high_mean(np.array([0.05, 0.98]), np.array([100.0, 100.0]), POLICY)
    assert high == pytest.approx([0.05 + np.sqrt(0.05 * 0.95 / 100), 0.99])


@pytest.mark.parametrize(
    ("days", "orders", "grace"),
    [(0, 0, True), (13, 500, True), (14, 29, True), (14, 30, False), (400, 29, True), (400, 30, False)],
)
def test_grace_lasts_until_both_days_and_orders_have_passed(days: int, orders: int, grace: bool) -> None:
    as_of = np.datetime64("2018-03-31")
    relisted = np.array([as_of - days, np.datetime64("NaT", "D")], dtype="datetime64[D]")
    assert in_grace(as_of, relisted, np.array([orders, 0]), POLICY).tolist() == [grace, False]


@pytest.mark.parametrize(
    ("closures", "limit"), [([], 20), ([0] * 27 + [900], 20), ([10, 12, 11], 33), ([10, 20], 45), ([7], 21)]
)
def test_the_breaker_allows_three_times_the_usual_night_and_at_least_twenty(
    closures: list[int], limit: float
) -> None:
    assert breaker_limit(closures, POLICY) == limit
    assert breaker_limit(np.array(closures, dtype=np.int64), POLICY) == limit
