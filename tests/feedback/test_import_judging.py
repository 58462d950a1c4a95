"""Judging at import and judging again (PRODUCT C4, E3, F4)."""

import logging
from pathlib import Path

import pytest

from feedback.actions import rejudge
from feedback.models import FeedbackEvent, ReasonCode
from feedback.reasons import FIRST_FILLING
from feedback.selectors import Judge, code_table
from tests.factories import EventFactory, MarketplaceFactory, ReasonCodeFactory
from tests.importing import Importing, event, offer, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    importing = Importing(tmp_path)
    importing.rows(offer())
    importing.rows(order())
    return importing


def judged(importing: Importing, **cells: str) -> tuple[bool, str, str, str, str]:
    importing.rows(event(**cells))
    made = FeedbackEvent.objects.latest("pk")
    assert made.judged_version == Judge().version
    return (made.counted, made.cause, made.reason, made.judged_by, made.judged_on)


def test_the_reason_table_is_first_filled_by_a_migration() -> None:
    stored = set(ReasonCode.objects.values_list("source", "code", "reason"))
    assert stored == {(source, code, str(reason)) for source, code, reason in FIRST_FILLING}


def test_how_an_event_was_judged_is_stored_with_it(importing: Importing) -> None:
    assert judged(importing, reason="CR-DEFECTIVE") == (True, "product", "defective", "code", "DEFECTIVE")
    review = {"event_id": "E2", "channel": "review"}
    assert judged(importing, **review, stars="4", reason="DEFECTIVE")[:2] == (False, "product")
    assert judged(importing, event_id="E3", comment="Too small for me")[:4] == (
        True,
        "listing",
        "too_small",
        "words",
    )
    assert judged(importing, event_id="E4") == (False, "unknown", "unspecified", "default", "")


def test_c4_a_delivery_complaint_is_stored_and_not_counted(importing: Importing) -> None:
    late = {"channel": "review", "stars": "1", "reason": "late_delivery", "comment": "Broken and late"}
    assert judged(importing, **late)[:4] == (False, "delivery", "late_delivery", "code")


def test_f4_a_change_of_the_table_applies_to_stored_events_at_the_next_judging(importing: Importing) -> None:
    importing.rows(
        event(reason="OUR_OWN_CODE"), event("E2", reason="DEFECTIVE"), event("E3", reason="OUR_OWN_CODE")
    )
    assert rejudge(importing.marketplace) == 0
    ReasonCodeFactory(code="our-own code", reason="not_as_described")
    assert rejudge(importing.marketplace) == 2
    made = FeedbackEvent.objects.get(event_id="E3")
    assert (made.counted, made.cause, made.reason) == (True, "listing", "not_as_described")
    assert set(FeedbackEvent.objects.values_list("judged_version", flat=True)) == {Judge().version}
    assert rejudge(importing.marketplace) == 0


def test_judging_again_takes_events_a_piece_at_a_time(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.actions._PIECE", 3)
    importing.rows(*(event(f"E{number}", reason="OUR_OWN_CODE") for number in range(10)))
    ReasonCodeFactory(code="OUR_OWN_CODE", reason="safety")
    assert rejudge(importing.marketplace) == 10


def test_judging_again_leaves_other_marketplaces_alone(importing: Importing) -> None:
    importing.rows(event())
    stale = FeedbackEvent.objects.get()
    assert rejudge(MarketplaceFactory(code="CA")) == 0
    FeedbackEvent.objects.update(judged_version="old")
    rejudge(MarketplaceFactory(code="CA"))
    stale.refresh_from_db()
    assert stale.judged_version == "old"


def test_an_operators_decision_survives_judging_again_and_a_new_import(importing: Importing) -> None:
    importing.rows(event(reason="DEFECTIVE"))
    FeedbackEvent.objects.update(
        decision=False, decision_reason="Wrong parcel.", decision_at="2024-03-20T10:00Z", judged_version=""
    )
    assert rejudge(importing.marketplace) == 1
    importing.rows(event(reason="DEFECTIVE", comment="Really."))
    made = FeedbackEvent.objects.get()
    assert (made.counted, made.judged_by, made.comment) == (False, "operator", "Really.")


def test_rows_of_the_table_that_make_no_sense_are_left_out_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ReasonCodeFactory(code="NONSENSE", reason="no_such_reason")
    ReasonCodeFactory(code="CR-DEFECTIVE", reason="changed_mind")
    with caplog.at_level(logging.WARNING):
        table = code_table()
    assert table.lookup("own", "NONSENSE") is None
    assert table.lookup("own", "DEFECTIVE") == "defective"
    assert len(caplog.records) == 2


def test_an_event_made_without_an_import_is_judged_too() -> None:
    made = EventFactory(raw_reason="UNWANTED_ITEM", judged_version="")
    assert rejudge(made.marketplace) == 1
    made.refresh_from_db()
    assert (made.counted, made.cause) == (False, "buyer")
