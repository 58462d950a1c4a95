"""What the database knows already of the things that import rows name: sellers, offers, categories."""

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.contrib.auth.models import AbstractBaseUser
from numpy.typing import NDArray

from offers import bulk
from offers.importers.lives import Life, Lives
from offers.models import Category, Marketplace, Offer, Seller
from offers.selectors import categories_by_key, category_key

_PIECE: Final = 500  # values in one IN (...): SQLite has a limit
_NEIGHBORS: Final = 5
_SUGGESTIONS: Final = 2_000

Pair = tuple[int, str]


@dataclass(frozen=True)
class Context:
    """Into what is imported, when, and by whom."""

    marketplace: Marketplace
    now: datetime
    create_sellers: bool = False
    by: AbstractBaseUser | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The marketplace's time zone."""
        return self.marketplace.zone

    @property
    def today(self) -> date:
        """The present date of the marketplace."""
        return self.now.astimezone(self.zone).date()


@dataclass
class Known:
    """Sellers, offers and categories of one import, asked for in bulk and kept where they are few."""

    marketplace: Marketplace
    _sellers: dict[str, int] = field(default_factory=dict)
    _categories: dict[str, int] = field(default_factory=dict)
    _nearest: dict[Pair, str] = field(default_factory=dict)
    _skus: "dict[int, _Skus]" = field(default_factory=dict)

    def sellers(self, codes: Iterable[str]) -> dict[str, int]:
        """The ids of these sellers, by code; unknown ones are missing."""
        missing = {code for code in codes if code not in self._sellers}
        for piece in _pieces(sorted(missing)):
            self._sellers.update(Seller.objects.filter(code__in=piece).values_list("code", "pk"))
        return self._sellers

    def create_sellers(self, codes: Iterable[str]) -> None:
        """Make sellers of these codes, named by their codes until somebody names them."""
        made = [Seller(code=code, name=code) for code in sorted(set(codes))]
        if not made:
            return
        # Another marketplace's import may make the same sellers at this moment, in another order.
        bulk.alone("making sellers")
        Seller.objects.bulk_create(made, ignore_conflicts=True, batch_size=_PIECE)

    def lives(self, pairs: Iterable[Pair]) -> dict[Pair, list[Life]]:
        """The offers of each (seller id, SKU), deleted ones too, in the order of their lives."""
        wanted = list(dict.fromkeys(pairs))
        found: dict[Pair, list[Life]] = {}
        with bulk.staged(bulk.fields_of(Offer, ["seller_id", "sku"]), wanted) as stage, bulk.probing():
            rows = bulk.fetch(
                f"SELECT s.row, o.id, o.listed_on, o.deleted_on, o.import_digest, o.revision FROM {stage} s "  # noqa: S608
                "JOIN offers_offer o ON o.seller_id = s.seller_id AND o.sku = s.sku "
                "WHERE o.marketplace_id = %s ORDER BY s.row, o.deleted_on IS NULL, o.deleted_on, o.id",
                [self.marketplace.pk],
            )
        for row, *life in rows:
            found.setdefault(wanted[row], []).append(Life(*life))
        return found

    def lives_of(self, sellers: NDArray[np.int64], skus: Sequence[str]) -> Lives:
        """The offers of many SKUs; `sellers` are the ids of whose they are."""
        arrays = {"seller_id": sellers, "sku": np.array([sku.encode() for sku in skus], dtype=np.bytes_)}
        with bulk.staged_arrays(bulk.fields_of(Offer, arrays), arrays) as stage, bulk.probing():
            found = bulk.fetch_columns(
                f"SELECT s.row, o.id, o.listed_on, o.deleted_on FROM {stage} s "  # noqa: S608
                "JOIN offers_offer o ON o.seller_id = s.seller_id AND o.sku = s.sku "
                "WHERE o.marketplace_id = %s",
                [self.marketplace.pk],
                ("int", "int", "day", "day"),
            )
        return Lives.of(len(skus), *found)

    def categories(self, paths: Iterable[str]) -> dict[str, int]:
        """The ids of these category paths, by key. A new one keeps the spelling in which it first came."""
        missing = {key: path for path in paths if (key := category_key(path)) not in self._categories and key}
        for piece in _pieces(sorted(missing)):
            self._categories.update(categories_by_key(piece))
        new = {key: path for key, path in missing.items() if key not in self._categories}
        if new:
            bulk.alone("making categories")
            self._create_categories(new)
        return self._categories

    def _create_categories(self, new: dict[str, str]) -> None:
        steps = {key: [step.strip() for step in path.split(">") if step.strip()] for key, path in new.items()}
        deeper = {key: path for key, path in steps.items() if len(path) > 1}
        self.categories(path[0] for path in deeper.values())
        ids = dict(zip(new, bulk.new_ids(Category, len(new)), strict=True))
        made = [
            Category(
                pk=ids[key],
                key=key,
                path=" > ".join(path),
                top_id=self._categories[category_key(path[0])] if key in deeper else ids[key],
            )
            for key, path in steps.items()
            if key not in self._categories
        ]
        Category.objects.bulk_create(made, ignore_conflicts=True, batch_size=_PIECE)
        for piece in _pieces(sorted(new)):
            self._categories.update(categories_by_key(piece))

    def nearest_sku(self, seller_id: int, sku: str) -> str:
        """The seller's SKU that looks most like this one; empty when the seller has none.

        Only SKUs that begin or end most alike are compared closely, and only for the first few thousand
        unknown SKUs of a file: in a file for the wrong marketplace all of them are unknown.
        """
        pair = (seller_id, sku)
        if pair not in self._nearest and len(self._nearest) < _SUGGESTIONS:
            if seller_id not in self._skus:
                self._skus[seller_id] = _Skus(self.marketplace, seller_id)
            self._nearest[pair] = self._skus[seller_id].most_like(sku)
        return self._nearest.get(pair, "")


class _Skus:
    """The SKUs of a seller, sorted by their beginnings and by their ends."""

    def __init__(self, marketplace: Marketplace, seller_id: int) -> None:
        offers = Offer.objects.filter(marketplace=marketplace, seller=seller_id)
        self._forward = sorted(set(offers.values_list("sku", flat=True)))
        self._backward = sorted(sku[::-1] for sku in self._forward)

    def most_like(self, sku: str) -> str:
        """The one most like `sku`: neighbors in a sorted list have most of their beginning in common."""
        close = [*_around(self._forward, sku), *(other[::-1] for other in _around(self._backward, sku[::-1]))]
        return next(iter(difflib.get_close_matches(sku, close, n=1, cutoff=0.0)), "")


def _around(ordered: Sequence[str], text: str) -> Sequence[str]:
    place = bisect_left(ordered, text)
    return ordered[max(0, place - _NEIGHBORS) : place + _NEIGHBORS]


def _pieces(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _PIECE] for start in range(0, len(values), _PIECE))
