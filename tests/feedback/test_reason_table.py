"""The table of reasons in operators' hands, with its log and its gaps, and decisions on events (F4, F5)."""

import pytest

from feedback.decisions import DecisionRefused, decide_event, withdraw_decision
from feedback.models import FeedbackEvent, ReasonCode, ReasonCodeChange
from feedback.reason_table import (
    CodeRefused,
    UnmappedCode,
    map_code,
    normal_key,
    unmap_code,
    unmapped_codes,
)
from feedback.reasons import Reason
from feedback.selectors import code_table
from tests.factories import EventFactory, OrderLineFactory, ReasonCodeFactory, UserFactory

pytestmark = pytest.mark.django_db


def log() -> list[tuple[str, str, str, str]]:
    changes = ReasonCodeChange.objects.order_by("pk")
    return list(changes.values_list("source", "code", "reason_before", "reason_after"))


def test_f4_every_change_of_the_table_is_kept_with_who_made_it() -> None:
    person = UserFactory(is_staff=True)
    row = map_code(source="Own ", code="cr-too tight", reason="too_small", by=person)
    assert (row.source, row.code, row.reason) == ("own", "TOO_TIGHT", "too_small")
    map_code(source="own", code="TOO-TIGHT", reason="too_large", by=None)
    unmap_code(row_id=row.pk, by=person)
    assert log() == [
        ("own", "TOO_TIGHT", "", "too_small"),
        ("own", "TOO_TIGHT", "too_small", "too_large"),
        ("own", "TOO_TIGHT", "too_large", ""),
    ]
    assert list(ReasonCodeChange.objects.order_by("pk").values_list("by", flat=True)) == [
        person.pk, None, person.pk,
    ]  # fmt: skip
    assert not ReasonCode.objects.filter(code="TOO_TIGHT").exists()


def test_f4_the_same_again_changes_nothing() -> None:
    row = map_code(source="", code="ODD", reason="defective", by=None)
    again = map_code(source="*", code="odd", reason="defective", by=None)
    assert (again.pk, again.updated_at, len(log())) == (row.pk, row.updated_at, 1)


@pytest.mark.parametrize(
    ("code", "said"), [(" ", "Enter the code"), ("CR-", "Enter the code"), ("*", "Enter the code"),
                       ("A*B", "end of a code"), ("A**", "end of a code")],
)  # fmt: skip
def test_f4_what_is_no_code_is_refused(code: str, said: str) -> None:
    with pytest.raises(CodeRefused, match=said):
        map_code(source="own", code=code, reason="defective", by=None)
    assert not log()


def test_f4_only_normal_reasons_are_mapped_to() -> None:
    with pytest.raises(CodeRefused, match="no normal reason"):
        map_code(source="own", code="ODD", reason="broken", by=None)
    assert not log()


def test_f4_a_code_may_end_in_a_star() -> None:
    map_code(source="own", code="odd_*", reason="defective", by=None)
    assert code_table().lookup("own", "ODD-7") is Reason.DEFECTIVE
    assert normal_key("own", "odd_*") == ("own", "ODD_*")


def test_f4_codes_that_the_table_lacks_are_listed_the_most_frequent_first() -> None:
    line = OrderLineFactory()
    ReasonCodeFactory(source="*", code="KNOWN")
    ReasonCodeFactory(source="own", code="HALF_*")
    for code, number in (
        ("Odd one", 3),
        ("QUEER", 1),
        ("known", 4),
        ("half-known", 2),
        ("defective", 2),
        ("", 5),
    ):
        for _ in range(number):
            EventFactory(order_line=line, raw_reason=code)
    EventFactory(order_line=line, raw_reason="half-known", source="returns")
    assert unmapped_codes() == [
        UnmappedCode("own", "Odd one", 3),
        UnmappedCode("own", "QUEER", 1),
        UnmappedCode("returns", "half-known", 1),
    ]


def test_f4_only_the_newest_events_are_looked_through() -> None:
    line = OrderLineFactory()
    for number in range(6):
        EventFactory(order_line=line, raw_reason=f"ODD_{number}")
    assert [code.code for code in unmapped_codes(newest=2)] == ["ODD_4", "ODD_5"]
    assert len(unmapped_codes(newest=6)) == 6


def decided(event: FeedbackEvent) -> tuple[bool, str, str, str]:
    event.refresh_from_db()
    return event.counted, event.cause, event.reason, event.judged_by


def test_f5_a_decision_beats_the_code_and_keeps_who_and_why() -> None:
    ReasonCodeFactory(code="DEFECTIVE", reason="defective")
    event, person = EventFactory(raw_reason="DEFECTIVE"), UserFactory(is_staff=True)
    decide_event(event_id=event.pk, counted=False, by=person, reason=" Another shop's parcel. ")
    assert decided(event) == (False, "product", "defective", "operator")
    assert (event.decision, event.decision_reason) == (False, "Another shop's parcel.")
    assert (event.decision_by, event.decision_at is not None) == (person, True)


def test_f5_a_review_of_five_stars_can_be_made_to_count() -> None:
    event = EventFactory(
        channel="review", stars=5, raw_reason="", counted=False, comment="Stank of burnt rubber."
    )
    decide_event(event_id=event.pk, counted=True, by=None, reason="The words say more than the stars.")
    assert decided(event)[0] is True
    assert event.judged_by == "operator"


def test_f5_a_withdrawn_decision_leaves_the_code_to_decide_by_the_table_of_now() -> None:
    event = EventFactory(raw_reason="ODD", comment="")
    decide_event(event_id=event.pk, counted=False, by=None, reason="Not ours.")
    map_code(source="own", code="ODD", reason="too_small", by=None)
    withdraw_decision(event_id=event.pk)
    assert decided(event) == (True, "listing", "too_small", "code")
    assert (event.decision, event.decision_reason, event.decision_by, event.decision_at) == (
        None,
        "",
        None,
        None,
    )
    assert event.judged_on == "ODD"
    assert event.judged_version


def test_f5_a_decision_needs_a_reason() -> None:
    event = EventFactory()
    before = FeedbackEvent.objects.values().get()
    with pytest.raises(DecisionRefused, match="Give a reason"):
        decide_event(event_id=event.pk, counted=False, by=None, reason=" ")
    with pytest.raises(DecisionRefused, match="no decision"):
        withdraw_decision(event_id=event.pk)
    assert FeedbackEvent.objects.values().get() == before


def test_c5_an_event_of_another_sellers_order_is_never_made_to_count() -> None:
    line = OrderLineFactory()
    event = EventFactory(order_line=None, offer=line.offer, foreign_order=True, counted=False)
    with pytest.raises(DecisionRefused, match="another seller's order"):
        decide_event(event_id=event.pk, counted=True, by=None, reason="It was bad.")
    decide_event(event_id=event.pk, counted=False, by=None, reason="Not ours.")
    assert decided(event)[0] is False
