"""What the database itself refuses to store about feedback and its reasons."""

import pytest

from feedback.models import ReasonCode
from tests.factories import A_MOMENT, EventFactory, OfferFactory, ReasonCodeFactory
from tests.refusals import BadRows, assert_every_constraint_is_tried, assert_refused

pytestmark = pytest.mark.django_db


def same_event_twice() -> None:
    first = EventFactory()
    EventFactory(order_line=first.order_line, channel=first.channel, event_id=first.event_id)


def same_code_twice() -> None:
    ReasonCodeFactory(source="own", code="ODD")
    ReasonCode.objects.create(source="own", code="ODD", reason="too_small")


BAD_ROWS: BadRows = {
    "event_once_per_source": same_event_twice,
    "event_id_given": lambda: EventFactory(event_id=""),
    "event_channel_known": lambda: EventFactory(channel="rumor"),
    "event_stars_one_to_five": lambda: EventFactory(channel="review", stars=6),
    "event_review_has_stars": lambda: EventFactory(channel="review", stars=None),
    "event_line_has_offer": lambda: EventFactory(
        offer=None, marketplace=(offer := OfferFactory()).marketplace, seller=offer.seller
    ),
    "event_foreign_has_no_line": lambda: EventFactory(foreign_order=True),
    "event_decision_has_reason": lambda: EventFactory(decision=False, decision_at=A_MOMENT),
    "reason_code_once_per_source": same_code_twice,
    "reason_code_given": lambda: ReasonCodeFactory(code=""),
}


def test_every_constraint_of_feedback_is_tried_by_a_bad_row() -> None:
    assert_every_constraint_is_tried("feedback", BAD_ROWS)


@pytest.mark.parametrize("name", sorted(BAD_ROWS))
def test_the_database_refuses_what_breaks(name: str) -> None:
    assert_refused("feedback", name, BAD_ROWS)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("event_stars_one_to_five", {"channel": "review", "stars": 0}),
        ("event_decision_has_reason", {"decision": True, "decision_reason": "Not our item."}),
        ("reason_code_given", {"source": ""}),
    ],
)
def test_the_other_side_of(name: str, bad: dict[str, object]) -> None:
    make = ReasonCodeFactory if "source" in bad else EventFactory
    assert_refused("feedback", name, {name: lambda: make(**bad)})


def test_a_waiting_event_has_neither_line_nor_offer() -> None:
    offer = OfferFactory()
    waiting = EventFactory(
        order_line=None, offer=None, marketplace=offer.marketplace, seller=offer.seller, sku=offer.sku
    )
    assert waiting.order_line_id is None
