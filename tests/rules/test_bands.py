"""METHOD 3 to 5: posterior, cut-offs, proposal, shown band."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from health.bands import Band, cutoffs, posterior, probabilities, propose, shown
from health.closing import close_probability
from health.policy import Policy
from tests.rules import by_hand

POLICY = Policy()
GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "golden_cases.json").read_text())
IN_WORDS = {
    "none": Band.NONE,
    "Excellent": Band.EXCELLENT,
    "Good": Band.GOOD,
    "Fair": Band.FAIR,
    "Insufficient Feedback": Band.INSUFFICIENT,
    "Poor": Band.POOR,
    "Very poor": Band.VERY_POOR,
}


def numbers(*values: float | str) -> list[np.ndarray]:
    return [np.array([float(value)]) for value in values]


def proposal(k: float, n: float, c: int, prev: Band = Band.NONE, m: float = 0.05, s: float = 49) -> Band:
    orders, complaints, mean, strength = numbers(n, k, m, s)
    last_night = np.array([prev], np.int8)
    band = propose(orders, complaints, np.array([c]), mean, strength, last_night, POLICY)
    return Band(int(band[0]))


@pytest.mark.parametrize("case", GOLDEN, ids=[case["name"] for case in GOLDEN])
def test_worked_case(case: dict[str, Any]) -> None:
    n, k, m, s, w = numbers(case["n"], case["k"], case["m"], case["s"], case["W"])
    a, b = posterior(n, k, m, s)
    cut, chance = cutoffs(m, POLICY), probabilities(n, k, m, s, POLICY)
    found = {
        "a": a,
        "b": b,
        "post_mean": a / (a + b),
        "t_poor": cut.poor,
        "t_vpoor": cut.vp,
        "P_poor": chance.poor,
        "P_vpoor": chance.vp,
        "P_good": chance.good,
        "P_exc": chance.exc,
        "P_close": close_probability(n, k, m, s, w, POLICY),
    }
    for name, value in found.items():
        assert value[0] == pytest.approx(float(case[name]), abs=1e-9, rel=0), name
    band = proposal(case["k"], case["n"], case["comments"], m=float(case["m"]), s=float(case["s"]))
    assert band is IN_WORDS[case["band"]]


@pytest.mark.parametrize(
    ("m", "poor", "vp"),
    [(0.05, 0.075, 0.10), (0.002, 0.012, 0.022), (0.4, 0.55, 0.70), (0.02, 0.03, 0.04), (1.0, 1.0, 1.0)],
)
def test_cutoffs_are_a_multiple_with_a_margin_below_and_a_cap_above(m: float, poor: float, vp: float) -> None:
    cut = cutoffs(np.array([m]), POLICY)
    assert (cut.exc[0], cut.good[0]) == (0.75 * m, m)
    assert cut.poor[0] == pytest.approx(poor, abs=1e-15)
    assert cut.vp[0] == pytest.approx(vp, abs=1e-15)


def test_one_of_one_and_two_of_two_are_insufficient_feedback() -> None:
    assert [proposal(1, 1, 1), proposal(2, 2, 2)] == [Band.INSUFFICIENT] * 2


def test_three_of_three_is_poor_where_the_similar_offers_make_it_certain_and_never_fair() -> None:
    assert [proposal(3, 3, 3, s=s) for s in (10, 20, 49, 200)] == [Band.POOR] * 2 + [Band.INSUFFICIENT] * 2


def test_insufficient_feedback_replaces_only_poor_and_very_poor() -> None:
    """PRODUCT B6: without comments a bad rate is Insufficient Feedback, a fair one stays Fair."""
    assert proposal(14, 60, 8) is Band.VERY_POOR
    assert proposal(14, 60, 2) is Band.POOR
    assert proposal(14, 60, 1) is Band.INSUFFICIENT
    assert proposal(3, 60, 0) is Band.FAIR


def test_very_poor_needs_four_complaints_and_three_comments() -> None:
    """All with P_vp above .90."""
    assert [proposal(4, 6, c, s=10) for c in (3, 2, 1)] == [Band.VERY_POOR, Band.POOR, Band.INSUFFICIENT]
    assert proposal(3, 3, 3, s=10) is Band.POOR


def test_a_rate_above_the_cutoff_with_too_few_orders_is_not_called_fair() -> None:
    assert proposal(1, 9, 1) is Band.INSUFFICIENT
    assert proposal(3, 9, 3, m=0.2) is Band.INSUFFICIENT
    assert proposal(3, 10, 3, m=0.19) is Band.FAIR


def test_a_band_already_shown_holds_fifteen_points_below_its_gate() -> None:
    """P_poor of 10 in 78, 80, 100: .81, .79, .61; P_vp of 12 in 60: .84.

    P_good of 2 in 50: .65; P_exc of 1 in 80: .80.
    """
    for prev in (Band.NONE, Band.FAIR, Band.GOOD):
        assert [proposal(10, n, 6, prev) for n in (78, 80, 100)] == [Band.POOR, Band.FAIR, Band.FAIR]
    for prev in (Band.INSUFFICIENT, Band.POOR, Band.VERY_POOR):
        assert [proposal(10, n, 6, prev) for n in (78, 80, 100)] == [Band.POOR, Band.POOR, Band.FAIR]
    assert [proposal(12, 60, 6, prev) for prev in (Band.POOR, Band.VERY_POOR)] == [Band.POOR, Band.VERY_POOR]
    assert [proposal(2, 50, 2, prev) for prev in (Band.FAIR, Band.GOOD)] == [Band.FAIR, Band.GOOD]
    assert [proposal(1, 80, 1, prev) for prev in (Band.GOOD, Band.EXCELLENT)] == [Band.GOOD, Band.EXCELLENT]


def test_good_needs_ten_clean_orders_and_excellent_twenty() -> None:
    good = [proposal(0, n, 0, m=0.3, s=20) for n in (9, 10)]
    assert good == [Band.FAIR, Band.GOOD]
    assert [proposal(0, n, 0, m=0.3, s=20) for n in (19, 20)] == [Band.GOOD, Band.EXCELLENT]


def test_weighed_counts_meet_the_gates_as_they_are() -> None:
    """Three complaints from before a relist weigh 0.75: below the one complaint that a suspicion needs."""
    assert proposal(0.75, 0.75, 0) is Band.FAIR
    assert proposal(1.0, 1.0, 0) is Band.INSUFFICIENT


def test_a_night_is_shown_as_the_method_says_for_every_history() -> None:
    nights = list(product(Band, repeat=4))
    prev, tonight, one, two = np.array(nights, dtype=np.int8).T
    found = shown(prev, tonight, one, two, POLICY)
    expected = [by_hand.shown(p.name, [t.name, o.name, w.name]) for p, t, o, w in nights]
    assert [Band(int(band)).name for band in found] == expected


@pytest.mark.parametrize(
    ("prev", "nights", "band"),
    [
        (Band.FAIR, (Band.POOR, Band.FAIR, Band.FAIR), Band.FAIR),
        (Band.FAIR, (Band.POOR, Band.VERY_POOR, Band.FAIR), Band.POOR),
        (Band.FAIR, (Band.VERY_POOR, Band.POOR, Band.FAIR), Band.POOR),
        (Band.POOR, (Band.FAIR, Band.GOOD, Band.POOR), Band.POOR),
        (Band.POOR, (Band.EXCELLENT, Band.GOOD, Band.FAIR), Band.FAIR),
        (Band.POOR, (Band.FAIR, Band.NONE, Band.FAIR), Band.POOR),
        (Band.FAIR, (Band.POOR, Band.NONE, Band.POOR), Band.FAIR),
        (Band.NONE, (Band.VERY_POOR, Band.NONE, Band.NONE), Band.VERY_POOR),
        (Band.POOR, (Band.NONE, Band.POOR, Band.POOR), Band.NONE),
    ],
)
def test_two_nights_worsen_a_band_and_three_improve_it(
    prev: Band, nights: tuple[Band, ...], band: Band
) -> None:
    history = [np.array([night], np.int8) for night in nights]
    assert shown(np.array([prev], np.int8), history[0], history[1], history[2], POLICY)[0] == band


def test_the_numbers_of_nights_come_from_the_policy() -> None:
    at_once = Policy(worsen_nights=1, improve_nights=2)
    history = [np.array([night], np.int8) for night in (Band.POOR, Band.FAIR, Band.FAIR)]
    assert shown(np.array([Band.FAIR], np.int8), history[0], history[1], history[2], at_once)[0] == Band.POOR
    history = [np.array([night], np.int8) for night in (Band.GOOD, Band.FAIR, Band.POOR)]
    assert shown(np.array([Band.POOR], np.int8), history[0], history[1], history[2], at_once)[0] == Band.FAIR
