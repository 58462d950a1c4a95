"""Sellers with offers in any state, placed in the grid by the same functions as the night's."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from health.models import Night, OfferHealth, Tile
from health.publishing import grid_place, write_summaries
from offers.lifecycle import Status
from offers.models import Marketplace, Offer, Seller
from tests.factories import (
    HealthFactory,
    MarketplaceFactory,
    NightFactory,
    OfferFactory,
    PolicyFactory,
    SellerFactory,
)

NIGHT: Final = date(2026, 11, 20)
NOW: Final = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
"""Noon in New York on the day after the night."""
BANDS: Final = frozenset({1, 2, 3, 4, 5, 6})
OF_OFFER: Final = frozenset(field.name for field in Offer._meta.concrete_fields)


class Shop:
    """One seller on one marketplace; `add` puts offers into its grid, where they are from `counted` on."""

    def __init__(self, seller: Seller | None = None, code: str = "US", *, night: date | None = NIGHT) -> None:
        self.marketplace: Marketplace = MarketplaceFactory(code=code)
        self.seller: Seller = seller or SellerFactory(name="Juniper shop")
        self.night = night
        self._new: list[OfferHealth] = []
        if night and not Night.objects.filter(marketplace=self.marketplace).exists():
            computed = datetime.combine(night + timedelta(days=1), datetime.min.time(), UTC)
            policy = PolicyFactory(marketplace=self.marketplace)
            NightFactory(policy=policy, as_of=night, computed_at=computed + timedelta(hours=8))

    def add(self, tile: int = Tile.FAIR, *, band: int | None = None, **fields: Any) -> OfferHealth:
        """An offer in this state. `fields` are those of the offer or of its row in the grid."""
        of_offer = {name: fields.pop(name) for name in set(fields) & OF_OFFER}
        if tile == Tile.DELETED:
            of_offer = {"status": Status.LISTING_DELETED.value, "deleted_on": NIGHT, **of_offer}
        offer = OfferFactory.build(seller=self.seller, marketplace=self.marketplace, **of_offer)
        shown = band if band is not None else (tile if tile in BANDS else 0)
        place = grid_place(offer.status, shown, offer.last_closed_on)
        numbers = {**_numbers(has_orders=tile in BANDS), **place, "band": shown, **fields}
        self._new.append(HealthFactory.build(offer=offer, **numbers))
        return self._new[-1]

    def closed(self, closed_on: date = NIGHT, tile: int = Tile.VERY_POOR, **fields: Any) -> OfferHealth:
        """A closed offer."""
        return self.add(tile, status=Status.CLOSED.value, last_closed_on=closed_on, **fields)

    def counted(self) -> "Shop":
        """Save the new offers, and write the tiles' summary as the night does at its end."""
        Offer.objects.bulk_create(row.offer for row in self._new)
        for row in self._new:
            row.offer_id = row.offer.pk
        OfferHealth.objects.bulk_create(self._new)
        self._new = []
        with transaction.atomic():
            write_summaries(self.marketplace, self.night or NIGHT)
        return self


def _numbers(*, has_orders: bool) -> dict[str, Any]:
    if not has_orders:
        return {}
    return {
        "as_of": NIGHT, "orders": 100, "ncx_orders": 5, "rate": 0.05, "n": 100, "k": 5, "m": 0.04, "s": 60,
        "w": 200, "level": 3, "peer_p10": 0.01, "peer_p90": 0.08, "last_ordered_on": NIGHT,
        "last_updated_on": NIGHT,
    }  # fmt: skip


def every_tile(shop: Shop | None = None) -> Shop:
    """A shop with another number of offers in each state: 1 Excellent, 2 Good, and so on to 8 deleted."""
    shop = shop or Shop()
    numbers = {
        Tile.EXCELLENT: 1, Tile.GOOD: 2, Tile.FAIR: 3, Tile.POOR: 4, Tile.VERY_POOR: 5,
        Tile.INSUFFICIENT: 6, Tile.NO_RECENT_ORDERS: 7, Tile.DELETED: 8,
    }  # fmt: skip
    for tile, number in numbers.items():
        for _ in range(number):
            shop.add(tile)
    return shop.counted()
