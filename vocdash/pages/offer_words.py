"""What is said of one event: its channel, why it counts or not, and the words that decided."""

import re
import unicodedata
from html import escape
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from feedback.comments import Why, Window
from feedback.judging import JudgedBy
from feedback.models import Channel, FeedbackEvent
from vocdash.pages.formats import Locale


def channel_label(event: FeedbackEvent) -> str:
    """The channel, for a review with its stars."""
    if event.channel != Channel.REVIEW or event.stars is None:
        return str(Channel(event.channel).label)
    stars = ngettext("Product review, %(stars)s star", "Product review, %(stars)s stars", event.stars)
    return stars % {"stars": event.stars}


def tag_of(reason: Why) -> str:
    """The short word on a comment that is kept out by what it is about."""
    return {
        Why.DELIVERY: gettext("excluded: delivery"),
        Why.BUYER: gettext("excluded: buyer's choice"),
        Why.OPERATOR: gettext("excluded: operator's decision"),
        Why.FOREIGN: gettext("not your order"),
    }.get(reason, "")


def verdict_of(event: FeedbackEvent, reason: Why, window: Window, style: Locale) -> str:
    """Counted, or not counted and why, in a sentence."""
    if reason.counts:
        return _counted_words(event, reason)
    values = {
        "day": style.day(event.order_line.ordered_on) if event.order_line else "",
        "days": style.count(window.days),
        "why": event.decision_reason,
        "word": event.judged_on,
    }
    return _NOT_COUNTED[reason]() % values


def _counted_words(event: FeedbackEvent, reason: Why) -> str:
    if reason is Why.SAME_ORDER:
        return gettext("Counted. Its order counts once, for an earlier report.")
    by = {
        JudgedBy.OPERATOR: gettext("Counted: an operator decided so (%(why)s).")
        % {"why": event.decision_reason},
        JudgedBy.CODE: gettext("Counted: the reason given is about the product or the listing."),
        JudgedBy.WORDS: gettext("Counted: the words “%(word)s” are about the product or the listing.")
        % {"word": event.judged_on},
        JudgedBy.DEFAULT: gettext("Counted: a one-star review without another reason."),
    }
    return by.get(JudgedBy(event.judged_by), gettext("Counted."))


_NOT_COUNTED: Final = {
    Why.OPERATOR: lambda: gettext("Not counted: an operator decided so (%(why)s)."),
    Why.FOREIGN: lambda: gettext("Not counted: the order belongs to another seller of the same product."),
    Why.WAITING: lambda: gettext("Not counted yet: its order has not been imported."),
    Why.CANCELLED: lambda: gettext("Not counted: the order was cancelled."),
    Why.OUTSIDE: lambda: gettext(
        "Not counted now: its order of %(day)s is older than the last %(days)s days."
    ),
    Why.LATER: lambda: gettext("Not counted so far: it is newer than the last computed night of this offer."),
    Why.STARS: lambda: gettext("Not counted: only one-star reviews count."),
    Why.DELIVERY: lambda: gettext("Not counted: delivery problems don't affect CX health."),
    Why.BUYER: lambda: gettext("Not counted: the buyer changed their mind or ordered by mistake."),
    Why.SILENT: lambda: gettext("Not counted: neither a reason nor words about the product or the listing."),
}

# Other words that may stand between two that decided together.
_LONGEST_GAP: Final = 3
# Possessive, so that no comment can make the search slow.
_BETWEEN: Final = rf"(?:\W++\w++){{0,{_LONGEST_GAP}}}?\W++"


def marked(comment: str, words: str) -> SafeString:
    """The comment as markup, with the words that decided marked where they stand first."""
    text = unicodedata.normalize("NFC", comment)
    parts = [re.escape(word) for word in words.split()]
    if not parts:
        return SafeString(escape(text))
    found = re.search(rf"(?<!\w){_BETWEEN.join(parts)}(?!\w)", text, re.IGNORECASE)
    if found is None:
        return SafeString(escape(text))
    start, stop = found.span()
    return SafeString(f"{escape(text[:start])}<mark>{escape(text[start:stop])}</mark>{escape(text[stop:])}")
