"""Patterns across a seller's offers agree with the offers' own numbers (UX 5e)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from health.actions import lift_closure, relist
from health.bands import Band
from health.forecast import weeks_to_recover
from health.insights import (
    Scope,
    read_closures,
    read_kinds,
    read_named,
    read_places,
    read_worklist,
    totals,
)
from health.insights_orders import (
    WEEKS,
    by_reason,
    by_week,
    rate_on,
    read_reported,
    weekly_nights,
)
from health.insights_relists import (
    Outcome,
    earliest_needed,
    outcome,
    outlook,
    read_relisted,
    read_sold,
    read_weeks,
    weeks_taken,
)
from health.models import OfferHealth, Tile
from health.offer_detail import cells, read_complaints, read_order_days, recent_counts
from health.policy import Policy
from offers.models import Offer, OrderLine
from tests.factories import EventFactory, UserFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell
from tests.pages.lived import lived_through

pytestmark = pytest.mark.django_db
LONGEST = 60


@pytest.fixture
def made() -> Market:
    return market()


def scope_of(made: Market, seller: str = "BAD", night: date = LAST, **more: str) -> Scope:
    seller_id = Offer.objects.filter(seller__code=seller).values_list("seller_id", flat=True)[0]
    return Scope(seller_id, {made.marketplace.pk: night}, **more)


def several_reasons(offer: Offer) -> list[OrderLine]:
    """Orders with complaints that count, that don't, and some that meet in one order."""
    lines = sell(offer, range(40))
    told = [
        (0, "return", "too_small", 0),
        (1, "return", "too_small", 1),
        (2, "refund", "defective", 2),
        # An order with two complaints belongs to the earlier one, whatever its channel.
        (3, "return", "defective", 1),
        (3, "review", "too_small", 2),
        # Of two on one day it is the return's.
        (4, "contact", "too_small", 2),
        (4, "return", "defective", 2),
        (5, "return", "late_delivery", 3),
    ]
    for place, channel, reason, ago in told:
        EventFactory(
            order_line=lines[place], channel=channel, raw_reason=reason, occurred_on=LAST - ago * ONE_DAY
        )
    EventFactory(order_line=lines[6], reason="defective", occurred_on=LAST + ONE_DAY)  # not known yet
    OrderLine.objects.filter(pk=lines[2].pk).update(status="cancelled")
    return lines


def test_totals_are_the_sums_of_the_offers_rows_without_deleted_listings(made: Market) -> None:
    bad_offer(made)
    gone = bad_offer(made, sku="gone")
    sell(made.offer(sku="fine", fulfillment="marketplace"), range(30))
    made.nights(1)
    Offer.objects.filter(pk=gone.pk).update(status="LISTING_DELETED", deleted_on=LAST)
    OfferHealth.objects.filter(pk=gone.pk).update(tile=Tile.DELETED)
    scope = scope_of(made)
    rows = OfferHealth.objects.filter(seller_id=scope.seller_id).exclude(pk=gone.pk)
    found = totals(read_kinds(scope), scope)
    assert (found.offers, found.orders, found.ncx_orders) == (2, 90, 20)
    assert found.expected == pytest.approx(sum(row.orders * (row.m or 0) for row in rows))
    assert found.flagged == 1
    assert found.avoidable == pytest.approx(max(row.excess for row in rows))
    assert found.top_reasons["defective"] == 2  # the grid lists the deleted one too
    here = scope_of(made, fulfillment="marketplace")
    assert totals(read_kinds(here), here).orders == 30


def test_reasons_sum_to_the_ncx_orders_and_are_those_of_the_offers_own_page(made: Market) -> None:
    offer = made.offer()
    several_reasons(offer)
    sell(bad_offer(made), [70], complaints=(0,))  # outside every window
    made.nights(1)
    reported = read_reported(scope_of(made), LONGEST)
    found = by_reason(reported)
    assert found.total() == sum(
        OfferHealth.objects.filter(seller=offer.seller).values_list("ncx_orders", flat=True)
    )
    # The page's own way of telling one offer's reasons.
    alone = cells(read_complaints(offer.pk, LAST), LAST.toordinal(), LONGEST)
    expected = {"too_small": 3, "defective": 1}
    assert {
        reason: sum(n for cell, n in alone.items() if cell.reason == reason) for reason in expected
    } == expected
    assert found == {"too_small": 3, "defective": 1 + 20}


def test_a_period_counts_its_own_days(made: Market) -> None:
    offer = made.offer()
    sell(offer, range(90), complaints=(0, 29, 30, 59, 60, 89))
    made.nights(1)
    reported = read_reported(scope_of(made), LONGEST)
    found = rate_on(reported, reported.scope.nights)
    for days, ncx in ((30, 2), (90, 6), (60, 4), (None, 4)):
        found = rate_on(reported, reported.scope.nights, days)
        assert (found.orders, found.ncx_orders) == (days or 60, ncx)
        assert by_reason(reported, days).total() == ncx
    assert found.similar == pytest.approx(health(offer).m)


def test_a_past_night_is_told_as_it_was_computed(made: Market) -> None:
    offer = bad_offer(made)
    several_reasons(made.offer())
    computed = {}
    for back in range(3, -1, -1):
        night = LAST - back * ONE_DAY
        made.nights(1, night)
        rows = OfferHealth.objects.filter(seller=offer.seller, as_of=night)
        computed[night] = tuple(map(sum, zip(*rows.values_list("orders", "ncx_orders"), strict=True)))
    reported = read_reported(scope_of(made), LONGEST)
    found = {night: rate_on(reported, {made.marketplace.pk: night})[:2] for night in computed}
    assert found == computed


def test_reasons_by_week_go_by_the_first_complaint_and_leave_no_week_half_full(made: Market) -> None:
    offer = made.offer()
    lines = sell(offer, [0, 6, 7, 83, 100])
    for line, ago in zip(lines, (0, 6, 7, 83, 20), strict=True):
        EventFactory(order_line=line, reason="defective", occurred_on=LAST - ago * ONE_DAY)
    made.nights(1)
    found = by_week(read_reported(scope_of(made), LONGEST), LONGEST)
    # The complaint about the order of day 100 came when that was 80 days old: no night ever counted it.
    assert found == {"defective": [1, *[0] * (WEEKS - 3), 1, 2]}


def test_each_week_has_its_last_night_and_a_late_marketplace_stays_as_it_was() -> None:
    monday = date(2026, 11, 16)
    nights: list[tuple[int, date, dict[str, int]]]
    nights = [(1, monday, {}), (1, monday - ONE_DAY, {}), (2, monday - ONE_DAY, {}), (3, monday, {})]
    nights.append((1, monday - timedelta(weeks=WEEKS), {}))
    assert weekly_nights(nights, [1, 2]) == [
        {1: monday - ONE_DAY, 2: monday - ONE_DAY},
        {1: monday, 2: monday - ONE_DAY},
    ]


def test_the_worklist_goes_by_orders_above_similar_offers(made: Market) -> None:
    worst, few = bad_offer(made), made.offer(sku="few")
    sell(few, range(4), complaints=(0, 1, 2))
    sell(made.offer(sku="fine"), range(40))
    made.nights(1)
    found = list(read_worklist(scope_of(made)))
    assert [named.offer_id for named in found] == [worst.pk, few.pk]
    assert found[0].excess == pytest.approx(20 - 60 * (health(worst).m or 0))
    names, first = read_named(scope_of(made), [few.pk], 1)
    assert [named.offer_id for named in first] == [worst.pk]
    assert set(names) == {worst.pk, few.pk}


def test_offers_at_one_place_of_the_funnel_come_as_one(made: Market) -> None:
    for number in range(3):
        sell(made.offer(sku=f"S-{number}"), range(10), complaints=(0,))
    sell(made.offer(sku="other"), range(11))
    made.offer(sku="never-ordered")
    made.nights(1)
    assert sorted(
        (place.orders, place.ncx_orders, place.offers) for place in read_places(scope_of(made))
    ) == [
        (10, 1, 3),
        (11, 0, 1),
    ]


def test_deleted_listings_are_in_no_list(made: Market) -> None:
    offer, last = relisted_offer(made)
    scope = scope_of(made, night=last)
    assert read_relisted(scope)
    Offer.objects.filter(pk=offer.pk).update(status="LISTING_DELETED", deleted_on=last)
    OfferHealth.objects.filter(pk=offer.pk).update(tile=Tile.DELETED)
    assert not any((list(read_worklist(scope)), read_places(scope), read_relisted(scope)))
    assert by_reason(read_reported(scope, LONGEST)).total() == read_closures(scope, 60) == 0


def test_closures_in_error_are_not_counted_and_closed_days_are() -> None:
    made = market()
    offers = [bad_offer(made, sku=sku) for sku in ("one", "two")]
    made.nights(3)
    scope = scope_of(made)
    assert read_closures(scope, 60) == 2
    assert totals(read_kinds(scope), scope).closed_days == [0, 0]
    lift_closure(offer_id=offers[0].pk, by=UserFactory(is_staff=True), reason="Other offer's orders.")
    made.nights(4, LAST + 4 * ONE_DAY)
    later = scope_of(made, night=LAST + 4 * ONE_DAY)
    assert totals(read_kinds(later), later).closed_days == [4]
    assert [read_closures(later, days) for days in (4, 5, 60)] == [0, 1, 1]
    assert read_closures(scope_of(made, fulfillment="marketplace"), 60) == 0


def test_other_sellers_offers_play_no_part(made: Market) -> None:
    sell(made.offer(), range(10), complaints=(0,))
    made.nights(1)
    mine = scope_of(made)
    before = (read_kinds(mine), by_reason(read_reported(mine, LONGEST)), read_places(mine))
    bad_offer(made, seller="OTHER")
    assert (read_kinds(mine), by_reason(read_reported(mine, LONGEST)), read_places(mine)) == before
    theirs = scope_of(made, seller="OTHER")
    assert by_reason(read_reported(theirs, LONGEST)).total() == 0  # not computed yet


def relisted_offer(made: Market) -> tuple[Offer, date]:
    """Closed after three nights, relisted on the next day; ten clean nights since, an order on each."""
    offer = bad_offer(made)
    made.nights(3)
    relist(offer_id=offer.pk, by=None, at=datetime(2024, 3, 17, 15, tzinfo=UTC))
    last = LAST + 12 * ONE_DAY
    sell(offer, range(10), complaints=(3,), last=last)
    made.nights(10, last)
    return offer, last


def test_a_relist_has_its_rate_before_and_since_and_its_weekly_points(made: Market) -> None:
    offer, last = relisted_offer(made)
    scope = scope_of(made, night=last)
    (row,) = read_relisted(scope)
    assert outcome(row) is Outcome.RECOVERING
    nights = [LAST, last]
    sold = read_sold([row], earliest_needed([row], nights, LONGEST), last)[offer.pk]
    closed = row.offer.last_closed_on
    assert closed == LAST + ONE_DAY
    assert sold.between(closed - 61 * ONE_DAY, closed - ONE_DAY) == (60, 20)
    assert sold.between(date(2024, 3, 16), last) == (10, 1)
    points = read_weeks(row, sold, nights, Policy())
    assert [(point.orders, point.ncx_orders) for point in points][-1] == (row.orders, row.ncx_orders)
    assert points[-1].band == row.band


def test_what_is_ahead_of_a_relist_goes_by_the_orders_since(made: Market) -> None:
    offer, last = relisted_offer(made)
    (row,) = read_relisted(scope_of(made, night=last))
    sold = read_sold([row], LAST - 90 * ONE_DAY, last)[offer.pk]
    ahead = outlook(row, sold, Policy())
    assert ahead is not None
    assert (ahead.orders, ahead.ncx_orders) == (10, 1)
    assert all(low <= middle <= high for low, middle, high in ahead.weeks)
    assert len(ahead.weeks) == 60 // 7
    assert row.m is not None
    assert row.s is not None
    mean = (row.m * row.s + 1) / (row.s + 10)
    recent = recent_counts(
        offer_now(offer), row, read_order_days(offer.pk, last), read_complaints(offer.pk, last), Policy()
    )
    expected = weeks_to_recover(recent, mean, row.m, row.s, Band(row.band), Policy())
    assert ahead.until_fair[1] == expected
    # At the last week's end only new orders are left but for four days' old ones.
    assert ahead.weeks[-1][1] == pytest.approx(mean, abs=0.1)


def offer_now(offer: Offer) -> Offer:
    offer.refresh_from_db()
    return offer


def test_an_offer_that_got_back_to_fair_says_after_how_many_weeks(made: Market) -> None:
    offer, last = relisted_offer(made)
    OfferHealth.objects.filter(pk=offer.pk).update(
        recovered_on=date(2024, 3, 26), recovering=False, band=3, tile=3
    )
    (row,) = read_relisted(scope_of(made, night=last))
    assert outcome(row) is Outcome.RECOVERED
    assert weeks_taken(row) == 2  # nine days
    assert outlook(row, read_sold([row], LAST - 90 * ONE_DAY, last)[offer.pk], Policy()) is None


def test_relists_of_a_year_are_listed_and_what_became_of_them() -> None:
    seller = lived_through()
    night = OfferHealth.objects.filter(seller=seller).latest("as_of").as_of
    assert night is not None
    marketplace_id = Offer.objects.filter(seller=seller).values_list("marketplace_id", flat=True)[0]
    found = read_relisted(Scope(seller.pk, {marketplace_id: night}))
    assert {row.offer.sku: outcome(row) for row in found} == {
        "twice": Outcome.CLOSED_AGAIN,
        "relisted": Outcome.RECOVERING,
    }
    assert read_relisted(Scope(seller.pk, {marketplace_id: night + 400 * ONE_DAY})) == []
