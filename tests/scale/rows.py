"""Files to import: order rows that no earlier file had, and feedback rows about them."""

import csv
from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np

from offers.models import Marketplace, Offer
from tests.scale.night import LAST_DAY

EVENT_SHARE: Final = 5
"""Every so many-th order has an event."""
_CODES: Final = ("DEFECTIVE", "NOT_AS_DESCRIBED", "APPAREL_TOO_SMALL", "MISSED_ESTIMATED_DELIVERY", "")
_DAYS: Final = [(LAST_DAY - timedelta(days=age)).isoformat() for age in range(60)]
_ORDER_COLUMNS: Final = (
    *("marketplace", "seller", "order_id", "sku", "ordered_at", "quantity", "status", "customer"),
)
_EVENT_COLUMNS: Final = (
    *("marketplace", "seller", "event_id", "order_id", "sku", "channel", "reason", "occurred_at", "comment"),
)


class Writer:
    """Writes files for the offers of a marketplace, or of one of its sellers."""

    def __init__(self, marketplace: Marketplace, folder: Path, *, seller: str = "", name: str = "N") -> None:
        # Orders dated while an offer was closed would be refused.
        offers = Offer.objects.filter(marketplace=marketplace, last_closed_on=None).order_by("pk")
        mine = offers.filter(seller__code=seller) if seller else offers
        self._offers = list(mine.values_list("sku", "seller__code"))
        self._code, self._folder, self._name = marketplace.code, folder, name
        self._numbers, self._rng = count(1), np.random.default_rng(11)

    def write(self, rows: int) -> tuple[Path, Path]:
        """A file of so many order rows and one of their feedback rows."""
        name = f"{self._name}{next(self._numbers)}"
        place = self._rng.integers(0, len(self._offers), rows).tolist()
        age = self._rng.integers(0, len(_DAYS), rows).tolist()
        orders, events = (self._folder / f"{name}-{kind}.csv" for kind in ("orders", "feedback"))
        offers = [self._offers[index] for index in place]
        order_rows = (
            (self._code, seller, f"{name}-{row:08}", sku, _DAYS[age[row]], 1, "shipped", f"c{row // 3}")
            for row, (sku, seller) in enumerate(offers)
        )
        _write(orders, _ORDER_COLUMNS, order_rows)
        event_rows = (
            (self._code, seller, f"{name}-{row}", f"{name}-{row:08}", sku, "return", *_said(row))
            for row, (sku, seller) in enumerate(offers)
            if row % EVENT_SHARE == 0
        )
        _write(events, _EVENT_COLUMNS, event_rows)
        return orders, events


def _said(row: int) -> tuple[str, str, str]:
    """Code, date and comment of a row's event."""
    return _CODES[row // EVENT_SHARE % len(_CODES)], LAST_DAY.isoformat(), f"It broke after {row % 40} days."


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
