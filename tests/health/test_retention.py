"""What is kept and what goes, at the borders; a night computed again says the same (issue 4, 3)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings
from time_machine import travel

from feedback.models import FeedbackEvent
from health.models import (
    BenchmarkRefresh,
    HealthChange,
    Night,
    Notification,
    NotificationEmail,
    RecomputeRun,
    ResolutionCase,
    SellerSummary,
)
from health.retention import apply_retention
from offers.models import ImportFile, ImportProblem, Offer, OrderLine
from tests.case_factories import NotificationEmailFactory, ResolutionCaseFactory
from tests.factories import (
    BenchmarkFactory,
    EventFactory,
    HealthChangeFactory,
    ImportFileFactory,
    ImportProblemFactory,
    NightFactory,
    NotificationFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    OrderLineFactory,
    PolicyFactory,
    RunFactory,
    SellerFactory,
    SummaryFactory,
)
from tests.health.story import ONE_DAY
from vocdash.env import Environment

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
KEPT = 1_000
"""Days, of everything, in these tests."""


@pytest.fixture(autouse=True)
def _a_thousand_days(settings: Settings) -> Iterator[None]:
    settings.RETENTION = dict.fromkeys(settings.RETENTION, KEPT)
    with travel(NOW, tick=False):
        yield


def moment(days: int) -> datetime:
    """Noon, so many days ago."""
    return datetime.combine(TODAY - timedelta(days=days), time(12), UTC)


def left(model: type[Model], field: str) -> list[Any]:
    return list(model._default_manager.order_by(field).values_list(field, flat=True))


def a_night(days: int = 0) -> Night:
    return NightFactory(policy=_policy(), as_of=TODAY - timedelta(days=days))


def _policy() -> Any:
    from health.models import HealthPolicy

    return HealthPolicy.objects.first() or PolicyFactory()


def test_i4_3_computed_things_go_by_the_last_night_and_the_state_in_force_stays() -> None:
    last = a_night(100)  # the marketplace is at rest
    oldest = last.as_of - timedelta(days=KEPT)
    offer = OfferFactory(marketplace=last.marketplace)
    days = [oldest + timedelta(days=away) for away in (-30, -20, -10, 5)]
    for day in days:
        HealthChangeFactory(offer=offer, as_of=day)
        BenchmarkFactory(policy=last.policy, as_of=day)
        NightFactory(policy=last.policy, as_of=day)
        SummaryFactory(marketplace=last.marketplace, seller=offer.seller, as_of=day)
    alone = HealthChangeFactory(as_of=days[0], offer=OfferFactory(marketplace=last.marketplace))
    assert apply_retention()["changes of health"] == 2
    assert (
        list(HealthChange.objects.filter(offer=offer).order_by("as_of").values_list("as_of", flat=True))
        == days[2:]
    )
    assert HealthChange.objects.filter(pk=alone.pk).exists()
    assert left(BenchmarkRefresh, "as_of") == days[2:]
    assert left(Night, "as_of") == [days[3], last.as_of]
    assert left(SellerSummary, "as_of") == days[3:]


def test_i4_3_a_change_or_a_night_of_the_oldest_kept_day_stays() -> None:
    last = a_night()
    oldest = last.as_of - timedelta(days=KEPT)
    offer = OfferFactory(marketplace=last.marketplace)
    for day in (oldest - ONE_DAY, oldest):
        HealthChangeFactory(offer=offer, as_of=day)
        NightFactory(policy=last.policy, as_of=day)
    apply_retention()
    assert left(HealthChange, "as_of") == [oldest]
    assert left(Night, "as_of") == [oldest, last.as_of]


def test_i4_3_an_offer_that_was_ever_closed_keeps_everything() -> None:
    last = a_night()
    offer = OfferFactory(marketplace=last.marketplace)
    old = TODAY - timedelta(days=KEPT + 50)
    OfferStatusChangeFactory(offer=offer, on=old + ONE_DAY, at=moment(KEPT + 49))
    for day in (old, old + timedelta(days=2), TODAY):
        HealthChangeFactory(offer=offer, as_of=day)
        EventFactory(order_line=OrderLineFactory(offer=offer, ordered_on=day), occurred_on=day)
    done = apply_retention()
    assert (done["changes of health"], done["feedback"], done["order lines"]) == (0, 0, 0)


def test_i4_3_of_orders_the_newest_and_what_tells_stars_stay() -> None:
    last = a_night()
    offer = OfferFactory(marketplace=last.marketplace)
    days = [TODAY - timedelta(days=KEPT + away) for away in (30, 20, 10, 1)]
    lines = [OrderLineFactory(offer=offer, ordered_on=day) for day in days]
    cancelled = OrderLineFactory(offer=offer, ordered_on=days[3] + timedelta(days=5), status="cancelled")
    EventFactory(order_line=lines[0], occurred_on=days[0])
    newest = EventFactory(order_line=lines[1], occurred_on=days[1])
    review = EventFactory(order_line=lines[2], occurred_on=days[2], channel="review", stars=5, counted=False)
    decided = EventFactory(
        occurred_on=days[0], order_line=OrderLineFactory(offer=offer, ordered_on=days[0]), decision=False,
        decision_reason="Not ours.", decision_at=NOW, counted=False,
    )  # fmt: skip
    done = apply_retention()
    assert (done["feedback"], done["order lines"]) == (1, 1)
    assert set(left(FeedbackEvent, "pk")) == {newest.pk, review.pk, decided.pk}
    assert set(left(OrderLine, "pk")) == {
        *(line.pk for line in lines[1:]),
        cancelled.pk,
        decided.order_line_id,
    }


def test_i4_3_an_order_of_the_oldest_kept_day_stays_and_one_of_the_day_before_goes() -> None:
    last = a_night()
    offer = OfferFactory(marketplace=last.marketplace)
    oldest = TODAY - timedelta(days=KEPT)
    for day in (oldest - ONE_DAY, oldest, TODAY):
        OrderLineFactory(offer=offer, ordered_on=day)
    apply_retention()
    assert left(OrderLine, "ordered_on") == [oldest, TODAY]


def test_i4_3_a_late_complaint_keeps_its_old_order() -> None:
    last = a_night()
    offer = OfferFactory(marketplace=last.marketplace)
    line = OrderLineFactory(offer=offer, ordered_on=TODAY - timedelta(days=KEPT + 9))
    EventFactory(order_line=line, occurred_on=TODAY - timedelta(days=KEPT))
    EventFactory(order_line=OrderLineFactory(offer=offer, ordered_on=TODAY), occurred_on=TODAY)
    assert apply_retention()["order lines"] == 0


def test_i4_3_what_waits_for_its_order_in_vain_goes_too() -> None:
    last = a_night()
    for age in (KEPT, KEPT + 1):
        EventFactory(
            order_line=None, offer=None, marketplace=last.marketplace, seller=SellerFactory(),
            occurred_on=TODAY - timedelta(days=age),
        )  # fmt: skip
    assert apply_retention()["feedback"] == 1
    assert left(FeedbackEvent, "occurred_on") == [TODAY - timedelta(days=KEPT)]


def test_i4_3_no_fit_is_read_to_be_deleted() -> None:
    last = a_night()
    for age in (0, KEPT, KEPT + 7):
        BenchmarkFactory(policy=last.policy, as_of=TODAY - timedelta(days=age), fit=b"megabytes")
    with CaptureQueriesContext(connection) as asked:
        assert apply_retention()["weekly benchmarks"] == 1
    assert not [query["sql"] for query in asked if '"fit"' in query["sql"]]


def test_i4_3_a_notice_that_waits_keeps_its_e_mails_else_it_would_be_sent_twice() -> None:
    waiting = NotificationFactory(email="pending", on=date(2020, 1, 1))
    done = NotificationFactory(email="sent", on=date(2020, 1, 2))
    for notice in (waiting, done):
        NotificationEmailFactory(
            notification=notice, state="sent", sent_at=moment(1), due_at=moment(KEPT + 1)
        )
    NotificationEmailFactory(notification=done, state="sent", sent_at=moment(1), due_at=moment(KEPT))
    NotificationEmailFactory(notification=done, due_at=moment(KEPT + 1))
    apply_retention()
    kept = NotificationEmail.objects.filter(notification=done).values_list("state", "due_at__date")
    assert set(kept) == {("sent", moment(KEPT).date()), ("pending", moment(KEPT + 1).date())}
    assert NotificationEmail.objects.filter(notification=waiting).count() == 1


def test_i4_3_read_notices_go_and_unread_ones_and_those_of_closures_stay() -> None:
    def notice(read: int | None, **fields: Any) -> int:
        made = NotificationFactory(read_at=moment(read) if read else None, on=date(2020, 1, 1), **fields)
        Notification.objects.filter(pk=made.pk).update(created_at=moment(KEPT + 5))
        return int(made.pk)

    notice(KEPT + 1)
    offer = OfferFactory()
    change = OfferStatusChangeFactory(offer=offer)
    kept = {
        notice(KEPT),
        notice(None),
        notice(KEPT + 1, kind="closed", offer=offer, status_change=change),
        notice(KEPT + 1, email="pending"),
    }
    apply_retention()
    assert set(left(Notification, "pk")) == kept


def test_i4_3_unfinished_cases_go_but_not_the_draft_of_an_offer_that_is_closed() -> None:
    cases = {
        "old": ResolutionCaseFactory(),
        "dropped": ResolutionCaseFactory(state="dropped"),
        "closed": ResolutionCaseFactory(),
        "new": ResolutionCaseFactory(),
    }
    ResolutionCase.objects.update(updated_at=moment(KEPT + 1))
    ResolutionCase.objects.filter(pk=cases["new"].pk).update(updated_at=moment(KEPT))
    for name, case in cases.items():
        status = "CLOSED" if name == "closed" else "LIVE"
        Offer.objects.filter(pk=case.offer_id).update(status=status, last_closed_on=TODAY)
    assert apply_retention()["unfinished cases"] == 2
    assert set(left(ResolutionCase, "pk")) == {cases["closed"].pk, cases["new"].pk}


def test_i4_3_bad_rows_go_before_their_imports_and_what_is_running_stays(settings: Settings) -> None:
    settings.RETENTION |= {"problems": 100}
    for days in (KEPT + 1, KEPT, 101, 100):
        file = ImportFileFactory(finished_at=moment(days), started_at=moment(days))
        ImportProblemFactory(file=file)
    ImportFileFactory(state="running", started_at=moment(KEPT + 1))
    apply_retention()
    assert ImportFile.objects.count() == 4
    assert [problem.file.finished_at for problem in ImportProblem.objects.all()] == [moment(100)]


def test_i4_3_runs_go_but_not_those_since_the_last_that_succeeded() -> None:
    old, marketplace = moment(KEPT + 5), _policy().marketplace
    for hours, state in enumerate(("failed", "succeeded", "failed")):
        at = old + timedelta(hours=hours)
        error = "broken" if state == "failed" else ""
        RunFactory(marketplace=marketplace, state=state, started_at=at, finished_at=at, error=error)
    assert apply_retention()["runs"] == 1
    assert left(RecomputeRun, "state") == ["failed", "succeeded"]


def test_i4_3_sessions_that_are_over_and_old_attempts_go() -> None:
    for days in (KEPT + 1, KEPT):
        Session.objects.create(session_key=str(days), session_data="", expire_date=moment(days))
        attempt = AccessAttempt.objects.create(
            username=str(days), ip_address="192.0.2.1", failures_since_start=1
        )
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=moment(days))
    apply_retention()
    assert left(Session, "session_key") == left(AccessAttempt, "username") == [str(KEPT)]


def test_i4_3_less_than_charts_need_is_refused() -> None:
    env = Environment({"A": "759", "B": "760", "C": "0", "D": "-1"})
    read: Callable[[str], int | None] = lambda name: env.days(name, 800, least=760)  # noqa: E731
    assert [read(name) for name in "BCE"] == [760, None, 800]
    read("A")
    read("D")
    assert env.problems == [
        "A is 759. Set it to 760 days or more, or to 0 to keep everything.",
        "D is '-1'. Set it to a whole number from 0 to 36500.",
    ]
