"""A worked example of CX health: invented counts, judged by the functions that judge every offer at night."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from django.utils.translation import get_language

from health.bands import Band, cutoffs, posterior, probabilities, propose
from health.forecast import clean_orders_to_fair, times, whole_percent
from health.policy import Policy
from vocdash.pages.formats import locale
from vocdash.pages.help_numbers import share
from vocdash.pages.states import STATE_OF_TILE, HealthState


class Counts(NamedTuple):
    """Orders, NCX orders, and those of them with a comment."""

    n: int
    k: int
    c: int


# Invented, and the same under every policy: what changes with it is what they come to.
USUAL: Final = 0.04
ALIKE: Final = 60.0
EXAMPLE: Final = Counts(80, 12, 8)
OTHERS: Final = (
    Counts(300, 3, 2),
    Counts(60, 0, 0),
    Counts(80, 3, 2),
    EXAMPLE,
    Counts(80, 12, 1),
    Counts(80, 20, 12),
    Counts(1, 1, 1),
    Counts(3, 3, 3),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """Counts, what they come to, and whether they are those of the example."""

    counts: Counts
    rate: float
    state: HealthState
    here: bool


@dataclass(frozen=True, slots=True)
class Example:
    """The example's numbers, written in the active language."""

    n: str
    k: str
    c: str
    rate: str
    times: str
    usual: str
    alike: str
    a: str
    b: str
    underlying: str
    poor_from: str
    poor_chance: str
    poor_gate: str
    very_poor_from: str
    very_poor_chance: str
    very_poor_gate: str
    state: HealthState
    clean_orders: str
    others: list[Judged]


def worked_example(policy: Policy) -> Example:
    """The example under this policy, for an offer without an earlier level."""
    style = locale(get_language())
    n, k, m, s = _arrays(EXAMPLE)
    a, b = (float(value[0]) for value in posterior(n, k, m, s))
    cut, chance = cutoffs(m, policy), probabilities(n, k, m, s, policy)
    band = _proposed(EXAMPLE, policy)
    return Example(
        n=style.count(EXAMPLE.n),
        k=style.count(EXAMPLE.k),
        c=style.count(EXAMPLE.c),
        rate=style.percent(EXAMPLE.k / EXAMPLE.n),
        times=style.times(float(times(k / n, m)[0])),
        usual=style.percent(USUAL),
        alike=style.count(int(ALIKE)),
        a=style.decimals(a),
        b=style.decimals(b),
        underlying=style.percent(a / (a + b)),
        poor_from=style.percent(float(cut.poor[0])),
        poor_chance=style.percent(whole_percent(float(chance.poor[0]), policy) / 100, 0),
        poor_gate=share(policy.poor_gate, style),
        very_poor_from=style.percent(float(cut.vp[0])),
        very_poor_chance=style.percent(whole_percent(float(chance.vp[0]), policy) / 100, 0),
        very_poor_gate=share(policy.vp_gate, style),
        state=STATE_OF_TILE[band],
        clean_orders=_clean_orders(band, policy),
        others=[_judged(counts, policy) for counts in OTHERS],
    )


def _arrays(counts: Counts) -> tuple[np.ndarray, ...]:
    """n, k, m and s as the rules take them."""
    values = (counts.n, counts.k, USUAL, ALIKE)
    return tuple(np.array([value], dtype=np.float64) for value in values)


def _proposed(counts: Counts, policy: Policy) -> Band:
    n, k, m, s = _arrays(counts)
    never = np.array([Band.NONE], dtype=np.int8)
    return Band(int(propose(n, k, np.array([counts.c], dtype=np.int64), m, s, never, policy)[0]))


def _clean_orders(band: Band, policy: Policy) -> str:
    """How many orders without a problem would lead to Fair; "" where it is no worse."""
    if band < Band.INSUFFICIENT:
        return ""
    n, k, m, s = _arrays(EXAMPLE)
    shown = np.array([band], dtype=np.int8)
    enough = clean_orders_to_fair(n, k, np.array([EXAMPLE.c], dtype=np.int64), m, s, shown, policy)
    return locale(get_language()).count(int(enough[0]))


def _judged(counts: Counts, policy: Policy) -> Judged:
    state = STATE_OF_TILE[_proposed(counts, policy)]
    return Judged(counts, counts.k / counts.n, state, counts == EXAMPLE)
