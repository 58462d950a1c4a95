"""The sellers and marketplaces between which a person can switch (PRODUCT A4, F6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Q

from health.models import SellerSummary
from offers.models import Marketplace, Seller
from vocdash.pages.access import ALL, sellers_of

SELLERS_PER_PAGE: Final = 25
_LAST_PAGE: Final = 800  # 20,000 sellers; beyond, a search is the way
_MOST_SEARCHED: Final = 200
_LONGEST_ID: Final = 18


@dataclass(frozen=True, slots=True)
class SellerChoice:
    """A seller, and the marketplaces on which it has offers, by name."""

    seller: Seller
    marketplaces: list[Marketplace]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the switcher asks for. `next` leads on after the choice; it is not checked here."""

    q: str
    number: int
    next: str

    def query(self, number: int) -> str:
        """The same search, another page."""
        given = {"q": self.q, "page": number if number > 1 else "", "next": self.next}
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True, slots=True)
class SwitchPage:
    """One page of the sellers that a person may choose from. Nobody counts them: there may be 20,000."""

    asked: Asked
    choices: list[SellerChoice]
    more: bool

    @property
    def searchable(self) -> bool:
        """Whether the list is long enough to search in, or was searched."""
        return bool(self.asked.q or self.more or self.asked.number > 1)

    @property
    def previous(self) -> str:
        """The address of the page before, "" for none."""
        return f"?{self.asked.query(self.asked.number - 1)}" if self.asked.number > 1 else ""

    @property
    def following(self) -> str:
        """The address of the page after, "" for none."""
        return f"?{self.asked.query(self.asked.number + 1)}" if self.more else ""


def read_asked(query: Mapping[str, str]) -> Asked:
    """What a query string asks for; whatever makes no sense is left out."""
    page = query.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
    q = query.get("q", "").replace("\x00", "").strip()[:_MOST_SEARCHED]
    return Asked(q, min(max(number, 1), _LAST_PAGE), query.get("next", ""))


def switch_page(user: User, asked: Asked) -> SwitchPage:
    """The sellers that `user` may look at and that match the search, one page of them. Two queries."""
    found = sellers_of(user)
    if asked.q:
        found = found.filter(Q(name__icontains=asked.q) | Q(code__icontains=asked.q))
    start = (asked.number - 1) * SELLERS_PER_PAGE
    # One more than is shown tells whether another page follows.
    sellers = list(found[start : start + SELLERS_PER_PAGE + 1])
    more = len(sellers) > SELLERS_PER_PAGE and asked.number < _LAST_PAGE
    sellers = sellers[:SELLERS_PER_PAGE]
    sold_on = _marketplaces_of([seller.pk for seller in sellers])
    choices = [SellerChoice(seller, sold_on.get(seller.pk, [])) for seller in sellers]
    return SwitchPage(asked, choices, more)


def chosen(user: User, seller_id: str, code: str) -> tuple[int, str] | None:
    """The seller's id and the marketplace's code that were chosen, None for what this person can't see.

    `code` is empty for all marketplaces together.
    """
    if not (seller_id.isascii() and seller_id.isdigit() and len(seller_id) <= _LONGEST_ID):
        return None
    seller = sellers_of(user).filter(pk=int(seller_id)).first()
    if seller is None:
        return None
    codes = {marketplace.code for marketplace in _marketplaces_of([seller.pk]).get(seller.pk, [])}
    return (seller.pk, code) if code == ALL or code in codes else None


def _marketplaces_of(seller_ids: list[int]) -> dict[int, list[Marketplace]]:
    """The marketplaces on which each seller has offers, by name: those of its summaries, as in `stand`."""
    summaries = SellerSummary.objects.filter(seller__in=seller_ids).order_by(
        "marketplace__name", "marketplace"
    )
    rows = summaries.values_list("seller_id", "marketplace_id", "marketplace__code", "marketplace__name")
    found: dict[int, list[Marketplace]] = {}
    for seller_id, pk, code, name in rows.distinct():
        found.setdefault(seller_id, []).append(Marketplace(pk=pk, code=code, name=name))
    return found
