"""What a night tells sellers besides closures: at risk, recovering, the weekly summary."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from health import tasks
from health.actions import close_by_hand, lift_closure, relist
from health.bands import Band
from health.models import HealthChange, Notification, OfferHealth
from offers.models import Offer, OrderLine
from tests.factories import UserFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell

pytestmark = pytest.mark.django_db
A_MOMENT_LATER = datetime(2024, 3, 16, 15, tzinfo=UTC)


@pytest.fixture
def made() -> Market:
    """A market that closes nobody, so that bad offers stay at risk."""
    return market(closing_enabled=False)


def told(kind: str, offer: Offer | None = None) -> list[date]:
    """The dates of the notices of a kind, in the order in which they were written."""
    notices = Notification.objects.filter(kind=kind, **({"offer": offer} if offer else {}))
    return list(notices.order_by("pk").values_list("on", flat=True))


def everything() -> list[Any]:
    """All that any notice says, but for when it was written."""
    fields = ("seller_id", "marketplace_id", "offer_id", "kind", "on", "evidence", "email")
    return list(Notification.objects.order_by("pk").values_list(*fields))


# --- at risk


def test_d9_an_offer_is_at_risk_on_its_third_night_shown_very_poor_and_told_of_once(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2)
    assert told("at_risk") == []
    made.nights(4, LAST + 4 * ONE_DAY)
    assert told("at_risk") == [LAST + 2 * ONE_DAY]
    notice = Notification.objects.get(kind="at_risk")
    assert (notice.offer_id, notice.seller_id, notice.marketplace_id) == (
        offer.pk, offer.seller_id, offer.marketplace_id
    )  # fmt: skip
    said = notice.evidence
    assert (said["band"], said["orders"], said["ncx_orders"], said["nights"]) == ("VERY_POOR", 59, 20, 3)
    assert (said["top_reason"], said["top_reason_orders"], said["policy_version"]) == ("defective", 20, 1)
    assert 0.0 < said["m"] < 0.1


def test_a_night_computed_twice_tells_the_same_once(made: Market) -> None:
    bad_offer(made)
    made.nights(3)
    before = everything()
    made.nights(1)
    made.nights(3)
    assert everything() == before
    assert told("at_risk") == [LAST + ONE_DAY]


def test_a_replayed_period_tells_what_its_nights_told(made: Market) -> None:
    bad_offer(made)
    made.nights(6, LAST + 3 * ONE_DAY)
    before = everything()
    Notification.objects.all().delete()
    made.nights(6, LAST + 3 * ONE_DAY)
    assert everything() == before


def test_orders_that_came_late_do_not_tell_of_the_same_spell_twice(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    first = HealthChange.objects.filter(offer=offer).order_by("as_of").first()
    assert first
    # As if what came late had moved the beginning of the spell to the next night.
    HealthChange.objects.filter(pk=first.pk).update(as_of=first.as_of + ONE_DAY)
    made.nights(1, LAST + ONE_DAY)
    assert told("at_risk") == [LAST + ONE_DAY]


def test_a_spell_ends_with_a_better_band_and_the_next_is_told_of_again(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3)
    lines = OrderLine.objects.filter(offer=offer, feedback__isnull=False)
    lines.update(status="cancelled")
    made.nights(3, LAST + 3 * ONE_DAY)
    assert health(offer).band in {Band.EXCELLENT, Band.GOOD, Band.FAIR}
    lines.update(status="shipped")
    made.nights(4, LAST + 7 * ONE_DAY)  # the second night of them shows it, so the fourth is the third
    assert told("at_risk") == [LAST + ONE_DAY, LAST + 8 * ONE_DAY]


def test_an_offer_that_closes_on_its_third_night_is_closed_and_not_at_risk() -> None:
    made = market()
    offer = bad_offer(made)
    made.nights(4)
    assert told("closed", offer) == [LAST + 0 * ONE_DAY]
    assert told("at_risk", offer) == []


def test_an_offer_in_grace_cannot_be_closed_and_is_not_called_at_risk() -> None:
    made = market()
    offer = bad_offer(made)
    made.nights(3)
    with travel(A_MOMENT_LATER, tick=False):
        relist(offer_id=offer.pk, by=None)
    for day in range(1, 20):
        sell(offer, [0, 0, 0], complaints=[0, 1] if day % 2 else [0], last=LAST + day * ONE_DAY)
    made.nights(14, LAST + 14 * ONE_DAY)
    assert health(offer).band in {Band.POOR, Band.VERY_POOR}
    assert told("at_risk", offer) == []
    # Relisted on the 16th: the 30th of March is the first night after the grace, the 1st of April the third.
    OrderLine.objects.filter(offer=offer, feedback__isnull=False, ordered_on=LAST + 16 * ONE_DAY).update(
        customer=None
    )
    made.marketplace.policies.update(numbers={"closing_enabled": False})  # else it closes just then
    made.nights(6, LAST + 20 * ONE_DAY)
    assert told("at_risk", offer) == [date(2024, 4, 2)]


def test_without_the_orders_of_a_grace_it_lasts_and_nobody_is_at_risk(made: Market) -> None:
    offer, operator = bad_offer(made), UserFactory(is_staff=True)
    made.nights(2, LAST - ONE_DAY)
    with travel(datetime(2024, 3, 15, 15, tzinfo=UTC), tick=False):
        close_by_hand(offer_id=offer.pk, by=operator, reason="Recalled.")
        relist(offer_id=offer.pk, by=None)
    sell(offer, range(20), complaints=range(9), last=LAST + 20 * ONE_DAY)
    made.nights(20, LAST + 20 * ONE_DAY)
    assert health(offer).band in {Band.POOR, Band.VERY_POOR}
    assert told("at_risk", offer) == []


def test_a_lift_begins_a_new_spell(made: Market) -> None:
    offer, operator = bad_offer(made), UserFactory(is_staff=True)
    made.nights(3)
    with travel(A_MOMENT_LATER, tick=False):
        close_by_hand(offer_id=offer.pk, by=operator, reason="Recalled.")
        lift_closure(offer_id=offer.pk, by=operator, reason="It was another offer.")
    made.nights(4, LAST + 4 * ONE_DAY)
    assert told("at_risk", offer) == [LAST + ONE_DAY, LAST + 4 * ONE_DAY]


def test_a_closed_offer_is_not_at_risk(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2, LAST - ONE_DAY)
    close_by_hand(offer_id=offer.pk, by=UserFactory(is_staff=True), reason="Recalled.")
    made.nights(3, LAST + 2 * ONE_DAY)
    assert told("at_risk", offer) == []


# --- recovering


def test_d9_a_relisted_offer_is_recovering_when_it_is_first_shown_fair_or_better() -> None:
    made = market()
    offer = bad_offer(made)
    made.nights(3)
    with travel(A_MOMENT_LATER, tick=False):
        relist(offer_id=offer.pk, by=None)
    for day in range(1, 12):
        sell(offer, [0] * 8, last=LAST + day * ONE_DAY)
    made.nights(11, LAST + 11 * ONE_DAY)
    recovered = OfferHealth.objects.get(pk=offer.pk).recovered_on
    assert recovered is not None
    assert told("recovering") == [recovered + ONE_DAY]
    notice = Notification.objects.get(kind="recovering")
    assert notice.evidence["relisted_on"] == (LAST + ONE_DAY).isoformat()
    assert notice.evidence["band"] in {"FAIR", "GOOD", "EXCELLENT"}
    made.nights(11, LAST + 11 * ONE_DAY)
    assert told("recovering") == [recovered + ONE_DAY]


def test_an_offer_that_was_never_relisted_does_not_recover(made: Market) -> None:
    made.nights(5)
    assert told("recovering") == []


# --- the week

SUNDAY = date(2024, 3, 17)


def test_d9_the_night_before_monday_sums_the_week_up() -> None:
    made = market()
    offer = bad_offer(made)
    made.nights(3)
    assert told("weekly") == []
    made.nights(2, SUNDAY)
    assert told("weekly") == [SUNDAY + ONE_DAY] * 4  # three sellers of the market, and the bad one
    said = Notification.objects.get(kind="weekly", seller=offer.seller).evidence
    assert (said["as_of"], said["before"], said["tiles_before"]) == ("2024-03-17", None, {})
    assert said["closed"] == {"count": 1, "offers": [{"offer": offer.pk, "title": offer.title}]}
    assert said["at_risk"] == {"count": 0, "offers": []}
    assert said["tiles"]["closed"] == 1
    (first,) = said["fix_first"]
    row = health(offer)
    assert first["excess"] == pytest.approx(row.ncx_orders - row.orders * (row.m or 0), abs=1e-3)
    made.nights(2, SUNDAY)
    assert len(told("weekly")) == 4


def test_the_second_week_is_compared_with_the_first(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(3, SUNDAY)
    made.nights(7, SUNDAY + timedelta(days=7))
    notice = Notification.objects.filter(kind="weekly", seller=offer.seller).latest("on")
    assert notice.evidence["before"] == SUNDAY.isoformat()
    assert notice.evidence["tiles_before"]["at_risk"] == 1
    # The notice of being at risk is of the Monday before: the week that is told of begins after it.
    assert notice.evidence["at_risk"]["count"] == 0
    first = Notification.objects.filter(kind="weekly", seller=offer.seller).earliest("on")
    assert first.evidence["at_risk"]["offers"] == [{"offer": offer.pk, "title": offer.title}]


def test_the_day_of_the_summary_is_a_setting(made: Market, settings: Any) -> None:
    settings.SUMMARY_WEEKDAY = 4
    made.nights(2)
    assert set(told("weekly")) == {LAST}  # a Friday: the night of the 14th


def test_a_seller_whose_listings_are_all_deleted_gets_no_summary(made: Market) -> None:
    offer = made.offer(seller="GONE")
    made.nights(1, SUNDAY - ONE_DAY)
    from health.actions import delete_listing

    delete_listing(offer_id=offer.pk, by=None)
    made.nights(1, SUNDAY)
    assert not Notification.objects.filter(seller=offer.seller).exists()


# --- mail, and what it costs


def test_only_last_nights_notices_are_to_be_mailed(made: Market) -> None:
    bad_offer(made)
    with travel(datetime(2024, 3, 16, 8, tzinfo=UTC), tick=False):
        made.nights(3)
    assert [row.email for row in Notification.objects.all()] == ["pending"]
    made.nights(2, SUNDAY)  # long ago by now
    assert set(Notification.objects.filter(kind="weekly").values_list("email", flat=True)) == {"none"}


def test_notices_of_replayed_nights_carry_the_moment_at_which_their_job_would_have_run(made: Market) -> None:
    bad_offer(made)
    made.nights(3)
    written = Notification.objects.get(kind="at_risk").created_at
    assert written == datetime(2024, 3, 16, 3, tzinfo=made.marketplace.zone)


def test_more_offers_take_no_more_queries() -> None:
    assert _queries_of_third_night("US", bad=1) == _queries_of_third_night("CA", bad=6)


def _queries_of_third_night(code: str, bad: int) -> int:
    """What is asked of the tables that notices are made from; the third night is also the week's last."""
    made = market(code, closing_enabled=False)
    for number in range(bad):
        bad_offer(made, seller=f"{code}-{number}")
    made.nights(2, SUNDAY - ONE_DAY)
    with CaptureQueriesContext(connection) as asked:
        made.nights(1, SUNDAY)
    assert Notification.objects.filter(kind="at_risk", marketplace=made.marketplace).count() == bad
    assert Notification.objects.filter(kind="weekly", marketplace=made.marketplace).count() == bad + 3
    about = ("health_notification", "health_healthchange", "health_sellersummary", "lifted_on")
    return sum(any(name in query["sql"] for name in about) for query in asked.captured_queries)


def test_a_night_that_the_queue_computed_sends_its_notices_at_once(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks.send_notices, "delay", lambda: asked.append(Notification.objects.count()))
    bad_offer(made)
    with travel(datetime(2024, 3, 16, 8, tzinfo=UTC), tick=False):
        made.nights(2, LAST - ONE_DAY)
        tasks.recompute_marketplace(made.marketplace.code)
        tasks.recompute_marketplace(made.marketplace.code)  # nothing is missing any more
    assert asked == [1]
