"""The words and ready pieces of markup of the offers grid, collected once per language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import escape

from django.utils.translation import gettext, ngettext, override

from offers.models import Condition, Fulfillment
from vocdash.pages.formats import Locale, locale
from vocdash.pages.states import BANDS, DELETED, INSUFFICIENT, NEW, QUIET, STATE_OF_TILE, badge
from vocdash.pages.wording import discount_sentence


@dataclass(frozen=True, slots=True)
class GridWords:
    """The words and ready pieces of markup of the grid in one language."""

    style: Locale
    day: Callable[[date], str]
    badges: dict[int, str]
    new_badge: str
    band_names: dict[int, str]
    conditions: dict[str, str]
    fulfillments: dict[str, str]
    of_orders: Callable[[int], str]
    reviews: Callable[[int], str]
    none_in_days: Callable[[int], str]
    dash: dict[str, str]
    barcode: str
    labels: dict[str, str]
    too_few_comments: str
    too_little: str
    recovering: str
    last_band: str
    times_similar: str
    about_similar: str
    below_similar: str
    likely: str
    no_rate_yet: str
    no_rate_now: str
    first_sale: str
    next_sale: str
    discount: Callable[[date, float], str]
    trend: str
    action_required: str
    resolve: str
    resolve_for: str
    relisted: str
    more_actions: str


@lru_cache(maxsize=16)
def grid_words(language: str) -> GridWords:
    """Collect the words of the grid in `language`, escaped where they are text."""
    with override(language):
        return _collect(language)


def _nothing(words: str) -> str:
    return f'<span class="muted">–</span><span class="vh">{escape(words)}</span>'


def _by_number(language: str, form: Callable[[int], str]) -> Callable[[int], str]:
    """A text with %(count)s in its form for each number, looked up once per number."""

    @lru_cache(maxsize=4096)
    def words(number: int) -> str:
        with override(language):
            return escape(form(number) % {"count": locale(language).count(number)})

    return words


def _discount(language: str) -> Callable[[date, float], str]:
    @lru_cache(maxsize=1024)
    def words(relisted_on: date, weight: float) -> str:
        with override(language):
            return _meta(str(discount_sentence(relisted_on, weight, locale(language))))

    return words


def _collect(language: str) -> GridWords:
    style = locale(language)
    return GridWords(
        style=style,
        day=lru_cache(maxsize=4096)(style.day),
        badges={state.tile: badge(state) for state in (*BANDS, INSUFFICIENT, QUIET, DELETED)},
        new_badge=badge(NEW),
        band_names={tile: escape(str(state.label)) for tile, state in STATE_OF_TILE.items()},
        conditions={str(value): escape(str(label)) for value, label in Condition.choices},
        fulfillments={
            Fulfillment.MARKETPLACE.value: _short("FBA", gettext("Marketplace-fulfilled (FBA)")),
            Fulfillment.SELLER.value: _short("FBM", gettext("Seller-fulfilled (FBM)")),
        },
        of_orders=_by_number(
            language, lambda n: ngettext("of %(count)s NCX order", "of %(count)s NCX orders", n)
        ),
        reviews=_by_number(language, lambda n: ngettext("%(count)s review", "%(count)s reviews", n)),
        none_in_days=_by_number(
            language,
            lambda n: ngettext("None in the last %(count)s day", "None in the last %(count)s days", n),
        ),
        dash={
            "orders": _nothing(gettext("No orders")),
            "trend": _nothing(gettext("No trend")),
            "stars": _nothing(gettext("No reviews")),
            "reason": _nothing(gettext("None")),
            "updated": _nothing(gettext("Never")),
            "closed": _nothing(gettext("Never closed")),
        },
        barcode=_tagged("span", gettext("Manufacturer barcode")),
        labels={
            "health": escape(gettext("CX health")),
            "rate": escape(gettext("NCX rate")),
            "orders": escape(gettext("NCX orders / total orders")),
            "stars": escape(gettext("Star rating")),
            "reason": escape(gettext("Top reason")),
            "updated": escape(gettext("Last updated")),
            "closed": escape(gettext("Last offer closed date")),
        },
        too_few_comments=_meta(gettext("Too little feedback to rate")),
        too_little=escape(gettext("Too little feedback to compare")),
        recovering=_meta(gettext("Recovering")),
        last_band=_meta(gettext("Last: %(band)s")),
        times_similar=escape(gettext("%(times)s similar offers (%(typical)s)")),
        about_similar=escape(gettext("similar offers %(typical)s")),
        below_similar=escape(gettext("%(share)s below similar offers (%(typical)s)")),
        likely=escape(gettext(", likely %(low)s to %(high)s")),
        no_rate_yet=_muted(gettext("No rate yet")),
        no_rate_now=_muted(gettext("No rate now")),
        first_sale=_meta(gettext("Shown after the first sale")),
        next_sale=_meta(gettext("Shown after the next sale")),
        discount=_discount(language),
        trend=_tagged("span", gettext("12-week NCX trend: from %(first)s to %(last)s"), "vh"),
        action_required=_tagged("strong", gettext("!Action required!"), "act"),
        resolve=escape(gettext("Resolve issue")),
        resolve_for=escape(gettext(" for %(title)s")),
        relisted=_meta(gettext("Relisted %(day)s")),
        more_actions=escape(gettext("More actions for %(title)s")),
    )


def _tagged(tag: str, words: str, css_class: str = "") -> str:
    named = f' class="{css_class}"' if css_class else ""
    return f"<{tag}{named}>{escape(words)}</{tag}>"


def _meta(words: str) -> str:
    return _tagged("div", words, "meta")


def _muted(words: str) -> str:
    return _tagged("span", words, "muted")


def _short(word: str, meaning: str) -> str:
    return f'<abbr title="{escape(meaning)}">{word}</abbr>'
