"""After a night: keep both ends of the orders of large sellers' rows, so that no page has to sort them.

Not part of the night: a page that finds nothing kept, or something older, sorts by itself.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from django.db import DatabaseError

from health import grid_orders
from health.grid_orders import NIGHTLY, STORED, read_column
from health.models import GridOrder, Night, SellerSummary, Tile
from health.snapshots import one_snapshot
from offers.models import Marketplace

logger = logging.getLogger(__name__)
END: Final = 1_000
"""So many rows from either end: forty pages of the usual length."""


def keep_ends(marketplace: Marketplace) -> int:
    """Keep the ends of all orders of all large sellers of the marketplace. Returns for how many sellers.

    Whatever goes wrong in the database is logged and nothing else: the night is published.
    """
    kept = 0
    try:
        for seller_id in _large_sellers(marketplace):
            with one_snapshot():
                orders = list(_ends(marketplace, seller_id))
            GridOrder.objects.bulk_create(
                orders,
                update_conflicts=True,
                unique_fields=["seller", "marketplace", "sort"],
                update_fields=["computed_at", "rows", "first", "last"],
            )
            kept += 1
        newest = _night(marketplace)
        if newest:
            GridOrder.objects.filter(marketplace=marketplace, computed_at__lt=newest[1]).delete()
    except DatabaseError as error:
        logger.warning("%s: the orders of large sellers are not kept: %s", marketplace.code, error)
    return kept


def _night(marketplace: Marketplace) -> tuple[date, datetime] | None:
    nights = Night.objects.filter(marketplace=marketplace).order_by("-as_of")
    return nights.values_list("as_of", "computed_at").first()


def _large_sellers(marketplace: Marketplace) -> list[int]:
    """The sellers whose orders pages keep, by their tiles of the last night."""
    night = _night(marketplace)
    if night is None:
        return []
    counted = SellerSummary.objects.filter(marketplace=marketplace, as_of=night[0])
    return [
        seller_id
        for seller_id, counts in counted.order_by("seller_id").values_list("seller_id", "counts")
        if sum(counts.get(str(tile.value), 0) for tile in Tile) >= grid_orders.LARGE
    ]


def _ends(marketplace: Marketplace, seller_id: int) -> Iterator[GridOrder]:
    """The ends of all orders of one seller, as of one moment."""
    night = _night(marketplace)
    if night is None:
        return
    for name in NIGHTLY:
        column = read_column(seller_id, (marketplace.pk,), name)
        for sort, falling in ((name, False), (f"-{name}", True)):
            ids = column.sorted_ids(falling=falling).astype(STORED)
            yield GridOrder(
                seller_id=seller_id,
                marketplace=marketplace,
                sort=sort,
                computed_at=night[1],
                rows=len(ids),
                first=ids[:END].tobytes(),
                last=ids[-END:].tobytes(),
            )
