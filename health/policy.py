"""The numbers of the method, as one immutable, checked value.

Every number that docs/method.md names is a field here, with its default; rules take the policy as an
argument and hold no number of their own. Versions of it are stored as the JSON object of ``to_dict``.
"""

from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from itertools import pairwise
from math import isfinite
from typing import Any, Final, Self


def _whole(default: int, low: int, high: int) -> Any:
    """A whole number from ``low`` to ``high``, both allowed."""
    return field(default=default, metadata={"kind": int, "low": low, "high": high})


def _number(default: float, low: float, high: float) -> Any:
    """A number from ``low`` to ``high``, both allowed."""
    return field(default=default, metadata={"kind": float, "low": low, "high": high})


def _switch(*, default: bool) -> Any:
    """On or off."""
    return field(default=default, metadata={"kind": bool})


def _chance(default: float) -> Any:
    """A probability, strictly between never and always: a gate at either end decides nothing."""
    return _number(default, 1e-6, 1 - 1e-6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the method's numbers. Raises ValueError for values that cannot work."""

    # 1. Counting
    long_window_days: int = _whole(60, 7, 366)
    short_window_days: int = _whole(30, 7, 366)
    short_window_min_orders: int = _whole(100, 1, 1_000_000)
    relist_weight: float = _number(0.25, 0.0, 1.0)
    # Added before weighed comment counts are floored: a sum of quarters may land a hair under a whole.
    floor_tolerance: float = _number(1e-9, 0.0, 1e-3)

    # 2. Similar offers
    refresh_share: float = _number(0.20, 0.0, 10.0)
    start_mean: float = _chance(0.05)
    start_rho: float = _chance(0.02)
    kappa: float = _number(100.0, 1e-3, 1e9)
    kappa_root: float = _number(20.0, 1e-3, 1e9)
    winsor_sd: float = _number(3.5, 0.0, 100.0)
    winsor_floor: float = _number(2.0, 0.0, 1e6)
    spread_min_orders: float = _number(2.0, 1.001, 1e6)
    rho_prior_weight: float = _number(30.0, 1e-3, 1e9)
    s_min: float = _number(10.0, 0.01, 1e6)
    s_max: float = _number(200.0, 0.01, 1e6)
    price_band_min_priced: int = _whole(40, 1, 1_000_000)
    price_band_points: tuple[float, ...] = field(default=(0.25, 0.50, 0.75), metadata={"kind": tuple})

    # 3. Cut-offs: t_poor = min(max(ratio·m, m + margin), cap + (1 − cap)·m), and t_vp likewise
    exc_ratio: float = _number(0.75, 0.01, 1.0)
    good_ratio: float = _number(1.0, 0.01, 1.0)
    poor_ratio: float = _number(1.5, 1.0, 100.0)
    poor_margin: float = _number(0.01, 1e-6, 1.0)
    poor_cap: float = _chance(0.25)
    vp_ratio: float = _number(2.0, 1.0, 100.0)
    vp_margin: float = _number(0.02, 1e-6, 1.0)
    vp_cap: float = _chance(0.50)

    # 4. Tonight's proposal
    vp_gate: float = _chance(0.90)
    poor_gate: float = _chance(0.80)
    good_gate: float = _chance(0.75)
    exc_gate: float = _chance(0.90)
    gate_hold: float = _number(0.15, 0.0, 0.99)
    suspect_min_k: float = _number(1.0, 1e-6, 1e6)
    vp_min_k: float = _number(4.0, 0.0, 1e6)
    vp_min_c: int = _whole(3, 0, 1_000_000)
    poor_min_k: float = _number(3.0, 0.0, 1e6)
    poor_min_c: int = _whole(2, 0, 1_000_000)
    rate_min_n: float = _number(10.0, 0.0, 1e6)
    good_min_clean: float = _number(10.0, 0.0, 1e6)
    exc_min_clean: float = _number(20.0, 0.0, 1e6)

    # 5. What is shown: the rows are read from tonight and the two computed nights before it
    worsen_nights: int = _whole(2, 1, 3)
    improve_nights: int = _whole(3, 1, 3)
    max_missed_nights: int = _whole(7, 1, 366)

    # 6. Closing
    closing_enabled: bool = _switch(default=True)
    close_nights: int = _whole(3, 1, 366)
    close_min_n: int = _whole(10, 1, 1_000_000)
    close_min_k: int = _whole(5, 1, 1_000_000)
    close_min_c: int = _whole(3, 0, 1_000_000)
    close_min_weight: float = _number(100.0, 0.0, 1e9)
    close_gate: float = _chance(0.95)
    high_mean_cap: float = _chance(0.99)
    cluster_min_customers: int = _whole(5, 1, 1_000_000)
    cluster_all_gate: float = _chance(0.95)
    cluster_order_days: int = _whole(7, 1, 366)
    cluster_event_days: int = _whole(7, 1, 366)
    cluster_left_out_gate: float = _chance(0.80)
    # The newest third of the window, as a divisor: one third has no exact decimal.
    cluster_newest_divisor: int = _whole(3, 1, 366)
    cluster_newest_gate: float = _chance(0.50)
    hold_without_customers: bool = _switch(default=True)
    hold_customer_share: float = _number(0.50, 0.0, 1.0)
    grace_days: int = _whole(14, 0, 366)
    grace_orders: int = _whole(30, 0, 1_000_000)
    breaker_min: int = _whole(20, 0, 1_000_000_000)
    breaker_ratio: float = _number(3.0, 0.0, 1e6)
    breaker_nights: int = _whole(28, 1, 3660)

    # 7. In words
    wilson_z: float = _number(1.6449, 0.1, 10.0)
    chance_cap: float = _chance(0.99)
    typical_low: float = _chance(0.10)
    typical_high: float = _chance(0.90)
    chart_min_n: float = _number(10.0, 0.0, 1e6)
    chart_min_offers: int = _whole(20, 1, 1_000_000)

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, _checked(spec, getattr(self, spec.name)))
        _check_together(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """A policy from a JSON object; fields left out take their defaults.

        ValueError, in words for the operator: unknown names, wrong types, impossible values.
        """
        known = {spec.name for spec in fields(cls)}
        unknown = sorted(str(name) for name in values if name not in known)
        if unknown:
            raise ValueError(f"Remove or correct {', '.join(unknown)}: a policy has no such field.")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The fields as a JSON object, such that ``from_dict`` gives an equal policy."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }


def _checked(spec: Field[Any], value: Any) -> Any:
    """The value in its field's type and within its bounds."""
    kind = spec.metadata["kind"]
    if kind is bool:
        if not isinstance(value, bool):
            raise ValueError(f"{spec.name} is on or off: give true or false, not {value!r}.")
        return value
    if kind is tuple:
        return _checked_points(spec.name, value)
    _check_type(spec.name, kind, value)
    low, high = spec.metadata["low"], spec.metadata["high"]
    if not low <= value <= high:
        raise ValueError(f"{spec.name} is {value!r}: choose a value from {low} to {high}.")
    return kind(value)


def _check_type(name: str, kind: type, value: Any) -> None:
    """A whole number serves as a number; true and false, though Python counts them so, serve as neither."""
    wanted = (int,) if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, wanted) or not isfinite(value):
        raise ValueError(f"{name} is {value!r}: give a {'whole ' if kind is int else ''}number.")


# More price bands than this would cut categories into groups too small to compare with.
_MOST_POINTS: Final = 9


def _checked_points(name: str, value: Any) -> tuple[float, ...]:
    """The points that cut the prices of a category: shares between 0 and 1, rising; none = one band."""
    if not (isinstance(value, list | tuple) and len(value) <= _MOST_POINTS):
        raise ValueError(
            f"{name} is {value!r}: give a list of at most {_MOST_POINTS} shares, as [0.25, 0.5, 0.75]."
        )
    for point in value:
        _check_type(name, float, point)
    points = tuple(float(point) for point in value)
    edges = (0.0, *points, 1.0)
    if any(right <= left for left, right in pairwise(edges)):
        raise ValueError(f"{name} is {value!r}: give shares between 0 and 1, each above the one before.")
    return points


# (smaller, larger, strictly): pairs whose order the rules rest on.
_ORDERED: Final = (
    ("short_window_days", "long_window_days", False),
    ("s_min", "s_max", False),
    ("exc_ratio", "good_ratio", False),
    ("poor_ratio", "vp_ratio", False),
    ("poor_margin", "vp_margin", False),
    ("poor_cap", "vp_cap", False),
    ("poor_min_k", "vp_min_k", False),
    ("poor_min_c", "vp_min_c", False),
    ("suspect_min_k", "poor_min_k", False),
    ("good_min_clean", "exc_min_clean", False),
    ("cluster_order_days", "short_window_days", False),
    ("cluster_event_days", "short_window_days", False),
    ("cluster_newest_divisor", "short_window_days", False),
    ("typical_low", "typical_high", True),
    ("gate_hold", "vp_gate", True),
    ("gate_hold", "poor_gate", True),
    ("gate_hold", "good_gate", True),
    ("gate_hold", "exc_gate", True),
)


def _check_together(policy: Policy) -> None:
    """Values that are each possible but contradict one another."""
    for smaller, larger, strictly in _ORDERED:
        low, high = getattr(policy, smaller), getattr(policy, larger)
        if low > high or (strictly and low == high):
            relation = "below" if strictly else "at or below"
            raise ValueError(
                f"{smaller} is {low} and {larger} is {high}: keep {smaller} {relation} {larger}."
            )
