"""Storing checked feedback: what is new or differs, judged, attached to its order or left to wait for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from feedback.actions import JUDGEMENT_COLUMNS, judgement_values
from feedback.importers.events import KIND, Events, check, keys_of
from feedback.judging import Event
from feedback.models import FeedbackEvent
from feedback.reasons import OWN_SOURCE
from feedback.selectors import Ambiguous, EventNote, Judge, Place, Wanted, places_of, with_note
from offers import bulk
from offers.importers.catalog import REPEATED, Winner, sellers_of
from offers.importers.checking import Rows
from offers.importers.columns import Column, Columns
from offers.importers.known import Context, Known
from offers.importers.pairs import look_up
from offers.importers.reading import Chunk
from offers.importers.reports import Report

_NOTED: Final = {
    EventNote.BEFORE_ORDER: "events dated before their order, kept",
    EventNote.COMMENT_CUT: "comments cut at 10,000 characters",
    EventNote.STARS_IGNORED: "events with stars that are no reviews; the stars were ignored",
}
_COLUMNS: Final = (
    *("marketplace_id", "seller_id", "channel", "event_id", "source", "order_ref", "sku", "raw_reason"),
    *("stars", "occurred_on", "occurred_at", "comment", "notes", "import_digest"),
    *("offer_id", "order_line_id", "foreign_order"),
    *JUDGEMENT_COLUMNS,
)
_OFFER: Final = _COLUMNS.index("offer_id")


@dataclass(frozen=True)
class Stored:
    """An event as it is stored already."""

    pk: int
    digest: str
    order_ref: str
    sku: str
    place: Place
    decision: bool | None

    def stays_for(self, event: Wanted, place: Place | Ambiguous) -> bool:
        """Whether the event keeps its order line though the order has got a further line meanwhile."""
        same = (self.order_ref, self.sku) == (event.order_ref, event.sku)
        return same and self.place.line_id is not None and isinstance(place, Ambiguous)


Key = tuple[int, str, str]


class EventImporter:
    """Feedback events: judged as they come, attached to their order or left to wait for it."""

    kind = KIND

    def __init__(self, context: Context, known: Known, report: Report) -> None:
        self._context = context
        self._known = known
        self._report = report
        self._judge = Judge()

    def keys(self, columns: Columns) -> Sequence[Column]:
        """Seller, channel and the event's id, be it given or derived."""
        return keys_of(columns)

    def take(self, chunk: Chunk) -> None:
        """Check and store rows."""
        rows = Rows(chunk, self._report)
        events = check(rows, self._context)
        sellers = sellers_of(rows, self._context, self._known)
        look_up(rows, sellers, self._known)
        winners = self._winners(rows, events, sellers)
        stored = _stored(list(winners), self._context)
        _Storing(self._context, self._report, self._judge, rows, events, winners, stored).store()

    def finish(self) -> None:
        """Nothing was left for later."""

    def _winners(self, rows: Rows, events: Events, sellers: dict[str, int]) -> dict[Key, Winner]:
        """The last good row of each key."""
        winners: dict[Key, Winner] = {}
        for row in np.flatnonzero(rows.good).tolist():
            key = (sellers[events.seller[row]], events.channel[row], events.event_id[row])
            earlier = winners.get(key)
            if earlier is None:
                winners[key] = Winner(row)
            else:
                self._report.note(REPEATED, f"line {rows.lines[earlier.row]}")
                earlier.replaced.append(earlier.row)
                earlier.row = row
        return winners


def _stored(keys: list[Key], context: Context) -> dict[Key, Stored]:
    """The events of these keys that are there already."""
    fields = bulk.fields_of(FeedbackEvent, ["seller_id", "channel", "event_id"])
    with bulk.staged(fields, keys) as stage, bulk.probing():
        found = bulk.fetch(
            "SELECT s.row, e.id, e.import_digest, e.order_ref, e.sku, e.decision, e.order_line_id, "  # noqa: S608
            f"e.offer_id, e.foreign_order FROM {stage} s JOIN feedback_feedbackevent e "
            "ON e.seller_id = s.seller_id AND e.channel = s.channel AND e.event_id = s.event_id "
            "WHERE e.marketplace_id = %s",
            [context.marketplace.pk],
        )
    return {
        keys[row]: Stored(pk, digest, order_ref, sku, Place(*place), decision)
        for row, pk, digest, order_ref, sku, decision, *place in found
    }


@dataclass
class _Storing:
    """Writing some checked rows, each of another event."""

    context: Context
    report: Report
    judge: Judge
    rows: Rows
    events: Events
    winners: dict[Key, Winner]
    stored: dict[Key, Stored]

    def store(self) -> None:
        """Write what is new or differs from the row last imported; the rest is counted only."""
        placed = self._placed([key for key in self.winners if not self._unchanged(key)])
        new = {key: place for key, place in placed.items() if key not in self.stored}
        changed = {key: place for key, place in placed.items() if key in self.stored}
        made = [self._values(key, place) for key, place in new.items()]
        # By offer, so that what is inserted lies together in the indexes, and its lines in their table.
        made.sort(key=lambda values: values[_OFFER] or 0)
        bulk.insert(FeedbackEvent, _COLUMNS, made)
        bulk.update(
            FeedbackEvent,
            ["id"],
            ["id", *_COLUMNS],
            ((self.stored[key].pk, *self._values(key, place)) for key, place in changed.items()),
        )
        for outcome, places in (("added", new), ("changed", changed)):
            for key, place in places.items():
                self._count(key, outcome, place)

    def _unchanged(self, key: Key) -> bool:
        """Whether the row equals the one last imported for its key; if so, it is counted."""
        known = self.stored.get(key)
        if known is None or known.digest != self.events.digest[self.winners[key].row]:
            return False
        self._count(key, "unchanged", known.place)
        return True

    def _count(self, key: Key, outcome: str, place: Place) -> None:
        self.report.tally(outcome, 1 + len(self.winners[key].replaced))
        self.report.waiting += place.waits

    def _placed(self, keys: list[Key]) -> dict[Key, Place]:
        """Where each event belongs. Refuses those that name no SKU of an order with several."""
        wanted = {key: self._wanted(key) for key in keys}
        places = places_of(self.context.marketplace, list(wanted.values()))
        placed: dict[Key, Place] = {}
        for (key, event), place in zip(wanted.items(), places, strict=True):
            before = self.stored.get(key)
            if before and before.stays_for(event, place):
                placed[key] = before.place
            elif isinstance(place, Place):
                placed[key] = place
            else:
                self._refuse_ambiguous(self.winners[key], place)
        return placed

    def _wanted(self, key: Key) -> Wanted:
        row = self.winners[key].row
        return Wanted(key[0], self.events.order_id[row], self.events.sku[row], self.events.on[row])

    def _refuse_ambiguous(self, winner: Winner, place: Ambiguous) -> None:
        advice = f"its order has several; give the one it is about: {', '.join(place.skus[:20])}"
        for row in [*winner.replaced, winner.row]:
            self.rows.refuse_row(row, "sku", advice)

    def _values(self, key: Key, place: Place) -> tuple[Any, ...]:
        """An event in the order of `_COLUMNS`."""
        row, events, known = self.winners[key].row, self.events, self.stored.get(key)
        notes = with_note(events.notes[row], EventNote.BEFORE_ORDER, holds=place.before_order)
        for note in notes:
            self.report.note(_NOTED[EventNote(note)], f"line {self.rows.lines[row]}")
        event = Event(
            channel=events.channel[row],
            reason=events.reason[row],
            stars=events.stars[row],
            comment=events.comment[row],
            decision=known.decision if known else None,
        )
        return (
            *(self.context.marketplace.pk, *key, OWN_SOURCE, events.order_id[row], events.sku[row]),
            *(events.reason[row], events.stars[row], events.on[row], events.at[row]),
            *(events.comment[row], notes, events.digest[row]),
            *(place.offer_id, place.line_id, place.foreign),
            *judgement_values(self.judge, event),
        )
