"""Removal orders as people see them: their states, and the offers they are about."""

from dataclasses import dataclass
from html import escape
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from offers.models import Offer, RemovalKind, RemovalOrder, RemovalState
from vocdash.pages.formats import locale
from vocdash.pages.icons import icon
from vocdash.pages.pictures import picture_for
from vocdash.pages.shell import address_of

# Tone and icon of each state; the words carry the meaning.
_LOOKS: Final = {
    RemovalState.REQUESTED.value: ("info", "clock"),
    RemovalState.PROCESSING.value: ("info", "relist"),
    RemovalState.COMPLETED.value: ("ok", "check"),
    RemovalState.CANCELLED.value: ("line", "x"),
}
_SHORT: Final = ("fa", "warn")


@dataclass(frozen=True, slots=True)
class OfferBrief:
    """An offer in a line: picture, title, what tells it apart, its page."""

    title: str
    sku: str
    marketplace: str
    picture: SafeString
    address: str


def brief(offer: Offer) -> OfferBrief:
    """The offer in a line. Reads its category and its marketplace."""
    return OfferBrief(
        title=offer.title,
        sku=offer.sku,
        marketplace=offer.marketplace.name,
        picture=picture_for(offer.image_url, offer.category.path if offer.category else ""),
        address=address_of("offer", offer.pk),
    )


def state_tag(order: RemovalOrder, *, fell_short: bool) -> SafeString:
    """The state as a tag. `fell_short`: it ended with fewer units than were asked for."""
    tone, mark = _SHORT if fell_short else _LOOKS[order.state]
    words = state_words(order.state, order.done, order.quantity, by_marketplace=fell_short)
    return SafeString(f'<span class="tag {tone}">{icon(mark)}{escape(words)}</span>')


def state_icon(state: str) -> SafeString:
    """The icon of a state."""
    return icon(_LOOKS[state][1])


def state_words(state: str, done: int, quantity: int, *, by_marketplace: bool) -> str:
    """The state in words, with how many units are done where that is not everything."""
    count = locale(get_language()).count
    values = {"done": count(done), "quantity": count(quantity)}
    if state == RemovalState.PROCESSING and done:
        return gettext("Processing: %(done)s of %(quantity)s done") % values
    if state == RemovalState.COMPLETED and done < quantity:
        return gettext("Partly completed: %(done)s of %(quantity)s done") % values
    if state == RemovalState.CANCELLED:
        by = gettext("Cancelled by the marketplace"), gettext("Cancelled by the seller")
        return by[0] if by_marketplace else by[1]
    return str(RemovalState(state).label)


def kind_words(kind: str) -> str:
    """What happens to the units, short enough for a table."""
    return gettext("Return") if kind == RemovalKind.RETURN else gettext("Disposal")
