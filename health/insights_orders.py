"""A seller's orders and NCX orders by day: for reasons, trends, and periods other than an offer's own window.

Orders are counted by the database along the index that the night counts by; of the rest only counted events
are read, a few for each hundred orders, and folded into NCX orders by the night's own rule.
"""

# ruff: noqa: S608 - what is put into a query here are the names of columns and marks for parameters

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from feedback.reasons import Reason
from health.bands import Bools, Floats, Ints
from health.counting import CountedEvents, NcxLines, ncx_lines
from health.insights import Scope
from health.models import Tile
from health.reading import CHANNELS, code_of, epoch
from health.reading_feedback import ranks_of_equals
from offers.bulk import fetch_columns, planned

WEEKS: Final = 12
_DAYS_PER_WEEK: Final = 7
_REASONS: Final = tuple(str(reason) for reason in Reason)
# A marketplace and a window in one number: the offers of both are counted together.
_GROUP: Final = 1000


class Days(NamedTuple):
    """One value per group of offers and day: orders, and the sum of what similar offers average for each.

    compared: how many of the orders have something to compare with.
    """

    group: Ints
    day: Ints
    orders: Ints
    expected: Floats
    compared: Ints


@dataclass(frozen=True, slots=True)
class Reported:
    """Orders by day, and NCX orders (their `offer` is the group, their `reason` a place in the reasons)."""

    scope: Scope
    days: Days
    ncx: NcxLines


def read_reported(scope: Scope, longest_window: int) -> Reported:
    """All that the last WEEKS weeks' nights saw: their days, and a window before them."""
    since = scope.oldest - timedelta(days=WEEKS * _DAYS_PER_WEEK + longest_window)
    return Reported(scope, _read_days(scope, since), _read_ncx(scope, since))


def _offers(scope: Scope) -> tuple[str, str, list[Any]]:
    """SQL for the listed and computed offers: a join, a condition, and the parameters of both."""
    join = "JOIN offers_offer o ON o.id = h.offer_id AND o.fulfillment = %s" if scope.fulfillment else ""
    marks = ", ".join(["%s"] * len(scope.nights))
    where = f"h.seller_id = %s AND h.marketplace_id IN ({marks}) AND h.tile <> %s AND h.as_of IS NOT NULL"
    chosen = [scope.fulfillment] if scope.fulfillment else []
    return join, where, [*chosen, scope.seller_id, *scope.nights, Tile.DELETED.value]


# Offer by offer along the indexes that the night reads, by as many processes as the server gives: the
# planner takes a seller's share of all rows for larger than it is, and would read everybody's.
_OFFER_BY_OFFER: Final = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_memoize": "off",
    "jit": "off",
}
_EVENTS_BY_OFFER: Final = {**_OFFER_BY_OFFER, "enable_bitmapscan": "off"}


def _read_days(scope: Scope, since: date) -> Days:
    join, where, params = _offers(scope)
    sql = f"""
        SELECT h.marketplace_id * {_GROUP} + h.window_days, l.ordered_on, COUNT(*), SUM(h.m), COUNT(h.m)
          FROM health_offerhealth h {join}
          JOIN offers_orderline l ON l.offer_id = h.offer_id
         WHERE {where} AND NOT (l.status = 'cancelled') AND l.ordered_on > %s AND l.ordered_on <= %s
         GROUP BY 1, 2
    """
    kinds = ("int", "day", "int", "float", "int")
    with planned(**_OFFER_BY_OFFER):
        group, day, orders, expected, compared = fetch_columns(sql, [*params, since, scope.newest], kinds)
    return Days(group, day, orders, np.nan_to_num(expected), compared)


def _read_ncx(scope: Scope, since: date) -> NcxLines:
    join, where, params = _offers(scope)
    # An event knows the date of its order line, unless that is cancelled: no line is looked up.
    sql = f"""
        SELECT h.marketplace_id * {_GROUP} + h.window_days, e.order_line_id, e.ordered_on, e.occurred_on,
               {epoch("e.occurred_at")}, {code_of("e.channel", CHANNELS)}, e.id,
               COALESCE({code_of("e.reason", _REASONS)}, {_REASONS.index(Reason.UNSPECIFIED)})
          FROM health_offerhealth h {join}
          JOIN feedback_feedbackevent e ON e.offer_id = h.offer_id
         WHERE {where} AND e.counted AND e.order_line_id IS NOT NULL
           AND e.ordered_on > %s AND e.ordered_on <= %s AND e.occurred_on <= %s
    """
    kinds = ("int", "int", "day", "day", "float", "int", "int", "int")
    with planned(**_EVENTS_BY_OFFER):
        columns = fetch_columns(sql, [*params, since, scope.newest, scope.newest], kinds)
    group, line, ordered, occurred, moment, channel, event, reason = columns
    events = CountedEvents(
        offer=group,
        line=line,
        ordered_on=ordered,
        occurred_on=occurred,
        # A date alone stands before every moment of its day.
        moment=np.nan_to_num(moment, nan=-np.inf),
        channel=channel,
        event=event,
        commented=np.zeros(len(line), np.bool_),
        reason=reason,
    )
    return ncx_lines(events._replace(event=ranks_of_equals(events)))


class Rate(NamedTuple):
    """Orders, NCX orders among them, and the rate that similar offers would have had; NaN for unknown."""

    orders: int
    ncx_orders: int
    similar: float

    @property
    def rate(self) -> float | None:
        """The NCX rate; None without orders."""
        return self.ncx_orders / self.orders if self.orders else None


def _last_days(group: Ints, nights: Mapping[int, date], period: int | None) -> tuple[Ints, Ints]:
    """For each row its night, 0 where its marketplace has none, and the last day that is too old.

    period: days, or None for each offer's own window.
    """
    codes, place = np.unique(group, return_inverse=True)
    known = [nights.get(code // _GROUP) for code in codes.tolist()]
    night = np.array([day.toordinal() if day else 0 for day in known], dtype=np.int64)
    too_old = night - (codes % _GROUP if period is None else period)
    return night[place], too_old[place]


def rate_on(reported: Reported, nights: Mapping[int, date], period: int | None = None) -> Rate:
    """The rate as it was known on these nights, of the orders of the period before each."""
    days = reported.days
    night, too_old = _last_days(days.group, nights, period)
    within = (days.day > too_old) & (days.day <= night)
    compared = int(days.compared[within].sum())
    similar = float(days.expected[within].sum()) / compared if compared else float("nan")
    ncx = int(_ncx_within(reported.ncx, nights, period).sum())
    return Rate(int(days.orders[within].sum()), ncx, similar)


def _ncx_within(ncx: NcxLines, nights: Mapping[int, date], period: int | None) -> Bools:
    night, too_old = _last_days(ncx.offer, nights, period)
    within: Bools = (ncx.ordered_on > too_old) & (ncx.ordered_on <= night) & (ncx.first_on <= night)
    return within


def by_reason(reported: Reported, period: int | None = None) -> Counter[str]:
    """NCX orders by reason, each once, where its earliest counted event says (METHOD 1)."""
    within = _ncx_within(reported.ncx, reported.scope.nights, period)
    codes, tally = np.unique(reported.ncx.reason[within], return_counts=True)
    return Counter(
        {_REASONS[code]: number for code, number in zip(codes.tolist(), tally.tolist(), strict=True)}
    )


def by_week(reported: Reported, longest_window: int) -> dict[str, list[int]]:
    """NCX orders by reason in each of WEEKS spans of seven days up to the last night, oldest first.

    By the day of the first complaint, so that no week is still to fill. As in every night's count, the
    order was no older than the longest window by then.
    """
    ncx = reported.ncx
    night, _ = _last_days(ncx.offer, reported.scope.nights, 0)
    weeks_ago = (night - ncx.first_on) // _DAYS_PER_WEEK
    counts = (ncx.first_on <= night) & (ncx.ordered_on <= night) & (weeks_ago < WEEKS)
    counts &= ncx.first_on - ncx.ordered_on < longest_window
    cells = np.zeros((len(_REASONS), WEEKS), np.int64)
    np.add.at(cells, (ncx.reason[counts], WEEKS - 1 - weeks_ago[counts]), 1)
    return {reason: row.tolist() for reason, row in zip(_REASONS, cells, strict=True) if row.any()}


def weekly_nights(summaries: Sequence[tuple[int, date, Any]], ids: Sequence[int]) -> list[dict[int, date]]:
    """Each marketplace's last night in each of the last WEEKS weeks, oldest first, from (id, night, …).

    A marketplace without a night in a week is as in the week before: nights do not all come at one hour.
    """
    known: dict[int, date] = {}
    weeks: dict[int, dict[int, date]] = {}
    for marketplace_id, night, _ in sorted(summaries, key=lambda row: row[1]):
        if marketplace_id in ids:
            known = {**known, marketplace_id: night}
            weeks[_week(night)] = known
    newest = max(weeks, default=0)
    return [nights for week, nights in sorted(weeks.items()) if week > newest - WEEKS]


def _week(day: date) -> int:
    """The number of a week that begins on a Monday."""
    return (day.toordinal() - 1) // _DAYS_PER_WEEK
