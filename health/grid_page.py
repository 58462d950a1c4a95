"""Reading one page of the grid, by queries that are kept by the shape of the question."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from health.grid import GridFilter, filtered, for_seller, ordered
from offers.prepared import Prepared


class Row(NamedTuple):
    """One row of the grid as it is read: fields of the health row and, from title on, of its offer."""

    offer_id: int
    title: str
    sku: str
    product_id: str
    condition: str
    fulfillment: str
    manufacturer_barcode: bool
    image_url: str
    status: str
    last_closed_on: date | None
    relisted_on: date | None
    category: str | None
    marketplace_id: int
    tile: int
    band: int
    last_ordered_on: date | None
    window_days: int
    n: float
    orders: int
    ncx_orders: int
    rate: float | None
    m: float | None
    peer_p10: float | None
    peer_p90: float | None
    stars_mean: float | None
    stars_count: int
    top_reason: str
    top_reason_orders: int
    trend: str
    last_updated_on: date | None
    recovering: bool


_OF_OFFER: Final = frozenset(Row._fields[1:11])
ROW_FIELDS: Final = tuple(
    "offer__category__path" if name == "category" else f"offer__{name}" if name in _OF_OFFER else name
    for name in Row._fields
)


def page_rows(
    seller_id: int, marketplace_ids: Sequence[int], chosen: GridFilter, sort: str, *, start: int, size: int
) -> list[Row]:
    """Rows `start` to `start + size` of the seller's grid in the order of `sort`."""
    if not marketplace_ids:
        return []  # a seller without offers
    query = _query(chosen, chosen.today, sort, start, size)
    return [Row._make(values) for values in query.rows(seller_id, *marketplace_ids)]


@lru_cache(maxsize=512)
def _query(chosen: GridFilter, today: date | None, sort: str, start: int, size: int) -> Prepared:
    del today  # two filters that differ in their day alone are equal, and must not share a query

    def build(seller_id: int, *marketplace_ids: int) -> Any:
        rows = filtered(for_seller(seller_id, list(marketplace_ids)), chosen)
        return ordered(rows, sort)[start : start + size].values_list(*ROW_FIELDS)

    return Prepared(build)
