"""An event knows the date of its order line, whoever writes the one or the other."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from feedback.models import FeedbackEvent
from feedback.order_dates import wrong_dates
from offers.models import OrderLine
from tests.factories import A_DAY, EventFactory, OrderLineFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)


@pytest.fixture
def line() -> OrderLine:
    return OrderLineFactory(ordered_on=DAY)


@pytest.fixture
def event(line: OrderLine) -> FeedbackEvent:
    return EventFactory(order_line=line, offer=line.offer)


def told(event: FeedbackEvent) -> date | None:
    return FeedbackEvent.objects.values_list("ordered_on", flat=True).get(pk=event.pk)


def test_a_new_event_gets_the_date_of_its_order(event: FeedbackEvent) -> None:
    assert told(event) == DAY


def test_an_event_without_its_order_has_none_until_it_comes(line: OrderLine) -> None:
    event = EventFactory(order_line=None, offer=line.offer)
    assert told(event) is None
    FeedbackEvent.objects.filter(pk=event.pk).update(order_line=line)
    assert told(event) == DAY
    FeedbackEvent.objects.filter(pk=event.pk).update(order_line=None)
    assert told(event) is None


def test_an_order_that_gets_another_date_or_is_cancelled_tells_its_events(
    line: OrderLine, event: FeedbackEvent
) -> None:
    other = EventFactory(order_line=line, offer=line.offer)
    OrderLine.objects.filter(pk=line.pk).update(ordered_on=DAY + timedelta(days=1))
    assert told(event) == told(other) == DAY + timedelta(days=1)
    OrderLine.objects.filter(pk=line.pk).update(status=OrderLine.Status.CANCELLED)
    assert told(event) is told(other) is None
    OrderLine.objects.filter(pk=line.pk).update(status=OrderLine.Status.PENDING)
    assert told(event) == DAY + timedelta(days=1)


def test_nobody_else_can_write_it(event: FeedbackEvent) -> None:
    FeedbackEvent.objects.filter(pk=event.pk).update(ordered_on=date(1999, 1, 1))
    assert told(event) == DAY
    event.ordered_on = None  # as read before the order came
    event.save()
    assert told(event) == DAY


def test_many_rows_at_once_are_told_too(line: OrderLine) -> None:
    made = [EventFactory.build(order_line=line, offer=line.offer) for _ in range(3)]
    for number, event in enumerate(made):
        event.marketplace, event.seller = line.offer.marketplace, line.offer.seller
        event.event_id = f"many-{number}"
    FeedbackEvent.objects.bulk_create(made)
    dates = FeedbackEvent.objects.filter(order_line=line).values_list("ordered_on", flat=True)
    assert list(dates) == [DAY] * 3


def test_the_migrations_leave_the_triggers_in_place() -> None:
    """A migration that makes one of the tables of SQLite anew must make its triggers anew too."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        assert {name for (name,) in cursor.fetchall()} >= {"event_ordered_on", "line_ordered_on"}


# --- the check


def without_triggers() -> None:
    """As after somebody has loaded rows past them."""
    with connection.cursor() as cursor:
        for name, table in (("event_ordered_on", FeedbackEvent), ("line_ordered_on", OrderLine)):
            on = f" ON {table._meta.db_table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")


def check(*options: str) -> str:
    said = StringIO()
    call_command("check_order_dates", *options, stdout=said)
    return said.getvalue()


def test_i4_2_dates_that_are_wrong_are_found_by_the_slow_way_and_repaired(
    line: OrderLine, event: FeedbackEvent
) -> None:
    gone, waiting = EventFactory(), EventFactory(order_line=None, offer=line.offer)
    assert check() == "Every event knows the date of its order.\n"
    without_triggers()
    FeedbackEvent.objects.filter(pk=waiting.pk).update(ordered_on=DAY)
    OrderLine.objects.filter(pk=line.pk).update(ordered_on=DAY - timedelta(days=3))
    OrderLine.objects.filter(feedback=gone).update(status=OrderLine.Status.CANCELLED)
    with pytest.raises(CommandError, match=r"^3 events say a wrong date .* --repair") as wrong:
        check()
    assert wrong.value.returncode == 1
    assert wrong_dates(2) == (
        3,
        [(event.pk, DAY, DAY - timedelta(days=3)), (gone.pk, A_DAY, None)],
    )
    assert f"  event {waiting.pk}: says 2026-03-01, its order no date\n3 repaired.\n" in check("--repair")
    assert (told(event), told(gone), told(waiting)) == (DAY - timedelta(days=3), None, None)
    assert wrong_dates(1) == (0, [])
    OrderLine.objects.filter(pk=line.pk).update(ordered_on=DAY)  # the triggers are back too
    assert told(event) == DAY
    assert check("--repair") == "0 repaired.\n"
