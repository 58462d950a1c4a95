"""What a night reads: the roster of offers, their order lines, counted events and reviews.

All reads of a night belong into one `snapshot()`, so that an import that lands meanwhile is seen
whole or not at all (an event counted without its order would make k larger than n).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db import connection, transaction
from django.db.models import Max

from health.counting import NEVER, Bools, CountedEvents, Floats, Ints, OrderTally
from health.models import ClosureHold
from offers.lifecycle import Move, Status
from offers.models import Condition, Marketplace, OfferStatusChange

CHANNEL_RANK: Final = {"return": 0, "refund": 1, "contact": 2, "review": 3}
_CONDITION_CODE: Final = {str(value): code for code, value in enumerate(Condition.values)}


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


def ordinal(column: str) -> str:
    """SQL for the proleptic ordinal of a date column, as `date.toordinal` gives it."""
    if connection.vendor == "postgresql":
        return f"({column} - DATE '0001-01-01' + 1)"
    return f"CAST(julianday({column}) - 1721424.5 AS INTEGER)"


def _epoch(column: str) -> str:
    """SQL for the seconds of a moment since 1970, null where there is none."""
    if connection.vendor == "postgresql":
        return f"EXTRACT(EPOCH FROM {column})::double precision"
    return f"(julianday({column}) - 2440587.5) * 86400.0"


def columns(sql: str, params: Sequence[Any], width: int) -> list[list[Any]]:
    """The result of a query, column by column; `width` empty columns where it has no row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _ints(values: Sequence[Any], missing: int = 0) -> Ints:
    return np.array([missing if value is None else value for value in values], dtype=np.int64)


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


def read_roster(marketplace: Marketplace, as_of: date) -> Roster:
    """The roster for the night of `as_of`."""
    sql = f"""
        SELECT o.id, s.code, o.sku, o.seller_id, COALESCE(c.top_id, c.id, 0), COALESCE(c.id, 0), o.condition,
               o.price, {ordinal("o.listed_on")}, o.status, {ordinal("o.relisted_on")}, {ordinal("o.lifted_on")}
          FROM offers_offer o
          JOIN offers_seller s ON s.id = o.seller_id
          LEFT JOIN offers_category c ON c.id = o.category_id
         WHERE o.marketplace_id = %s AND o.status <> %s
    """
    read = columns(sql, [marketplace.pk, Status.LISTING_DELETED.value], 12)
    order = sorted(range(len(read[0])), key=lambda i: (read[1][i], read[2][i], read[0][i]))
    read = [[column[i] for i in order] for column in read]
    offer_id = _ints(read[0])
    latest_relist = _ints(read[10], NEVER)
    return Roster(
        offer_id=offer_id,
        seller=_ints(read[3]),
        top=_ints(read[4]),
        category=_ints(read[5]),
        condition=_ints([_CONDITION_CODE[value] for value in read[6]]),
        price=np.array([np.nan if value is None else float(value) for value in read[7]], dtype=np.float64),
        listed_on=_ints(read[8], NEVER),
        live=np.array([value == Status.LIVE for value in read[9]], dtype=np.bool_),
        relisted_on=_relisted_up_to(marketplace, as_of, offer_id, latest_relist),
        counts_from=np.maximum(_ints(read[11], NEVER), _dropped(marketplace, offer_id)),
        latest_relist=latest_relist,
    )


def _scatter(offer_id: Ints, values: dict[int, date]) -> Ints:
    """One day per offer of the roster, NEVER where `values` has none."""
    return _ints([values[pk].toordinal() if pk in values else NEVER for pk in offer_id.tolist()])


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
    return np.where((days := _scatter(offer_id, latest)) > NEVER, days + 1, NEVER)


def read_orders(
    marketplace: Marketplace, roster: Roster, as_of: date, short: int, long: int
) -> tuple[OrderTally, Ints]:
    """Plain order counts of both windows, and the day of each offer's last order up to `as_of`."""
    day = as_of.toordinal()
    offers, last, in_short, in_long = _order_rows(marketplace, as_of, short, long)
    index, known = roster.positions(_ints(offers))
    tally = np.zeros((3, len(roster)), np.int64)
    for row, values in enumerate((last, in_short, in_long)):
        tally[row, index[known]] = _ints(values)[known]
    short_since, long_since = _orders_since(roster, tally[1], tally[2], day, short, long)
    return OrderTally(tally[1], tally[2], short_since, long_since), tally[0]


def _order_rows(marketplace: Marketplace, as_of: date, short: int, long: int) -> list[list[Any]]:
    day = as_of.toordinal()
    first_short, first_long = date.fromordinal(day - short + 1), date.fromordinal(day - long + 1)
    sql = f"""
        SELECT l.offer_id, MAX({ordinal("l.ordered_on")}),
               SUM(CASE WHEN l.ordered_on >= %s THEN 1 ELSE 0 END),
               SUM(CASE WHEN l.ordered_on >= %s THEN 1 ELSE 0 END)
          FROM offers_orderline l
          JOIN offers_offer o ON o.id = l.offer_id
         WHERE o.marketplace_id = %s AND l.status <> 'cancelled' AND l.ordered_on <= %s
         GROUP BY l.offer_id
    """
    return columns(sql, [first_short, first_long, marketplace.pk, as_of], 4)


def _orders_since(
    roster: Roster, in_short: Ints, in_long: Ints, day: int, short: int, long: int
) -> tuple[Ints, Ints]:
    """The same counts of lines on or after the relist. Few offers are relisted: only their lines are read."""
    since_short, since_long = in_short.copy(), in_long.copy()
    for index in np.flatnonzero(roster.relisted_on > day - long + 1):
        ages = read_ages(int(roster.offer_id[index]), day, long)
        young = ages <= day - roster.relisted_on[index]
        since_short[index] = int((young & (ages < short)).sum())
        since_long[index] = int(young.sum())
    return since_short, since_long


def read_ages(offer_id: int, day: int, window: int) -> Ints:
    """Ages in days of the order lines of one offer's window; 0 is the as-of day."""
    sql = f"""
        SELECT {ordinal("ordered_on")} FROM offers_orderline
         WHERE offer_id = %s AND status <> 'cancelled' AND ordered_on > %s AND ordered_on <= %s
    """
    (days,) = columns(sql, [offer_id, date.fromordinal(day - window), date.fromordinal(day)], 1)
    return day - _ints(days)


def read_plain_since(offer_id: int, since: int, day: int) -> int:
    """Plain order lines of one offer from a day on, up to and with `day`."""
    sql = """
        SELECT COUNT(*) FROM offers_orderline
         WHERE offer_id = %s AND status <> 'cancelled' AND ordered_on >= %s AND ordered_on <= %s
    """
    ((count,),) = columns(sql, [offer_id, date.fromordinal(since), date.fromordinal(day)], 1)
    return int(count)


@dataclass(frozen=True, slots=True)
class Feedback:
    """The counted events of the night's long window, and the names behind their reason codes."""

    events: CountedEvents
    reasons: list[str]


_EVENTS_SQL = """
    SELECT l.offer_id, l.id, {ordered}, {occurred}, {moment}, e.channel, e.event_id,
           CASE WHEN e.comment <> '' THEN 1 ELSE 0 END, e.reason
      FROM feedback_feedbackevent e
      JOIN offers_orderline l ON l.id = e.order_line_id
     WHERE e.marketplace_id = %s AND e.counted AND l.status <> 'cancelled'
       AND l.ordered_on > %s AND l.ordered_on <= %s AND e.occurred_on <= %s
"""


def read_counted(marketplace: Marketplace, roster: Roster, as_of: date, window: int) -> Feedback:
    """All counted events known up to `as_of` on order lines of the window."""
    day = as_of.toordinal()
    sql = _EVENTS_SQL.format(
        ordered=ordinal("l.ordered_on"), occurred=ordinal("e.occurred_on"), moment=_epoch("e.occurred_at")
    )
    read = columns(sql, [marketplace.pk, date.fromordinal(day - window), as_of, as_of], 9)
    reasons = sorted(set(read[8]))
    code = {name: number for number, name in enumerate(reasons)}
    event_rank = {name: rank for rank, name in enumerate(sorted(set(read[6])))}
    index, known = roster.positions(_ints(read[0]))
    events = CountedEvents(
        offer=index,
        line=_ints(read[1]),
        ordered_on=_ints(read[2]),
        occurred_on=_ints(read[3]),
        # A date alone stands before every moment of its day.
        moment=np.array([-np.inf if value is None else float(value) for value in read[4]], dtype=np.float64),
        channel=_ints([CHANNEL_RANK[value] for value in read[5]]),
        event=_ints([event_rank[value] for value in read[6]]),
        commented=_ints(read[7]).astype(np.bool_),
        reason=_ints([code[value] for value in read[8]]),
    )
    return Feedback(CountedEvents(*(values[known] for values in events)), reasons)


def read_last_counted(marketplace: Marketplace, roster: Roster, as_of: date) -> Ints:
    """The day of each offer's last counted event up to `as_of`, whatever the window."""
    sql = f"""
        SELECT l.offer_id, MAX({ordinal("e.occurred_on")})
          FROM feedback_feedbackevent e
          JOIN offers_orderline l ON l.id = e.order_line_id
         WHERE e.marketplace_id = %s AND e.counted AND l.status <> 'cancelled' AND e.occurred_on <= %s
         GROUP BY l.offer_id
    """
    offers, last = columns(sql, [marketplace.pk, as_of], 2)
    index, known = roster.positions(_ints(offers))
    days = np.full(len(roster), NEVER, np.int64)
    days[index[known]] = _ints(last)[known]
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
    offers, total, number = columns(sql, [marketplace.pk, as_of], 3)
    index, known = roster.positions(_ints(offers))
    stars = np.zeros((2, len(roster)), np.int64)
    stars[0, index[known]], stars[1, index[known]] = _ints(total)[known], _ints(number)[known]
    return stars[0], stars[1]
