"""The rows of Manage Inventory: the catalogue's columns, and their cells by f-strings as in the grid."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, override, pgettext
from django.utils.translation import gettext_lazy as _

from health.inventory import Item
from health.policy import Policy
from offers.lifecycle import Status
from vocdash.pages.cells import GridLinks, GridRow, health_cell, product_cell
from vocdash.pages.formats import Locale, locale
from vocdash.pages.grid_words import GridWords, grid_words
from vocdash.pages.icons import icon
from vocdash.pages.rows import grid_rows
from vocdash.pages.shell import address_of, address_pattern
from vocdash.pages.tables import GridColumn


class InventoryTable(tables.Table):  # type: ignore[misc]  # the library ships no types
    """The columns of the catalogue. Their names are keys of `health.inventory.SORTS`."""

    caption = _("Your offers with price, stock and status")

    product = GridColumn(_("Product"), "prod", below=_("SKU · product id · condition · fulfilment"), first="")
    price = GridColumn(_("Price"), "rate", first="")
    stock = GridColumn(_("Stock"), "ord")
    health = GridColumn(_("CX health"), "cx", first="")
    status = GridColumn(_("Status"), "closed", first="")
    listed = GridColumn(_("Listed on"), "upd")

    class Meta:
        template_name = "offers/table.html"


@dataclass(frozen=True, slots=True)
class RowLinks:
    """Where the actions on a row lead: address patterns with %d, "" for what this reader can't do."""

    details: str
    edit: str
    remove: str
    delete: str

    @property
    def grid(self) -> GridLinks:
        """The same as the grid's own cells take them."""
        return GridLinks(details=self.details, menu=(("", self.details),) if self.details else ())


def row_links(*, acting: bool) -> RowLinks:
    """The links of the pages that exist; `acting`: for somebody who may act for the seller."""
    remove = address_of("removal-new")
    return RowLinks(
        details=address_pattern("offer"),
        edit=address_pattern("offer-edit") if acting else "",
        remove=f"{remove}?offer=%d" if acting and remove else "",
        delete=address_pattern("listing-delete") if acting else "",
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one language, escaped."""

    style: Locale
    labels: dict[str, str]
    statuses: dict[str, str]
    no_price: str
    unknown: str
    available: str
    reserved: str
    none_listed: str
    since: str
    edit: str
    remove: str
    delete: str
    details: str


@lru_cache(maxsize=16)
def _words(language: str) -> _Words:
    with override(language):
        return _collect(language)


def _collect(language: str) -> _Words:
    return _Words(
        style=locale(language),
        labels={
            "price": escape(gettext("Price")),
            "stock": escape(gettext("Stock")),
            "health": escape(gettext("CX health")),
            "status": escape(gettext("Status")),
            "listed": escape(gettext("Listed on")),
        },
        statuses={
            Status.LIVE.value: f'<span class="tag ok">{icon("check")}'
            f"{escape(pgettext('offer', 'Open'))}</span>",
            Status.CLOSED.value: f'<span class="tag vp">{icon("stop")}{escape(gettext("Closed"))}</span>',
            Status.LISTING_DELETED.value: f'<span class="tag line">{icon("trash")}'
            f"{escape(gettext('Listing deleted'))}</span>",
        },
        no_price=_none(gettext("No price")),
        unknown=escape(gettext("Unknown")),
        available=escape(gettext("%(count)s available")),
        reserved=escape(gettext("%(count)s reserved")),
        none_listed=_none(gettext("Unknown")),
        since=escape(gettext("Since %(day)s")),
        edit=escape(gettext("Edit listing")),
        remove=escape(gettext("Create removal order")),
        delete=escape(gettext("Delete listing")),
        details=escape(gettext("Details")),
    )


def _none(words: str) -> str:
    return f'<span class="muted">–</span><span class="vh">{escape(words)}</span>'


def inventory_body(
    found: list[Item], policy: Policy, codes: dict[int, str], currencies: dict[int, str], links: RowLinks
) -> SafeString:
    """The body of the table. codes: the marketplaces' codes where several are listed; currencies: of all."""
    language = get_language() or "en"
    words, grid = _words(language), grid_words(language)
    rows = grid_rows([item.row for item in found], policy, codes)
    pairs = zip(found, rows, strict=True)
    return SafeString(
        "".join(
            _row(item, row, currencies[item.row.marketplace_id], words, grid, links) for item, row in pairs
        )
    )


def _row(  # noqa: PLR0917 - called in one place, for each row
    item: Item, row: GridRow, currency: str, words: _Words, grid: GridWords, links: RowLinks
) -> str:
    title, labels = escape(row.title), words.labels
    kind = _ROW_CLASSES.get(row.status, "")
    return (
        f'<tr role="row"{kind}><td role="cell" class="td-prod">'
        f"{product_cell(row, title, grid, links.grid)}</td>"
        f'<td role="cell" class="td-rate" data-l="{labels["price"]}">{_price(item, currency, words)}</td>'
        f'<td role="cell" class="td-ord" data-l="{labels["stock"]}">{_stock(item, words)}</td>'
        f'<td role="cell" class="td-cx" data-l="{labels["health"]}">{health_cell(row, grid)}</td>'
        f'<td role="cell" class="td-closed" data-l="{labels["status"]}">{_status(item, words, grid)}</td>'
        f'<td role="cell" class="td-upd" data-l="{labels["listed"]}">{_listed(item, words)}</td>'
        f'<td role="cell" class="td-menu">{_menu(item, title, words, grid, links)}</td></tr>'
    )


def _price(item: Item, currency: str, words: _Words) -> str:
    if item.price is None:
        return words.no_price
    return f'<span class="nowrap">{words.style.money(item.price, item.currency or currency)}</span>'


def _stock(item: Item, words: _Words) -> str:
    """What can be sold or removed, and what removal orders have reserved."""
    count = words.style.count
    shown = words.unknown
    if item.available is not None:
        shown = words.available % {"count": f'<span class="strong">{count(item.available)}</span>'}
    if not item.reserved:
        return shown
    return f'{shown}<div class="meta">{words.reserved % {"count": count(item.reserved)}}</div>'


def _status(item: Item, words: _Words, grid: GridWords) -> str:
    shown = words.statuses[item.row.status]
    since = item.row.last_closed_on if item.row.status == Status.CLOSED else item.deleted_on
    if since:
        shown += f'<div class="meta">{words.since % {"day": words.style.day(since)}}</div>'
    return f"{shown}{grid.action_required}" if item.row.status == Status.CLOSED else shown


def _listed(item: Item, words: _Words) -> str:
    if item.listed_on is None:
        return words.none_listed
    return f'<span class="nowrap">{words.style.day(item.listed_on)}</span>'


def _menu(item: Item, title: str, words: _Words, grid: GridWords, links: RowLinks) -> str:
    """What can be done with the offer; nothing with a deleted one (PRODUCT B7)."""
    if item.deleted_on is not None:
        return ""
    entries = "".join(
        f'<a href="{escape(pattern % item.row.offer_id)}">{label}</a>'
        for label, pattern in _entries(item, words, links)
        if pattern
    )
    return (
        f'<details class="menu dd rowmenu"><summary class="iconbtn" '
        f'aria-label="{grid.more_actions % {"title": title}}">{_DOTS}</summary>'
        f'<div class="pop">{entries}</div></details>'
    )


def _entries(item: Item, words: _Words, links: RowLinks) -> Iterable[tuple[str, str]]:
    yield words.details, links.details
    yield words.edit, links.edit
    if item.removable:
        yield words.remove, links.remove
    yield words.delete, links.delete


_DOTS: Final = icon("dots")
_ROW_CLASSES: Final = {
    Status.CLOSED.value: ' class="closed"',
    Status.LISTING_DELETED.value: ' class="gone"',
}
