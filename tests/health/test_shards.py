"""A night that is read, judged and written in many small parts says what one in a single part says."""

import pytest

from health import actions
from health.bands import Band
from health.models import BenchmarkPiece
from offers.models import Offer, OfferStatusChange, OrderLine
from tests.factories import EventFactory, MarketplaceFactory, OfferFactory, PolicyFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell
from tests.health.test_nights import everything

pytestmark = pytest.mark.django_db
PARTS = {
    "health.reading.SHARD": 3,
    "health.reading_feedback._IDS": 1,
    "health.rows._PIECE": 5,
    "health.benchmarks._PIECES": 1,
    "health.benchmark_store.PIECE": 4,
    "health.clusters._PIECE": 1,
    "health.closing._AT_ONCE": 1,
    "offers.bulk.arrays._PIECE": 2,
}


def busy_market() -> Market:
    """What closes, ties between events, and another marketplace's offers in between."""
    made = market()
    elsewhere = MarketplaceFactory(code="CA")
    for number in range(3):
        sell(bad_offer(made), range(0, 40, 5), complaints=(0, 2), comment="é")
        OfferFactory(marketplace=elsewhere, sku=f"CA-{number}")
        for line in sell(made.offer(seller=f"S{number}"), range(9), complaints=(number,)):
            for name, code in (("b", "DEFECTIVE"), ("a", "NOT_AS_DESCRIBED")):
                EventFactory(order_line=line, occurred_on=LAST, event_id=f"{name}{line.pk}", raw_reason=code)
    return made


def live_through(made: Market) -> None:
    """Nights, and what people do between them."""
    made.nights(4)
    closed = list(Offer.objects.filter(status="CLOSED").order_by("pk"))
    actions.relist(offer_id=closed[0].pk, by=None)
    actions.delete_listing(offer_id=closed[1].pk, by=None)
    OrderLine.objects.filter(
        pk__in=OrderLine.objects.order_by("pk").values_list("pk", flat=True)[5:40:7]
    ).update(status="cancelled")
    sell(made.offer(seller="LATE"), range(6), complaints=(1, 2))
    made.nights(3, LAST + 3 * ONE_DAY)


def test_parts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = busy_market()
    live_through(made)
    assert OfferStatusChange.objects.filter(move="close").count() == 3
    assert health(Offer.objects.filter(status="CLOSED").get()).band == Band.VERY_POOR
    before, pieces = everything(), BenchmarkPiece.objects.count()
    for place, size in PARTS.items():
        monkeypatch.setattr(place, size)
    made.nights(3, LAST + 3 * ONE_DAY)
    assert everything() == before
    assert BenchmarkPiece.objects.count() > pieces


def test_a_marketplace_among_many_others_offers_counts_its_own_lines() -> None:
    made = market()
    small = Market(elsewhere := MarketplaceFactory(code="CA"), PolicyFactory(marketplace=elsewhere))
    mine = []
    for number in range(2):
        mine.append(small.offer(seller=f"CA-{number}"))
        sell(mine[-1], range(number + 4), complaints=(1,))
        for _ in range(6):
            sell(made.offer(), range(9), complaints=(1, 2))
    small.nights(1)
    assert [(health(offer).orders, health(offer).ncx_orders) for offer in mine] == [(4, 1), (5, 1)]
