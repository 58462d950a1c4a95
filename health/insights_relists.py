"""What became of the offers that a seller relisted: before, since, and ahead (UX 5e)."""

# ruff: noqa: S608 - what is put into a query here are marks for parameters

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

import numpy as np

from health.bands import Band, Ints, poor_cutoff, posterior
from health.counting import NcxLines
from health.forecast import rates_ahead, typical_range, weeks_to_recover
from health.insights import Scope, listed_rows
from health.models import HealthChange, OfferHealth
from health.offer_detail import BELOW_FAIR, Complaints, OrderDays, recent_counts
from health.offer_history import Log, WeekPoint, weekly_points
from health.policy import Policy
from offers.bulk import fetch_columns
from offers.lifecycle import Move, Status
from offers.models import OfferStatusChange

# Relists of a year, and of them no more than this many, newest first.
DAYS_BACK: Final = 365
MOST: Final = 200
_DAYS_PER_WEEK: Final = 7


class Outcome(StrEnum):
    """What became of a relist."""

    RECOVERED = "recovered"
    RECOVERING = "recovering"
    CLOSED_AGAIN = "closed_again"


def read_relisted(scope: Scope) -> list[OfferHealth]:
    """The offers relisted within DAYS_BACK days, latest relist first; `offer` is loaded, as far as needed."""
    since = scope.newest - timedelta(days=DAYS_BACK)
    relists = OfferStatusChange.objects.filter(
        move=Move.RELIST.value, on__gt=since, offer__seller_id=scope.seller_id
    )
    rows = listed_rows(scope).filter(offer__relisted_on__gt=since, offer_id__in=relists.values("offer_id"))
    fields = ("seller_id", "marketplace_id", "as_of", "window_days", "orders", "ncx_orders", "rate", "m", "s")
    offer = ("sku", "title", "status", "relisted_on", "last_closed_on", "marketplace_id")
    return list(
        rows.filter(as_of__isnull=False)
        .select_related("offer")
        .only(*fields, "band", "tile", "recovering", "recovered_on", *(f"offer__{name}" for name in offer))
        .order_by("-offer__relisted_on", "-offer_id")[:MOST]
    )


def relisted_on(row: OfferHealth) -> date:
    """The day of the latest relist. ValueError where there was none."""
    if row.offer.relisted_on is None:
        raise ValueError(f"offer {row.offer_id} was never relisted")
    return row.offer.relisted_on


def outcome(row: OfferHealth) -> Outcome:
    """What became of its latest relist."""
    if row.recovered_on is not None and row.recovered_on >= relisted_on(row):
        return Outcome.RECOVERED
    return Outcome.RECOVERING if row.offer.status == Status.LIVE else Outcome.CLOSED_AGAIN


def weeks_taken(row: OfferHealth) -> int:
    """Weeks from the relist to Fair or better, begun ones too. ValueError where it did not get there."""
    if row.recovered_on is None:
        raise ValueError(f"offer {row.offer_id} has not recovered")
    return max(1, ceil((row.recovered_on - relisted_on(row)).days / _DAYS_PER_WEEK))


def sold_until(row: OfferHealth) -> date:
    """The day from which customers could not buy it: of the closure before the relist."""
    closed, relisted = row.offer.last_closed_on, relisted_on(row)
    return closed if closed is not None and closed <= relisted else relisted


@dataclass(frozen=True, slots=True)
class Sold:
    """One offer's orders and NCX orders by day."""

    orders: OrderDays
    complaints: Complaints

    def between(self, after: date, upto: date) -> tuple[int, int]:
        """Orders dated after one day up to another, and NCX orders among them."""
        low, high = after.toordinal(), upto.toordinal()
        ordered = self.complaints.lines.ordered_on
        return self.orders.between(low, high), int(((ordered > low) & (ordered <= high)).sum())


def read_sold(rows: Sequence[OfferHealth], since: date, upto: date) -> dict[int, Sold]:
    """The orders of these few offers by day, with what was known of them on the last night."""
    if not rows:
        return {}
    ids = [row.offer_id for row in rows]
    marks = ", ".join(["%s"] * len(ids))
    sql = f"""
        SELECT l.offer_id, l.ordered_on, e.first_on, COALESCE(e.commented, 0), COUNT(*)
          FROM offers_orderline l
          LEFT JOIN (
               SELECT order_line_id, MIN(occurred_on) AS first_on,
                      MAX(CASE WHEN comment <> '' THEN 1 ELSE 0 END) AS commented
                 FROM feedback_feedbackevent
                WHERE offer_id IN ({marks}) AND counted AND order_line_id IS NOT NULL AND occurred_on <= %s
                GROUP BY order_line_id
               ) e ON e.order_line_id = l.id
         WHERE l.offer_id IN ({marks}) AND NOT (l.status = 'cancelled')
           AND l.ordered_on > %s AND l.ordered_on <= %s
         GROUP BY 1, 2, 3, 4 ORDER BY 1, 2
    """
    params = [*ids, upto, *ids, since, upto]
    offer, *columns = fetch_columns(sql, params, ("int", "day", "day", "int", "int"))
    return {pk: _sold(*(values[offer == pk] for values in columns)) for pk in ids}


def _sold(ordered: Ints, first: Ints, commented: Ints, number: Ints) -> Sold:
    days, place = np.unique(ordered, return_inverse=True)
    lines = np.bincount(place, weights=number, minlength=len(days)).astype(np.int64)
    told = np.repeat(np.flatnonzero(first > 0), number[first > 0])
    nothing = np.zeros(len(told), np.int64)
    ncx = NcxLines(
        nothing, np.arange(len(told)), ordered[told], first[told], commented[told].astype(np.bool_), nothing
    )
    return Sold(OrderDays(days, lines), Complaints([], ncx))


def read_weeks(row: OfferHealth, sold: Sold, nights: Sequence[date], policy: Policy) -> list[WeekPoint]:
    """The offer's weekly points, as its own page shows them."""
    changes = list(HealthChange.objects.filter(offer_id=row.offer_id).order_by("as_of"))
    return weekly_points(nights, Log(changes, []), sold.orders, sold.complaints, policy)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is ahead if new orders go as those since the relist.

    weeks: (low, middle, high) of the rate at the end of each week to come; limit: the rate up to which an
    offer like this is Fair; until_fair: weeks until Fair is shown for the low, middle and high rate of
    problems, None for more than the window.
    """

    orders: int
    ncx_orders: int
    weeks: list[tuple[float, float, float]]
    limit: float
    until_fair: tuple[int | None, int | None, int | None]


def fair_limit(row: OfferHealth, policy: Policy) -> float | None:
    """The rate up to which an offer like this is Fair; None where it has nothing to compare with."""
    return None if row.m is None else float(poor_cutoff(np.array([row.m]), policy)[0])


def outlook(row: OfferHealth, sold: Sold, policy: Policy) -> Outlook | None:
    """What is ahead of a relisted offer that is open and not Fair yet; None for every other one.

    The rate of problems in new orders is as likely as the method holds it (METHOD 3), from the orders since
    the relist alone: its mean, and the points between which the middle of similar offers is told.
    """
    limit = fair_limit(row, policy)
    if row.as_of is None or row.m is None or row.s is None or limit is None:
        return None
    if row.band not in BELOW_FAIR or row.offer.status != Status.LIVE:
        return None
    orders, ncx = sold.between(relisted_on(row) - timedelta(days=1), row.as_of)
    rates = _new_rates(orders, ncx, row.m, row.s, policy)
    recent = recent_counts(row.offer, row, sold.orders, sold.complaints, policy)
    day, window = row.as_of.toordinal(), row.window_days
    plain = sold.orders.by_age(day, window)
    told = day - sold.complaints.known_on(day, window).ordered_on
    by_age = np.bincount(told, minlength=window)
    ahead = [rates_ahead(plain, by_age, recent.pace, rate) for rate in rates]
    ends = range(_DAYS_PER_WEEK, window + 1, _DAYS_PER_WEEK)
    low, middle, high = (
        weeks_to_recover(recent, rate, row.m, row.s, Band(row.band), policy) for rate in rates
    )
    weeks = [(float(ahead[0][end]), float(ahead[1][end]), float(ahead[2][end])) for end in ends]
    known = [week for week in weeks if not np.isnan(week[1])]
    return Outlook(orders, ncx, known, limit, (low, middle, high))


def _new_rates(orders: int, ncx: int, m: float, s: float, policy: Policy) -> tuple[float, float, float]:
    """Low point, mean and high point of the underlying rate, as the orders since the relist tell it."""
    a, b = posterior(*(np.array([value]) for value in (float(orders), float(ncx), m, s)))
    mean = a / (a + b)
    low, high = typical_range(mean, a + b, policy)
    return float(low[0]), float(mean[0]), float(high[0])


def earliest_needed(rows: Collection[OfferHealth], nights: Sequence[date], longest_window: int) -> date:
    """The last day whose orders are not needed, for these offers before their relist and on these nights."""
    starts = [sold_until(row) - timedelta(days=row.window_days + 1) for row in rows]
    return min([*starts, *(night - timedelta(days=longest_window) for night in nights)])
