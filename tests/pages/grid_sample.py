"""Rows of the grid in every state, as the cells take them."""

from datetime import date
from typing import Any

from health.models import Tile
from offers.lifecycle import Status
from vocdash.pages.cells import GridLinks, GridRow

LINKS = GridLinks(
    details="/voc/offers/%d/", resolve="/voc/offers/%d/resolve/", menu=(("Details", "/voc/offers/%d/"),)
)
NO_LINKS = GridLinks()


def a_row(**changes: Any) -> GridRow:
    """An ordinary offer, rated Fair, with `changes`."""
    row = GridRow(
        offer_id=7,
        title="Gooseneck kettle, 1.2 L",
        sku="KET-12",
        product_id="P0C7K2M4QX",
        condition="new",
        fulfillment="marketplace",
        manufacturer_barcode=False,
        picture="",
        status=Status.LIVE.value,
        tile=Tile.FAIR,
        band=Tile.FAIR,
        ordered_before=True,
        window_days=60,
        orders=250,
        ncx_orders=11,
        rate=0.044,
        likely_low=0.027,
        likely_high=0.07,
        similar_low=0.018,
        typical=0.041,
        similar_high=0.074,
        stars_mean=4.23,
        stars_count=37,
        top_reason="Too small",
        top_reason_orders=9,
        trend=(0.05, 0.045, 0.044),
        last_updated_on=date(2026, 11, 20),
        last_closed_on=None,
        relisted_on=None,
        discounted_before=None,
        discount=0.25,
        recovering=False,
        marketplace="",
    )
    return row._replace(**changes)


CLOSED = a_row(
    status=Status.CLOSED.value,
    tile=Tile.VERY_POOR,
    band=Tile.VERY_POOR,
    ncx_orders=31,
    rate=0.124,
    last_closed_on=date(2026, 11, 18),
)
RELISTED = a_row(
    tile=Tile.POOR,
    last_closed_on=date(2026, 10, 6),
    relisted_on=date(2026, 10, 13),
    discounted_before=date(2026, 10, 13),
    recovering=True,
)
INSUFFICIENT = a_row(
    tile=Tile.INSUFFICIENT, orders=9, ncx_orders=2, rate=2 / 9, likely_low=0.08, likely_high=0.5
)
NOTHING: dict[str, Any] = {
    "tile": Tile.NO_RECENT_ORDERS,
    "band": 0,
    "orders": 0,
    "ncx_orders": 0,
    "rate": None,
    "top_reason": "",
    "top_reason_orders": 0,
    "trend": (),
}
QUIET = a_row(**NOTHING)
NEW = a_row(**NOTHING, ordered_before=False, last_updated_on=None, stars_mean=None, stars_count=0)
DELETED = a_row(status=Status.LISTING_DELETED.value, tile=Tile.DELETED, band=Tile.POOR)
EVERY_STATE = {
    "closed": CLOSED,
    "relisted": RELISTED,
    "fair": a_row(),
    "insufficient": INSUFFICIENT,
    "quiet": QUIET,
    "new": NEW,
    "deleted": DELETED,
    "one of one": a_row(
        tile=Tile.INSUFFICIENT, orders=1, ncx_orders=1, rate=1.0, likely_low=0.27, likely_high=1.0
    ),
    "without similar offers": a_row(similar_low=None, typical=None, similar_high=None),
}
