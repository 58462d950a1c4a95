"""What the page of one offer is drawn from: weekly history, way to Fair, spread; how refreshes are kept."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from time_machine import travel

from health.actions import relist
from health.bands import Band, propose
from health.benchmark_store import PIECE, OfferRows, spread_without, unpack_sums
from health.grouping import Level
from health.models import (
    BenchmarkPiece,
    BenchmarkPlacement,
    BenchmarkRefresh,
    HealthChange,
    OfferHealth,
    Part,
)
from health.offer_detail import Cell, belongs_to, cells, read_complaints, read_order_days, way_to_fair
from health.offer_history import (
    Log,
    WeekPoint,
    last_of_each_week,
    read_compared,
    read_nights,
    weekly_points,
)
from health.offer_spread import similar_means
from offers.models import Offer, OrderLine
from tests.factories import EventFactory, OrderLineFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Market:
    return market()


def tell(line: OrderLine, reason: str, **fields: Any) -> None:
    """A counted event with this reason, on the last day unless told otherwise."""
    EventFactory(order_line=line, raw_reason=reason, reason=reason, **{"occurred_on": LAST, **fields})


def history(offer: Offer, upto: date, made: Market) -> list[WeekPoint]:
    changes = list(HealthChange.objects.filter(offer=offer).order_by("as_of"))
    first = changes[0].as_of if changes else None
    nights = last_of_each_week(read_nights(offer.marketplace_id, upto, 53))
    log = Log(changes, read_compared(offer, upto, 53, first))
    orders, complaints = read_order_days(offer.pk, upto), read_complaints(offer.pk, upto)
    return weekly_points(nights, log, orders, complaints, made.policy.policy)


def test_c2_every_past_week_is_drawn_as_it_was_computed_then(made: Market) -> None:
    offer = made.offer()
    sell(offer, range(0, 60, 2), complaints=range(0, 30, 4))
    sell(offer, [3] * 90)  # the short window comes into force only in the last weeks
    seen = []
    for weeks in (3, 2, 1, 0):
        made.nights(3, LAST - timedelta(weeks=weeks))
        row = health(offer)
        seen.append(
            (row.as_of, row.orders, row.ncx_orders, row.rate, row.band, row.window_days, row.m, row.s)
        )
    points = history(offer, LAST, made)
    drawn = [(p.on, p.orders, p.ncx_orders, p.rate, p.band, p.window_days, p.m, p.s) for p in points]
    assert drawn == seen
    assert {row[5] for row in seen} == {30, 60}
    row = health(offer)
    assert (points[-1].typical_low, points[-1].typical_high) == (row.peer_p10, row.peer_p90)
    assert 0 < points[-1].low < (points[-1].rate or 0) < points[-1].high < 1


def test_c2_an_offer_that_came_between_two_refreshes_is_compared_from_its_first_night(made: Market) -> None:
    made.nights(1, LAST - 2 * ONE_DAY)
    late = made.offer()
    sell(late, range(10), complaints=range(2))
    made.nights(2)
    assert BenchmarkPlacement.objects.get(offer=late).nearest == 24
    (compared,) = read_compared(late, LAST, 53, LAST - ONE_DAY)
    row = health(late)
    assert (compared.since, compared.m, compared.s, compared.level) == (
        LAST - ONE_DAY,
        row.m,
        row.s,
        row.level,
    )
    assert [point.m for point in history(late, LAST, made)] == [row.m]


def test_c2_an_event_that_came_late_is_not_in_the_weeks_before_it(made: Market) -> None:
    offer = made.offer()
    (line,) = sell(offer, [20])
    EventFactory(order_line=line, occurred_on=LAST)
    made.nights(15)
    rates = [point.rate for point in history(offer, LAST, made)]
    assert rates[0] == 0.0
    assert rates[-1] == 1.0


def test_c2_the_spread_is_that_of_other_sellers_offers_with_orders_enough() -> None:
    made = market(chart_min_offers=5)
    mine = made.offer(seller="PEER-0")
    sell(mine, range(12), complaints=range(6))
    small = made.offer(seller="PEER-1")
    sell(small, range(9), complaints=range(9))
    made.nights(1)
    (compared,) = read_compared(mine, LAST, 53, LAST)
    means = similar_means(compared, mine.seller_id, made.policy.policy)
    rows = OfferHealth.objects.exclude(seller_id=mine.seller_id).filter(n__gte=10)
    expected = [(r.m * r.s + r.k) / (r.s + r.n) for r in rows if r.m is not None and r.s is not None]
    assert len(expected) == 16
    assert means is not None
    assert np.sort(means) == pytest.approx(sorted(expected), abs=1e-5)


def test_c2_too_few_similar_offers_make_no_spread(made: Market) -> None:
    offer = made.offer(seller="PEER-0")
    sell(offer, range(12))
    made.nights(1)
    (compared,) = read_compared(offer, LAST, 53, LAST)
    assert similar_means(compared, offer.seller_id, made.policy.policy) is None  # 16 of at least 20


def test_c3_an_order_belongs_to_its_earliest_counted_event_and_cells_sum_to_k(made: Market) -> None:
    offer = made.offer()
    first, second, third = sell(offer, [5, 6, 7])
    tell(first, "defective", channel="review", occurred_on=LAST - 2 * ONE_DAY)
    tell(first, "damaged", channel="refund", occurred_on=LAST - 3 * ONE_DAY)
    reasons = {"review": "expired", "contact": "safety", "refund": "wrong_item", "return": "too_small"}
    for channel, reason in reasons.items():  # of one day: a return goes first
        tell(second, reason, channel=channel)
    tell(third, "color_differs", occurred_at=datetime(2024, 3, 15, 9, tzinfo=UTC))
    tell(third, "style_differs", occurred_at=datetime(2024, 3, 15, 8, tzinfo=UTC))
    made.nights(1)
    complaints = read_complaints(offer.pk, LAST)
    found = cells(complaints, LAST.toordinal(), 60)
    assert found == {
        Cell("damaged", "refund"): 1,
        Cell("too_small", "return"): 1,
        Cell("style_differs", "return"): 1,
    }
    assert sum(found.values()) == health(offer).ncx_orders == 3
    assert len(belongs_to(complaints, LAST.toordinal(), 60)) == 3


def test_c3_cancelled_orders_and_those_outside_the_window_make_no_cell(made: Market) -> None:
    offer = made.offer()
    sell(offer, [5, 70], complaints=(0, 1))
    gone = OrderLineFactory(offer=offer, ordered_on=LAST, status=OrderLine.Status.CANCELLED)
    EventFactory(order_line=gone, occurred_on=LAST)
    made.nights(1)
    found = cells(read_complaints(offer.pk, LAST), LAST.toordinal(), 60)
    assert found == {Cell("defective", "return"): 1}


def test_c6_clean_orders_are_the_fewest_that_make_it_fair(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2, LAST - ONE_DAY)
    row, policy = health(offer), made.policy.policy
    way = way_to_fair(offer, row, read_order_days(offer.pk, LAST), read_complaints(offer.pk, LAST), policy)
    assert way is not None

    def proposed(further: int) -> int:
        n, k = np.array([row.n + further]), np.array([row.k])
        m, s = np.array([row.m or 0.0]), np.array([row.s or 0.0])
        bands = propose(n, k, np.array([row.c]), m, s, np.array([row.band], np.int8), policy)
        return int(bands[0])

    assert proposed(way.clean_orders) == Band.FAIR
    assert proposed(way.clean_orders - 1) > Band.FAIR
    assert way.pace == row.orders / row.window_days
    assert not way.from_relist
    assert way.weeks_clean is not None
    assert way.weeks_usual is None or way.weeks_usual >= way.weeks_clean


def test_c6_a_closed_offer_goes_by_its_pace_before_the_closure(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    offer.refresh_from_db()
    row, policy = health(offer), made.policy.policy
    orders, complaints = read_order_days(offer.pk, LAST), read_complaints(offer.pk, LAST)
    at_once = way_to_fair(offer, row, orders, complaints, policy)
    with travel(datetime(2024, 4, 10, 8, tzinfo=UTC), tick=False):
        made.nights(20, LAST + 20 * ONE_DAY)
        later = way_to_fair(offer, health(offer), orders, complaints, policy)
    assert at_once is not None
    assert later is not None
    assert at_once.from_relist
    assert at_once.pace == later.pace == 1.0  # sixty orders in sixty days, though a third has aged out by now


def test_c6_until_the_night_after_a_relist_the_forecast_stays_what_was_promised(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    offer.refresh_from_db()
    orders, complaints = read_order_days(offer.pk, LAST), read_complaints(offer.pk, LAST)
    promised = way_to_fair(offer, health(offer), orders, complaints, made.policy.policy)
    relist(offer_id=offer.pk, by=None, at=datetime(2024, 3, 16, 16, tzinfo=UTC))
    offer.refresh_from_db()
    now = way_to_fair(offer, health(offer), orders, complaints, made.policy.policy)
    assert promised is not None
    assert now is not None
    assert (now.weeks_clean, now.weeks_usual) == (promised.weeks_clean, promised.weeks_usual)
    assert promised.from_relist
    assert not now.from_relist


def test_c6_only_offers_below_fair_have_a_way_back(made: Market) -> None:
    offer = made.offer()
    sell(offer, range(40))
    made.nights(1)
    row = health(offer)
    assert row.band in {Band.FAIR, Band.GOOD, Band.EXCELLENT}
    nothing = read_complaints(offer.pk, LAST)
    assert way_to_fair(offer, row, read_order_days(offer.pk, LAST), nothing, made.policy.policy) is None


def test_c6_after_a_relist_the_weeks_are_those_of_the_weighed_orders(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    with travel(datetime(2024, 3, 20, 8, tzinfo=UTC), tick=False):
        relist(offer_id=offer.pk, by=None, at=datetime(2024, 3, 16, 16, tzinfo=UTC))
        made.nights(3, LAST + 3 * ONE_DAY)
    offer.refresh_from_db()
    row = health(offer)
    assert row.n < row.orders
    upto = LAST + 3 * ONE_DAY
    way = way_to_fair(
        offer, row, read_order_days(offer.pk, upto), read_complaints(offer.pk, upto), made.policy.policy
    )
    assert way is not None
    assert not way.from_relist
    # Were the old orders to count in full, the same offer would need longer.
    plain = way_to_fair(
        Offer(pk=offer.pk, status=offer.status, relisted_on=None),
        row,
        read_order_days(offer.pk, upto),
        read_complaints(offer.pk, upto),
        made.policy.policy,
    )
    assert plain is not None
    assert (way.weeks_clean or 99) <= (plain.weeks_clean or 99)
    assert (way.weeks_usual or 99) < (plain.weeks_usual or 99)


def test_a_refresh_is_read_back_as_it_was_fitted_piece_by_piece(made: Market) -> None:
    made.nights(1)
    refresh = BenchmarkRefresh.objects.get()
    pieces = BenchmarkPiece.objects.filter(refresh=refresh, part=Part.OFFERS).order_by("number")
    rows = OfferRows.read(bytes(piece.body) for piece in pieces)
    stored = {row.offer_id: row for row in OfferHealth.objects.all()}
    assert rows.offer_id.tolist() == sorted(stored)
    assert rows.m.tolist() == [stored[pk].m for pk in rows.offer_id.tolist()]
    assert rows.w.tolist() == [stored[pk].w for pk in rows.offer_id.tolist()]
    assert rows.similar.tolist() == [stored[pk].similar_offers for pk in rows.offer_id.tolist()]
    # All stand in one peer group, in which every seller has eight of 24 offers.
    assert set(rows.nearest.tolist()) == {16}
    assert {pk // PIECE for pk in stored} == set(pieces.values_list("number", flat=True))


def test_offers_of_far_away_ids_lie_in_other_pieces() -> None:
    ids = np.array([5 * PIECE + 3, 7, PIECE - 1], dtype=np.int64)
    one, whole = np.ones(3), np.arange(3)
    groups = np.arange(12).reshape(3, 4)
    rows = OfferRows(ids, whole + 30, one * 0.5, one * 20, one, whole, whole, whole, whole, groups)
    order = np.argsort(ids)
    rows = OfferRows(*(getattr(rows, name)[order] for name in OfferRows.__slots__))
    pieces = dict(rows.pieces())
    assert sorted(pieces) == [0, 5]
    back = OfferRows.read([pieces[5]])
    assert (back.offer_id.tolist(), back.window.tolist(), back.groups.tolist()) == (
        [5 * PIECE + 3],
        [30],
        [[0, 1, 2, 3]],
    )
    assert len(OfferRows.read([]).offer_id) == 0


def test_bytes_that_are_no_piece_are_refused() -> None:
    import zlib

    with pytest.raises(ValueError, match="not a piece"):
        OfferRows.read([zlib.compress(b"abc")])
    with pytest.raises(ValueError, match="not a stored benchmark"):
        unpack_sums(b"abc")


def test_a_spread_leaves_one_seller_out() -> None:
    with_spread = market("CA", chart_min_offers=5)
    with_spread.nights(1)
    piece = BenchmarkPiece.objects.get(part=Part.MARKETPLACE, refresh__marketplace=with_spread.marketplace)
    everybody = spread_without(bytes(piece.body), seller=-1)
    seller = Offer.objects.filter(marketplace=with_spread.marketplace).values_list("seller_id", flat=True)[0]
    assert (len(everybody), len(spread_without(bytes(piece.body), seller))) == (24, 16)
    assert Level.MARKETPLACE.value == piece.part
