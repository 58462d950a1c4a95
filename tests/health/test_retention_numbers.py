"""What retention deletes changes no number that is shown or computed (issue 4, 3)."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings
from time_machine import travel

from health import retention
from health.export import export_rows
from health.retention import apply_retention
from offers.models import OrderLine
from tests.health.story import LAST, bad_offer, market, sell
from tests.health.test_nights import everything as of_nights
from vocdash.tasks import apply_retention as task

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


@pytest.fixture
def old_market(settings: Settings) -> Iterator[Any]:
    """A market with a year of orders before the ninety days that are kept: fewer than a site may choose."""
    settings.RETENTION |= {"orders": 90, "history": 90, "benchmarks": 90}
    with travel(datetime.combine(LAST + timedelta(days=30), time(12), UTC), tick=False):
        made = market()
        bad_offer(made)
        for age in range(100, 460, 12):
            sell(made.offer(), [age], complaints=[0])
        for offer in made.marketplace.offers.order_by("pk")[:8]:
            sell(offer, range(100, 400, 20), complaints=[0, 5, 9])
        sell(made.offer(sku="QUIET"), range(120, 200, 9), complaints=[1])
        made.nights(6)
        yield made


def everything(made: Any) -> Any:
    return list(export_rows(made.marketplace)), of_nights()


def test_i4_3_a_night_says_the_same_after_old_orders_and_history_went(old_market: Any) -> None:
    before = everything(old_market)
    orders = OrderLine.objects.count()
    done = apply_retention()
    assert done["order lines"] > 100
    assert done["feedback"] > 10
    assert OrderLine.objects.count() == orders - done["order lines"]
    assert everything(old_market) == before
    old_market.nights(4)  # from the state before the first of them
    assert everything(old_market) == before


def test_i4_3_a_dry_run_says_what_would_go_and_touches_nothing(old_market: Any) -> None:
    orders = OrderLine.objects.count()
    said = StringIO()
    call_command("apply_retention", "--dry-run", stdout=said)
    assert OrderLine.objects.count() == orders
    done = task.apply().get()
    assert said.getvalue() == "".join(f"{name}: {number:,} would go\n" for name, number in done.items())
    said = StringIO()
    call_command("apply_retention", stdout=said)
    assert said.getvalue() == "Nothing is older than it is kept.\n"


def test_i4_3_broken_off_anywhere_it_goes_on_the_next_time(
    old_market: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    monkeypatch.setattr(retention, "BATCH", 7)
    deleted: list[int] = []
    real = retention.Rows.delete

    def delete(rows: Any) -> Any:
        deleted.append(1)
        if len(deleted) % 5 == 0:
            raise Killed
        return real(rows)

    monkeypatch.setattr(retention.Rows, "delete", delete)
    before, broken = everything(old_market), 0
    while True:
        try:
            apply_retention()
            break
        except Killed:
            broken += 1
            assert everything(old_market) == before
    assert broken > 3
    assert not any(apply_retention().values())


def test_i4_3_without_a_setting_orders_and_history_are_kept_for_ever(
    old_market: Any, settings: Settings
) -> None:
    from vocdash.settings import RETENTION

    settings.RETENTION = RETENTION
    assert {name for name, days in RETENTION.items() if days is None} == {"history", "orders"}
    with travel(NOW + timedelta(days=9_000), tick=False):
        done = apply_retention()
    assert {name for name, number in done.items() if number} <= {"runs"}
