"""The list of removal orders: what the address asks for, and the rows as view models."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict, StreamingHttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from health.models import ResolutionCase
from offers.models import RemovalOrder
from offers.removals import OPEN_STATES, RemovalView, listed, view_counts
from vocdash.pages import components as parts
from vocdash.pages.access import Standing
from vocdash.pages.acting import may_act
from vocdash.pages.downloads import csv_lines
from vocdash.pages.grid_state import PAGE_SIZES
from vocdash.pages.removal_words import OfferBrief, brief, kind_words, state_tag, state_words
from vocdash.pages.shell import address_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. Unknown values are left out, so that no address is an error."""

    view: RemovalView
    page: int = 1
    per_page: int = PAGE_SIZES[0]

    def query(self, page: int = 1) -> str:
        """The same list, this page."""
        given = {
            "view": self.view.value,
            "page": page if page > 1 else "",
            "per_page": "" if self.per_page == PAGE_SIZES[0] else self.per_page,
        }
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """One order of the list. `ended` is None while it goes on; `relist` the case's page, "" for none."""

    reference: str
    address: str
    offer: OfferBrief
    units: int
    kind: str
    state: SafeString
    requested: date
    ended: date | None
    relist_reference: str
    relist: str


@dataclass(frozen=True, slots=True)
class RemovalsPage:
    """Everything that the page shows. `hint` says what the chosen view holds where its name can't."""

    asked: Asked
    views: str
    hint: str
    lines: list[Line]
    pages: parts.Pages
    any: bool
    several: bool
    acting: bool

    @property
    def pager(self) -> str:
        """Which orders are shown, links to other pages, rows per page."""
        return parts.pager(self.pages)


def read_asked(query: QueryDict) -> Asked:
    """What a query string asks for."""
    views, sizes = {view.value: view for view in RemovalView}, {str(size): size for size in PAGE_SIZES}
    page = query.get("page", "")
    return Asked(
        view=views.get(query.get("view", ""), RemovalView.ALL),
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        per_page=sizes.get(query.get("per_page", ""), PAGE_SIZES[0]),
    )


def build_removals(standing: Standing, asked: Asked) -> RemovalsPage:
    """The whole page. Two queries: the counts of the views, and the rows."""
    counts = view_counts(standing.seller, standing.shown_ids)
    pages = parts.pages_of(
        counts[asked.view.value],
        asked.page,
        asked.per_page,
        lambda page: f"?{asked.query(page)}",
        words=_orders_shown,
    )
    rows = _rows(standing, asked.view)[pages.first - 1 : pages.last] if pages.total else []
    return RemovalsPage(
        asked=asked,
        views=_views(asked, counts),
        hint=_hint(asked.view),
        lines=[_line(order) for order in rows],
        pages=pages,
        any=bool(counts[RemovalView.ALL.value]),
        several=len(standing.shown) > 1,
        acting=may_act(standing.role),
    )


def _orders_shown(total: int) -> str:
    return ngettext("%(first)s–%(last)s of %(total)s order", "%(first)s–%(last)s of %(total)s orders", total)


def _rows(standing: Standing, view: RemovalView) -> QuerySet[RemovalOrder]:
    rows = listed(standing.seller, standing.shown_ids, view)
    return rows.select_related("offer__category", "offer__marketplace", "case")


def _views(asked: Asked, counts: dict[str, int]) -> str:
    labels = {
        RemovalView.ALL: gettext("All"),
        RemovalView.OPEN: gettext("In progress"),
        RemovalView.ATTENTION: gettext("Needs attention"),
        RemovalView.COMPLETED: gettext("Completed"),
    }
    return parts.views(
        [
            parts.SavedView(label, f"?{Asked(view).query()}", view == asked.view, counts[view.value])
            for view, label in labels.items()
        ]
    )


def _hint(view: RemovalView) -> str:
    if view != RemovalView.ATTENTION:
        return ""
    return gettext("Orders that ended in the last 30 days with fewer units than you asked for.")


def _line(order: RemovalOrder) -> Line:
    zone, case = order.offer.marketplace.zone, _case(order)
    reference = (case.reference or "") if case else ""
    ended = None if order.state in OPEN_STATES else order.changed_at.astimezone(zone).date()
    return Line(
        reference=order.reference,
        address=address_of("removal", order.pk),
        offer=brief(order.offer),
        units=order.quantity,
        kind=kind_words(order.kind),
        state=state_tag(order, fell_short=_fell_short(order)),
        requested=order.requested_at.astimezone(zone).date(),
        ended=ended,
        relist_reference=reference,
        relist=address_of("resolve-done", order.offer_id, reference) if reference else "",
    )


def _case(order: RemovalOrder) -> ResolutionCase | None:
    try:
        return order.case
    except ResolutionCase.DoesNotExist:
        return None


def _fell_short(order: RemovalOrder) -> bool:
    return bool(getattr(order, "fell_short", False))


_FILE: Final = "removal-orders.csv"


def removals_csv(standing: Standing, asked: Asked) -> StreamingHttpResponse:
    """All orders of the view."""
    rows = _rows(standing, asked.view)

    def lines() -> Iterator[list[Any]]:
        yield _header()
        for order in rows.iterator(chunk_size=500):
            yield _cells(order)

    response = StreamingHttpResponse(csv_lines(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_FILE}"'
    return response


def _header() -> list[Any]:
    return [
        pgettext("removal", "Order"),
        gettext("Marketplace"),
        gettext("SKU"),
        gettext("Title"),
        gettext("What happens"),
        gettext("Status"),
        gettext("Units"),
        gettext("Units done"),
        gettext("Units cancelled"),
        gettext("Requested"),
        gettext("Ended"),
        gettext("Relist reference"),
        gettext("Note"),
    ]


def _cells(order: RemovalOrder) -> list[Any]:
    line = _line(order)
    return [
        order.reference,
        order.offer.marketplace.code,
        order.offer.sku,
        order.offer.title,
        line.kind,
        state_words(order.state, order.done, order.quantity, by_marketplace=_fell_short(order)),
        order.quantity,
        order.done,
        order.cancelled,
        line.requested,
        line.ended,
        line.relist_reference,
        order.note,
    ]
