"""The numbers of a policy as the help pages say them: "60 days", "3 nights", "80%", in the active language.

Whatever a help page says about the method comes from here, so that another policy makes another text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from django.utils.translation import get_language, gettext, ngettext

from health.policy import Policy
from vocdash.pages.formats import Locale, locale
from vocdash.pages.offer_numbers import Rule, rules
from vocdash.pages.states import (
    DELETED,
    EXCELLENT,
    FAIR,
    GOOD,
    INSUFFICIENT,
    POOR,
    QUIET,
    STATE_OF_TILE,
    VERY_POOR,
    HealthState,
)


@dataclass(frozen=True, slots=True)
class Level:
    """One row of the table of levels: the state, and what it takes to get it."""

    state: HealthState
    needs: str


@dataclass(frozen=True, slots=True)
class Formula:
    """One level's rule in letters: cut-off, probability and its gates, and the counts that are needed."""

    state: HealthState
    cutoff: str
    chance: str
    gate: str
    held: str
    besides: str


def numbers_of(policy: Policy) -> Mapping[str, str]:
    """Every number that the pages name, by the names that the templates use."""
    style = locale(get_language())
    return _counting(policy, style) | _nights(policy) | _closing(policy, style)


def _counting(p: Policy, style: Locale) -> dict[str, str]:
    return {
        "long_window": days(p.long_window_days),
        "short_window": days(p.short_window_days),
        "short_orders": orders(p.short_window_min_orders),
        "relist_weight": share(p.relist_weight, style),
        "price_bands": style.count(len(p.price_band_points) + 1),
        "priced_offers": offers(p.price_band_min_priced),
        "hold": points(p.gate_hold, style),
        "kappa": orders(p.kappa),
        "refresh_share": share(p.refresh_share, style),
    }


def _nights(p: Policy) -> dict[str, str]:
    return {
        "worsen_nights": nights(p.worsen_nights),
        "improve_nights": nights(p.improve_nights),
        "close_nights": nights(p.close_nights),
    }


def _closing(p: Policy, style: Locale) -> dict[str, str]:
    return {
        "close_n": orders(p.close_min_n),
        "close_k": ncx_orders(p.close_min_k),
        "close_c": style.count(p.close_min_c),
        "close_gate": share(p.close_gate, style),
        "close_weight": orders(p.close_min_weight),
        "customers": customers(p.cluster_min_customers),
        "order_days": days(p.cluster_order_days),
        "event_days": days(p.cluster_event_days),
        "newest_days": days(p.long_window_days // p.cluster_newest_divisor),
        "newest_of_short": style.count(p.short_window_days // p.cluster_newest_divisor),
        "hold_share": share(p.hold_customer_share, style),
        "grace_days": days(p.grace_days),
        "grace_orders": orders(p.grace_orders),
    }


def levels_of(policy: Policy) -> list[Level]:
    """All states of health, best first, and what each takes."""
    style, p = locale(get_language()), policy
    return [
        Level(EXCELLENT, _better(p.exc_gate, p.exc_ratio, p.exc_min_clean, style)),
        Level(GOOD, _better(p.good_gate, p.good_ratio, p.good_min_clean, style)),
        Level(FAIR, gettext("Everything between Good and Poor.")),
        Level(POOR, _worse(p.poor_gate, (p.poor_ratio, p.poor_margin), p.poor_min_k, p.poor_min_c, style)),
        Level(VERY_POOR, _worse(p.vp_gate, (p.vp_ratio, p.vp_margin), p.vp_min_k, p.vp_min_c, style)),
        Level(INSUFFICIENT, _thin(p)),
        Level(QUIET, _quiet(p)),
        Level(DELETED, gettext("You deleted the listing.")),
    ]


def _better(gate: float, ratio: float, clean: float, style: Locale) -> str:
    values = {"gate": share(gate, style), "ratio": short(ratio, style), "clean": orders(clean)}
    if ratio == 1:
        return (
            gettext(
                "At least %(gate)s likely that its underlying rate is below the usual one, with %(clean)s "
                "or more that had no problem."
            )
            % values
        )
    return (
        gettext(
            "At least %(gate)s likely that its underlying rate is below %(ratio)s times the usual one, with "
            "%(clean)s or more that had no problem."
        )
        % values
    )


def _worse(gate: float, above: tuple[float, float], k: float, c: int, style: Locale) -> str:
    ratio, margin = above
    values = {
        "gate": share(gate, style),
        "ratio": short(ratio, style),
        "points": points(margin, style),
        "k": ncx_orders(k),
        "c": style.count(c),
    }
    return (
        gettext(
            "At least %(gate)s likely that its underlying rate is more than %(ratio)s times the usual one "
            "and at least %(points)s above it, with %(k)s or more, %(c)s of them with a comment."
        )
        % values
    )


def _thin(p: Policy) -> str:
    values = {"n": orders(p.rate_min_n), "k": ncx_orders(p.poor_min_k), "c": comments(p.poor_min_c)}
    return (
        gettext("The rate looks Poor, but there are fewer than %(n)s, fewer than %(k)s or fewer than %(c)s.")
        % values
    )


def _quiet(p: Policy) -> str:
    return gettext("No order in the last %(days)s, or none ever.") % {"days": days(p.long_window_days)}


def formulas_of(policy: Policy) -> list[Formula]:
    """The rules of the four levels that have a gate, in the method's own letters, worst first."""
    style = locale(get_language())
    return [_formula(rule, policy, style) for rule in rules(policy, style)]


def _formula(rule: Rule, policy: Policy, style: Locale) -> Formula:
    return Formula(
        STATE_OF_TILE[rule.band],
        rule.formula,
        rule.chance,
        style.decimals(rule.gate, 2),
        style.decimals(rule.gate - policy.gate_hold, 2),
        rule.besides,
    )


def short(value: float, style: Locale) -> str:
    """A number without decimals that say nothing: 2, 1.5, 0.75."""
    text = style.decimals(value, 3)
    return text.rstrip("0").rstrip(style.decimal)


def share(value: float, style: Locale) -> str:
    """A share of one as a percentage, with a decimal only where there is one: 80%, 87.5%."""
    whole = abs(value * 100 - round(value * 100)) < 1e-9
    return style.percent(value, 0 if whole else 1)


def points(value: float, style: Locale) -> str:
    """A difference of shares: 1 percentage point."""
    number = round(value * 100, 6)
    words = ngettext("%(count)s percentage point", "%(count)s percentage points", ceil(number))
    return words % {"count": short(number, style)}


def _number(value: float) -> str:
    style = locale(get_language())
    return style.count(int(value)) if value == int(value) else short(value, style)


def days(number: int) -> str:
    """So many days."""
    return ngettext("%(count)s day", "%(count)s days", number) % {"count": _number(number)}


def nights(number: int) -> str:
    """So many nights."""
    return ngettext("%(count)s night", "%(count)s nights", number) % {"count": _number(number)}


def orders(number: float) -> str:
    """So many orders; weighed counts may be no whole number."""
    return ngettext("%(count)s order", "%(count)s orders", ceil(number)) % {"count": _number(number)}


def ncx_orders(number: float) -> str:
    """So many NCX orders."""
    return ngettext("%(count)s NCX order", "%(count)s NCX orders", ceil(number)) % {"count": _number(number)}


def offers(number: int) -> str:
    """So many offers."""
    return ngettext("%(count)s offer", "%(count)s offers", number) % {"count": _number(number)}


def comments(number: int) -> str:
    """So many comments."""
    return ngettext("%(count)s comment", "%(count)s comments", number) % {"count": _number(number)}


def customers(number: int) -> str:
    """So many customers."""
    words = ngettext("%(count)s different customer", "%(count)s different customers", number)
    return words % {"count": _number(number)}
