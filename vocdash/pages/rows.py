"""From the rows of the database to the rows of the grid."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from django.utils.translation import get_language, gettext, override

from feedback.reasons import Reason
from health.forecast import wilson
from health.grid_page import Row
from health.policy import Policy
from health.trend import POINTS, parse
from vocdash.pages.cells import GridRow
from vocdash.pages.pictures import picture_for

_NOTHING: Final = (0.0, 0.0)


def grid_rows(rows: Sequence[Row], policy: Policy, codes: dict[int, str]) -> list[GridRow]:
    """Rows of `health.grid.page_rows` as the grid shows them.

    codes: the marketplaces' codes by id where several are listed, else empty.
    """
    orders = np.array([row.orders for row in rows], dtype=np.float64)
    ncx = np.array([row.ncx_orders for row in rows], dtype=np.float64)
    low, high = wilson(ncx, orders, policy.wilson_z)
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return [
        _row(row, pair if row.orders else _NOTHING, policy, codes)
        for row, pair in zip(rows, pairs, strict=True)
    ]


def _row(row: Row, likely: tuple[float, float], policy: Policy, codes: dict[int, str]) -> GridRow:
    relisted_on = row.relisted_on
    return GridRow(
        offer_id=row.offer_id,
        title=row.title,
        sku=row.sku,
        product_id=row.product_id,
        condition=row.condition,
        fulfillment=row.fulfillment,
        manufacturer_barcode=row.manufacturer_barcode,
        picture=picture_for(row.image_url, row.category or ""),
        status=row.status,
        tile=row.tile,
        band=row.band,
        ordered_before=row.last_ordered_on is not None,
        window_days=row.window_days,
        orders=row.orders,
        ncx_orders=row.ncx_orders,
        rate=row.rate,
        likely_low=likely[0],
        likely_high=likely[1],
        similar_low=row.peer_p10,
        typical=row.m,
        similar_high=row.peer_p90,
        stars_mean=row.stars_mean,
        stars_count=row.stars_count,
        top_reason=reason_label(row.top_reason),
        top_reason_orders=row.top_reason_orders,
        trend=weekly(row.trend),
        last_updated_on=row.last_updated_on,
        last_closed_on=row.last_closed_on,
        relisted_on=relisted_on,
        # Where the method's count differs from the plain one, the window holds orders from before the relist.
        discounted_before=relisted_on if row.n != row.orders else None,
        discount=policy.relist_weight,
        recovering=row.recovering,
        marketplace=codes.get(row.marketplace_id, ""),
    )


def reason_label(reason: str) -> str:
    """A reason in the reader's language; a name that is no normal reason as it is."""
    return _reason_label(reason, get_language() or "en")


@lru_cache(maxsize=1024)
def _reason_label(reason: str, language: str) -> str:
    try:
        with override(language):
            return gettext(Reason(reason).label) if reason else ""
    except ValueError:
        return reason


@lru_cache(maxsize=16384)
def weekly(trend: str) -> tuple[float | None, ...]:
    """A stored trend as one rate per week, oldest first, None for weeks without one; () for no trend."""
    rates = {_monday(point.week): point.rate for point in parse(trend)}
    if not rates:
        return ()
    last = max(rates)
    first = max(min(rates), last - (POINTS - 1) * _WEEK)
    return tuple(rates.get(monday) for monday in range(first, last + 1, _WEEK))


_WEEK: Final = 7


def _monday(week: int) -> int:
    """The ordinal of the Monday of a week such as 202612."""
    return date.fromisocalendar(week // 100, week % 100, 1).toordinal()
