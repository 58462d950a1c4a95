"""Operators at work on feedback: decisions on events, and the table of reasons (F1, F4, F5)."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.models import FeedbackEvent, ReasonCode, ReasonCodeChange
from tests.factories import EventFactory, OrderLineFactory, ReasonCodeFactory
from tests.operators import act, operator, page_of, said, staff, sure

pytestmark = pytest.mark.django_db


def test_f5_an_operator_decides_that_events_do_not_count_with_a_reason() -> None:
    line = OrderLineFactory()
    events = [EventFactory(order_line=line, comment=f"<b>{number}</b>") for number in range(2)]
    client = operator()
    asked = act(client, "do_not_count_it", *events)
    page = asked.content.decode()
    assert (asked.status_code, page.count("<li>")) == (200, 8)  # two events with three facts each
    assert "&lt;b&gt;0&lt;/b&gt;" in page
    assert FeedbackEvent.objects.filter(decision__isnull=False).count() == 0
    refused = act(client, "do_not_count_it", *events, reason=" ")
    assert "This field is required" in refused.content.decode()
    done = act(client, "do_not_count_it", *events, reason="Another shop's parcel.")
    assert (done.status_code, said(done)) == (302, "Do not count these events: done for 2.")
    for event in FeedbackEvent.objects.all():
        assert (event.decision, event.counted, event.judged_by) == (False, False, "operator")
        assert event.decision_by == LogEntry.objects.first().user  # type: ignore[union-attr]
    assert LogEntry.objects.count() == 2


def test_f5_a_decision_that_counts_and_its_withdrawal() -> None:
    event, client = EventFactory(raw_reason="", comment="", counted=False), operator()
    act(client, "count_it", event, reason="The photo shows it.")
    event.refresh_from_db()
    assert (event.counted, event.decision) == (True, True)
    assert said(sure(client, "withdraw", event)).endswith("done for 1.")
    event.refresh_from_db()
    assert (event.counted, event.decision, event.judged_by) == (False, None, "default")


def test_f5_what_is_refused_is_told_and_the_others_go_on() -> None:
    line = OrderLineFactory()
    foreign = EventFactory(order_line=None, offer=line.offer, foreign_order=True, counted=False)
    own = EventFactory(order_line=line)
    done = act(operator(), "count_it", foreign, own, reason="Both.")
    assert said(done) == (
        f"Count these events: done for 1.\n{foreign}: "
        "This event is about another seller's order, so it is never counted."
    )
    own.refresh_from_db()
    foreign.refresh_from_db()
    assert (own.decision, foreign.decision) == (True, None)


@pytest.mark.parametrize("action", ["count_it", "do_not_count_it", "withdraw"])
def test_f5_deciding_needs_the_permission_to_change_events(action: str) -> None:
    event = EventFactory(decision=True, decision_reason="So.", decision_at="2024-03-16T00:00Z")
    before = FeedbackEvent.objects.values().get()
    act(staff("feedback.view_feedbackevent"), action, event, reason="No right to.")
    assert FeedbackEvent.objects.values().get() == before
    with_right = staff("feedback.view_feedbackevent", "feedback.change_feedbackevent")
    act(with_right, action, event, reason="With the right to.")
    assert FeedbackEvent.objects.values().get() != before


def test_f5_too_many_at_once_are_refused() -> None:
    line = OrderLineFactory()
    events = [EventFactory(order_line=line) for _ in range(101)]
    done = act(operator(), "do_not_count_it", *events, reason="All of them.")
    assert said(done) == "Choose at most 100 rows at once."
    assert not FeedbackEvent.objects.filter(decision__isnull=False).exists()


def test_f1_events_are_found_by_order_sku_and_id() -> None:
    line = OrderLineFactory(order_ref="O-77")
    event = EventFactory(order_line=line, event_id="E-77", raw_reason="DEFECTIVE")
    EventFactory()
    client = operator()
    for term in ("O-77", "E-77", line.offer.sku):
        listed = client.get(page_of(FeedbackEvent, "changelist"), {"q": term}).context["cl"].result_list
        assert listed == [event], term
    page = client.get(page_of(FeedbackEvent, "changelist"), {"channel__exact": "return"}).content.decode()
    assert "Defective (Product)" in page


def test_f4_a_new_code_is_stored_in_its_normal_form_and_logged() -> None:
    client = operator()
    added = client.post(
        page_of(ReasonCode, "add"), {"source": " Own", "code": "cr-too tight", "reason": "too_small"}
    )
    assert added.status_code == 302, added.context["errors"]
    row = ReasonCode.objects.get(code="TOO_TIGHT")
    assert (row.source, row.reason) == ("own", "too_small")
    change = ReasonCodeChange.objects.get()
    assert (change.code, change.reason_before, change.reason_after) == ("TOO_TIGHT", "", "too_small")
    assert change.by == LogEntry.objects.get().user


def test_f4_a_mapping_is_changed_and_taken_out_and_logged() -> None:
    row, client = ReasonCodeFactory(source="own", code="ODD", reason="defective"), operator()
    edit = {"reason": "changed_mind", "source": "other", "code": "OTHER"}
    assert client.post(page_of(ReasonCode, "change", row.pk), edit).status_code == 302
    row.refresh_from_db()
    assert (row.source, row.code, row.reason) == ("own", "ODD", "changed_mind")
    assert client.post(page_of(ReasonCode, "delete", row.pk), {"post": "yes"}).status_code == 302
    changes = ReasonCodeChange.objects.order_by("pk").values_list("reason_before", "reason_after")
    assert list(changes) == [("defective", "changed_mind"), ("changed_mind", "")]
    assert not ReasonCode.objects.filter(code="ODD").exists()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"source": "OWN", "code": " odd"}, "already exists"),
        ({"code": "CR-"}, "Enter the code"),
        ({"code": "A*B"}, "end of a code"),
        ({"reason": "broken"}, "not one of the available choices"),
    ],
)
def test_f4_bad_mappings_are_refused_in_words(given: dict[str, str], error: str) -> None:
    ReasonCodeFactory(source="own", code="ODD")
    before = list(ReasonCode.objects.values())
    fields = {"source": "own", "code": "NEW", "reason": "defective", **given}
    answer = operator().post(page_of(ReasonCode, "add"), fields)
    assert error in str(answer.context["errors"])
    assert list(ReasonCode.objects.values()) == before
    assert not ReasonCodeChange.objects.exists()


def test_f4_the_codes_that_the_table_lacks_are_listed_with_a_way_to_map_them() -> None:
    line = OrderLineFactory()
    for _ in range(2):
        EventFactory(order_line=line, raw_reason="ODD & new", source="returns")
    client = operator()
    listed = client.get(page_of(ReasonCode, "changelist")).content.decode()
    address = reverse("admin:feedback_reasoncode_unmapped")
    assert f'href="{address}"' in listed
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address).content.decode()
    assert len(queries) <= 8  # session, user, savepoint and late nights among them
    assert "ODD &amp; new" in page
    link = f"{page_of(ReasonCode, 'add')}?source=returns&amp;code=ODD%20%26%20new"
    assert f'href="{link}"' in page
    form = client.get(link.replace("&amp;", "&")).content.decode()
    assert 'value="ODD &amp; new"' in form
    client.post(page_of(ReasonCode, "add"), {"source": "returns", "code": "ODD & new", "reason": "defective"})
    assert "the table knows every code" in client.get(address).content.decode()


def test_f4_who_may_only_look_sees_the_codes_and_no_way_to_map_them() -> None:
    EventFactory(raw_reason="ODD")
    address = reverse("admin:feedback_reasoncode_unmapped")
    page = staff("feedback.view_reasoncode").get(address).content.decode()
    assert "ODD" in page
    assert "reasoncode/add" not in page
    assert staff().get(address).status_code == 403
