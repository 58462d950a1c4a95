"""The offers from which one is chosen before a removal order: a list that can be searched without scripts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from offers.models import Offer
from offers.removals import removable_offers, reserved_units
from vocdash.pages.access import Standing
from vocdash.pages.removal_words import OfferBrief, brief

SIZE: Final = 25
_MOST_SEARCHED: Final = 200
_LAST_PAGE: Final = 400  # 10,000 offers; beyond, a search is the way


@dataclass(frozen=True, slots=True)
class Choice:
    """An offer that can be chosen; `available` is None where its stock is unknown."""

    pk: int
    offer: OfferBrief
    available: int | None


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """One page of the offers that match. Nobody counts them."""

    q: str
    number: int
    choices: list[Choice]
    more: bool
    several: bool

    @property
    def previous(self) -> str:
        """The address of the page before, "" for none."""
        return self._address(self.number - 1) if self.number > 1 else ""

    @property
    def following(self) -> str:
        """The address of the page after, "" for none."""
        return self._address(self.number + 1) if self.more else ""

    def _address(self, number: int) -> str:
        given = {"q": self.q, "page": number if number > 1 else ""}
        return "?" + urlencode({name: value for name, value in given.items() if value})


def choice_page(standing: Standing, query: Mapping[str, str]) -> ChoicePage:
    """The seller's offers with stock at the marketplace, one page of them. Two queries."""
    q = query.get("q", "").replace("\x00", "").strip()[:_MOST_SEARCHED]
    page = query.get("page", "")
    number = min(max(int(page), 1), _LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1
    start = (number - 1) * SIZE
    rows = removable_offers(standing.seller, standing.shown_ids, q)
    # One more than is shown tells whether another page follows.
    found = list(rows.select_related("category", "marketplace")[start : start + SIZE + 1])
    reserved = reserved_units(offer.pk for offer in found[:SIZE])
    return ChoicePage(
        q=q,
        number=number,
        choices=[_choice(offer, reserved.get(offer.pk, 0)) for offer in found[:SIZE]],
        more=len(found) > SIZE and number < _LAST_PAGE,
        several=len(standing.shown) > 1,
    )


def _choice(offer: Offer, reserved: int) -> Choice:
    available = None if offer.quantity is None else max(0, offer.quantity - reserved)
    return Choice(offer.pk, brief(offer), available)
