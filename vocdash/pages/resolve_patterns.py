"""Look for a pattern: what the data says about when and where the problems came (UX 5c, step 1).

Only what can be counted: orders by date, by the listing's edits and by channel. Nobody knows here which stock
an order was filled from.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from feedback.models import Channel
from health.bands import Ints
from health.offer_detail import Complaints, OrderDays, read_complaints, read_order_days
from offers.models import ListingRevision, Offer
from vocdash.pages.charts import hbar
from vocdash.pages.formats import Locale, locale
from vocdash.pages.offer_reasons import CHANNELS, channel_heads
from vocdash.pages.offer_timeline import field_names
from vocdash.pages.rows import reason_label

# On both sides of an edit, so that a share says something.
_LEAST_ORDERS: Final = 10
_MOST_EDITS: Final = 3
# A reason that began late: so many reports, after so many orders without one.
_LEAST_REPORTS: Final = 3
_LEAST_BEFORE: Final = 20
# Longer windows are told by month, shorter ones by week.
_BY_MONTH_FROM: Final = 45


@dataclass(frozen=True, slots=True)
class Period:
    """Orders of a month or a week, and how many had a problem."""

    label: str
    orders: str
    ncx_orders: str
    rate: str
    bar: SafeString


@dataclass(frozen=True, slots=True)
class Patterns:
    """What stands out, in sentences; the periods, and NCX orders by channel."""

    sentences: list[str]
    periods: list[Period]
    channels: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Window:
    """The orders of a window by date, and of each NCX order its date, reason and channel."""

    first: date
    last: date
    orders: OrderDays
    ncx_days: Ints
    reasons: list[str]
    channels: list[str]
    style: Locale

    def orders_between(self, since: date, until: date) -> int:
        """Orders of these dates, both included."""
        return self.orders.between(since.toordinal() - 1, until.toordinal())

    def ncx_between(self, since: date, until: date) -> int:
        """Those of them with a problem."""
        return int(((self.ncx_days >= since.toordinal()) & (self.ncx_days <= until.toordinal())).sum())


def build_patterns(offer: Offer, first: date, last: date, revisions: list[ListingRevision]) -> Patterns:
    """The patterns of the orders dated from `first` to `last`, as they were known on the last of them."""
    window = _read(offer, first, last)
    edits = [
        (revision.at.astimezone(offer.marketplace.zone).date(), revision)
        for revision in revisions
        if revision.number > 1
    ]
    return Patterns(
        sentences=[*_by_edit(window, edits), *_late_reasons(window)],
        periods=list(_periods(window)),
        channels=_by_channel(window),
    )


def _read(offer: Offer, first: date, last: date) -> _Window:
    complaints: Complaints = read_complaints(offer.pk, last)
    lines = complaints.known_on(last.toordinal(), (last - first).days + 1)
    events = [complaints.events[place] for place in lines.reason.tolist()]
    return _Window(
        first=first,
        last=last,
        orders=read_order_days(offer.pk, last),
        ncx_days=lines.ordered_on,
        reasons=[event.reason for event in events],
        channels=[event.channel for event in events],
        style=locale(get_language()),
    )


def _by_edit(window: _Window, edits: list[tuple[date, ListingRevision]]) -> Iterator[str]:
    """Orders before and after the newest edits, where there are enough of both to tell."""
    style = window.style
    for on, revision in edits[::-1][:_MOST_EDITS]:
        if not window.first < on <= window.last:
            continue
        before, after = (window.first, on - timedelta(days=1)), (on, window.last)
        orders = window.orders_between(*before), window.orders_between(*after)
        if min(orders) < _LEAST_ORDERS:
            continue
        ncx = window.ncx_between(*before), window.ncx_between(*after)
        yield gettext(
            "The listing was edited on %(day)s (%(fields)s). Of the orders since, %(after)s of %(later)s "
            "(%(rate_after)s) had a problem; of those before, %(before)s of %(earlier)s (%(rate_before)s)."
        ) % {
            "day": style.day(on),
            "fields": field_names(revision.changed_fields),
            "before": style.count(ncx[0]),
            "earlier": style.count(orders[0]),
            "rate_before": style.percent(ncx[0] / orders[0]),
            "after": style.count(ncx[1]),
            "later": style.count(orders[1]),
            "rate_after": style.percent(ncx[1] / orders[1]),
        }


def _late_reasons(window: _Window) -> Iterator[str]:
    """Reasons that nobody gave for the first orders of the window."""
    days = window.ncx_days.tolist()
    for reason, reports in Counter(window.reasons).most_common():
        since = date.fromordinal(
            min(day for day, why in zip(days, window.reasons, strict=True) if why == reason)
        )
        before = window.orders_between(window.first, since - timedelta(days=1))
        if reports < _LEAST_REPORTS or before < _LEAST_BEFORE:
            continue
        words = ngettext(
            "“%(reason)s”: all %(count)s report is about orders since %(day)s, none about the %(before)s "
            "orders before.",
            "“%(reason)s”: all %(count)s reports are about orders since %(day)s, none about the %(before)s "
            "orders before.",
            reports,
        )
        style = window.style
        yield words % {
            "reason": reason_label(reason),
            "count": style.count(reports),
            "day": style.day(since),
            "before": style.count(before),
        }


def _periods(window: _Window) -> Iterator[Period]:
    """Months or weeks of the window with orders, oldest first."""
    style, found = window.style, []
    for label, since, until in _spans(window.first, window.last, style):
        orders, ncx = window.orders_between(since, until), window.ncx_between(since, until)
        if orders:
            found.append((label, orders, ncx, ncx / orders))
    highest = max((rate for *_, rate in found), default=0.0)
    for label, orders, ncx, rate in found:
        bar = hbar(rate / highest if highest else 0.0, 72)
        yield Period(label, style.count(orders), style.count(ncx), style.percent(rate), SafeString(bar))


def _spans(first: date, last: date, style: Locale) -> Iterator[tuple[str, date, date]]:
    """(label, first day, last day) of each month, or of each seven days, of a window."""
    since, by_month = first, (last - first).days + 1 >= _BY_MONTH_FROM
    while since <= last:
        if by_month:
            until = (since.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        else:
            until = since + timedelta(days=6)
        until = min(until, last)
        yield f"{style.day_short(since)} – {style.day_short(until)}", since, until
        since = until + timedelta(days=1)


def _by_channel(window: _Window) -> list[tuple[str, str]]:
    heads, found = channel_heads(), Counter(window.channels)
    return [
        (heads[Channel(channel)], window.style.count(found[channel]))
        for channel in CHANNELS
        if found[channel]
    ]
