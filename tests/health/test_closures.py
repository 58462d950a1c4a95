"""Closing after a night (METHOD 6): one offer that must close, and what keeps its like open."""

from datetime import UTC, datetime, timedelta

import pytest
from time_machine import travel

from health.actions import close_by_hand, drop_hold, lift_closure, release_hold, relist
from health.bands import Band
from health.models import ClosureHold, HealthChange, Night, Notification, OfferHealth
from offers.lifecycle import Status
from offers.models import Offer, OfferStatusChange, OrderLine
from tests.factories import OrderLineFactory, UserFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Market:
    return market()


def status(offer: Offer) -> str:
    return str(Offer.objects.get(pk=offer.pk).status)


def test_d1_an_offer_closes_on_the_third_night_running_and_not_before(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2, LAST - ONE_DAY)
    assert health(offer).band == Band.VERY_POOR
    assert status(offer) == Status.LIVE
    made.nights(1)
    assert status(offer) == Status.CLOSED
    assert Offer.objects.get(pk=offer.pk).last_closed_on == LAST + ONE_DAY


def test_d3_a_closure_makes_one_notification_with_the_frozen_evidence(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    made.nights(1)  # the same date again
    notice = Notification.objects.get(offer=offer)
    change = OfferStatusChange.objects.get(offer=offer)
    assert (notice.kind, notice.status_change_id, notice.on) == ("closed", change.pk, LAST + ONE_DAY)
    assert (notice.evidence["orders"], notice.evidence["ncx_orders"], notice.evidence["window_days"]) == (
        60,
        20,
        60,
    )
    assert notice.evidence["probabilities"]["vp"] >= 0.95
    assert notice.evidence["reasons"] == {"defective": 20}
    assert len(notice.evidence["order_lines"]) == 20
    assert notice.evidence["tests"]["customers"] == 20
    OrderLine.objects.filter(offer=offer).update(status="cancelled")
    made.nights(1)
    assert Notification.objects.get(offer=offer).evidence == notice.evidence
    assert status(offer) == Status.CLOSED


def test_notices_of_nights_older_than_yesterday_send_no_mail(made: Market) -> None:
    old = bad_offer(made)
    made.nights(3)
    assert Notification.objects.get(offer=old).email == Notification.Email.NONE


def test_the_notice_of_last_night_is_to_be_mailed(made: Market) -> None:
    offer = bad_offer(made)
    with travel(datetime(2024, 3, 16, 8, tzinfo=UTC), tick=False):
        made.nights(3)
    assert Notification.objects.get(offer=offer).email == Notification.Email.PENDING


def test_b6_an_offer_with_one_complaint_in_one_order_is_insufficient_feedback_and_stays_open(
    made: Market,
) -> None:
    offer = made.offer()
    sell(offer, [5], complaints=[0])
    made.nights(5)
    assert health(offer).band == Band.INSUFFICIENT
    assert health(offer).rate == 1.0
    assert status(offer) == Status.LIVE


def test_c4_an_offer_with_delivery_complaints_alone_never_leaves_its_band(made: Market) -> None:
    offer = made.offer()
    lines = sell(offer, range(60), complaints=range(60))
    for line in lines:
        line.feedback.update(raw_reason="late_delivery", judged_version="")
    made.nights(5)
    assert (health(offer).ncx_orders, health(offer).orders) == (0, 60)
    assert health(offer).band in {Band.EXCELLENT, Band.GOOD, Band.FAIR}
    assert status(offer) == Status.LIVE


def test_closing_can_be_switched_off_by_policy() -> None:
    made = market(closing_enabled=False)
    offer = bad_offer(made)
    made.nights(5)
    assert health(offer).band == Band.VERY_POOR
    assert status(offer) == Status.LIVE


def test_complaints_of_one_customer_close_nothing(made: Market) -> None:
    offer = made.offer()
    sell(offer, range(60), complaints=range(1, 60, 3), customer=77)
    made.nights(5)
    assert health(offer).band == Band.VERY_POOR
    assert status(offer) == Status.LIVE


def test_an_offer_among_too_few_similar_orders_stays_open() -> None:
    made = market()
    offer = made.offer()
    offer.condition = "used"  # a peer group of its own: no other seller's orders stand behind it
    offer.save()
    sell(offer, range(60), complaints=range(1, 60, 3))
    made.nights(5)
    assert health(offer).band == Band.VERY_POOR
    assert status(offer) == Status.LIVE


def test_d6_after_a_relist_the_old_orders_do_not_close_it_again(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    with travel(datetime(2024, 3, 16, 15, tzinfo=UTC), tick=False):
        relist(offer_id=offer.pk, by=None)
    sell(offer, range(13), last=LAST + 13 * ONE_DAY)
    made.nights(13, LAST + 13 * ONE_DAY)
    row = health(offer)
    assert status(offer) == Status.LIVE
    assert row.n == 13 + 0.25 * (row.orders - 13)
    assert row.recovering


def test_after_the_grace_the_usual_three_nights_close_it_again(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    with travel(datetime(2024, 3, 16, 15, tzinfo=UTC), tick=False):
        relist(offer_id=offer.pk, by=None)
    # Day for day three orders, half of them bad: 30 orders on the tenth day, 14 days on the 30th of March.
    for day in range(1, 22):
        sell(offer, [0, 0, 0], complaints=[0, 1] if day % 2 else [0], last=LAST + day * ONE_DAY)
    made.nights(16, LAST + 16 * ONE_DAY)
    assert status(offer) == Status.LIVE  # 30 and 31 March were the first two
    made.nights(1, LAST + 17 * ONE_DAY)
    assert status(offer) == Status.CLOSED
    assert OfferStatusChange.objects.filter(offer=offer, move="close").count() == 2
    assert Offer.objects.get(pk=offer.pk).last_closed_on == LAST + 18 * ONE_DAY


def test_a_run_never_closes_an_offer_relisted_after_its_date(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    with travel(datetime(2024, 3, 16, 15, tzinfo=UTC), tick=False):
        relist(offer_id=offer.pk, by=None)
    made.nights(3)
    assert status(offer) == Status.LIVE


def test_d10_after_a_lift_only_new_nights_count_and_old_orders_keep_their_weight(made: Market) -> None:
    offer, operator = bad_offer(made), UserFactory(is_staff=True)
    made.nights(3)
    with travel(datetime(2024, 3, 16, 15, tzinfo=UTC), tick=False):
        lift_closure(
            offer_id=offer.pk, by=operator, reason="The complaints were about another shop's parcel."
        )
    assert Offer.objects.get(pk=offer.pk).last_closed_on is None
    sell(offer, range(5), complaints=range(3), last=LAST + 5 * ONE_DAY)
    made.nights(2, LAST + 2 * ONE_DAY)
    row = health(offer)
    assert row.n == row.orders
    assert status(offer) == Status.LIVE
    made.nights(1, LAST + 3 * ONE_DAY)
    assert status(offer) == Status.CLOSED


def test_fewer_than_half_the_customers_known_waits_for_an_operator(made: Market) -> None:
    offer, operator = made.offer(), UserFactory(is_staff=True)
    sell(offer, range(60), complaints=range(1, 60, 3), customer=None)
    made.nights(3)
    assert status(offer) == Status.LIVE
    hold = ClosureHold.objects.get(offer=offer)
    assert (hold.cause, hold.state, hold.evidence["ncx_orders"]) == ("customers", "open", 20)
    assert release_hold(hold_id=hold.pk, by=operator)
    assert status(offer) == Status.CLOSED
    assert Notification.objects.get(offer=offer, kind="closed").evidence["ncx_orders"] == 20


def test_a_dropped_closure_starts_its_three_nights_again(made: Market) -> None:
    offer, operator = made.offer(), UserFactory(is_staff=True)
    sell(offer, range(60), complaints=range(1, 60, 3), customer=None)
    made.nights(3)
    drop_hold(hold_id=ClosureHold.objects.get(offer=offer).pk, by=operator)
    made.nights(2, LAST + 2 * ONE_DAY)
    assert not ClosureHold.objects.filter(offer=offer, state="open").exists()
    made.nights(1, LAST + 3 * ONE_DAY)
    assert ClosureHold.objects.filter(offer=offer, state="open").exists()


def test_the_circuit_breaker_holds_the_whole_night_back_until_an_operator_decides(
    mailoutbox: list[object],
) -> None:
    made, operator = market(breaker_min=2), UserFactory(is_staff=True)
    offers = [bad_offer(made, seller=f"BAD-{number}") for number in range(3)]
    made.nights(3)
    assert {status(offer) for offer in offers} == {Status.LIVE}
    assert Night.objects.get(as_of=LAST).breaker_tripped
    assert ClosureHold.objects.filter(state="open", cause="breaker").count() == 3
    fourth = bad_offer(made, seller="BAD-4")
    made.nights(4, LAST + 4 * ONE_DAY)
    assert status(fourth) == Status.LIVE  # until then nothing closes
    for hold in ClosureHold.objects.filter(state="open"):
        release_hold(hold_id=hold.pk, by=operator)
    assert {status(offer) for offer in offers} == {Status.CLOSED}
    made.nights(1, LAST + 5 * ONE_DAY)
    assert status(fourth) == Status.CLOSED


def test_a_hold_on_an_offer_that_is_gone_blocks_nobody() -> None:
    made, operator = market(breaker_min=1), UserFactory(is_staff=True)
    offers = [bad_offer(made, seller=f"BAD-{number}") for number in range(2)]
    made.nights(3)
    close_by_hand(offer_id=offers[0].pk, by=operator, reason="Unsafe.")
    release_hold(hold_id=ClosureHold.objects.get(offer=offers[1], state="open").pk, by=operator)
    made.nights(1, LAST + ONE_DAY)
    assert not ClosureHold.objects.filter(state="open").exists()


def test_a_closed_offer_stays_closed_whatever_its_band_becomes(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    OrderLine.objects.filter(offer=offer, feedback__isnull=False).update(status="cancelled")
    for _ in range(60):
        OrderLineFactory(offer=offer, ordered_on=LAST)
    made.nights(5, LAST + 5 * ONE_DAY)
    assert health(offer).band in {Band.EXCELLENT, Band.GOOD, Band.FAIR}
    assert status(offer) == Status.CLOSED


def test_a5_closing_every_offer_of_a_seller_leaves_the_account_as_it_was(made: Market) -> None:
    offers = [bad_offer(made) for _ in range(3)]
    seller = offers[0].seller
    before = {**vars(type(seller).objects.get(pk=seller.pk))}
    made.nights(3)
    after = {**vars(type(seller).objects.get(pk=seller.pk))}
    assert {status(offer) for offer in offers} == {Status.CLOSED}
    assert {**after, "_state": None} == {**before, "_state": None}


def test_closed_and_relisted_dates_place_the_offer_in_the_grid(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    row = health(offer)
    assert (row.urgency, row.closed_rank) == (0, -(LAST + ONE_DAY).toordinal())
    with travel(datetime(2024, 3, 16, 15, tzinfo=UTC), tick=False):
        relist(offer_id=offer.pk, by=None)
    row = health(offer)
    assert (row.urgency, row.closed_rank, row.recovering) == (1, 0, True)


def test_b7_a_deleted_offer_keeps_its_last_health_and_is_computed_no_more(made: Market) -> None:
    from health.actions import delete_listing

    offer = made.offer()
    sell(offer, range(30), complaints=[1])
    made.nights(3)
    before = health(offer)
    delete_listing(offer_id=offer.pk, by=None)
    sell(offer, range(30), complaints=range(20))
    made.nights(3, LAST + 3 * ONE_DAY)
    row = health(offer)
    assert (row.band, row.orders, row.as_of) == (before.band, before.orders, before.as_of)
    assert (row.tile, row.urgency) == (7, 8)


def test_history_says_on_which_nights_the_offer_could_be_closed(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    changes = HealthChange.objects.filter(offer=offer).order_by("as_of")
    assert [(change.as_of, change.band, change.closable) for change in changes] == [
        (LAST - timedelta(days=2), Band.VERY_POOR, True)
    ]
    assert OfferHealth.objects.get(pk=offer.pk).streak == 3
