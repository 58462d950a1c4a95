"""Storing checked listings: which offer each row means, what it changes, and what is kept of that."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

import numpy as np

from offers import bulk
from offers.actions import move_many
from offers.importers.checking import Rows
from offers.importers.columns import Column, Columns
from offers.importers.known import Context, Known
from offers.importers.listings import KIND, Listings, check
from offers.importers.lives import DeletedForEver, Life, life_of_listing
from offers.importers.reading import Chunk
from offers.importers.reports import Report
from offers.lifecycle import Move
from offers.listing import LISTING_FIELDS, changed_fields, listing_content
from offers.models import Condition, Fulfillment, ListingRevision, Offer
from offers.selectors import category_key

REPEATED: Final = "rows whose key comes again in a later row, which counts"
OVERWRITTEN: Final = "listings that sellers had edited since the last import, overwritten"
_REVISION_COLUMNS: Final = ("offer_id", "number", "source", "changed_fields", "content", "by_id", "at")
_BLANK: Final[dict[str, Any]] = {
    **dict.fromkeys(LISTING_FIELDS, ""),
    "condition": Condition.NEW.value,
    "fulfillment": Fulfillment.SELLER.value,
    "manufacturer_barcode": False,
    "bullets": [],
    "attributes": {},
    "images": [],
}


class ListingImporter:
    """Offers: new ones are made, others changed where their row differs from the one last imported."""

    kind = KIND

    def __init__(self, context: Context, known: Known, report: Report) -> None:
        self._context = context
        self._known = known
        self._report = report

    def keys(self, columns: Columns) -> Sequence[Column]:
        """Seller and SKU."""
        return columns["seller"], columns["sku"]

    def take(self, chunk: Chunk) -> None:
        """Check and store rows."""
        rows = Rows(chunk, self._report)
        listings = check(rows, self._context)
        sellers = sellers_of(rows, self._context, self._known)
        for turn in _turns(rows, listings):
            _Storing(self._context, self._known, self._report, rows, listings, sellers).store(turn)

    def finish(self) -> None:
        """Nothing was left for later."""


def sellers_of(rows: Rows, context: Context, known: Known) -> dict[str, int]:
    """The ids of the sellers of good rows by code.

    Unknown ones are made where the operator asked for that; else their rows are refused.
    """
    codes = rows.column("seller")
    ids = known.sellers(codes.distinct)
    if context.create_sellers:
        new = set(codes.texts[rows.good & codes.where(lambda code: code not in ids)])
        known.create_sellers(new)
        return known.sellers(new)
    rows.refuse(
        codes.where(lambda code: code not in ids),
        "seller",
        "there is no such seller; correct the code, or import with --create-sellers",
    )
    return ids


@dataclass
class Winner:
    """The row that counts among those that speak of one life of a SKU, and those that it replaces."""

    row: int
    replaced: list[int] = field(default_factory=list)


def _turns(rows: Rows, listings: Listings) -> Iterable[list[Winner]]:
    """The rows that count, such that no turn holds two lives of one SKU; earlier lives come first."""
    by_sku: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(rows.good).tolist():
        by_sku.setdefault((listings.seller[row], listings.sku[row]), []).append(row)
    turns: list[list[Winner]] = []
    for same in by_sku.values():
        for number, winner in enumerate(_winners(same, listings)):
            if number == len(turns):
                turns.append([])
            turns[number].append(winner)
    return turns


def _winners(same: list[int], listings: Listings) -> list[Winner]:
    """The last row of each life, in the order of the lives."""
    winners: list[Winner] = []
    for row in same:
        span = listings.span(row)
        earlier = next((one for one in winners if span.same_as(listings.span(one.row))), None)
        if earlier is None:
            winners.append(Winner(row))
        else:
            earlier.replaced.append(earlier.row)
            earlier.row = row
    return sorted(winners, key=lambda winner: listings.deleted_on[winner.row] or date.max)


@dataclass
class _Storing:
    """Writing some checked rows, each of another offer."""

    context: Context
    known: Known
    report: Report
    rows: Rows
    listings: Listings
    sellers: dict[str, int]

    def store(self, winners: list[Winner]) -> None:
        """Decide for each row whether it is new, changes something or nothing, and write."""
        pairs = {
            one.row: (self.sellers[self.listings.seller[one.row]], self.listings.sku[one.row])
            for one in winners
        }
        lives = self.known.lives(pairs.values())
        new: list[int] = []
        changed: dict[int, Life] = {}
        for winner in winners:
            row = winner.row
            try:
                life = life_of_listing(lives.get(pairs[row], []), self.listings.span(row))
            except DeletedForEver as error:
                self._refuse(winner, error.on)
                continue
            if life is None:
                new.append(row)
            elif life.digest != self.listings.digests[row]:
                changed[row] = life
            outcome = "added" if life is None else "changed" if row in changed else "unchanged"
            self._count(winner, outcome)
        self._insert(new, pairs)
        self._update(changed)

    def _refuse(self, winner: Winner, on: date) -> None:
        advice = f"it was deleted on {on} for ever; to list it anew, give a listed_on after that date"
        for row in [*winner.replaced, winner.row]:
            self.rows.refuse_row(row, "sku", advice)

    def _count(self, winner: Winner, outcome: str) -> None:
        self.report.tally(outcome, 1 + len(winner.replaced))
        for row in winner.replaced:
            self.report.note(REPEATED, f"line {self.rows.lines[row]}")

    def _categories(self, rows: Iterable[int]) -> dict[str, int]:
        return self.known.categories(self.listings.category[row] for row in rows)

    def _category_id(self, categories: dict[str, int], row: int) -> int | None:
        return categories.get(category_key(self.listings.category[row]))

    def _columns(self) -> list[str]:
        """The offer's columns that the file gives, and with a stock the moment when it was told."""
        category = ["category_id"] if self.rows.has("category") else []
        return [*self.listings.values, *category, *(["quantity_at"] if self.rows.has("quantity") else [])]

    def _values(self, row: int, categories: dict[str, int]) -> list[Any]:
        """A row's values for `_columns`."""
        given = [column[row] for column in self.listings.values.values()]
        category = [self._category_id(categories, row)] if self.rows.has("category") else []
        return [*given, *category, *([self.context.now] if self.rows.has("quantity") else [])]

    def _insert(self, new: list[int], pairs: dict[int, tuple[int, str]]) -> None:
        categories = self._categories(new)
        ids = dict(zip(new, bulk.new_ids(Offer, len(new)), strict=True))
        bulk.insert(
            Offer,
            ["id", "marketplace_id", "seller_id", "sku", "import_digest", *self._columns()],
            (
                (
                    ids[row],
                    self.context.marketplace.pk,
                    *pairs[row],
                    self.listings.digests[row],
                    *self._values(row, categories),
                )
                for row in new
            ),
        )
        self._write_revisions((pk, 1, [], self._content(row, _BLANK)) for row, pk in ids.items())
        self._delete(ids)

    def _content(self, row: int, before: dict[str, Any]) -> dict[str, Any]:
        """What the listing says after a row was imported over `before`."""
        given = {name: column[row] for name, column in self.listings.values.items()}
        path = self.listings.category[row]
        if self.rows.has("category") and category_key(path) != category_key(before["category"]):
            given["category"] = path
        return listing_content({**before, **given})

    def _update(self, changed: dict[int, Life]) -> None:
        categories = self._categories(changed)
        before = dict(_contents([life.offer_id for life in changed.values()]))
        revised: dict[int, tuple[int, int, list[str], dict[str, Any]]] = {}
        for row, life in changed.items():
            content = self._content(row, before[life.offer_id])
            fields = changed_fields(before[life.offer_id], content)
            if fields:
                revised[row] = (life.offer_id, life.revision + 1, fields, content)
        self._note_overwritten({row: changed[row] for row in revised}, revised)
        bulk.update(
            Offer,
            ["id"],
            ["id", "import_digest", "revision", *self._columns()],
            (
                (
                    life.offer_id,
                    self.listings.digests[row],
                    life.revision + (row in revised),
                    *self._values(row, categories),
                )
                for row, life in changed.items()
            ),
        )
        self._write_revisions(revised.values())
        self._delete({row: life.offer_id for row, life in changed.items() if life.deleted_on is None})

    def _note_overwritten(self, lives: dict[int, Life], revised: dict[int, Any]) -> None:
        """Report the rows that put a listing back which a person had edited after the last import."""
        edited = _edited_by_people([life.offer_id for life in lives.values() if life.revision > 1])
        for row, life in lives.items():
            if life.offer_id in edited:
                fields = ", ".join(revised[row][2])
                example = f"line {self.rows.lines[row]}: {self.listings.sku[row]}, {fields}"
                self.report.note(OVERWRITTEN, example)

    def _write_revisions(self, revisions: Iterable[tuple[int, int, list[str], dict[str, Any]]]) -> None:
        by = self.context.by and self.context.by.pk
        source = ListingRevision.Source.IMPORT.value
        bulk.insert(
            ListingRevision,
            _REVISION_COLUMNS,
            (
                (offer_id, number, source, fields, content, by, self.context.now)
                for offer_id, number, fields, content in revisions
            ),
        )

    def _delete(self, offers: dict[int, int]) -> None:
        """Delete the offers (row: id) whose row has a deletion date: from the beginning of that date."""
        ended = {pk: day for row, pk in offers.items() if (day := self.listings.deleted_on[row])}
        moves = [(pk, datetime.combine(day, time.min, self.context.zone), day) for pk, day in ended.items()]
        if moves:
            move_many(made=Move.DELETE, moves=moves, by=self.context.by, reason="import")


def _contents(offer_ids: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The present content of these offers' listings, by offer id."""
    names = [name for name in LISTING_FIELDS if name != "category"]
    for start in range(0, len(offer_ids), 500):
        offers = Offer.objects.filter(pk__in=offer_ids[start : start + 500])
        for values in offers.values("pk", "category__path", *names):
            yield values.pop("pk"), {**values, "category": values.pop("category__path") or ""}


def _edited_by_people(offer_ids: list[int]) -> set[int]:
    """Those of the offers whose newest revision is no import's."""
    edited: set[int] = set()
    for start in range(0, len(offer_ids), 500):
        newest = ListingRevision.objects.filter(offer__in=offer_ids[start : start + 500]).order_by(
            "offer_id", "number"
        )
        sources = dict(newest.values_list("offer_id", "source"))
        edited.update(pk for pk, source in sources.items() if source != ListingRevision.Source.IMPORT)
    return edited
