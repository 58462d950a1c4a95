"""What can be asked about feedback: the reason table in force, and to which order an event belongs."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.judging import Event, Judgement, judge, judging_version
from feedback.models import FeedbackEvent, ReasonCode
from feedback.reasons import CodeTable, Reason, normalize_code, normalize_source
from feedback.words import WORDS
from feedback.words.matching import LONGEST_KEPT
from offers import bulk
from offers.models import Marketplace

_MOST_KNOWN: Final = 50_000  # judgements remembered at a time, each of a short comment

log = logging.getLogger(__name__)


class EventNote(models.TextChoices):
    """What is noted on an event; `FeedbackEvent.notes` holds these values."""

    BEFORE_ORDER = "before_order", _("Dated before its order")
    COMMENT_CUT = "comment_cut", _("The comment was cut at 10,000 characters")
    STARS_IGNORED = "stars_ignored", _("Only reviews have stars: these were ignored")


class Judge:
    """The reason table, the word lists and the rules as they are now, ready to judge many events."""

    def __init__(self) -> None:
        self.table = code_table()
        self.version = judging_version(self.table, WORDS)
        self._known: dict[Event, Judgement] = {}

    def __call__(self, event: Event) -> Judgement:
        """Judge one event. Raises what `feedback.judging.judge` raises.

        Events that say the same are judged once: the judgement depends on nothing else.
        """
        known = self._known.get(event)
        if known is None:
            known = judge(event, self.table, WORDS)
            if len(event.comment) <= LONGEST_KEPT:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[event] = known
        return known


def code_table() -> CodeTable:
    """The editable table as it stands.

    A row with a reason that doesn't exist, or one that contradicts an older row, is left out and logged:
    the night must not stop for it.
    """
    usable: dict[tuple[str, str], tuple[str, str, str]] = {}
    for source, code, reason in ReasonCode.objects.order_by("pk").values_list("source", "code", "reason"):
        key = (normalize_source(source), normalize_code(code))
        if reason not in set(Reason) or usable.get(key, (source, code, reason))[2] != reason:
            log.warning("reason code %s of source %s is left out: %s", code, source, reason)
        else:
            usable[key] = (source, code, reason)
    return CodeTable(usable.values())


class OrderedLine(NamedTuple):
    """An order line to which an event may belong."""

    line_id: int
    offer_id: int
    sku: str
    on: date


class Wanted(NamedTuple):
    """An event's own words about its order."""

    seller_id: int
    order_ref: str
    sku: str
    on: date


class Place(NamedTuple):
    """Where an event belongs: to a line, to an offer without one (a foreign order), or nowhere yet."""

    line_id: int | None = None
    offer_id: int | None = None
    foreign: bool = False
    before_order: bool = False

    @property
    def waits(self) -> bool:
        """Whether the order is still to come."""
        return self.offer_id is None


@dataclass(frozen=True)
class Ambiguous:
    """The event names no SKU and its order has several."""

    skus: tuple[str, ...]


def places_of(marketplace: Marketplace, wanted: Sequence[Wanted]) -> list[Place | Ambiguous]:
    """Where each event belongs, by the orders that are there now.

    With a SKU: to the order's line of that SKU. Without: to the order's only line. An event on an order
    that is another seller's belongs to this seller's manufacturer-barcode offer of the same product id.
    """
    lines = _own_lines(marketplace, wanted)
    found = [_place_among(lines.get(index, []), event) for index, event in enumerate(wanted)]
    orderless = [index for index in range(len(wanted)) if index not in lines]
    foreign = _foreign_offers(marketplace, [wanted[index] for index in orderless])
    for number, offers in foreign.items():
        if len(offers) == 1:
            found[orderless[number]] = Place(offer_id=offers[0], foreign=True)
    return found


def _place_among(lines: list[OrderedLine], event: Wanted) -> Place | Ambiguous:
    """The line of the event's SKU; should two lives of it have one, the newest not younger than the event."""
    mine = [line for line in lines if event.sku in {"", line.sku}]
    skus = sorted({line.sku for line in mine})
    if len(skus) > 1:
        return Ambiguous(tuple(skus))
    if not mine:
        return Place()
    chosen = max(mine, key=lambda line: (line.on <= event.on, line.on))
    return Place(chosen.line_id, chosen.offer_id, before_order=event.on < chosen.on)


def _own_lines(marketplace: Marketplace, wanted: Sequence[Wanted]) -> dict[int, list[OrderedLine]]:
    """All lines of the event's order that are its seller's, by the event's index."""
    fields = bulk.fields_of(FeedbackEvent, ["seller_id", "order_ref"])
    found: dict[int, list[OrderedLine]] = {}
    named = ((event.seller_id, event.order_ref) for event in wanted)
    with bulk.staged(fields, named) as stage, bulk.probing():
        rows = bulk.fetch(
            f"SELECT s.row, l.id, o.id, o.sku, l.ordered_on FROM {stage} s "  # noqa: S608
            "JOIN offers_orderline l ON l.order_ref = s.order_ref "
            "JOIN offers_offer o ON o.id = l.offer_id "
            "WHERE o.seller_id = s.seller_id AND o.marketplace_id = %s",
            [marketplace.pk],
        )
    for index, *line in rows:
        found.setdefault(index, []).append(OrderedLine(*line))
    return found


def _foreign_offers(marketplace: Marketplace, wanted: Sequence[Wanted]) -> dict[int, list[int]]:
    """The seller's barcode offers of the product that was sold with this order, by the event's index.

    `wanted` are events whose order has no line of their seller's: what is sold with it is another's.
    """
    if not wanted:
        return {}
    fields = bulk.fields_of(FeedbackEvent, ["seller_id", "order_ref", "sku"])
    found: dict[int, list[int]] = {}
    named = ((event.seller_id, event.order_ref, event.sku) for event in wanted)
    with bulk.staged(fields, named) as stage, bulk.probing():
        rows = bulk.fetch(
            f"SELECT DISTINCT s.row, mine.id FROM {stage} s "  # noqa: S608
            "JOIN offers_orderline l ON l.order_ref = s.order_ref "
            "JOIN offers_offer theirs ON theirs.id = l.offer_id AND theirs.product_id <> '' "
            "JOIN offers_offer mine ON mine.marketplace_id = theirs.marketplace_id "
            "AND mine.product_id = theirs.product_id AND mine.seller_id = s.seller_id "
            "AND mine.manufacturer_barcode AND mine.deleted_on IS NULL AND s.sku IN ('', mine.sku) "
            "WHERE theirs.marketplace_id = %s ORDER BY s.row, mine.id",
            [marketplace.pk],
        )
    for index, offer_id in rows:
        found.setdefault(index, []).append(offer_id)
    return found


def waiting(marketplace: Marketplace) -> "models.QuerySet[FeedbackEvent]":
    """The events whose order is not there yet."""
    return FeedbackEvent.objects.filter(marketplace=marketplace, order_line=None, foreign_order=False)


def with_note(notes: Iterable[str], note: EventNote, *, holds: bool) -> list[str]:
    """The notes with one of them there or not."""
    others = [known for known in notes if known != note]
    return [*others, note.value] if holds else others
