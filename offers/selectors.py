"""What can be asked about offers. Every list that a seller sees starts at `for_seller`."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from offers.lifecycle import CLOSING_MOVES, OPENING_MOVES
from offers.models import Category, Offer, OfferStatusChange, Seller


def for_seller(seller: Seller | int) -> QuerySet[Offer]:
    """All offers of one seller, on all marketplaces, also deleted ones."""
    return Offer.objects.filter(seller=seller)


def closed_periods(
    offer_ids: Iterable[int],
) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """For each offer the times in which it couldn't be bought: [(closed at, opened at or None)].

    A closure that turned out to be an error is a closed time all the same: nobody could buy then.
    A deletion ends the period: the offer's life is over.
    """
    periods: dict[int, list[tuple[datetime, datetime | None]]] = {}
    ids = list(offer_ids)
    changes = OfferStatusChange.objects.filter(offer_id__in=ids).order_by("offer_id", "at", "pk")
    for offer_id, made, at in changes.values_list("offer_id", "move", "at"):
        known = periods.setdefault(offer_id, [])
        if made in CLOSING_MOVES:
            known.append((at, None))
        elif known and known[-1][1] is None and (made in OPENING_MOVES or made == "delete"):
            known[-1] = (known[-1][0], at)
    return {offer_id: known for offer_id, known in periods.items() if known}


def category_key(path: str) -> str:
    """A category path as it is compared: steps trimmed, without case, empty steps dropped."""
    return " > ".join(step.strip().casefold() for step in path.split(">") if step.strip())


def categories_by_key(keys: Iterable[str]) -> dict[str, int]:
    """The ids of the categories with these keys."""
    return dict(Category.objects.filter(key__in=list(keys)).values_list("key", "pk"))


NEWEST: Final = 20_000
"""So many offers are looked through for a title where no index of words does it."""
_TRIGRAM: Final = re.compile(r"[^\W_]{3}")


def has_word_index() -> bool:
    """Whether an index finds titles by what they contain: on PostgreSQL with pg_trgm."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('offer_words') IS NOT NULL")
        found: bool = cursor.fetchone()[0]
    return found


def titled(text: str) -> Q:
    """Offers with this text in their title; without an index of words only among the NEWEST.

    None for a text without three letters or digits in a row: no index narrows that down.
    """
    if not _TRIGRAM.search(text):
        return Q(pk__in=[])
    found = Q(title__icontains=text)
    if has_word_index():
        return found
    return found & Q(pk__in=Offer.objects.order_by("-pk").values("pk")[:NEWEST])
