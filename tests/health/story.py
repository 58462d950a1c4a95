"""A small market in which one offer is so bad that it must close, and others like it but for one thing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from health.models import HealthPolicy, Night, OfferHealth
from health.recompute import recompute_period
from offers.models import Marketplace, Offer, OrderLine
from tests.factories import (
    CategoryFactory,
    EventFactory,
    MarketplaceFactory,
    OfferFactory,
    OrderLineFactory,
    PolicyFactory,
    SellerFactory,
)

LAST = date(2024, 3, 15)  # a Friday
ONE_DAY = timedelta(days=1)


@dataclass
class Market:
    """A marketplace with three sellers of quiet offers, against which others are compared."""

    marketplace: Marketplace
    policy: HealthPolicy

    def offer(self, seller: str = "BAD", **fields: Any) -> Offer:
        """A further offer in the same peer group."""
        return OfferFactory(
            marketplace=self.marketplace,
            seller=SellerFactory(code=seller),
            category=CategoryFactory(path="Home > Kettles"),
            **fields,
        )

    def nights(self, number: int = 1, last: date = LAST) -> list[Night]:
        """Compute nights that end with `last`."""
        return recompute_period(self.marketplace, last, number)


def market(code: str = "US", **numbers: object) -> Market:
    """A market of 24 offers of three sellers, 40 orders each in 60 days, one in twenty with a complaint."""
    marketplace = MarketplaceFactory(code=code)
    made = Market(marketplace, PolicyFactory(marketplace=marketplace, numbers=numbers))
    for number in range(24):
        offer = made.offer(seller=f"PEER-{number % 3}")
        sell(offer, range(1, 60, 3), complaints=(1,) if number % 2 else ())
        sell(offer, range(2, 60, 3))
    return made


def sell(
    offer: Offer,
    ages: Iterable[int],
    *,
    complaints: Iterable[int] = (),
    last: date = LAST,
    comment: str = "It broke.",
    **line: object,
) -> list[OrderLine]:
    """Order lines of the given ages in days; those whose place is in `complaints` get a counted return."""
    places = set(complaints)
    lines = []
    for place, age in enumerate(ages):
        made = OrderLineFactory(offer=offer, ordered_on=last - age * ONE_DAY, **line)
        lines.append(made)
        if place in places:
            reported = max(age - 3, 0)
            EventFactory(order_line=made, occurred_on=last - reported * ONE_DAY, comment=comment)
    return lines


def bad_offer(made: Market, **fields: Any) -> Offer:
    """An offer with 20 complaints in 60 orders, spread evenly over days, buyers and weeks: it must close."""
    offer = made.offer(**fields)
    sell(offer, range(60), complaints=range(1, 60, 3))
    return offer


def health(offer: Offer) -> OfferHealth:
    """The offer's present row."""
    return OfferHealth.objects.get(pk=offer.pk)
