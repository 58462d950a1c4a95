"""What a night reads: the roster of offers, their order lines, counted events and reviews.

All reads of a night belong into one `snapshot()`, so that an import that lands meanwhile is seen
whole or not at all (an event counted without its order would make k larger than n).
"""

# ruff: noqa: S608 - what is put into a query here are the names of columns and marks for parameters

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from django.db import connection, transaction
from django.db.models import Max

from health.bands import Bools, Floats, Ints
from health.counting import NEVER, CountedEvents, OrderTally
from health.models import ClosureHold
from offers.bulk import fetch, fetch_columns
from offers.lifecycle import Move, Status
from offers.models import Condition, Marketplace, OfferStatusChange

# Ties between events of one moment are decided in this order.
CHANNELS: Final = ("return", "refund", "contact", "review")


@contextmanager
def snapshot() -> Iterator[None]:
    """One consistent view of the data for everything read inside.

    Within an open transaction (a test's) the isolation can't be chosen any more: then it is the caller's.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def by_bytes(column: str) -> str:
    """Sort text as Python does, by code point: databases have collations of their own."""
    return f'{column} COLLATE "C"' if connection.vendor == "postgresql" else f"{column} COLLATE BINARY"


def epoch(column: str) -> str:
    """SQL for the seconds of a moment since 1970, null where there is none."""
    if connection.vendor == "postgresql":
        return f"EXTRACT(EPOCH FROM {column})"
    return f"(julianday({column}) - 2440587.5) * 86400.0"


def code_of(column: str, values: tuple[str, ...]) -> str:
    """SQL for the place of a text column's value among `values`."""
    cases = " ".join(f"WHEN '{value}' THEN {code}" for code, value in enumerate(values))
    return f"CASE {column} {cases} END"


@dataclass(frozen=True, slots=True)
class Roster:
    """The offers of a marketplace that are not deleted, in (seller code, sku) order.

    The order is Python's, not the database's, so that sums run alike on every database. `seller`,
    `top` and `category` are database ids (0: uncategorised); days are ordinals, NEVER where none.
    """

    offer_id: Ints
    seller: Ints
    top: Ints
    category: Ints
    condition: Ints
    price: Floats
    listed_on: Ints
    live: Bools
    closed_on: Ints
    """The day of the closure while the offer is closed, else NEVER."""
    relisted_on: Ints
    counts_from: Ints
    """The first as-of day that may count towards a closure: the day of a lift, the day after a drop."""
    latest_relist: Ints
    """The latest relist whenever it was; `relisted_on` knows only those up to the night's date."""

    def __len__(self) -> int:
        return len(self.offer_id)

    def positions(self, offer_ids: Ints) -> tuple[Ints, Bools]:
        """The index of each offer id in the roster, and which of them are in it."""
        order = np.argsort(self.offer_id, kind="stable")
        if not len(order):
            return np.zeros(len(offer_ids), np.int64), np.zeros(len(offer_ids), np.bool_)
        found = np.searchsorted(self.offer_id, offer_ids, sorter=order).clip(max=len(order) - 1)
        index = order[found]
        return index, self.offer_id[index] == offer_ids

    def lay_out(self, offer_ids: Ints, *columns: Ints) -> Ints:
        """Columns of numbers by offer id, laid out along the roster: shape (columns, offers), 0 for none."""
        laid = np.zeros((len(columns), len(self)), np.int64)
        index, known = self.positions(offer_ids)
        for row, values in enumerate(columns):
            laid[row, index[known]] = values[known]
        return laid


def read_roster(marketplace: Marketplace, as_of: date) -> Roster:
    """The roster for the night of `as_of`."""
    sql = f"""
        SELECT o.id, o.seller_id, COALESCE(c.top_id, c.id, 0), COALESCE(c.id, 0),
               {code_of("o.condition", tuple(str(value) for value in Condition.values))}, o.price,
               o.listed_on, CASE WHEN o.status = 'LIVE' THEN 1 ELSE 0 END,
               CASE WHEN o.status = 'CLOSED' THEN o.last_closed_on END, o.relisted_on, o.lifted_on
          FROM offers_offer o
          JOIN offers_seller s ON s.id = o.seller_id
          LEFT JOIN offers_category c ON c.id = o.category_id
         WHERE o.marketplace_id = %s AND o.status <> %s
         ORDER BY {by_bytes("s.code")}, {by_bytes("o.sku")}, o.id
    """
    kinds = ("int", "int", "int", "int", "int", "float", "day", "int", "day", "day", "day")
    params = [marketplace.pk, Status.LISTING_DELETED.value]
    offer_id, seller, top, category, condition, price, listed, live, closed, relisted, lifted = fetch_columns(
        sql, params, kinds
    )
    return Roster(
        offer_id=offer_id,
        seller=seller,
        top=top,
        category=category,
        condition=condition,
        price=price,
        listed_on=listed,
        live=live.astype(np.bool_),
        closed_on=closed,
        relisted_on=_relisted_up_to(marketplace, as_of, offer_id, relisted),
        counts_from=np.maximum(lifted, _dropped(marketplace, offer_id)),
        latest_relist=relisted,
    )


def _scatter(offer_id: Ints, values: dict[int, date]) -> Ints:
    """One day per offer of the roster, NEVER where `values` has none."""
    return np.array(
        [values[pk].toordinal() if pk in values else NEVER for pk in offer_id.tolist()], dtype=np.int64
    )


def _relisted_up_to(marketplace: Marketplace, as_of: date, offer_id: Ints, latest: Ints) -> Ints:
    """The latest relist not after `as_of`. Only offers relisted later still need the log."""
    if not (latest > as_of.toordinal()).any():
        return latest
    relists = OfferStatusChange.objects.filter(
        offer__marketplace=marketplace, move=Move.RELIST.value, on__lte=as_of
    )
    return _scatter(offer_id, dict(relists.values_list("offer_id").annotate(Max("on"))))


def _dropped(marketplace: Marketplace, offer_id: Ints) -> Ints:
    """The day after the last night that a dropped closure makes void."""
    dropped = ClosureHold.objects.filter(marketplace=marketplace, nights_start_after__isnull=False)
    latest = dict(dropped.values_list("offer_id").annotate(Max("nights_start_after")))
    days = _scatter(offer_id, latest)
    return np.where(days > NEVER, days + 1, NEVER)


def read_orders(
    marketplace: Marketplace, roster: Roster, as_of: date, *, short: int, long: int
) -> tuple[OrderTally, Ints]:
    """Plain order counts of both windows, and the day of each offer's last order up to `as_of`.

    Cancelled lines are left out in the very words of the index: SQLite compares these, not their meaning.
    """
    day = as_of.toordinal()
    sql = """
        SELECT l.offer_id, MAX(l.ordered_on),
               SUM(CASE WHEN l.ordered_on > %s THEN 1 ELSE 0 END),
               SUM(CASE WHEN l.ordered_on > %s THEN 1 ELSE 0 END)
          FROM offers_orderline l
          JOIN offers_offer o ON o.id = l.offer_id
         WHERE o.marketplace_id = %s AND NOT (l.status = 'cancelled') AND l.ordered_on <= %s
         GROUP BY l.offer_id
    """
    params = [date.fromordinal(day - short), date.fromordinal(day - long), marketplace.pk, as_of]
    offers, last, in_short, in_long = fetch_columns(sql, params, ("int", "day", "int", "int"))
    tally = roster.lay_out(offers, last, in_short, in_long)
    since_short, since_long = tally[1].copy(), tally[2].copy()
    # Few offers are relisted within the window: only their lines are read one by one.
    for row in np.flatnonzero(roster.relisted_on > day - long + 1):
        ages = read_ages(int(roster.offer_id[row]), day, long)
        young = ages <= day - roster.relisted_on[row]
        since_short[row], since_long[row] = (young & (ages < short)).sum(), young.sum()
    return OrderTally(tally[1], tally[2], since_short, since_long), tally[0]


def read_ages(offer_id: int, day: int, window: int) -> Ints:
    """Ages in days of the order lines of one offer's window; 0 is the as-of day."""
    sql = """
        SELECT ordered_on FROM offers_orderline
         WHERE offer_id = %s AND NOT (status = 'cancelled') AND ordered_on > %s AND ordered_on <= %s
    """
    params = [offer_id, date.fromordinal(day - window), date.fromordinal(day)]
    (days,) = fetch_columns(sql, params, ("day",))
    ages: Ints = day - days
    return ages


def read_plain_since(offer_id: int, since: int, day: int) -> int:
    """Plain order lines of one offer from a day on, up to and with `day`."""
    sql = """
        SELECT COUNT(*) FROM offers_orderline
         WHERE offer_id = %s AND NOT (status = 'cancelled') AND ordered_on >= %s AND ordered_on <= %s
    """
    ((count,),) = fetch(sql, [offer_id, date.fromordinal(since), date.fromordinal(day)])
    return int(count)


@dataclass(frozen=True, slots=True)
class Feedback:
    """The counted events of the night's long window, and the names behind their reason codes."""

    events: CountedEvents
    reasons: list[str]


_COUNTED: Final = """
      FROM feedback_feedbackevent e
      JOIN offers_orderline l ON l.id = e.order_line_id
     WHERE e.marketplace_id = %s AND e.counted AND NOT (l.status = 'cancelled')
       AND l.ordered_on > %s AND l.ordered_on <= %s AND e.occurred_on <= %s
"""


def read_counted(marketplace: Marketplace, roster: Roster, as_of: date, window: int) -> Feedback:
    """All counted events known up to `as_of` on order lines of the window."""
    params = [marketplace.pk, date.fromordinal(as_of.toordinal() - window), as_of, as_of]
    sql = f"""
        SELECT l.offer_id, l.id, l.ordered_on, e.occurred_on, {epoch("e.occurred_at")},
               {code_of("e.channel", CHANNELS)}, ROW_NUMBER() OVER (ORDER BY {by_bytes("e.event_id")}),
               CASE WHEN e.comment <> '' THEN 1 ELSE 0 END,
               DENSE_RANK() OVER (ORDER BY {by_bytes("e.reason")}) - 1
        {_COUNTED}
    """
    kinds = ("int", "int", "day", "day", "float", "int", "int", "int", "int")
    offers, line, ordered, occurred, moment, channel, event, commented, reason = fetch_columns(
        sql, params, kinds
    )
    names = sorted(name for (name,) in fetch(f"SELECT DISTINCT e.reason {_COUNTED}", params))
    index, known = roster.positions(offers)
    events = CountedEvents(
        offer=index,
        line=line,
        ordered_on=ordered,
        occurred_on=occurred,
        # A date alone stands before every moment of its day.
        moment=np.nan_to_num(moment, nan=-np.inf),
        channel=channel,
        event=event,
        commented=commented.astype(np.bool_),
        reason=reason,
    )
    return Feedback(events.at(known), names)


def read_last_counted(marketplace: Marketplace, roster: Roster, as_of: date) -> Ints:
    """The day of each offer's last counted event up to `as_of`, whatever the window.

    An event that counts stays one when its order is cancelled: it is in no count, but it was said.
    """
    sql = """
        SELECT e.offer_id, MAX(e.occurred_on)
          FROM feedback_feedbackevent e
         WHERE e.marketplace_id = %s AND e.counted AND e.order_line_id IS NOT NULL AND e.occurred_on <= %s
         GROUP BY e.offer_id
    """
    offers, last = fetch_columns(sql, [marketplace.pk, as_of], ("int", "day"))
    laid = roster.lay_out(offers, last)
    days: Ints = laid[0]
    return days


def read_stars(marketplace: Marketplace, roster: Roster, as_of: date) -> tuple[Ints, Ints]:
    """Sum and number of the stars of each offer's reviews up to `as_of`, counted or not."""
    sql = """
        SELECT e.offer_id, SUM(e.stars), COUNT(*)
          FROM feedback_feedbackevent e
         WHERE e.marketplace_id = %s AND e.channel = 'review' AND e.occurred_on <= %s
           AND (e.order_line_id IS NOT NULL OR e.foreign_order)
         GROUP BY e.offer_id
    """
    offers, total, number = fetch_columns(sql, [marketplace.pk, as_of], ("int", "int", "int"))
    laid = roster.lay_out(offers, total, number)
    return laid[0], laid[1]
