"""What an offer's health means, in sentences a seller could repeat (METHOD 7, UX 5b).

Numbers come in as `Facts`, finished by the rules; here they only become words, in the active language.
A sentence is kept with its values apart, so that it can be shown as text (e-mail, export) or as markup.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape
from math import floor
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from health.models import Tile
from vocdash.pages.facts import Facts, Minimums, Similar
from vocdash.pages.formats import Locale, locale

_LEADS: Final = {
    Tile.VERY_POOR: gettext_noop(
        "Your offer is performing <strong>significantly worse than similar offers</strong>: "
    ),
    Tile.POOR: gettext_noop("Your offer is performing <strong>worse than similar offers</strong>: "),
    Tile.FAIR: gettext_noop("Your offer is performing <strong>comparably to similar offers</strong>: "),
    Tile.GOOD: gettext_noop(
        "Your offer is performing <strong>as well as or better than similar offers</strong>: "
    ),
    Tile.EXCELLENT: gettext_noop(
        "Your offer is performing <strong>significantly better than similar offers</strong>: "
    ),
}
_A_QUARTER: Final = 0.25
# A ratio nearer to 1 than this says nothing, so it is left out.
_TELLING_RATIO: Final = 1.15


@dataclass(frozen=True, slots=True)
class Sentence:
    """A translated template that may hold <strong>, and the values for it, formatted but not escaped."""

    template: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.replace("<strong>", "").replace("</strong>", "") % self.values

    @property
    def html(self) -> SafeString:
        """The sentence as markup, its values escaped."""
        return SafeString(self.template % {name: escape(value) for name, value in self.values.items()})


def verdict(facts: Facts) -> list[Sentence]:
    """Say what the shown state means, in one sentence with its numbers and what has to be added to it."""
    style = locale(get_language())
    return [*_VERDICTS[facts.state.tile](facts, style), *_discount(facts, style)]


def as_text(sentences: list[Sentence]) -> str:
    """The sentences as one paragraph of plain text."""
    return " ".join(str(sentence) for sentence in sentences)


def as_html(sentences: list[Sentence]) -> SafeString:
    """The sentences as one paragraph of markup."""
    return SafeString(" ".join(sentence.html for sentence in sentences))


def _compared(facts: Facts, style: Locale) -> list[Sentence]:
    """One of the five bands: what it says, the numbers, what is usual."""
    tile = Tile(facts.state.tile)
    ratio = facts.rate / facts.similar.typical if facts.similar and facts.similar.typical else 0.0
    worse = tile in {Tile.POOR, Tile.VERY_POOR}
    values = _values(facts, style) | {"times": _times(ratio, style)}
    if tile in {Tile.GOOD, Tile.EXCELLENT}:
        values["counted"] = _counted(facts, style, only=True)
    if worse and ratio >= _TELLING_RATIO:
        usual = gettext(
            ", about <strong>%(times)s times</strong> the %(typical)s that is usual for %(group)s."
        )
    else:
        usual = gettext(". %(typical)s is usual for %(group)s.")
    sentence = Sentence(f"{gettext(_LEADS[tile])}%(counted)s{usual}", values)
    return [sentence, *(_chance(facts, style) if worse else []), *_wider_group(facts, style)]


def _insufficient(facts: Facts, style: Locale) -> list[Sentence]:
    """Say what is missing: NCX orders, or comments, or orders enough to rule out chance."""
    least = facts.minimums or Minimums(ncx_orders=0, comments=0, orders=0)
    values = _values(facts, style) | {
        "min_ncx_orders": style.count(least.ncx_orders),
        "min_comments": style.count(least.comments),
        "min_orders": style.count(least.orders),
    }
    counted = Sentence(
        gettext("<strong>There isn't enough customer feedback to say.</strong> So far %(counted)s."), values
    )
    if facts.ncx_orders < least.ncx_orders:
        missing = gettext(
            "An offer is rated Poor or Very poor only with at least %(min_ncx_orders)s such orders, "
            "%(min_comments)s of them with a comment."
        )
    elif facts.comments < least.comments:
        return [counted, _capped(facts, style)]
    else:
        missing = gettext("With fewer than %(min_orders)s orders, a rate as high as this can be chance.")
        if facts.orders >= least.orders:
            missing = gettext("A rate as high as this can still be chance.")
    return [counted, Sentence(missing, values)]


def _capped(facts: Facts, style: Locale) -> Sentence:
    """The rate would be rated, if only customers had written."""
    if not facts.comments:
        return Sentence(
            gettext(
                "The rate is high, but no customer left a comment, "
                "so the offer isn't rated Poor or Very poor."
            )
        )
    template = ngettext(
        "The rate is high, but only %(comments)s customer left a comment, "
        "so the offer isn't rated Poor or Very poor.",
        "The rate is high, but only %(comments)s customers left a comment, "
        "so the offer isn't rated Poor or Very poor.",
        facts.comments,
    )
    return Sentence(template, {"comments": style.count(facts.comments)})


def _no_recent_orders(facts: Facts, style: Locale) -> list[Sentence]:
    values = {"days": style.count(facts.window_days)}
    if facts.last_ordered_on is None:
        return [
            Sentence(
                gettext("This offer has never been ordered, so it has no NCX rate and no CX health yet.")
            )
        ]
    values["day"] = style.day(facts.last_ordered_on)
    template = gettext(
        "This offer has had no recent sale, so it has no NCX rate and no CX health: its last order was on "
        "%(day)s, and only orders of the last %(days)s days count."
    )
    return [Sentence(template, values)]


def _deleted(facts: Facts, style: Locale) -> list[Sentence]:
    if facts.deleted_on is None:
        return [
            Sentence(gettext("This listing was deleted. This is its last health and feedback before that."))
        ]
    template = gettext(
        "This listing was deleted on %(day)s. This is its last health and feedback before that."
    )
    return [Sentence(template, {"day": style.day(facts.deleted_on)})]


def _values(facts: Facts, style: Locale) -> dict[str, str]:
    values = {"counted": _counted(facts, style), "typical": "", "group": ""}
    if facts.similar:
        values["typical"] = style.percent(facts.similar.typical)
        values["group"] = _group(facts.similar, style)
    return values


def _counted(facts: Facts, style: Locale, *, only: bool = False) -> str:
    """The clause with the numbers; `only` for bands that are better than similar offers."""
    values = {
        "k": style.count(facts.ncx_orders),
        "n": style.count(facts.orders),
        "days": style.count(facts.window_days),
        "rate": style.percent(facts.rate),
    }
    return _clause(facts, only=only) % values


def _clause(facts: Facts, *, only: bool) -> str:
    if facts.orders == 1 and facts.ncx_orders:
        return gettext("its only order in the last %(days)s days had a product or listing problem")
    if facts.orders == 1:
        return gettext("its only order in the last %(days)s days had no product or listing problem")
    if not facts.ncx_orders:
        return gettext("none of its %(n)s orders in the last %(days)s days had a product or listing problem")
    if only:
        return ngettext(
            "only %(k)s of its %(n)s orders in the last %(days)s days (%(rate)s) "
            "had a product or listing problem",
            "only %(k)s of its %(n)s orders in the last %(days)s days (%(rate)s) "
            "had a product or listing problem",
            facts.ncx_orders,
        )
    return ngettext(
        "%(k)s of its %(n)s orders in the last %(days)s days (%(rate)s) had a product or listing problem",
        "%(k)s of its %(n)s orders in the last %(days)s days (%(rate)s) had a product or listing problem",
        facts.ncx_orders,
    )


def _group(similar: Similar, style: Locale) -> str:
    """The group with how many offers it compares with; a group nobody else sells in has no number."""
    if not similar.offers:
        return similar.group
    return ngettext(
        "%(group)s (%(offers)s offer of another seller)",
        "%(group)s (%(offers)s offers of other sellers)",
        similar.offers,
    ) % {"group": similar.group, "offers": style.count(similar.offers)}


def chance_percent(probability: float, cap: float, style: Locale) -> str:
    """A chance in whole percent, rounded down and never above `cap`."""
    return style.percent(min(cap, floor(probability * 100 + 1e-9) / 100), 0)


def _chance(facts: Facts, style: Locale) -> list[Sentence]:
    if facts.chance is None:
        return []
    chance = facts.chance
    values = {
        "mean": style.percent(chance.mean),
        "chance": chance_percent(chance.probability, chance.cap, style),
        "cutoff": style.percent(chance.cutoff),
        "multiple": "" if chance.multiple is None else _times(chance.multiple, style),
    }
    if chance.multiple is None:
        template = gettext(
            "Allowing for chance, the underlying rate is about %(mean)s; "
            "there is a %(chance)s chance that it is above %(cutoff)s."
        )
    else:
        template = gettext(
            "Allowing for chance, the underlying rate is about %(mean)s; "
            "there is a %(chance)s chance that it is more than %(multiple)s times the usual."
        )
    return [Sentence(template, values)]


def _times(ratio: float, style: Locale) -> str:
    """A ratio with one decimal, which is left out where it is a zero: 1.5, 3."""
    rounded = round(ratio, 1)
    return style.decimals(rounded, 0 if rounded.is_integer() else 1)


def _wider_group(facts: Facts, style: Locale) -> list[Sentence]:
    """Say why the group is wider than the closest one."""
    similar = facts.similar
    if similar is None or not similar.narrower:
        return []
    values = {"narrower": similar.narrower, "offers": style.count(similar.narrower_offers)}
    if not similar.narrower_offers:
        template = gettext(
            "No other seller had orders in %(narrower)s, so a wider group of similar offers was used."
        )
    else:
        template = ngettext(
            "The %(offers)s offer of another seller in %(narrower)s had too few orders to compare with, "
            "so a wider group of similar offers was used.",
            "The %(offers)s offers of other sellers in %(narrower)s had too few orders to compare with, "
            "so a wider group of similar offers was used.",
            similar.narrower_offers,
        )
    return [Sentence(template, values)]


def _discount(facts: Facts, style: Locale) -> list[Sentence]:
    if facts.discounted_before is None or not facts.orders:
        return []
    return [discount_sentence(facts.discounted_before, facts.relist_weight, style)]


def discount_sentence(relisted_on: date, weight: float, style: Locale) -> Sentence:
    """Say what a relist does to the orders before it (METHOD 1)."""
    values = {"day": style.day(relisted_on), "weight": style.percent(weight, 0)}
    if weight == _A_QUARTER:
        return Sentence(gettext("Orders before %(day)s count a quarter."), values)
    return Sentence(gettext("Orders before %(day)s count %(weight)s."), values)


_VERDICTS: Final = {
    Tile.VERY_POOR: _compared,
    Tile.POOR: _compared,
    Tile.FAIR: _compared,
    Tile.GOOD: _compared,
    Tile.EXCELLENT: _compared,
    Tile.INSUFFICIENT: _insufficient,
    Tile.NO_RECENT_ORDERS: _no_recent_orders,
    Tile.DELETED: _deleted,
}
