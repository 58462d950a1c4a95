"""Themes of what customers reported: each order in one of them, named by what recurs, quoted with care."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feedback.models import FeedbackEvent
from health.models import OfferHealth
from health.offer_detail import read_complaints
from health.resolving import confirm
from health.themes import DECIDED, FOREIGN, OTHER, Themes, read_themes
from offers.lifecycle import Status
from offers.models import Offer, OfferStatusChange, OrderLine
from tests.factories import (
    A_DAY,
    EventFactory,
    HealthChangeFactory,
    HealthFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    OrderLineFactory,
    UserFactory,
)
from tests.health.closed_offers import OTHER as REMEDY_ONLY
from tests.health.closed_offers import REMEDY, ready
from tests.health.story import LAST, ONE_DAY, bad_offer, market

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> Offer:
    made = OfferFactory(title="Weekend bag, black")
    HealthFactory(offer=made, as_of=A_DAY, window_days=60)
    return made


def complain(
    offer: Offer, *comments: str, reason: str = "defective", age: int = 10, **event: Any
) -> list[FeedbackEvent]:
    """One order and one counted return for each comment."""
    made = []
    for number, comment in enumerate(comments):
        line = OrderLineFactory(offer=offer, ordered_on=A_DAY - timedelta(days=age))
        on = A_DAY - timedelta(days=max(age - 1 - number, 0))
        fields = {"occurred_on": on, "reason": reason} | event
        made.append(EventFactory(order_line=line, comment=comment, **fields))
    return made


def shape(themes: Themes) -> list[tuple[str, str, int]]:
    return [(theme.reason, theme.words, theme.orders) for theme in themes.themes]


ZIPPERS = ("The zipper broke", "Zipper stuck", "zippers came off, I want my money back", "the ZIPPER is bad")
STRAPS = ("Strap ripped", "the strap ripped on day one", "Very disappointed: strap ripped")


def test_orders_are_grouped_by_reason_and_by_what_recurs_inside_it(offer: Offer) -> None:
    complain(offer, *ZIPPERS, *STRAPS, "", "It broke")
    complain(offer, "Too small", "too small for me", "smaller than shown", reason="too_small")
    complain(offer, "Wrong bag", reason="wrong_item")
    complain(offer, "Old model", reason="used_sold_as_new")
    found = read_themes(offer, None)
    assert shape(found) == [
        ("defective", "zipper", 4),
        ("defective", "strap ripped", 3),
        ("too_small", "", 3),
        ("", "", 4),
    ]
    other = found.themes[-1]
    assert (other.key, other.reasons) == (OTHER, ("defective", "used_sold_as_new", "wrong_item"))
    assert found.orders == sum(theme.orders for theme in found.themes) == 14
    assert found.themes[0].share == 4 / 14
    assert [theme.comments for theme in found.themes] == [4, 3, 3, 3]
    assert len({theme.key for theme in found.themes}) == 4


def test_one_small_theme_stands_for_itself(offer: Offer) -> None:
    complain(offer, "", "", "")
    complain(offer, "Wrong bag", reason="wrong_item")
    assert shape(read_themes(offer, None)) == [("defective", "", 3), ("wrong_item", "", 1)]


def test_an_order_counts_once_where_its_first_event_says_and_every_event_is_read(offer: Offer) -> None:
    (first,) = complain(offer, "It broke", age=20)
    EventFactory(
        order_line=first.order_line, reason="too_small", occurred_on=A_DAY, comment="Too small as well"
    )
    EventFactory(
        order_line=first.order_line,
        reason="late_delivery",
        cause="delivery",
        counted=False,
        occurred_on=A_DAY,
    )
    found = read_themes(offer, None)
    assert shape(found) == [("defective", "", 1)]
    assert {quote.text for quote in found.themes[0].quotes} == {"It broke", "Too small as well"}
    assert found.not_counted == {"delivery": 1}


def test_quotes_are_the_newest_distinct_masked_and_name_no_order(offer: Offer) -> None:
    events = complain(
        offer, "zipper", "zipper stuck", "Zipper: call 514-555-0147", "zipper  BROKE", "Zipper broke", "  "
    )
    FeedbackEvent.objects.filter(pk=events[4].pk).update(order_ref="114-1234567-7654321", channel="contact")
    quotes = read_themes(offer, None).themes[0].quotes
    assert [quote.text for quote in quotes] == ["Zipper broke", "Zipper: call [phone]", "zipper stuck"]
    newest = quotes[0]
    assert (newest.channel, newest.on, newest.order) == ("contact", A_DAY - 5 * ONE_DAY, "114-…4321")


def test_c4_what_does_not_count_is_told_by_cause_and_is_in_no_theme(offer: Offer) -> None:
    complain(offer, "It broke")
    not_counted: Any = {"counted": False, "judged_by": "code"}
    complain(offer, "Late", "Lost", reason="late_delivery", cause="delivery", **not_counted)
    complain(offer, "Changed my mind", reason="changed_mind", cause="buyer", **not_counted)
    complain(offer, "", reason="unspecified", cause="unknown", counted=False, judged_by="default")
    decided: Any = {"decision": False, "decision_reason": "x", "decision_at": "2024-03-01T00:00Z"}
    complain(offer, "Not mine", counted=False, judged_by="operator", **decided)
    complain(offer, "Lovely", channel="review", stars=5, counted=False, judged_by="stars", cause="unknown")
    EventFactory(offer=offer, order_line=None, foreign_order=True, counted=False, occurred_on=A_DAY)
    found = read_themes(offer, None)
    assert found.not_counted == {"delivery": 2, "buyer": 1, "unknown": 1, DECIDED: 1, FOREIGN: 1}
    assert (found.orders, shape(found)) == (1, [("defective", "", 1)])


def test_what_lies_outside_the_window_or_came_later_is_left_out(offer: Offer) -> None:
    complain(offer, "in time", age=59)
    complain(offer, "too old", age=60)
    complain(offer, "known later", occurred_on=A_DAY + ONE_DAY)
    complain(offer, "ordered later", age=-1)
    (gone,) = complain(offer, "cancelled")
    OrderLine.objects.filter(feedback=gone).update(status="cancelled")
    found = read_themes(offer, None)
    assert [quote.text for quote in found.themes[0].quotes] == ["in time"]
    assert found.window == (A_DAY - timedelta(days=59), A_DAY)


def test_without_feedback_or_a_night_there_is_nothing(offer: Offer) -> None:
    assert (read_themes(offer, None).themes, read_themes(offer, None).orders) == ([], 0)
    assert read_themes(OfferFactory(), None).themes == []


def closure_of(offer: Offer, **evidence: Any) -> OfferStatusChange:
    on = A_DAY + ONE_DAY
    Offer.objects.filter(pk=offer.pk).update(status=Status.CLOSED, last_closed_on=on)
    return OfferStatusChangeFactory(offer=offer, on=on, evidence=evidence)


def test_d4_the_themes_of_a_closure_are_those_of_its_frozen_orders(offer: Offer) -> None:
    """Later feedback, a cancelled order, an upheld dispute and a judgement made anew change nothing."""
    events = complain(offer, *ZIPPERS, "Strap ripped", reason="defective")
    lines = sorted(event.order_line_id or 0 for event in events)
    evidence = {"as_of": A_DAY.isoformat(), "window_days": 60, "ncx_orders": 5, "order_lines": lines}
    closure = closure_of(offer, **evidence)
    OrderLine.objects.filter(feedback=events[0]).update(status="cancelled")
    decided = {
        "counted": False,
        "decision": False,
        "decision_reason": "x",
        "decision_at": "2024-03-20T00:00Z",
    }
    FeedbackEvent.objects.filter(pk=events[1].pk).update(**decided)
    FeedbackEvent.objects.filter(pk=events[4].pk).update(counted=False, cause="delivery")
    complain(offer, "Zipper, known later", occurred_on=A_DAY + 5 * ONE_DAY)
    complain(offer, "Zipper that nobody had reported before", age=1)
    OfferHealth.objects.filter(pk=offer.pk).update(as_of=A_DAY + 30 * ONE_DAY, window_days=30)
    found = read_themes(offer, closure)
    assert shape(found) == [("defective", "zipper", 4), ("unspecified", "", 1)]
    assert found.orders == sum(theme.orders for theme in found.themes) == 5
    assert found.window == (A_DAY - timedelta(days=59), A_DAY)


def test_d10_a_closure_by_hand_shows_the_window_that_was_in_force_before_it(offer: Offer) -> None:
    complain(offer, "recent", age=20)
    complain(offer, "older", age=40)
    HealthChangeFactory(offer=offer, as_of=A_DAY - 3 * ONE_DAY, window_days=30)
    HealthChangeFactory(offer=offer, as_of=A_DAY + 9 * ONE_DAY, window_days=60)
    found = read_themes(offer, closure_of(offer))
    assert (found.orders, found.window) == (1, (A_DAY - timedelta(days=29), A_DAY))


@pytest.mark.parametrize("commented", [0, 8])
def test_the_numbers_are_those_of_the_offers_own_page(commented: int, offer: Offer) -> None:
    complain(offer, *["Zipper broke"] * commented, *[""] * (12 - commented))
    known = read_complaints(offer.pk, A_DAY).known_on(A_DAY.toordinal(), 60)
    assert read_themes(offer, None).orders == len(known.line) == 12


def test_the_number_of_queries_does_not_grow(offer: Offer, django_assert_num_queries: Any) -> None:
    complain(offer, *ZIPPERS * 20, *STRAPS * 20)
    complain(offer, *["Too small"] * 30, reason="too_small")
    offer = Offer.objects.select_related("category").get(pk=offer.pk)
    with django_assert_num_queries(6):
        read_themes(offer, None)


def test_d6_a_relisted_offer_is_not_closed_again_by_its_old_orders() -> None:
    """From the night that closes it to the night after its relist, through Resolve issue."""
    made = market()
    offer, person = bad_offer(made), UserFactory()
    made.nights(3, LAST)
    offer.refresh_from_db()
    closure = OfferStatusChange.objects.get(offer=offer)
    found = read_themes(offer, closure)
    assert (offer.status, offer.last_closed_on) == (Status.CLOSED, LAST + ONE_DAY)
    assert found.orders == sum(theme.orders for theme in found.themes) == closure.evidence["ncx_orders"] == 20
    case = ready(offer, person, fixes=REMEDY_ONLY, remedy=REMEDY)
    noon = datetime(2024, 3, 16, 16, 0, tzinfo=UTC)
    done = confirm(case_id=case.pk, by=person, seen_version=case.version, attested=True, at=noon)
    assert done.summary["forecast"]["weeks_clean"] >= 1
    made.nights(1, LAST)  # the same night again
    made.nights(4, LAST + 4 * ONE_DAY)
    offer.refresh_from_db()
    assert offer.status == Status.LIVE
    assert OfferStatusChange.objects.filter(offer=offer, move="close").count() == 1
    assert OfferHealth.objects.get(pk=offer.pk).streak == 0
