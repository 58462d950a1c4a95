"""What customers reported, in themes: the NCX orders of a window by reason and by the words that recur.

Each order stands in exactly one theme, so the numbers add up to the NCX orders that the evidence shows. It
belongs to the reason of its earliest counted event (METHOD 1) and, where a phrase gathers enough orders of
that reason, to the phrase that one of its counted comments holds.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q
from django.db.models.functions import Left

from feedback.comments import masked_order
from feedback.masking import mask
from feedback.models import FeedbackEvent
from feedback.reasons import Reason
from feedback.recurring import recurring
from health.models import HealthChange, OfferHealth
from health.reading import CHANNELS
from offers.models import Offer, OfferStatusChange, OrderLine

OTHER: Final = "other"
# Keys of `Themes.not_counted` that are no causes: an operator decided, another seller's order.
DECIDED: Final = "decided"
FOREIGN: Final = "foreign"
MOST_QUOTES: Final = 3
# A theme of its own has at least so many orders, and this share of all.
_LEAST_ORDERS: Final = 3
_LEAST_SHARE: Final = 0.05
_MOST_THEMES: Final = 8
# What a phrase needs inside its reason.
_PHRASE_SHARE: Final = 0.25
# Bounds: of a comment this much is read, and so many comments from outside a reason.
_READ_OF_COMMENT: Final = 500
_READ_OUTSIDE: Final = 300


@dataclass(frozen=True, slots=True)
class Quote:
    """One comment, masked, with where and when it was said and of which order (masked)."""

    text: str
    channel: str
    on: date
    order: str


@dataclass(frozen=True, slots=True)
class Theme:
    """NCX orders about one thing.

    key: stays the same while the theme does. reason: the normal reason, "" where OTHER gathers several
    (`reasons` names them). words: what recurs, "" for the reason as a whole. share: of all NCX orders.
    comments: orders with a comment. quotes: the newest, each text once.
    """

    key: str
    reason: str
    words: str
    orders: int
    share: float
    comments: int
    reasons: tuple[str, ...] = ()
    quotes: list[Quote] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes, largest first, OTHER last; their orders add up to `orders`.

    not_counted: feedback of the window that is left out of the NCX rate, by cause ("delivery", "buyer",
    "unknown") or DECIDED, FOREIGN; good reviews are not among it. window: first and last date of the orders.
    """

    themes: list[Theme]
    orders: int
    not_counted: dict[str, int]
    window: tuple[date, date]


class _Span(NamedTuple):
    """A window: orders of `days` dates up to `as_of`, and what was known of them by then."""

    as_of: date
    days: int

    @property
    def after(self) -> date:
        """The last date that is too old."""
        return self.as_of - timedelta(days=self.days)


class _Said(NamedTuple):
    """One counted event: its comment is read only as far as phrases are looked for."""

    pk: int
    line: int
    reason: str
    on: date
    text: str


@dataclass(slots=True)
class _Order:
    """An NCX order: the reason that it belongs to and what was said about it."""

    reason: str
    said: list[_Said] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything that was said, each event a part of its own."""
        return "\n".join(said.text for said in self.said if said.text)


@dataclass(slots=True)
class _Group:
    """The orders of a theme in the making."""

    key: str
    reason: str
    words: str
    orders: list[_Order]


def read_themes(offer: Offer, closure: OfferStatusChange | None) -> Themes:
    """The themes behind a closure, by its frozen evidence, or, without one, those of the window today.

    A closure by hand froze no numbers: its window is the one that was in force on the night before. An offer
    that was never computed has no themes.
    """
    span = _span_of(closure) if closure else _span_today(offer)
    if span is None:
        today = date.today()  # noqa: DTZ011 - an empty window has no zone
        return Themes([], 0, {}, (today, today))
    orders = _orders(offer, span, (closure.evidence if closure else {}).get("order_lines"))
    groups = _gathered(list(_groups(orders, _outside(offer, span), offer)), len(orders))
    texts = _quotes(groups)
    themes = [_theme(group, len(orders), texts) for group in groups]
    window = (span.after + timedelta(days=1), span.as_of)
    return Themes(themes, len(orders), _not_counted(offer, span), window)


def _span_today(offer: Offer) -> _Span | None:
    row = OfferHealth.objects.filter(offer=offer, as_of__isnull=False).first()
    return _Span(row.as_of, row.window_days) if row and row.as_of else None


def _span_of(closure: OfferStatusChange) -> _Span:
    """The window of the evidence; of a closure by hand that of the night before it."""
    known: dict[str, Any] = closure.evidence
    if known.get("as_of") and known.get("window_days"):
        return _Span(date.fromisoformat(known["as_of"]), int(known["window_days"]))
    as_of = closure.on - timedelta(days=1)
    changes = HealthChange.objects.filter(offer_id=closure.offer_id, as_of__lte=as_of).order_by("-as_of")
    days = changes.values_list("window_days", flat=True).first()
    return _Span(as_of, days or OfferHealth._meta.get_field("window_days").default)


def _events(offer: Offer, span: _Span) -> Q:
    """The feedback on the window's orders that was known by its last date."""
    return Q(
        offer=offer,
        order_line__isnull=False,
        order_line__ordered_on__gt=span.after,
        order_line__ordered_on__lte=span.as_of,
        occurred_on__lte=span.as_of,
    )


def _orders(offer: Offer, span: _Span, frozen: Sequence[int] | None) -> list[_Order]:
    """The NCX orders: those that the evidence names, else those of the window as it is known now."""
    events = FeedbackEvent.objects.filter(_events(offer, span))
    found: dict[int, _Order] = {}
    if frozen is None:
        now = events.filter(counted=True).exclude(order_line__status=OrderLine.Status.CANCELLED)
        for said in _said(now):
            found.setdefault(said.line, _Order(said.reason)).said.append(said)
        return list(found.values())
    for said in _said(events.filter(Q(counted=True) | Q(decision=False))):
        found.setdefault(said.line, _Order(said.reason)).said.append(said)
    # What counted on the night of the closure may have been judged anew since: the order is in its numbers.
    return [found.get(line) or _Order(Reason.UNSPECIFIED) for line in frozen]


def _said(events: Any) -> list[_Said]:
    """Events in the order in which an order takes its reason: by moment, a date alone before every moment."""
    rows = events.annotate(read=Left("comment", _READ_OF_COMMENT)).values_list(
        "pk", "order_line_id", "reason", "occurred_on", "read", "occurred_at", "channel", "event_id"
    )
    ranked = sorted(
        rows,
        key=lambda row: (row[3], row[5].timestamp() if row[5] else 0.0, CHANNELS.index(row[6]), row[7]),
    )
    return [_Said(*row[:5]) for row in ranked]


def _outside(offer: Offer, span: _Span) -> list[str]:
    """What else customers say about the offer: the newest comments that do not count."""
    others = FeedbackEvent.objects.filter(offer=offer, counted=False, occurred_on__lte=span.as_of)
    newest = others.exclude(comment="").order_by("-occurred_on", "-pk")
    return list(newest.values_list(Left("comment", _READ_OF_COMMENT), flat=True)[:_READ_OUTSIDE])


def _groups(orders: Iterable[_Order], outside: list[str], offer: Offer) -> Iterator[_Group]:
    """The orders by reason and, inside it, by phrase; what falls under no phrase stays with its reason."""
    by_reason: dict[str, list[_Order]] = {}
    for order in orders:
        by_reason.setdefault(order.reason, []).append(order)
    samples = {
        reason: [order.text for order in mine if order.said][:_READ_OUTSIDE]
        for reason, mine in by_reason.items()
    }
    name = " ".join(filter(None, (offer.title, offer.category.name if offer.category else "")))
    for reason, mine in by_reason.items():
        others = [text for other, texts in samples.items() if other != reason for text in texts]
        yield from _by_phrase(reason, mine, [*others[:_READ_OUTSIDE], *outside], name)


def _by_phrase(reason: str, mine: list[_Order], outside: list[str], name: str) -> Iterator[_Group]:
    read = [order for order in mine if order.text]
    share = _PHRASE_SHARE * len(mine) / max(len(read), 1)
    found = recurring([order.text for order in read], outside, subject=name, least=_LEAST_ORDERS, share=share)
    taken: set[int] = set()
    for phrase in found:
        orders = [read[place] for place in phrase.places]
        taken.update(map(id, orders))
        yield _Group(f"{reason}:{'-'.join(phrase.key)}", reason, phrase.words, orders)
    rest = [order for order in mine if id(order) not in taken]
    if rest:
        yield _Group(reason, reason, "", rest)


def _gathered(groups: list[_Group], total: int) -> list[_Group]:
    """The groups largest first; small ones gathered under OTHER, unless there is but one of them."""
    groups.sort(key=lambda group: (-len(group.orders), group.reason == Reason.UNSPECIFIED, group.key))
    needed = max(_LEAST_ORDERS, _LEAST_SHARE * total)
    large = [group for group in groups if len(group.orders) >= needed][:_MOST_THEMES]
    small = [group for group in groups if group not in large]
    if len(small) < 2:
        return large + small
    orders = [order for group in small for order in group.orders]
    reasons = {group.reason for group in small}
    return [*large, _Group(OTHER, reasons.pop() if len(reasons) == 1 else "", "", orders)]


def _quotes(groups: list[_Group]) -> dict[int, Quote]:
    """The whole text of the comments that may be quoted, by event: one query for all themes."""
    wanted = [said.pk for group in groups for said in _newest(group)]
    rows = FeedbackEvent.objects.filter(pk__in=wanted).values_list(
        "pk", "comment", "channel", "occurred_on", "order_ref"
    )
    return {pk: Quote(mask(text)[0], channel, on, masked_order(ref)) for pk, text, channel, on, ref in rows}


def _newest(group: _Group) -> list[_Said]:
    """The newest comments of a theme, each text once."""
    said = [one for order in group.orders for one in order.said if one.text.strip()]
    said.sort(key=lambda one: (one.on, one.pk), reverse=True)
    distinct: dict[str, _Said] = {}
    for one in said:
        distinct.setdefault(" ".join(one.text.casefold().split()), one)
        if len(distinct) == MOST_QUOTES:
            break
    return list(distinct.values())


def _theme(group: _Group, total: int, texts: dict[int, Quote]) -> Theme:
    return Theme(
        key=group.key,
        reason=group.reason,
        words=group.words,
        orders=len(group.orders),
        share=len(group.orders) / total,
        comments=sum(1 for order in group.orders if order.text.strip()),
        reasons=tuple(sorted({order.reason for order in group.orders})),
        quotes=[texts[said.pk] for said in _newest(group)],
    )


def _not_counted(offer: Offer, span: _Span) -> dict[str, int]:
    """Feedback on the window's orders that does not count, and what is about other sellers' orders."""
    left_out = FeedbackEvent.objects.filter(_events(offer, span), counted=False)
    left_out = left_out.exclude(judged_by=FeedbackEvent.JudgedBy.STARS)
    found: Counter[str] = Counter()
    for cause, by, number in left_out.values_list("cause", "judged_by").annotate(number=Count("pk")):
        found[DECIDED if by == FeedbackEvent.JudgedBy.OPERATOR else cause] += number
    foreign = FeedbackEvent.objects.filter(
        offer=offer, foreign_order=True, occurred_on__gt=span.after, occurred_on__lte=span.as_of
    ).count()
    return {**found, **({FOREIGN: foreign} if foreign else {})}
