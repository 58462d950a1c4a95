"""Which offer a row means when a SKU was deleted and came again. Pure.

A SKU's offers on one marketplace are its lives: each but the last ends with its deletion, and the next
begins when the SKU is listed after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Life:
    """One offer of a SKU. `digest` is that of the row last imported for it."""

    offer_id: int
    listed_on: date | None
    deleted_on: date | None
    digest: str = ""
    revision: int = 1


@dataclass(frozen=True)
class Lives:
    """The lives of many SKUs. SKU i has `number[i]` offers from `begin[i]` on, in their order."""

    begin: NDArray[np.int64]
    number: NDArray[np.int64]
    offer_id: NDArray[np.int64]
    listed_on: NDArray[np.int64]
    deleted_on: NDArray[np.int64]
    """As proleptic ordinals, 0 for none."""

    @classmethod
    def of(
        cls,
        skus: int,
        sku: NDArray[np.int64],
        offer_id: NDArray[np.int64],
        listed_on: NDArray[np.int64],
        deleted_on: NDArray[np.int64],
    ) -> "Lives":
        """The lives of so many SKUs from rows in any order; `sku` says whose each is."""
        ended = np.where(deleted_on == 0, date.max.toordinal(), deleted_on)
        order = np.lexsort((offer_id, ended, sku))
        number = np.bincount(sku, minlength=skus)
        begin = np.cumsum(number) - number
        return cls(begin, number, offer_id[order], listed_on[order], deleted_on[order])

    def offers(self, sku: NDArray[np.int64], on: NDArray[np.int64]) -> NDArray[np.int64]:
        """The offers in whose lives orders of these dates (ordinals) fall; each SKU has one at least."""
        found = self.offer_id[self.begin[sku]]
        for row in np.flatnonzero(self.number[sku] > 1).tolist():
            found[row] = life_of_order(self._of(int(sku[row])), date.fromordinal(int(on[row]))).offer_id
        return found

    def _of(self, sku: int) -> list[Life]:
        places = range(self.begin[sku], self.begin[sku] + self.number[sku])
        return [
            Life(int(self.offer_id[one]), _day(self.listed_on[one]), _day(self.deleted_on[one]))
            for one in places
        ]

    def places(
        self, sku: NDArray[np.int64], own: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All offers where a row's line may be: the row, and the offer. A row's `own` offer comes last."""
        number = self.number[sku]
        row = np.repeat(np.arange(len(sku)), number)
        offset = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
        offer = self.offer_id[self.begin[sku][row] + offset]
        order = np.lexsort((offer == own[row], row))
        return row[order], offer[order]


def _day(ordinal: int) -> date | None:
    return date.fromordinal(int(ordinal)) if ordinal else None


@dataclass(frozen=True, slots=True)
class Span:
    """The life of which a row speaks, by its own dates."""

    listed_on: date | None
    deleted_on: date | None

    def same_as(self, other: "Span") -> bool:
        """Whether two rows of one SKU speak of the same life: two lives don't overlap."""
        return not (self.after(other) or other.after(self))

    def after(self, other: "Span | Life") -> bool:
        """Whether this life begins after the other's end."""
        return bool(self.listed_on and other.deleted_on and self.listed_on > other.deleted_on)


class DeletedForEver(Exception):
    """The row is about a SKU that was deleted on `on`, and doesn't list it anew."""

    def __init__(self, on: date) -> None:
        super().__init__(on)
        self.on = on


def life_of_listing(lives: Sequence[Life], row: Span) -> Life | None:
    """The offer that an offers row speaks of; None for a new one.

    `lives` in their order, the one that is not deleted last. Raises DeletedForEver.
    """
    still_listed = lives[-1] if lives and lives[-1].deleted_on is None else None
    if row.deleted_on is not None:
        return _life_that_ended(lives, row, row.deleted_on)
    if lives and not still_listed and not row.after(lives[-1]):
        raise DeletedForEver(lives[-1].deleted_on or date.max)
    return still_listed


def _life_that_ended(lives: Sequence[Life], row: Span, ended: date) -> Life | None:
    """The offer that a row with a deletion date speaks of.

    The one deleted on that date; else the one still listed, if it was by then; else the deleted one
    whose time overlaps the row's: a deletion is final, whatever date is given for it later.
    """
    exact = [life for life in lives if life.deleted_on == ended]
    begun = [life for life in lives if not (life.listed_on and life.listed_on > ended)]
    still_listed = [life for life in begun if life.deleted_on is None]
    overlapping = [life for life in begun if life.deleted_on is not None and not row.after(life)]
    return next(iter([*exact[-1:], *still_listed, *overlapping[-1:]]), None)


def life_of_order(lives: Sequence[Life], day: date) -> Life:
    """The offer in whose life an order of this date falls: the last that had begun by then.

    A SKU is listed anew only after its deletion, so one date falls into one life. The first life has
    no beginning: orders may be older than the date that a file gives for the listing.
    """
    chosen = lives[0]
    for before, life in pairwise(lives):
        begins = life.listed_on or before.deleted_on
        if begins and begins <= day:
            chosen = life
    return chosen
