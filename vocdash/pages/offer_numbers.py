"""How the verdict was computed, to the digit: every number that went in, to be done again by hand.

METHOD 1 to 4 for one offer. Letters and formulas are the method's own and are not translated.
"""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import get_language, gettext

from health.bands import Band, cutoffs, posterior, probabilities
from health.grouping import Level
from health.models import OfferHealth
from health.policy import Policy
from vocdash.pages.formats import Locale, locale
from vocdash.pages.offer_data import Computed, OfferData
from vocdash.pages.offer_verdict import group_of
from vocdash.pages.states import STATE_OF_TILE

# Twelve digits: with these the probabilities below come out the same.
_FULL = 12


@dataclass(frozen=True, slots=True)
class Number:
    """One number: its letter in the method, what it is, its value, and how it comes about."""

    letter: str
    what: str
    value: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """One band's test: its cut-off, the probability, what it needs tonight, and whether that is met."""

    band: str
    cutoff: str
    formula: str
    chance: str
    probability: str
    needs: str
    besides: str
    met: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything in the table "How this was computed"."""

    rows: list[Number]
    gates: list[Gate]
    proposed: str
    shown: str
    held: str
    thin: str
    source: str


def build_numbers(data: OfferData) -> Numbers | None:
    """The numbers of the last computed night; None without orders or without a benchmark."""
    computed = data.computed
    if computed is None or not computed.health.orders:
        return None
    health, policy = computed.health, computed.policy
    if health.m is None or health.s is None or health.w is None:
        return None
    style = locale(get_language())
    return Numbers(
        rows=_rows(data, computed, style),
        gates=_gates(health, health.m, health.s, policy, style),
        proposed=_band(health.proposed),
        shown=_band(health.band),
        held=gettext(
            "A band gets worse after %(worse)s nights that agree, and better after %(better)s that agree."
        )
        % {"worse": style.count(policy.worsen_nights), "better": style.count(policy.improve_nights)},
        thin=_thin(health, policy, style),
        source=gettext("Night of %(day)s, policy v%(version)s.")
        % {"day": style.day(computed.as_of), "version": computed.policy_version},
    )


def _thin(health: OfferHealth, policy: Policy, style: Locale) -> str:
    """What makes it Insufficient Feedback; "" for any other proposal."""
    if health.proposed != Band.INSUFFICIENT:
        return ""
    return gettext(
        "Insufficient Feedback is proposed where the rate looks Poor, by its chance or because k/n is above "
        "the cut-off, but n < %(n)s, k < %(k)s or c < %(c)s."
    ) % {
        "n": _short(policy.rate_min_n, style),
        "k": _short(policy.poor_min_k, style),
        "c": style.count(policy.poor_min_c),
    }


def _band(code: int) -> str:
    return str(STATE_OF_TILE[code].label) if code else "–"


def _weighed(value: float, style: Locale) -> str:
    """A weighed count: whole, or in quarters."""
    return style.count(int(value)) if value == int(value) else style.decimals(value, 2)


def _rows(data: OfferData, computed: Computed, style: Locale) -> list[Number]:
    health = computed.health
    n, k, m, s = (np.array([value], dtype=np.float64) for value in (health.n, health.k, health.m, health.s))
    a, b = (float(value[0]) for value in posterior(n, k, m, s))
    discounted = _discounted(data, computed, style)
    return [
        Number(
            "d", gettext("Days in the window"), style.count(health.window_days), _window_rule(computed, style)
        ),
        Number("n", gettext("Orders"), _weighed(health.n, style), discounted[0]),
        Number("k", gettext("NCX orders"), _weighed(health.k, style), discounted[1]),
        Number("c", gettext("NCX orders with a comment"), style.count(health.c), discounted[2]),
        Number(
            "m",
            gettext("Average of similar offers"),
            style.decimals(float(m[0]), _FULL),
            _group(data, computed),
        ),
        Number(
            "s",
            gettext("How alike similar offers are, in orders"),
            style.decimals(float(s[0]), _FULL),
            gettext("the larger, the more alike; from %(low)s to %(high)s")
            % {
                "low": style.decimals(computed.policy.s_min, 0),
                "high": style.decimals(computed.policy.s_max, 0),
            },
        ),
        Number(
            "W",
            gettext("Orders behind m"),
            style.decimals(health.w or 0.0, 6),
            gettext("other sellers' orders, weighed so that no giant owns the group, + %(kappa)s")
            % {"kappa": style.decimals(computed.policy.kappa, 0)},
        ),
        Number("a", "", style.decimals(a, _FULL), "m·s + k"),
        Number("b", "", style.decimals(b, _FULL), "(1 − m)·s + n − k"),
        Number("a/(a+b)", gettext("Underlying rate"), style.decimals(a / (a + b), _FULL), "p ~ Beta(a, b)"),
    ]


def _discounted(data: OfferData, computed: Computed, style: Locale) -> tuple[str, str, str]:
    """What to say beside n, k and c: the plain counts, where orders before a relist weigh less."""
    health = computed.health
    if health.n == health.orders or data.offer.relisted_on is None:
        return "", "", ""
    values = {
        "day": style.day(data.offer.relisted_on),
        "weight": style.decimals(computed.policy.relist_weight, 2),
    }
    plain = gettext("%(count)s counted plainly")
    return (
        "; ".join(
            (
                plain % {"count": style.count(health.orders)},
                gettext("orders before %(day)s count %(weight)s") % values,
            )
        ),
        plain % {"count": style.count(health.ncx_orders)},
        gettext("%(count)s counted plainly, then rounded down") % {"count": style.count(health.comments)},
    )


def _window_rule(computed: Computed, style: Locale) -> str:
    policy = computed.policy
    return gettext(
        "%(short)s with %(orders)s orders or more in %(short)s days, else %(long)s; chosen weekly"
    ) % {
        "short": style.count(policy.short_window_days),
        "long": style.count(policy.long_window_days),
        "orders": style.count(policy.short_window_min_orders),
    }


def _group(data: OfferData, computed: Computed) -> str:
    level = computed.health.level
    return "" if level is None else group_of(data.offer, Level(level))


def _gates(health: OfferHealth, m: float, s: float, policy: Policy, style: Locale) -> list[Gate]:
    mean = np.array([m])
    cut = cutoffs(mean, policy)
    chance = probabilities(np.array([health.n]), np.array([health.k]), mean, np.array([s]), policy)
    found = [
        (rule, float(getattr(cut, rule.field)[0]), float(getattr(chance, rule.field)[0]))
        for rule in rules(policy, style)
    ]
    return [_gate(*rule, health, policy.gate_hold, style) for rule in found]


@dataclass(frozen=True, slots=True)
class Rule:
    """A band's rule in METHOD 3 and 4. `least` is the least k, c and clean orders (n - k)."""

    field: str
    band: Band
    formula: str
    chance: str
    gate: float
    held_by: tuple[Band, ...]
    besides: str
    least: tuple[float, float, float]


_POOR_HOLDS = (Band.INSUFFICIENT, Band.POOR, Band.VERY_POOR)
_GOOD_HOLDS = (Band.EXCELLENT, Band.GOOD)


def rules(policy: Policy, style: Locale) -> list[Rule]:
    """The rules of the four bands that have a gate, worst first."""
    p = policy
    vp = _upper(p.vp_ratio, p.vp_margin, p.vp_cap, style)
    poor = _upper(p.poor_ratio, p.poor_margin, p.poor_cap, style)
    return [
        _worse("vp", Band.VERY_POOR, vp, p.vp_gate, (Band.VERY_POOR,), p.vp_min_k, p.vp_min_c, style),
        _worse("poor", Band.POOR, poor, p.poor_gate, _POOR_HOLDS, p.poor_min_k, p.poor_min_c, style),
        _better("good", Band.GOOD, p.good_ratio, p.good_gate, _GOOD_HOLDS, p.good_min_clean, style),
        _better("exc", Band.EXCELLENT, p.exc_ratio, p.exc_gate, (Band.EXCELLENT,), p.exc_min_clean, style),
    ]


def _short(value: float, style: Locale) -> str:
    return style.decimals(value, 3).rstrip("0").rstrip(style.decimal)


def _upper(ratio: float, margin: float, cap: float, style: Locale) -> str:
    parts = [_short(value, style) for value in (ratio, margin, cap, 1 - cap)]
    return "min(max({}m, m + {}), {} + {}m)".format(*parts)


def _worse(  # noqa: PLR0917 - one line of the table above
    field: str,
    band: Band,
    formula: str,
    gate: float,
    held_by: tuple[Band, ...],
    k: float,
    c: int,
    style: Locale,
) -> Rule:
    besides = f"k ≥ {_short(k, style)}, c ≥ {c}"
    return Rule(field, band, formula, "P(p > t)", gate, held_by, besides, (k, c, 0))


def _better(  # noqa: PLR0917 - one line of the table above
    field: str, band: Band, ratio: float, gate: float, held_by: tuple[Band, ...], clean: float, style: Locale
) -> Rule:
    formula, besides = f"{_short(ratio, style)}m", f"n − k ≥ {_short(clean, style)}"
    return Rule(field, band, formula, "P(p < t)", gate, held_by, besides, (0, 0, clean))


def _gate(  # noqa: PLR0917 - called with one rule's values
    rule: Rule, cutoff: float, probability: float, health: OfferHealth, hold: float, style: Locale
) -> Gate:
    holds = health.band_1 in rule.held_by
    needed = rule.gate - (hold if holds else 0)
    k, c, clean = rule.least
    enough = health.k >= k and health.c >= c and health.n - health.k >= clean
    needs = style.decimals(needed, 2)
    if holds:
        needs = gettext("%(gate)s, lowered because of last night's band") % {"gate": needs}
    return Gate(
        band=_band(rule.band),
        cutoff=style.decimals(cutoff, _FULL),
        formula=rule.formula,
        chance=rule.chance,
        probability=style.decimals(probability, _FULL),
        needs=needs,
        besides=rule.besides,
        met=probability >= needed and enough,
    )
