"""The feedback on one offer as its seller reads it: filtered, counted by kind, and why each counts or not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Case, Count, Q, QuerySet, Value, When

from feedback.judging import JudgedBy
from feedback.models import Channel, FeedbackEvent
from feedback.reasons import Cause, Reason
from offers.lifecycle import Status
from offers.models import Offer, OrderLine

ORDERS: Final = "orders"
COUNTED: Final = "yes"
NOT_COUNTED: Final = "no"
COUNTED_CHOICES: Final = (COUNTED, NOT_COUNTED, ORDERS)


@dataclass(frozen=True, slots=True)
class Window:
    """Which orders count now: those of the last `days` dates up to `as_of`; none before the first night."""

    as_of: date | None
    days: int

    @property
    def after(self) -> date | None:
        """The last date that is too old."""
        return self.as_of - timedelta(days=self.days) if self.as_of else None


@dataclass(frozen=True, slots=True)
class CommentFilter:
    """What the list is filtered by; empty means all.

    counted: COUNTED or NOT_COUNTED now, or ORDERS: of each NCX order the one event that it belongs to.
    """

    channel: str = ""
    reason: str = ""
    counted: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def narrows(self) -> bool:
        """Whether anything is filtered."""
        return self != CommentFilter()


class Why(StrEnum):
    """Why an event counts now, or why it does not."""

    COUNTED = "counted"
    SAME_ORDER = "same_order"
    OPERATOR = "operator"
    FOREIGN = "foreign"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    OUTSIDE = "outside"
    LATER = "later"
    STARS = "stars"
    DELIVERY = "delivery"
    BUYER = "buyer"
    SILENT = "silent"

    @property
    def counts(self) -> bool:
        """Whether it is in tonight's NCX rate."""
        return self in {Why.COUNTED, Why.SAME_ORDER}


def why(event: FeedbackEvent, window: Window, belonging: Collection[int]) -> Why:
    """Why an event counts or not, first what holds. `event.order_line` is loaded.

    belonging: the ids of the events to which the window's NCX orders belong.
    """
    if event.foreign_order:
        return Why.FOREIGN
    if not event.counted:
        return _why_judged(event)
    if event.order_line is None:
        return Why.WAITING
    kept_out = _why_its_order_is_out(event, event.order_line, window)
    return kept_out or (Why.COUNTED if event.pk in belonging else Why.SAME_ORDER)


def _why_its_order_is_out(event: FeedbackEvent, line: OrderLine, window: Window) -> Why | None:
    """Why the order of a counted event is not in tonight's numbers; None where it is."""
    if line.status == OrderLine.Status.CANCELLED:
        return Why.CANCELLED
    if window.as_of is None or max(event.occurred_on, line.ordered_on) > window.as_of:
        return Why.LATER
    if line.ordered_on <= (window.after or date.min):
        return Why.OUTSIDE
    return None


def _why_judged(event: FeedbackEvent) -> Why:
    """Why an event was judged not to count (FORMATS 3)."""
    if event.judged_by == JudgedBy.OPERATOR:
        return Why.OPERATOR
    if event.judged_by == JudgedBy.STARS:
        return Why.STARS
    if event.cause == Cause.DELIVERY:
        return Why.DELIVERY
    return Why.BUYER if event.cause == Cause.BUYER else Why.SILENT


def of_offer(offer: Offer) -> QuerySet[FeedbackEvent]:
    """All events on an offer; for one that is listed also those that wait for an order of its SKU."""
    mine = Q(offer=offer)
    if offer.status != Status.LISTING_DELETED:
        mine |= Q(
            order_line__isnull=True,
            offer__isnull=True,
            seller_id=offer.seller_id,
            marketplace_id=offer.marketplace_id,
            sku=offer.sku,
        )
    return FeedbackEvent.objects.filter(mine)


def counts_now(window: Window) -> Q:
    """The condition under which an event is in tonight's NCX rate, once per order or not."""
    if window.as_of is None:
        return Q(pk__in=[])
    return Q(
        counted=True,
        foreign_order=False,
        order_line__isnull=False,
        order_line__ordered_on__gt=window.after,
        order_line__ordered_on__lte=window.as_of,
        occurred_on__lte=window.as_of,
    ) & ~Q(order_line__status=OrderLine.Status.CANCELLED)


def _within(chosen: CommentFilter) -> Q:
    dates = Q()
    if chosen.since:
        dates &= Q(occurred_on__gte=chosen.since)
    if chosen.until:
        dates &= Q(occurred_on__lte=chosen.until)
    return dates


def filtered(
    events: QuerySet[FeedbackEvent], chosen: CommentFilter, window: Window, belonging: Collection[int]
) -> QuerySet[FeedbackEvent]:
    """The events that match, newest first."""
    events = events.filter(_within(chosen))
    if chosen.channel:
        events = events.filter(channel=chosen.channel)
    if chosen.reason:
        events = events.filter(reason=chosen.reason)
    if chosen.counted == ORDERS:
        events = events.filter(pk__in=belonging)
    elif chosen.counted == COUNTED:
        events = events.filter(counts_now(window))
    elif chosen.counted == NOT_COUNTED:
        events = events.exclude(pk__in=events.filter(counts_now(window)).values("pk"))
    return events.order_by("-occurred_on", "-pk").select_related("order_line")


@dataclass(frozen=True, slots=True)
class Kind:
    """How many events there are of a kind: in all, and within the filter's dates."""

    channel: str
    reason: str
    counts: bool
    total: int
    in_dates: int


def kinds(events: QuerySet[FeedbackEvent], chosen: CommentFilter, window: Window) -> list[Kind]:
    """Events by channel, reason and whether they count now: from these every number of the list follows."""
    counts = Case(When(counts_now(window), then=Value(1)), default=Value(0))
    dates = _within(chosen)
    rows = (
        events.annotate(counts_now=counts)
        .values_list("channel", "reason", "counts_now")
        .annotate(total=Count("pk"), in_dates=Count("pk", filter=dates) if dates else Count("pk"))
        .order_by("channel", "reason")
    )
    return [Kind(channel, reason, bool(now), total, inside) for channel, reason, now, total, inside in rows]


def matching(found: Collection[Kind], chosen: CommentFilter) -> int:
    """How many events match a filter that does not ask for ORDERS."""
    return sum(
        kind.in_dates
        for kind in found
        if not (chosen.channel and kind.channel != chosen.channel)
        and not (chosen.reason and kind.reason != chosen.reason)
        and not (chosen.counted and kind.counts != (chosen.counted == COUNTED))
    )


def read_filter(values: dict[str, str]) -> CommentFilter:
    """A filter from the values of an address; whatever is not understood is left out."""
    channel, reason, counted = (values.get(name, "") for name in ("channel", "reason", "counted"))
    return CommentFilter(
        channel=channel if channel in Channel.values else "",
        reason=reason if reason in set(Reason) else "",
        counted=counted if counted in COUNTED_CHOICES else "",
        since=_date(values.get("from", "")),
        until=_date(values.get("to", "")),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def masked_order(order_ref: str) -> str:
    """An order number as it is shown: its beginning and its end."""
    if len(order_ref) <= 8:
        return order_ref
    return f"{order_ref[:4]}…{order_ref[-4:]}"
