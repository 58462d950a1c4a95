"""Customers' words: the feedback on an offer, filtered, each with why it counts or not (PRODUCT C3-C5)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import StreamingHttpResponse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from feedback.comments import (
    COUNTED,
    NOT_COUNTED,
    ORDERS,
    CommentFilter,
    Kind,
    Why,
    Window,
    filtered,
    kinds,
    masked_order,
    matching,
    of_offer,
    why,
)
from feedback.judging import JudgedBy
from feedback.models import Channel, FeedbackEvent
from health.offer_detail import Complaints, belongs_to
from offers.models import Offer
from vocdash.pages.components import Pages, page_links
from vocdash.pages.downloads import csv_lines
from vocdash.pages.formats import Locale, locale
from vocdash.pages.offer_words import channel_label, marked, tag_of, verdict_of
from vocdash.pages.rows import reason_label
from vocdash.pages.shell import address_of

ON_OFFER_PAGE: Final = 10
ON_OWN_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Source:
    """From where the list is read: the offer, the window, its complaints, and who asks for what."""

    offer: Offer
    window: Window
    complaints: Complaints | None
    chosen: CommentFilter

    @property
    def belonging(self) -> list[int]:
        """The ids of the events to which the window's NCX orders belong."""
        if self.complaints is None or self.window.as_of is None:
            return []
        return belongs_to(self.complaints, self.window.as_of.toordinal(), self.window.days)


@dataclass(frozen=True, slots=True)
class Comment:
    """One event, ready to show. `counts` is whether it is in tonight's rate."""

    pk: int
    channel: str
    reason: str
    on: date
    text: SafeString
    order: str
    counts: bool
    verdict: str
    tag: str
    maybe_not_yours: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Comments:
    """The list with its filters. `summary` counts all feedback, whatever is filtered."""

    chosen: CommentFilter
    comments: list[Comment]
    summary: str
    shown: str
    channels: list[Choice]
    reasons: list[Choice]
    counted: list[Choice]
    address: str
    all_address: str
    download: str
    page_links: SafeString
    total: int
    matching: int
    barcode: bool
    nothing: str

    @property
    def dates(self) -> tuple[str, str]:
        """The dates of the filter as fields of a form take them."""
        since, until = self.chosen.since, self.chosen.until
        return since.isoformat() if since else "", until.isoformat() if until else ""


def build_comments(source: Source, *, page: int, size: int) -> Comments:
    """A page of the list, by two queries."""
    style, chosen = locale(get_language()), source.chosen
    events, belonging = of_offer(source.offer), source.belonging
    found = kinds(events, chosen, source.window)
    rows = filtered(events, chosen, source.window, belonging)
    number = rows.count() if chosen.counted == ORDERS else matching(found, chosen)
    pages = _pages(source, page, size, number)
    shown = rows[pages.first - 1 : pages.last] if number else []
    total = sum(kind.total for kind in found)
    address = address_of("offer-feedback", source.offer.pk)
    return Comments(
        chosen=chosen,
        comments=[_comment(event, source, set(belonging), style) for event in shown],
        summary=_summary(total, len(belonging), style),
        shown=_range(pages, style),
        channels=_channels(found, chosen),
        reasons=_reasons(found, chosen),
        counted=_counted(chosen),
        address=address,
        all_address=f"{address}?{query_of(chosen)}",
        download=f"{address_of('offer-feedback-csv', source.offer.pk)}?{query_of(chosen)}",
        page_links=page_links(pages),
        total=total,
        matching=number,
        barcode=source.offer.manufacturer_barcode,
        nothing=_nothing(total, source.window, style),
    )


def query_of(chosen: CommentFilter, page: int = 1) -> str:
    """A filter and a page as part of an address."""
    values = {
        "channel": chosen.channel,
        "reason": chosen.reason,
        "counted": chosen.counted,
        "from": chosen.since.isoformat() if chosen.since else "",
        "to": chosen.until.isoformat() if chosen.until else "",
        "page": str(page) if page > 1 else "",
    }
    return urlencode({name: value for name, value in values.items() if value})


def _pages(source: Source, page: int, size: int, number: int) -> Pages:
    count = max(1, -(-number // size))
    page = min(max(page, 1), count)
    first = (page - 1) * size
    address = address_of("offer-feedback", source.offer.pk)
    return Pages(
        number=page,
        count=count,
        first=min(first + 1, number),
        last=min(first + size, number),
        total=number,
        address=lambda wanted: f"{address}?{query_of(source.chosen, wanted)}",
        per_page=size,
    )


def _summary(total: int, orders: int, style: Locale) -> str:
    reports = ngettext("%(count)s report", "%(count)s reports", total) % {"count": style.count(total)}
    ncx = ngettext("%(count)s NCX order", "%(count)s NCX orders", orders) % {"count": style.count(orders)}
    return gettext("%(reports)s in all · %(ncx)s now, each counted once") % {"reports": reports, "ncx": ncx}


def _range(pages: Pages, style: Locale) -> str:
    values = {
        "first": style.count(pages.first),
        "last": style.count(pages.last),
        "total": style.count(pages.total),
    }
    return gettext("Showing %(first)s–%(last)s of %(total)s") % values


def _nothing(total: int, window: Window, style: Locale) -> str:
    """What an empty list says."""
    if total:
        words = ngettext(
            "Nothing matches. Clear the filters to see the %(count)s report.",
            "Nothing matches. Clear the filters to see all %(count)s reports.",
            total,
        )
        return words % {"count": style.count(total)}
    del window
    return gettext("No customer has reported a problem with this offer.")


def _channels(found: Sequence[Kind], chosen: CommentFilter) -> list[Choice]:
    known = {kind.channel for kind in found} | {chosen.channel}
    return [
        Choice(str(value), str(label), value == chosen.channel)
        for value, label in Channel.choices
        if value in known
    ]


def _reasons(found: Sequence[Kind], chosen: CommentFilter) -> list[Choice]:
    known = {kind.reason for kind in found} | ({chosen.reason} if chosen.reason else set())
    labels = sorted((reason_label(reason), reason) for reason in known)
    return [Choice(reason, label, reason == chosen.reason) for label, reason in labels]


def _counted(chosen: CommentFilter) -> list[Choice]:
    labels = {
        COUNTED: gettext("Counted"),
        NOT_COUNTED: gettext("Not counted"),
        ORDERS: gettext("One per NCX order"),
    }
    return [Choice(value, label, value == chosen.counted) for value, label in labels.items()]


def _comment(event: FeedbackEvent, source: Source, belonging: Collection[int], style: Locale) -> Comment:
    reason = why(event, source.window, belonging)
    return Comment(
        pk=event.pk,
        channel=channel_label(event),
        reason=reason_label(event.reason),
        on=event.occurred_on,
        text=marked(event.comment, event.judged_on if event.judged_by == JudgedBy.WORDS else ""),
        order=masked_order(event.order_ref),
        counts=reason.counts,
        verdict=verdict_of(event, reason, source.window, style),
        tag=tag_of(reason),
        maybe_not_yours=source.offer.manufacturer_barcode or reason is Why.FOREIGN,
    )


def feedback_csv(source: Source) -> StreamingHttpResponse:
    """All feedback that matches, as CSV. Cells that a spreadsheet would run are escaped."""
    belonging = source.belonging
    rows = filtered(of_offer(source.offer), source.chosen, source.window, belonging)
    response = StreamingHttpResponse(
        csv_lines(_csv_rows(rows.iterator(chunk_size=1000), source, set(belonging))),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="feedback.csv"'
    return response


def _csv_rows(
    events: Iterator[FeedbackEvent], source: Source, belonging: Collection[int]
) -> Iterator[list[Any]]:
    style = locale(get_language())
    yield [
        *(
            gettext("Date"),
            gettext("Channel"),
            gettext("Stars"),
            gettext("Reason"),
            gettext("Reason as given"),
        ),
        *(gettext("Order"), gettext("Counted"), gettext("Why"), gettext("Comment")),
    ]
    for event in events:
        reason = why(event, source.window, belonging)
        yield [
            *(event.occurred_on, str(Channel(event.channel).label), event.stars, reason_label(event.reason)),
            *(event.raw_reason, masked_order(event.order_ref), "yes" if reason.counts else "no"),
            *(verdict_of(event, reason, source.window, style), event.comment),
        ]
