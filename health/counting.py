"""Counting (METHOD 1): order lines and counted events in, n, k and c per offer out. Pure numpy.

Days are proleptic ordinals (`date.toordinal`), so a window of d days that ends with D is D-d < day <= D.
Offers are dense indices 0..size-1, in the order of the night's roster.
"""

from typing import NamedTuple

import numpy as np

from health.bands import Bools, Floats, Ints
from health.policy import Policy

NEVER = 0  # the ordinal that stands for "no such day"; day 1 is 1 January of year 1


class OrderTally(NamedTuple):
    """Plain counts of order lines per offer: in both windows, and of those on or after its relist."""

    short: Ints
    long: Ints
    short_since: Ints
    long_since: Ints


class NcxLines(NamedTuple):
    """One value per order line with at least one counted event known so far, in any order.

    offer: index. ordered_on, first_on: days of the order and of its first counted event. commented:
    at least one counted event has a comment. reason: code of the earliest counted event.
    """

    offer: Ints
    line: Ints
    ordered_on: Ints
    first_on: Ints
    commented: Bools
    reason: Ints

    def at(self, where: Bools | Ints) -> "NcxLines":
        """Some of the lines."""
        offer, line, ordered_on, first_on, commented, reason = self
        return NcxLines(
            offer[where], line[where], ordered_on[where], first_on[where], commented[where], reason[where]
        )


class Counts(NamedTuple):
    """Per offer: n, k, c as the method uses them, and the plain ones that are displayed.

    `since_*` are the plain counts of lines on or after the latest relist (all where there was none).
    """

    n: Floats
    k: Floats
    c: Ints
    orders: Ints
    ncx_orders: Ints
    comments: Ints
    since_n: Ints
    since_k: Ints
    since_c: Ints
    window: Ints


def choose_window(orders_short: Ints, policy: Policy) -> Ints:
    """The window of each offer in days, by its plain orders in the short one."""
    return np.where(
        orders_short >= policy.short_window_min_orders, policy.short_window_days, policy.long_window_days
    ).astype(np.int32)


def count(
    orders: OrderTally, lines: NcxLines, *, window: Ints, relisted_on: Ints, as_of: int, policy: Policy
) -> Counts:
    """All counts of a night. window, relisted_on (NEVER where none): one value per offer.

    Lines dated before the relist weigh `relist_weight` in n, k and c; c is floored afterwards.
    """
    size = len(window)
    in_window = lines.ordered_on > as_of - window[lines.offer]
    lines = lines.at(in_window)
    since = lines.ordered_on >= relisted_on[lines.offer]
    plain_n, since_n = _orders_in(window, orders, policy)
    plain_k, since_k = _tally(lines.offer, size), _tally(lines.offer[since], size)
    plain_c = _tally(lines.offer[lines.commented], size)
    since_c = _tally(lines.offer[lines.commented & since], size)
    return Counts(
        n=_weigh(plain_n, since_n, policy),
        k=_weigh(plain_k, since_k, policy),
        c=np.floor(_weigh(plain_c, since_c, policy) + policy.floor_tolerance).astype(np.int32),
        orders=plain_n,
        ncx_orders=plain_k,
        comments=plain_c,
        since_n=since_n,
        since_k=since_k,
        since_c=since_c,
        window=window,
    )


def _orders_in(window: Ints, orders: OrderTally, policy: Policy) -> tuple[Ints, Ints]:
    """The orders of each offer's own window, all and those since its relist."""
    short = window == policy.short_window_days
    return (
        np.where(short, orders.short, orders.long),
        np.where(short, orders.short_since, orders.long_since),
    )


def _tally(offer: Ints, size: int) -> Ints:
    return np.bincount(offer, minlength=size).astype(np.int32)


def _weigh(plain: Ints, since: Ints, policy: Policy) -> Floats:
    """Lines since the relist weigh 1, those before it the relist weight."""
    return since + policy.relist_weight * (plain - since)


class CountedEvents(NamedTuple):
    """One value per counted event of the lines in the window. Sorted by no rule.

    moment: seconds of `occurred_at`, midnight where only a date is known. channel: rank in the order
    return, refund, contact, review. event: rank of the event id. reason: code.
    """

    offer: Ints
    line: Ints
    ordered_on: Ints
    occurred_on: Ints
    moment: Floats
    channel: Ints
    event: Ints
    commented: Bools
    reason: Ints

    def at(self, where: Bools | Ints) -> "CountedEvents":
        """Some of the events, in the given order."""
        return CountedEvents(
            offer=self.offer[where],
            line=self.line[where],
            ordered_on=self.ordered_on[where],
            occurred_on=self.occurred_on[where],
            moment=self.moment[where],
            channel=self.channel[where],
            event=self.event[where],
            commented=self.commented[where],
            reason=self.reason[where],
        )


def ncx_lines(events: CountedEvents) -> NcxLines:
    """Fold events into order lines: an order counts once, for its earliest counted event."""
    order = np.lexsort((events.event, events.channel, events.moment, events.occurred_on, events.line))
    events = events.at(order)
    first = np.flatnonzero(np.diff(events.line, prepend=-1))
    return NcxLines(
        offer=events.offer[first],
        line=events.line[first],
        ordered_on=events.ordered_on[first],
        first_on=events.occurred_on[first],
        commented=np.logical_or.reduceat(events.commented, first),
        reason=events.reason[first],
    )


def top_reasons(lines: NcxLines, window: Ints, as_of: int, reason_rank: Ints, size: int) -> tuple[Ints, Ints]:
    """Per offer the reason with most NCX orders in its window, and how many (-1 and 0 where none).

    reason_rank: rank of each reason code by name, which decides ties.
    """
    best, most = np.full(size, -1, np.int16), np.zeros(size, np.int32)
    in_window = lines.ordered_on > as_of - window[lines.offer]
    offer, reason = lines.offer[in_window], lines.reason[in_window]
    if not len(offer):
        return best, most
    span = int(reason.max()) + 1
    cells, tally = np.unique(offer * span + reason, return_counts=True)
    cell_offer, cell_reason = cells // span, cells % span
    order = np.lexsort((reason_rank[cell_reason], -tally, cell_offer))
    top = order[np.flatnonzero(np.diff(cell_offer[order], prepend=-1))]
    best[cell_offer[top]], most[cell_offer[top]] = cell_reason[top], tally[top]
    return best, most


def last_updated(last_ordered: Ints, last_counted: Ints) -> Ints:
    """The later of the last order and the last counted event, NEVER where there is neither."""
    return np.maximum(last_ordered, last_counted)
