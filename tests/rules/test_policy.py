"""The policy: every number of the method, checked."""

import json
import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.policy import Policy

# METHOD 1 to 7, number by number.
METHOD = {
    "long_window_days": 60,
    "short_window_days": 30,
    "short_window_min_orders": 100,
    "relist_weight": 0.25,
    "floor_tolerance": 1e-9,
    "refresh_share": 0.20,
    "start_mean": 0.05,
    "start_rho": 0.02,
    "kappa": 100,
    "kappa_root": 20,
    "winsor_sd": 3.5,
    "winsor_floor": 2,
    "spread_min_orders": 2,
    "rho_prior_weight": 30,
    "s_min": 10,
    "s_max": 200,
    "price_band_min_priced": 40,
    "price_band_points": [0.25, 0.5, 0.75],
    "exc_ratio": 0.75,
    "good_ratio": 1,
    "poor_ratio": 1.5,
    "poor_margin": 0.01,
    "poor_cap": 0.25,
    "vp_ratio": 2,
    "vp_margin": 0.02,
    "vp_cap": 0.5,
    "vp_gate": 0.90,
    "poor_gate": 0.80,
    "good_gate": 0.75,
    "exc_gate": 0.90,
    "gate_hold": 0.15,
    "suspect_min_k": 1,
    "vp_min_k": 4,
    "vp_min_c": 3,
    "poor_min_k": 3,
    "poor_min_c": 2,
    "rate_min_n": 10,
    "good_min_clean": 10,
    "exc_min_clean": 20,
    "worsen_nights": 2,
    "improve_nights": 3,
    "max_missed_nights": 7,
    "closing_enabled": True,
    "close_nights": 3,
    "close_min_n": 10,
    "close_min_k": 5,
    "close_min_c": 3,
    "close_min_weight": 100,
    "close_gate": 0.95,
    "high_mean_cap": 0.99,
    "cluster_min_customers": 5,
    "cluster_all_gate": 0.95,
    "cluster_order_days": 7,
    "cluster_event_days": 7,
    "cluster_left_out_gate": 0.80,
    "cluster_newest_divisor": 3,
    "cluster_newest_gate": 0.50,
    "hold_without_customers": True,
    "hold_customer_share": 0.5,
    "grace_days": 14,
    "grace_orders": 30,
    "breaker_min": 20,
    "breaker_ratio": 3,
    "breaker_nights": 28,
    "wilson_z": 1.6449,
    "chance_cap": 0.99,
    "typical_low": 0.10,
    "typical_high": 0.90,
    "chart_min_n": 10,
    "chart_min_offers": 20,
}


def test_the_defaults_are_the_numbers_of_the_method() -> None:
    assert Policy().to_dict() == METHOD


def test_a_policy_survives_its_stored_form() -> None:
    policy = Policy(kappa=50, price_band_points=(0.5,), closing_enabled=False)
    assert Policy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy


def test_fields_left_out_take_their_defaults_and_whole_numbers_serve_as_numbers() -> None:
    policy = Policy.from_dict({"kappa": 50})
    assert policy == Policy(kappa=50.0)
    assert isinstance(policy.kappa, float)


def test_equal_policies_are_equal_and_immutable() -> None:
    policy = Policy()
    assert hash(policy) == hash(Policy())
    with pytest.raises(AttributeError):
        policy.kappa = 3.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kapa": 3}, "Remove or correct kapa"),
        ({"kappa": "100"}, "kappa is '100': give a number"),
        ({"kappa": True}, "give a number"),
        ({"kappa": None}, "give a number"),
        ({"kappa": math.nan}, "give a number"),
        ({"kappa": math.inf}, "give a number"),
        ({"kappa": 0}, "kappa is 0: choose a value from 0.001"),
        ({"poor_gate": 1}, "poor_gate is 1: choose"),
        ({"relist_weight": 1.5}, "from 0.0 to 1.0"),
        ({"long_window_days": 60.5}, "give a whole number"),
        ({"long_window_days": True}, "give a whole number"),
        ({"worsen_nights": 4}, "from 1 to 3"),
        ({"closing_enabled": 1}, "give true or false"),
        ({"price_band_points": 0.5}, "give a list"),
        ({"price_band_points": [0.1] * 10}, "at most 9"),
        ({"price_band_points": [0.5, 0.25]}, "each above the one before"),
        ({"price_band_points": [0, 0.5]}, "between 0 and 1"),
        ({"price_band_points": ["a"]}, "give a number"),
        ({"short_window_days": 90}, "keep short_window_days at or below long_window_days"),
        ({"vp_ratio": 1.2}, "keep poor_ratio at or below vp_ratio"),
        ({"s_min": 300}, "keep s_min at or below s_max"),
        ({"typical_low": 0.9}, "keep typical_low below typical_high"),
        ({"gate_hold": 0.75}, "keep gate_hold below good_gate"),
        ({"cluster_order_days": 31}, "keep cluster_order_days at or below short_window_days"),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_do(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Policy.from_dict(values)


@given(
    st.dictionaries(
        st.sampled_from(sorted(METHOD)), st.none() | st.booleans() | st.floats() | st.text(), max_size=3
    )
)
def test_any_values_make_a_policy_or_are_refused(values: dict[str, Any]) -> None:
    try:
        policy = Policy.from_dict(values)
    except ValueError:
        return
    assert Policy.from_dict(policy.to_dict()) == policy


def test_the_rules_run_without_django() -> None:
    rules = ["policy", "bands", "grouping", "level_fit", "peers", "closing", "forecast"]
    program = "import sys; sys.modules['django'] = None; import " + ", ".join(
        f"health.{rule}" for rule in rules
    )
    subprocess.run([sys.executable, "-c", program], check=True)
