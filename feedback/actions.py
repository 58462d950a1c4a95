"""What is done to feedback events after they were stored: attached to late orders, judged anew."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from feedback.judging import Event
from feedback.models import FeedbackEvent
from feedback.selectors import EventNote, Judge, Place, Wanted, places_of, with_note
from offers import bulk
from offers.models import Marketplace, OrderLine

_PIECE: Final = 5_000
JUDGEMENT_COLUMNS: Final = ("counted", "cause", "reason", "judged_by", "judged_on", "judged_version")


@transaction.atomic
def attach_waiting(marketplace: Marketplace) -> int:
    """Attach events to orders that came after them. Returns how many were attached.

    An event without SKU whose order came with several lines goes on waiting: nobody can say which.
    """
    attached = 0
    lacking = FeedbackEvent.objects.filter(marketplace=marketplace, order_line=None)
    columns = ("pk", "seller_id", "order_ref", "sku", "occurred_on", "foreign_order", "notes")
    for piece in _by_pk(lacking.values_list(*columns)):
        places = places_of(marketplace, [Wanted(*event[1:5]) for event in piece])
        rows = [
            (event[0], *_place_values(place, event[6]))
            for event, place in zip(piece, places, strict=True)
            if isinstance(place, Place) and not place.waits and not (place.foreign and event[5])
        ]
        attached += bulk.update(
            FeedbackEvent, ["id"], ["id", "offer_id", "order_line_id", "foreign_order", "notes"], rows
        )
    return attached


def _place_values(place: Place, notes: list[str]) -> tuple[Any, ...]:
    noted = with_note(notes, EventNote.BEFORE_ORDER, holds=place.before_order)
    return (place.offer_id, place.line_id, place.foreign, noted)


@transaction.atomic
def follow_lines(line_ids: list[int]) -> None:
    """Give the events of these lines the offer that their line has now: it fell into another life."""
    for start in range(0, len(line_ids), 500):
        lines = OrderLine.objects.filter(pk__in=line_ids[start : start + 500])
        offers = dict(lines.values_list("pk", "offer_id"))
        events = FeedbackEvent.objects.filter(order_line__in=offers).values_list("pk", "order_line_id")
        rows = [(pk, offers[line]) for pk, line in events]
        bulk.update(FeedbackEvent, ["id"], ["id", "offer_id"], rows)


def rejudge(marketplace: Marketplace) -> int:
    """Judge again the events whose judgement is out of date. Returns how many judgements changed.

    Out of date is what was judged by another reason table, other word lists or other rules. A piece at
    a time, each in its own transaction: what a stopped night has done stays done. An import writes events,
    too, in the order of its file: a piece waits until it has ended, as another import would.
    """
    judge = Judge()
    changed = 0
    # Two ranges of the index, where "is not" would read all of it.
    another = Q(judged_version__lt=judge.version) | Q(judged_version__gt=judge.version)
    stale = FeedbackEvent.objects.filter(another, marketplace=marketplace)
    columns = ("pk", "channel", "raw_reason", "stars", "comment", "source", "disposition", "decision")
    pieces = _by_pk(stale.select_for_update().values_list(*columns, *JUDGEMENT_COLUMNS[:-1]))
    while True:
        # Read and written under one lock: an operator's decision made meanwhile waits, and judges after us.
        if not stale.exists():
            return changed
        with transaction.atomic():
            Marketplace.objects.select_for_update(no_key=True).get(pk=marketplace.pk)
            piece = next(pieces, None)
            if piece is None:
                return changed
            rows = [(event[0], *judgement_values(judge, Event(*event[1:8]))) for event in piece]
            changed += sum(row[1:-1] != event[8:] for row, event in zip(rows, piece, strict=True))
            bulk.update(FeedbackEvent, ["id"], ["id", *JUDGEMENT_COLUMNS], rows)


def judgement_values(judge: Judge, event: Event) -> tuple[bool, str, str, str, str, str]:
    """How an event is judged, in the order of JUDGEMENT_COLUMNS."""
    counted, cause, reason, by, matched = judge(event)
    return (counted, cause.value, reason.value, by.value, matched[:100], judge.version)


def _by_pk(events: Any) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a query, whose first value is the pk, in pieces that may be changed while they are read."""
    last = 0
    while piece := list(events.filter(pk__gt=last).order_by("pk")[:_PIECE]):
        last = piece[-1][0]
        yield piece
