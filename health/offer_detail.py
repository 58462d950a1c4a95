"""What the page of one offer needs to know: its orders and complaints by day, and the way back to Fair.

Everything here is about one offer and reads by its indexes, so that the cost does not grow with the market.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np
from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from feedback.models import FeedbackEvent
from health.bands import Band, Floats, Ints
from health.counting import CountedEvents, NcxLines, ncx_lines
from health.forecast import Recent, clean_orders_to_fair, weeks_to_recover
from health.models import OfferHealth
from health.policy import Policy
from health.reading import CHANNELS
from offers.lifecycle import Status
from offers.models import Offer, OrderLine

# The bands for which METHOD 7 says what it takes to reach Fair.
BELOW_FAIR: Final = (Band.INSUFFICIENT, Band.POOR, Band.VERY_POOR)


@dataclass(frozen=True, slots=True)
class OrderDays:
    """Plain order lines of one offer by date: ordinals, rising, and how many lines each has."""

    day: Ints
    lines: Ints

    def between(self, after: int, upto: int) -> int:
        """Lines dated after one day, up to and with another."""
        return int(self.lines[(self.day > after) & (self.day <= upto)].sum())

    def by_age(self, as_of: int, window: int) -> Ints:
        """Lines by age in days, 0 for as_of; shape (window,)."""
        return _by_age(np.repeat(self.day, self.lines), as_of, window)


def _by_age(days: Ints, as_of: int, window: int) -> Ints:
    ages = as_of - days
    return np.bincount(ages[(ages >= 0) & (ages < window)], minlength=window).astype(np.int64)


def read_order_days(offer_id: int, upto: date) -> OrderDays:
    """All order lines that count, up to a date."""
    lines = OrderLine.objects.filter(offer_id=offer_id, ordered_on__lte=upto)
    rows = (
        lines.exclude(status=OrderLine.Status.CANCELLED)
        .values_list("ordered_on")
        .annotate(lines=Count("pk"))
        .order_by("ordered_on")
    )
    read = [(on.toordinal(), number) for on, number in rows]
    days, numbers = np.array(read, dtype=np.int64).reshape(-1, 2).T
    return OrderDays(days, numbers)


class Told(NamedTuple):
    """A counted event of the offer."""

    pk: int
    line: int
    ordered_on: date
    occurred_on: date
    channel: str
    event_id: str
    reason: str
    commented: bool
    moment: float


@dataclass(frozen=True, slots=True)
class Complaints:
    """The offer's counted events, and the orders they make.

    `lines.reason` is the place of the event that the order belongs to, its earliest, in `events`.
    """

    events: Sequence[Told]
    lines: NcxLines

    def known_on(self, as_of: int, window: int) -> NcxLines:
        """The NCX orders of the window as they were known on a day."""
        lines = self.lines
        inside = (lines.ordered_on > as_of - window) & (lines.ordered_on <= as_of) & (lines.first_on <= as_of)
        return lines.at(inside)


def read_complaints(offer_id: int, upto: date) -> Complaints:
    """All counted events on the offer's orders that were known on a date."""
    rows = (
        FeedbackEvent.objects.filter(
            offer_id=offer_id, counted=True, order_line__isnull=False, occurred_on__lte=upto
        )
        .exclude(order_line__status=OrderLine.Status.CANCELLED)
        .values_list(
            *("pk", "order_line_id", "order_line__ordered_on", "occurred_on", "channel", "event_id"),
            *("reason", ExpressionWrapper(~Q(comment=""), output_field=BooleanField()), "occurred_at"),
        )
    )
    # A date alone stands before every moment of its day.
    events = [Told._make((*row, at.timestamp() if at else -np.inf)) for *row, at in rows]
    return Complaints(events, ncx_lines(_as_arrays(events)))


def _as_arrays(events: Sequence[Told]) -> CountedEvents:
    size = len(events)
    rank = {name: place for place, name in enumerate(sorted({event.event_id for event in events}))}

    def whole(values: Sequence[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    return CountedEvents(
        offer=np.zeros(size, np.int64),
        line=whole([event.line for event in events]),
        ordered_on=whole([event.ordered_on.toordinal() for event in events]),
        occurred_on=whole([event.occurred_on.toordinal() for event in events]),
        moment=np.array([event.moment for event in events], dtype=np.float64),
        channel=whole([CHANNELS.index(event.channel) for event in events]),
        event=whole([rank[event.event_id] for event in events]),
        commented=np.array([event.commented for event in events], dtype=np.bool_),
        reason=np.arange(size),
    )


class Cell(NamedTuple):
    """Where NCX orders belong."""

    reason: str
    channel: str


def cells(complaints: Complaints, as_of: int, window: int) -> Counter[Cell]:
    """NCX orders by reason and channel, each once, where its earliest counted event says (METHOD 1)."""
    return Counter(
        Cell(complaints.events[place].reason, complaints.events[place].channel)
        for place in complaints.known_on(as_of, window).reason.tolist()
    )


def belongs_to(complaints: Complaints, as_of: int, window: int) -> list[int]:
    """The ids of the events to which the window's NCX orders belong."""
    return [complaints.events[place].pk for place in complaints.known_on(as_of, window).reason.tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayToFair:
    """What it takes to reach Fair (METHOD 7). Weeks are None for "more than the window".

    pace: orders a day. from_relist: the offer is closed, so the weeks count from its relist.
    """

    clean_orders: int
    weeks_clean: int | None
    weeks_usual: int | None
    pace: float
    from_relist: bool


def way_to_fair(
    offer: Offer, health: OfferHealth, orders: OrderDays, complaints: Complaints, policy: Policy
) -> WayToFair | None:
    """The way back for an offer shown below Fair; None for every other one."""
    if health.as_of is None or health.m is None or health.s is None or health.band not in BELOW_FAIR:
        return None
    if not health.n or offer.status == Status.LISTING_DELETED:
        return None
    band, closed = Band(health.band), offer.status == Status.CLOSED
    recent = recent_counts(offer, health, orders, complaints, policy)
    n, k, m, s = (np.array([value], dtype=np.float64) for value in (health.n, health.k, health.m, health.s))
    clean = clean_orders_to_fair(
        n, k, np.array([health.c]), m, s, np.array([health.band], dtype=np.int8), policy
    )
    weeks = [weeks_to_recover(recent, rate, health.m, health.s, band, policy) for rate in (0.0, health.m)]
    return WayToFair(
        clean_orders=int(clean[0]),
        weeks_clean=weeks[0],
        weeks_usual=weeks[1],
        pace=recent.pace,
        from_relist=closed,
    )


def recent_counts(
    offer: Offer, health: OfferHealth, orders: OrderDays, complaints: Complaints, policy: Policy
) -> Recent:
    """The window by age: as it is weighed or, until the night after a relist, as that will weigh it."""
    as_of, window = _day(health.as_of), health.window_days
    lines = complaints.known_on(as_of, window)
    n = orders.by_age(as_of, window).astype(np.float64)
    k = _by_age(lines.ordered_on, as_of, window).astype(np.float64)
    c = _by_age(lines.ordered_on[lines.commented], as_of, window).astype(np.float64)
    if offer.status == Status.CLOSED or _day(offer.relisted_on) > as_of:
        before = _day(offer.last_closed_on) - 1
        pace = orders.between(before - window, before) / window
        return Recent(n=n, k=k, c=c, pace=pace).as_if_relisted(policy)
    weight = _weights(offer, as_of, window, policy)
    return Recent(n=n * weight, k=k * weight, c=c * weight, pace=float(n.sum()) / window)


def _weights(offer: Offer, as_of: int, window: int, policy: Policy) -> Floats:
    """What an order weighs by its age (METHOD 1)."""
    weight = np.ones(window)
    relisted = _day(offer.relisted_on)
    if relisted and relisted <= as_of:
        weight[max(as_of - relisted + 1, 0) :] = policy.relist_weight
    return weight


def _day(value: date | None) -> int:
    return value.toordinal() if value else 0
