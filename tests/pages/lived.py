"""A seller whose offers lived through real nights: one offer in each state that people and nights lead to."""

from datetime import UTC, datetime

from health.actions import close_by_hand, delete_listing, lift_closure, relist
from health.models import Tile
from offers.models import Offer, Seller
from tests.factories import EventFactory, UserFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell

NOW = datetime(2024, 3, 19, 15, 0, tzinfo=UTC)
"""The day on which the story is told; whoever calls `lived_through` travels there."""
THIRD_NIGHT = LAST + 2 * ONE_DAY  # the peers' complaints are known on the first
NEXT_DAY = datetime(2024, 3, 18, 15, 0, tzinfo=UTC)


def _offers(made: Market) -> dict[str, Offer]:
    """Offers of one seller before their first night."""
    offers = {
        name: bad_offer(made, sku=name) for name in ("closed", "relisted", "twice", "lifted", "deleted")
    }
    offers["fresh"] = made.offer(sku="fresh", listed_on=LAST)
    offers["fair"] = made.offer(
        sku="fair",
        fulfillment="marketplace",
        manufacturer_barcode=True,
        condition="refurbished",
        title="A <kettle>",
    )
    sell(offers["fair"], range(1, 59), complaints=[3, 7])
    sell(offers["fair"], range(1, 43))
    offers["one-of-one"] = made.offer(sku="one-of-one")
    sell(offers["one-of-one"], [5], complaints=[0])
    offers["quiet"] = made.offer(sku="quiet")
    sell(offers["quiet"], [80, 90], complaints=[0])
    return offers


def _live(made: Market, offers: dict[str, Offer]) -> None:
    """Three nights that close the bad ones, what people then do, and one more night."""
    operator = UserFactory(is_staff=True)
    made.nights(3, THIRD_NIGHT)
    relist(offer_id=offers["relisted"].pk, by=None, at=NEXT_DAY)
    relist(offer_id=offers["twice"].pk, by=None, at=NEXT_DAY)
    lift_closure(offer_id=offers["lifted"].pk, by=operator, reason="The orders were of another offer.")
    delete_listing(offer_id=offers["deleted"].pk, by=None, at=NEXT_DAY)
    close_by_hand(offer_id=offers["twice"].pk, by=operator, reason="Recalled.")
    line = sell(offers["deleted"], [2])[0]
    EventFactory(order_line=line, occurred_on=THIRD_NIGHT + ONE_DAY)
    made.nights(1, THIRD_NIGHT + ONE_DAY)


def lived_through() -> Seller:
    """The seller, with offers whose SKUs say what happened to them."""
    made = market()
    offers = _offers(made)
    _live(made, offers)
    assert health(offers["fair"]).tile == Tile.FAIR
    return offers["fair"].seller
