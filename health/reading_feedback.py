"""What a night reads of feedback: counted events with their order lines, last events, stars.

Like `reading`, whose snapshot it needs.
"""

# ruff: noqa: S608 - what is put into a query here are the names of columns and marks for parameters

from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from feedback.reasons import Reason
from health.bands import Ints
from health.counting import CountedEvents
from health.reading import BY_INDEX_ALONE, CHANNELS, Roster, code_of, epoch
from offers import bulk
from offers.bulk import fetch, fetch_columns
from offers.models import Marketplace

REASONS: Final = sorted(reason.value for reason in Reason)
"""The names of all reasons, sorted: SQLite's and PostgreSQL's orders of texts differ."""
_IDS: Final = 5_000  # ids named in one query


# In the words of the index, which has the dates of orders too: so no order line is looked up.
_COUNTED: Final = """
      FROM feedback_feedbackevent e
     WHERE e.offer_id BETWEEN %s AND %s AND e.marketplace_id + 0 = %s
       AND e.counted AND e.order_line_id IS NOT NULL
       AND e.ordered_on > %s AND e.ordered_on <= %s AND e.occurred_on <= %s
"""


def read_counted(marketplace: Marketplace, roster: Roster, as_of: date, window: int) -> CountedEvents:
    """All counted events known up to `as_of` on order lines of the window; reasons by place in `REASONS`."""
    sql = f"""
        SELECT e.offer_id, e.order_line_id, e.ordered_on, e.occurred_on, {epoch("e.occurred_at")},
               {code_of("e.channel", CHANNELS)}, e.id,
               CASE WHEN e.comment <> '' THEN 1 ELSE 0 END, {code_of("e.reason", REASONS)}
        {_COUNTED}
    """
    kinds = ("int", "int", "day", "day", "float", "short", "int", "short", "short")
    first = date.fromordinal(as_of.toordinal() - window)
    params = [*roster.range, marketplace.pk, first, as_of, as_of]
    with bulk.planned(enable_seqscan="off", max_parallel_workers_per_gather="0", jit="off"):
        events = _events_of(roster, fetch_columns(sql, params, kinds))
    return events._replace(event=ranks_of_equals(events))


def _events_of(roster: Roster, columns: list[NDArray[Any]]) -> CountedEvents:
    """The events of the roster's offers; `event` is the row's id for now."""
    offers, line, ordered, occurred, moment, channel, event, commented, reason = columns
    index, known = roster.positions(offers)
    events = CountedEvents(
        offer=index.astype(np.int32),
        line=line,
        ordered_on=ordered,
        occurred_on=occurred,
        # A date alone stands before every moment of its day.
        moment=np.nan_to_num(moment, nan=-np.inf),
        channel=channel.astype(np.int8),
        event=event,
        commented=commented.astype(np.bool_),
        reason=reason.astype(np.int16),
    )
    return events.at(known)


def ranks_of_equals(events: CountedEvents) -> Ints:
    """The rank of each event's id among those that nothing else puts in an order; 0 for all others."""
    order = np.lexsort((events.channel, events.moment, events.occurred_on, events.line))
    keys = (events.line, events.occurred_on, events.moment, events.channel)
    as_before = np.ones(len(order), np.bool_)
    as_before[:1] = False
    for key in keys:
        as_before[1:] &= key[order][1:] == key[order][:-1]
    tied = np.zeros(len(order), np.bool_)
    tied[order] = as_before | np.append(as_before[1:], False)
    rank = np.zeros(len(order), np.int64)
    names = _event_ids(events.event[tied])
    place = {pk: number for number, (_, pk) in enumerate(sorted((name, pk) for pk, name in names.items()))}
    rank[tied] = [place[pk] for pk in events.event[tied].tolist()]
    return rank


def _event_ids(pks: Ints) -> dict[int, str]:
    """The sources' ids of these events."""
    found: dict[int, str] = {}
    for start in range(0, len(pks), _IDS):
        piece = ", ".join(map(str, pks[start : start + _IDS].tolist()))
        found |= dict(fetch(f"SELECT id, event_id FROM feedback_feedbackevent WHERE id IN ({piece})"))
    return found


def read_said(roster: Roster, as_of: date) -> tuple[Ints, Ints, Ints]:
    """Per offer the day of its last counted event, and the sum and number of the stars of its reviews.

    Up to `as_of`, whatever the window. An event that counts stays one when its order is cancelled: it is
    in no count, but it was said. Reviews are taken whether they count or not.
    """
    sql = """
        SELECT e.offer_id,
               MAX(CASE WHEN e.counted AND e.order_line_id IS NOT NULL THEN e.occurred_on END),
               SUM(CASE WHEN e.channel = 'review' THEN e.stars ELSE 0 END),
               SUM(CASE WHEN e.channel = 'review' THEN 1 ELSE 0 END)
          FROM feedback_feedbackevent e
         WHERE e.offer_id BETWEEN %s AND %s AND e.occurred_on <= %s
           AND (e.order_line_id IS NOT NULL OR e.foreign_order)
         GROUP BY e.offer_id
    """
    with bulk.planned(**BY_INDEX_ALONE):
        offers, *columns = fetch_columns(sql, [*roster.range, as_of], ("int", "day", "short", "short"))
    last, total, number = roster.lay_out(offers, *columns)
    return last, total, number
