"""The grid as CSV. Cells that a spreadsheet would run are escaped (FORMATS 4)."""

import csv
from collections.abc import Iterator
from typing import Any, Final

from django.http import StreamingHttpResponse
from django.utils.translation import gettext

from health.bands import Band
from health.export import BAND_WORDS
from health.grid import filtered, for_seller, ordered
from health.grid_page import ROW_FIELDS, Row
from vocdash.pages.access import Standing
from vocdash.pages.grid_state import GridState
from vocdash.pages.rows import reason_label

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: Any) -> str:
    """A cell as text; one that begins like a formula gets an apostrophe in front. Numbers stay numbers."""
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, str) and text.startswith(_DANGEROUS):
        return f"'{text}"
    return text


class _Line:
    """A file of one line: what csv writes is handed on at once."""

    def write(self, text: str) -> str:
        """Return what was written."""
        return text


def csv_lines(rows: Iterator[list[Any]]) -> Iterator[str]:
    """The lines of a CSV, with a byte order mark so that spreadsheets read UTF-8."""
    yield "\ufeff"
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def _header() -> list[Any]:
    return [
        gettext("Marketplace"),
        gettext("SKU"),
        gettext("Product id"),
        gettext("Title"),
        gettext("Condition"),
        gettext("Fulfilment"),
        gettext("Manufacturer barcode"),
        gettext("Status"),
        gettext("CX health"),
        gettext("NCX rate"),
        gettext("NCX orders"),
        gettext("Total orders"),
        gettext("Window in days"),
        gettext("Similar offers"),
        gettext("Star rating"),
        gettext("Reviews"),
        gettext("Top NCX reason"),
        gettext("Orders with the top reason"),
        gettext("Last updated"),
        gettext("Last offer closed date"),
        gettext("Relisted on"),
    ]


def offers_csv(standing: Standing, state: GridState) -> StreamingHttpResponse:
    """All pages of the filtered grid, in its order."""
    from vocdash.pages.dashboard import chosen_ids, newest_night

    rows = for_seller(standing.seller.pk, chosen_ids(standing, state))
    rows = ordered(filtered(rows, state.grid_filter(newest_night(standing))), state.sort)
    codes = {marketplace.pk: marketplace.code for marketplace in standing.marketplaces}

    def lines() -> Iterator[list[Any]]:
        yield _header()
        for values in rows.values_list(*ROW_FIELDS).iterator(chunk_size=2000):
            yield _line(Row._make(values), codes)

    response = StreamingHttpResponse(csv_lines(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="offers.csv"'
    return response


def _line(row: Row, codes: dict[int, str]) -> list[Any]:
    return [
        codes.get(row.marketplace_id, ""),
        row.sku,
        row.product_id,
        row.title,
        row.condition,
        row.fulfillment,
        "true" if row.manufacturer_barcode else "false",
        row.status,
        BAND_WORDS[Band(row.band)],
        row.rate,
        row.ncx_orders,
        row.orders,
        row.window_days,
        row.m if row.orders else None,
        row.stars_mean,
        row.stars_count,
        reason_label(row.top_reason),
        row.top_reason_orders,
        row.last_updated_on,
        row.last_closed_on,
        row.relisted_on,
    ]
