"""What can be asked about offers. Every list that a seller sees starts at `for_seller`."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

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
