"""Themes of what customers reported, in words, and to which part of a listing they point."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.http import urlencode
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from feedback.models import Channel
from feedback.reasons import Cause, Reason
from feedback.words.matching import fold
from health.themes import OTHER, Theme, Themes
from offers.models import Offer
from vocdash.pages.formats import locale
from vocdash.pages.offer_listing import Hit, field_of
from vocdash.pages.rows import reason_label
from vocdash.pages.shell import address_of

# What the seller thinks is behind a theme; kept with the draft.
CAUSES: Final = {
    "product": gettext_lazy("A fault in the product or batch"),
    "listing": gettext_lazy("The listing is wrong or unclear"),
    "packaging": gettext_lazy("Packaging or labelling"),
    "use": gettext_lazy("Used in a way it isn't meant for"),
    "unsure": gettext_lazy("Not sure yet"),
}
# The same inside a sentence.
CAUSES_SHORT: Final = {
    "product": gettext_lazy("product or batch fault"),
    "listing": gettext_lazy("listing"),
    "packaging": gettext_lazy("packaging or labelling"),
    "use": gettext_lazy("way of use"),
    "unsure": gettext_lazy("not sure yet"),
}


@dataclass(frozen=True, slots=True)
class QuoteView:
    """What a customer said, and where and when."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class ThemeView:
    """A theme, ready to show. `number` tells its controls apart; `causes` are (value, label, chosen)."""

    number: int
    key: str
    name: str
    tag: str
    quotes: list[QuoteView]
    address: str
    ticked: bool
    causes: list[tuple[str, str, bool]]

    @property
    def control(self) -> str:
        """The id of its checkbox."""
        return f"read-{self.number}"


def theme_name(theme: Theme) -> str:
    """What a theme is called: its reason, with the words that recur."""
    if theme.key == OTHER:
        return gettext("Other problems")
    reason = reason_label(theme.reason)
    if not theme.words:
        return reason
    return gettext("%(reason)s: “%(words)s”") % {"reason": reason, "words": theme.words}


def orders_and_share(theme: Theme) -> str:
    """How many orders a theme has, and of all their share."""
    style = locale(get_language())
    words = ngettext("%(count)s order · %(share)s", "%(count)s orders · %(share)s", theme.orders)
    return words % {"count": style.count(theme.orders), "share": style.percent(theme.share, 0)}


def theme_views(offer: Offer, themes: Themes, ticked: Mapping[str, str]) -> list[ThemeView]:
    """The themes. `ticked`: the cause by key of each theme that was read."""
    return [
        ThemeView(
            number=number,
            key=theme.key,
            name=theme_name(theme),
            tag=orders_and_share(theme),
            quotes=[_quote(quote.text, quote.channel, quote.on) for quote in theme.quotes],
            address=comments_address(offer, theme, themes),
            ticked=theme.key in ticked,
            causes=[(value, str(label), ticked.get(theme.key) == value) for value, label in CAUSES.items()],
        )
        for number, theme in enumerate(themes.themes, start=1)
    ]


def _quote(text: str, channel: str, on: Any) -> QuoteView:
    style = locale(get_language())
    return QuoteView(text, f"{Channel(channel).label}, {style.day_short(on)}")


def comments_address(offer: Offer, theme: Theme, themes: Themes) -> str:
    """The feedback about a theme's reason in its window; for several reasons all that counts."""
    first, last = themes.window
    chosen = {"reason": theme.reason} if theme.reason else {"counted": "yes"}
    query = urlencode({**chosen, "from": first.isoformat(), "to": last.isoformat()})
    return f"{address_of('offer-feedback', offer.pk)}?{query}"


def listing_hits(offer: Offer, themes: Themes, content: Mapping[str, Any]) -> dict[str, list[Hit]]:
    """The themes by the field of the listing that they point to.

    A theme with recurring words points to the fields that hold one of them; every other one to where its
    reason points.
    """
    found: dict[str, list[Hit]] = {}
    for theme in themes.themes:
        for name in fields_of(theme, content):
            found.setdefault(name, []).append(_hit(offer, theme, themes))
    return found


def fields_of(theme: Theme, content: Mapping[str, Any]) -> list[str]:
    """The fields that a theme points to; none where it is about the item alone."""
    named = _fields_with(theme.key.partition(":")[2].split("-"), content) if theme.words else []
    if named or theme.reason not in set(Reason):
        return named
    attributes = content.get("attributes")
    field = field_of(Reason(theme.reason), attributes if isinstance(attributes, dict) else {})
    return [field] if field else []


def _fields_with(stems: list[str], content: Mapping[str, Any]) -> list[str]:
    """The title, bullets and attributes that hold words of all these stems: the end of a theme's key."""
    parts = [re.compile(rf"(?<!\w){re.escape(stem)}") for stem in stems if stem]
    attributes = content.get("attributes")
    texts = [
        ("title", content.get("title")),
        *(
            ("bullets" if place == 0 else f"bullet {place}", text)
            for place, text in enumerate(content.get("bullets") or [])
        ),
        *(
            (f"attribute {name}", f"{name} {value}")
            for name, value in (attributes if isinstance(attributes, dict) else {}).items()
        ),
    ]
    return [name for name, text in texts if all(part.search(fold(str(text))) for part in parts)]


def _hit(offer: Offer, theme: Theme, themes: Themes) -> Hit:
    words = ngettext(
        "%(count)s customer reported: %(reason)s", "%(count)s customers reported: %(reason)s", theme.orders
    )
    values = {"count": locale(get_language()).count(theme.orders), "reason": theme_name(theme)}
    return Hit(words % values, comments_address(offer, theme, themes))


def about_the(cause: Cause, themes: Themes) -> int:
    """How many orders have reasons of this cause."""
    return sum(
        theme.orders
        for theme in themes.themes
        if theme.reason in set(Reason) and Reason(theme.reason).cause == cause
    )


def causes_counted(saved: list[dict[str, Any]]) -> str:
    """The likely causes that were chosen, with the orders of their themes; "" for none."""
    found: Counter[str] = Counter()
    for theme in saved:
        if theme.get("cause") in CAUSES_SHORT:
            found[theme["cause"]] += int(theme.get("orders", 0))
    style = locale(get_language())
    parts = [f"{CAUSES_SHORT[cause]} ({style.count(orders)})" for cause, orders in found.most_common()]
    return gettext("Likely causes: %(causes)s") % {"causes": ", ".join(parts)} if parts else ""
