"""Nights: counting, the weekly benchmark, what is shown; a date computed twice says the same (E1-E3)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from time_machine import travel

from feedback.models import FeedbackEvent
from health.actions import sync_offers
from health.bands import Band
from health.models import (
    BenchmarkPlacement,
    BenchmarkRefresh,
    HealthChange,
    Night,
    OfferHealth,
    SellerSummary,
)
from health.reading import read_roster
from health.recompute import DateRefused, due_dates, recompute_period
from health.state import Past, State, read_known
from offers.models import OrderLine
from tests.factories import EventFactory, OrderLineFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell

pytestmark = pytest.mark.django_db
_OF_THE_RUN = {"created_at", "computed_at"}


@pytest.fixture
def made() -> Market:
    return market()


def everything() -> dict[str, list[dict[str, Any]]]:
    """All that a night writes, without moments and ids of rows."""
    tables = {
        "health": OfferHealth.objects.order_by("offer_id"),
        "changes": HealthChange.objects.order_by("offer_id", "as_of"),
        "nights": Night.objects.order_by("as_of"),
        "summaries": SellerSummary.objects.order_by("seller_id", "as_of"),
    }
    return {
        name: [
            {key: value for key, value in row.items() if key not in {*_OF_THE_RUN, "id"}}
            for row in rows.values()
        ]
        for name, rows in tables.items()
    }


def test_e1_the_same_date_twice_gives_the_same_result(made: Market) -> None:
    bad_offer(made)
    made.nights(4)
    once = everything()
    made.nights(1)
    assert everything() == once


def test_e1_a_period_replayed_from_its_middle_gives_the_same_result(made: Market) -> None:
    offer = made.offer()
    sell(offer, range(30), complaints=range(0, 30, 4))
    for day in range(5):  # a band that moves while the nights pass
        sell(offer, [0] * 6, complaints=range(4) if day < 3 else (), last=LAST - day * ONE_DAY)
    made.nights(9)
    once = everything()
    made.nights(5)
    assert everything() == once


def test_the_state_from_the_history_is_the_state_from_the_rows(made: Market) -> None:
    bad_offer(made)
    made.nights(6)
    roster = read_roster(made.marketplace, LAST)

    def state_before(day: date) -> State:
        return read_known(made.marketplace, roster, Past.of(made.marketplace, day, made.policy)).state

    tomorrow, again = state_before(LAST + ONE_DAY), state_before(LAST)
    made.nights(1, LAST + ONE_DAY)
    for day, known in ((LAST + ONE_DAY, tomorrow), (LAST, again)):
        Night.objects.create(
            marketplace=made.marketplace,
            as_of=LAST + 9 * ONE_DAY,
            policy=made.policy,
            sum_n=0,
            computed_at=datetime.now(tz=UTC),
        )  # a later last night makes the history the only source
        replayed = state_before(day)
        Night.objects.filter(as_of=LAST + 9 * ONE_DAY).delete()
        for name in ("prev", "one_before", "two_before", "streak"):
            assert getattr(replayed, name).tolist() == getattr(known, name).tolist(), name


def test_e3_a_late_event_changes_the_counts_at_the_next_run_and_counts_once(made: Market) -> None:
    offer = made.offer()
    lines = sell(offer, range(20))
    made.nights(1)
    assert health(offer).ncx_orders == 0
    for channel in ("return", "refund", "review"):  # an order counts once however many events it has
        EventFactory(order_line=lines[5], channel=channel, occurred_on=LAST - ONE_DAY)
    made.nights(1)
    row = health(offer)
    assert (row.ncx_orders, row.orders, row.comments) == (1, 20, 1)


def test_an_event_after_the_night_is_not_known_yet(made: Market) -> None:
    offer = made.offer()
    line = sell(offer, [3])[0]
    EventFactory(order_line=line, occurred_on=LAST + ONE_DAY)
    made.nights(1)
    assert health(offer).ncx_orders == 0
    made.nights(1, LAST + ONE_DAY)
    assert health(offer).ncx_orders == 1


def test_cancelled_lines_and_lines_outside_the_window_count_nowhere(made: Market) -> None:
    offer = made.offer()
    sell(offer, [0, 59, 60], complaints=[2])
    sell(offer, [1], complaints=[0], status="cancelled")
    made.nights(1)
    row = health(offer)
    assert (row.orders, row.ncx_orders, row.window_days) == (2, 0, 60)


def test_an_offer_with_a_hundred_orders_in_30_days_is_counted_over_30(made: Market) -> None:
    offer = made.offer()
    sell(offer, [number % 30 for number in range(100)])
    sell(offer, [45] * 7)
    made.nights(1)
    assert (health(offer).window_days, health(offer).orders) == (30, 100)


def test_the_window_stays_until_the_next_refresh(made: Market) -> None:
    offer = made.offer()
    sell(offer, [number % 30 for number in range(99)])
    made.nights(1)  # Friday: the first night, a refresh
    OrderLineFactory(offer=offer, ordered_on=LAST + ONE_DAY)
    OrderLineFactory(offer=offer, ordered_on=LAST + ONE_DAY)
    made.nights(2, LAST + 2 * ONE_DAY)
    assert health(offer).window_days == 60
    for _ in range(20):
        OrderLineFactory(offer=offer, ordered_on=LAST + 2 * ONE_DAY)
    made.nights(1, LAST + 3 * ONE_DAY)  # Monday
    assert health(offer).window_days == 30


def test_last_updated_is_the_later_of_last_order_and_last_counted_event(made: Market) -> None:
    offer = made.offer()
    old = sell(offer, [90])[0]
    EventFactory(order_line=old, occurred_on=LAST - 2 * ONE_DAY, raw_reason="late_delivery")
    made.nights(1)
    assert health(offer).last_updated_on == LAST - 90 * ONE_DAY
    EventFactory(order_line=old, occurred_on=LAST - 5 * ONE_DAY)
    made.nights(1)
    row = health(offer)
    assert (row.last_updated_on, row.rate, row.band) == (LAST - 5 * ONE_DAY, None, Band.NONE)


def test_a_counted_event_moves_last_updated_even_when_its_order_is_cancelled(made: Market) -> None:
    offer = made.offer()
    sell(offer, [20])
    EventFactory(order_line=sell(offer, [15], status="cancelled")[0], occurred_on=LAST - 4 * ONE_DAY)
    made.nights(1)
    row = health(offer)
    assert (row.last_updated_on, row.orders, row.ncx_orders) == (LAST - 4 * ONE_DAY, 1, 0)


def test_b5_an_event_on_an_old_order_alone_gives_no_rate(made: Market) -> None:
    offer = made.offer()
    EventFactory(order_line=sell(offer, [75])[0], occurred_on=LAST)
    made.nights(1)
    row = health(offer)
    assert (row.rate, row.band, row.tile, row.last_ordered_on) == (None, 0, 0, LAST - 75 * ONE_DAY)


def test_the_top_reason_belongs_to_the_earliest_counted_event(made: Market) -> None:
    offer = made.offer()
    lines = sell(offer, range(6))
    for line in lines[:2]:
        EventFactory(order_line=line, channel="review", raw_reason="poor_quality", occurred_on=LAST)
        EventFactory(order_line=line, channel="refund", raw_reason="too_small", occurred_on=LAST)
        EventFactory(order_line=line, channel="return", raw_reason="defective", occurred_on=LAST)
    EventFactory(order_line=lines[2], raw_reason="too_large", occurred_on=LAST)
    made.nights(1)
    row = health(offer)
    assert (row.top_reason, row.top_reason_orders, row.ncx_orders) == ("defective", 2, 3)


def test_ties_of_the_top_reason_are_decided_by_name(made: Market) -> None:
    offer = made.offer()
    lines = sell(offer, range(4))
    EventFactory(order_line=lines[0], raw_reason="too_small", occurred_on=LAST)
    EventFactory(order_line=lines[1], raw_reason="expired", occurred_on=LAST)
    made.nights(1)
    assert health(offer).top_reason == "expired"


def test_the_star_rating_is_the_mean_of_all_reviews(made: Market) -> None:
    offer = made.offer()
    lines = sell(offer, [1, 2, 100])
    for line, stars in zip(lines, (5, 4, 2), strict=True):
        EventFactory(order_line=line, channel="review", stars=stars, occurred_on=LAST)
    made.nights(1)
    assert health(offer).stars_count == 3
    assert health(offer).stars_mean == pytest.approx(11 / 3)


def test_the_benchmark_is_refreshed_weekly_and_frozen_between(made: Market) -> None:
    made.nights(4)  # Tuesday to Friday
    made.nights(4, LAST + 4 * ONE_DAY)  # to Tuesday
    refreshed = list(BenchmarkRefresh.objects.order_by("as_of").values_list("as_of", flat=True))
    assert refreshed == [LAST - 3 * ONE_DAY, LAST + 3 * ONE_DAY]
    assert [night.refreshed for night in Night.objects.order_by("as_of")] == [True, *[False] * 5, True, False]


def test_the_benchmark_is_refreshed_when_orders_moved_by_more_than_a_fifth(made: Market) -> None:
    made.nights(1, LAST - ONE_DAY)
    offer = made.offer()
    sell(offer, [number % 20 for number in range(90)])
    sell(offer, [number % 20 for number in range(200)])
    made.nights(1)
    assert BenchmarkRefresh.objects.filter(as_of=LAST).exists()


def test_the_benchmark_is_refreshed_under_a_new_policy_version(made: Market) -> None:
    made.nights(1, LAST - ONE_DAY)
    made.policy.state = "retired"
    made.policy.save()
    made.policy.pk, made.policy.version, made.policy.state = None, 2, "active"
    made.policy.save()
    made.nights(1)
    assert BenchmarkRefresh.objects.get(as_of=LAST).policy.version == 2


def test_a_newcomer_is_placed_by_the_stored_sums_and_keeps_its_group(made: Market) -> None:
    made.nights(1, LAST - ONE_DAY)
    offer = made.offer()
    sell(offer, [0, 1], complaints=[0])
    others = set(OfferHealth.objects.values_list("offer_id", "m", "s", "w"))
    made.nights(1)
    placed = BenchmarkPlacement.objects.get(offer=offer)
    assert (placed.since, health(offer).m) == (LAST, placed.m)
    assert others <= set(OfferHealth.objects.values_list("offer_id", "m", "s", "w"))
    made.nights(1)  # the same date again: placed anew, not twice
    assert BenchmarkPlacement.objects.filter(offer=offer).count() == 1
    offer.condition = "used"
    offer.save()
    made.nights(1, LAST + ONE_DAY)
    assert health(offer).m == placed.m


def test_an_offer_listed_later_does_not_take_part(made: Market) -> None:
    offer = made.offer(listed_on=LAST + 5 * ONE_DAY)
    made.nights(1)
    assert health(offer).m is None
    sell(offer, [0])
    made.nights(1)  # an order shows that it is listed
    assert health(offer).m is not None


def test_a_date_that_is_not_over_is_refused(made: Market) -> None:
    with travel(datetime(2024, 3, 16, 3, 30, tzinfo=UTC), tick=False):  # 23:30 of the 15th in New York
        with pytest.raises(DateRefused, match="2024-03-14"):
            recompute_period(made.marketplace, date(2024, 3, 15))
        assert recompute_period(made.marketplace, date(2024, 3, 14))


def test_a_date_before_the_last_night_is_refused_alone_and_taken_in_a_period(made: Market) -> None:
    made.nights(1)
    with pytest.raises(DateRefused, match="--nights 4"):
        recompute_period(made.marketplace, LAST - 3 * ONE_DAY)
    assert len(recompute_period(made.marketplace, LAST, 4)) == 4


def test_e1_missed_dates_are_computed_oldest_first_and_at_most_seven(made: Market) -> None:
    policy = made.policy.policy
    with travel(datetime(2024, 3, 16, 12, tzinfo=UTC), tick=False):
        assert due_dates(made.marketplace, policy) == [LAST]
        made.nights(1, LAST - 3 * ONE_DAY)
        assert due_dates(made.marketplace, policy) == [LAST - 2 * ONE_DAY, LAST - ONE_DAY, LAST]
    with travel(datetime(2024, 4, 16, 12, tzinfo=UTC), tick=False):
        assert due_dates(made.marketplace, policy) == [date(2024, 4, 9) + timedelta(days=n) for n in range(7)]


def test_the_tiles_of_a_seller_are_those_of_its_rows(made: Market) -> None:
    bad = bad_offer(made)
    fresh = made.offer()
    made.nights(3)
    summary = SellerSummary.objects.get(seller=bad.seller, as_of=LAST)
    assert summary.counts == {"6": 1, "0": 1, "closed": 1}
    assert fresh.seller_id == bad.seller_id


def test_one_summary_a_week_is_kept_for_the_trend(made: Market) -> None:
    made.nights(10)
    kept = SellerSummary.objects.filter(seller__code="PEER-0").order_by("as_of")
    assert [row.as_of for row in kept] == [LAST - 5 * ONE_DAY, LAST]  # Sunday, and this week's Friday


def test_the_trend_of_an_offer_has_one_point_a_week(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(10)
    points = health(offer).trend.split()
    assert [point.split(":")[0] for point in points] == ["202410", "202411"]
    assert float(points[-1].split(":")[1]) == pytest.approx(1 / 3, abs=1e-4)


def test_an_offer_has_a_row_before_its_first_night(made: Market) -> None:
    offer = made.offer()
    assert sync_offers(made.marketplace) == 25
    row = health(offer)
    assert (row.as_of, row.tile, row.rate) == (None, 0, None)
    assert sync_offers(made.marketplace) == 0


def test_waiting_events_are_never_in_k(made: Market) -> None:
    offer = made.offer()
    sell(offer, range(5))
    FeedbackEvent.objects.create(
        marketplace=made.marketplace,
        seller=offer.seller,
        channel="return",
        event_id="W1",
        order_ref="not yet here",
        offer=offer,
        sku=offer.sku,
        occurred_on=LAST,
        counted=True,
        comment="Broken",
    )
    made.nights(1)
    assert health(offer).ncx_orders == 0
    assert OrderLine.objects.filter(offer=offer).count() == 5


def test_events_of_one_moment_and_channel_are_told_apart_by_their_ids(made: Market) -> None:
    offer = made.offer()
    codes = (("é", "APPAREL_TOO_SMALL"), ("b", "DEFECTIVE"), ("a", "NOT_AS_DESCRIBED"))
    for line in sell(offer, range(3)):
        for name, code in codes:
            EventFactory(order_line=line, occurred_on=LAST, event_id=f"{name}{line.pk}", raw_reason=code)
    made.nights(1)
    row = health(offer)
    assert (row.ncx_orders, row.top_reason, row.top_reason_orders) == (3, "not_as_described", 3)
