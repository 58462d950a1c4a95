"""Manage Inventory put together: what the address asks for, and the catalogue's rows, as view models."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import QueryDict, StreamingHttpResponse
from django.urls import get_urlconf
from django.utils.translation import get_language, gettext

from health.bands import Band
from health.export import BAND_WORDS
from health.inventory import SORTS, Item, items, offers_of, page_of
from health.models import Tile
from health.policy import Policy
from vocdash.pages import components as parts
from vocdash.pages.access import Standing
from vocdash.pages.acting import may_act
from vocdash.pages.dashboard import NO_FILTER, chips_of, chosen_ids, newest_night, pages_of, several, totals
from vocdash.pages.downloads import csv_lines
from vocdash.pages.filter_words import FilterWords, filter_words
from vocdash.pages.grid_state import GridState, read_state
from vocdash.pages.inventory_rows import InventoryTable, inventory_body, row_links
from vocdash.pages.states import BANDS, OTHERS, state_glyph
from vocdash.pages.tables import GridTable

# Those of the dashboard's statuses that a catalogue knows.
_STATUSES: Final = ("open", "action", "deleted")


@dataclass(frozen=True, slots=True)
class InventoryPage:
    """Everything that the page shows. acting: whether this reader may act for the seller."""

    state: GridState
    has_offers: bool
    menus: str
    chips: str
    sorts: str
    table: GridTable
    pages: parts.Pages
    acting: bool

    @property
    def pager(self) -> str:
        """Which rows are shown, links to other pages, rows per page."""
        return parts.pager(self.pages)


def state_of_query(query: QueryDict, standing: Standing) -> GridState:
    """What the address asks for."""
    return read_state(query, standing.marketplaces, (), SORTS)


def build_inventory(standing: Standing, state: GridState, policy: Policy) -> InventoryPage:
    """The whole page. Two queries, and one to count where anything but the health filters."""
    language = get_language() or "en"
    words = filter_words(language, get_urlconf() or settings.ROOT_URLCONF)
    ids = chosen_ids(standing, state)
    chosen = state.grid_filter(newest_night(standing))
    rows = offers_of(standing.seller.pk, ids, chosen, state.sort)
    known = totals(standing, ids)
    tiles = chosen.tiles or {int(tile) for tile in Tile}
    matching = sum(known.now(str(tile)) for tile in tiles)
    pages = pages_of(state, rows.count() if chosen.narrows else matching)
    found = page_of(rows, pages.first - 1, pages.per_page, pages.total) if pages.total else []
    codes = {m.pk: m.code for m in standing.marketplaces} if len(ids) > 1 else {}
    currencies = {m.pk: m.currency for m in standing.marketplaces}
    links = row_links(acting=may_act(standing.role))
    body = inventory_body(found, policy, codes, currencies, links)
    return InventoryPage(
        state=state,
        has_offers=bool(standing.summaries),
        menus=parts.filters(_menus(standing, state, words)),
        chips=parts.chips(chips_of(standing, state, words), state.address(**NO_FILTER)),
        sorts=parts.sort_menu(_sorts(state)),
        table=GridTable(body, state, links.grid, InventoryTable),
        pages=pages,
        acting=may_act(standing.role),
    )


def _menus(standing: Standing, state: GridState, words: FilterWords) -> list[parts.FilterMenu]:
    def menu(name: str, label: str, chosen: Sequence[str], options: dict[str, str]) -> parts.FilterMenu:
        listed = [parts.Option(value, said, value in chosen) for value, said in options.items()]
        return parts.FilterMenu(name, label, listed, state.address(**{name: ()}))

    bands = [
        parts.Option(one.key, str(one.label), one.key in state.bands, mark=state_glyph(one))
        for one in (*BANDS, *OTHERS)
    ]
    statuses = {key: words.statuses[key] for key in _STATUSES}
    menus = [
        menu("status", words.status, state.statuses, statuses),
        menu("ch", words.fulfillment, state.fulfillments, words.fulfillments),
        parts.FilterMenu("band", words.health, bands, state.address(band=())),
    ]
    if several(standing):
        names = {marketplace.code: marketplace.name for marketplace in standing.marketplaces}
        menus.append(menu("mp", words.marketplace, state.marketplaces, names))
    return menus


def _sorts(state: GridState) -> list[parts.SortChoice]:
    labels = {
        "": gettext("SKU, A to Z"),
        "product": gettext("Title, A to Z"),
        "-price": gettext("Highest price first"),
        "-stock": gettext("Most stock first"),
        "stock": gettext("Least stock first"),
        "health": gettext("Most urgent first"),
        "-listed": gettext("Newest first"),
    }
    return [
        parts.SortChoice(label, state.address(sort=key), state.sort == key) for key, label in labels.items()
    ]


def inventory_csv(standing: Standing, state: GridState) -> StreamingHttpResponse:
    """All pages of the filtered catalogue, in its order."""
    chosen = state.grid_filter(newest_night(standing))
    rows = offers_of(standing.seller.pk, chosen_ids(standing, state), chosen, state.sort)
    places = {m.pk: (m.code, m.currency) for m in standing.marketplaces}

    def lines() -> Iterator[list[Any]]:
        yield _header()
        for item in items(rows):
            yield _line(item, *places[item.row.marketplace_id])

    response = StreamingHttpResponse(csv_lines(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="inventory.csv"'
    return response


def _header() -> list[Any]:
    return [
        gettext("Marketplace"),
        gettext("SKU"),
        gettext("Product id"),
        gettext("Title"),
        gettext("Condition"),
        gettext("Fulfilment"),
        gettext("Manufacturer barcode"),
        gettext("Price"),
        gettext("Currency"),
        gettext("Stock"),
        gettext("Reserved"),
        gettext("Available"),
        gettext("CX health"),
        gettext("Status"),
        gettext("Listed on"),
        gettext("Deleted on"),
    ]


def _line(item: Item, code: str, currency: str) -> list[Any]:
    row = item.row
    return [
        code,
        row.sku,
        row.product_id,
        row.title,
        row.condition,
        row.fulfillment,
        "true" if row.manufacturer_barcode else "false",
        None if item.price is None else f"{item.price.normalize():f}",
        item.currency or currency,
        item.quantity,
        item.reserved,
        item.available,
        BAND_WORDS[Band(row.band)],
        row.status,
        item.listed_on,
        item.deleted_on,
    ]
