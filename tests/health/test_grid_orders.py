"""The order of a large seller's rows is kept until a night changes it, and never longer (issue 4, 5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from health import actions, grid_orders
from health.models import OfferHealth
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, market, sell
from tests.pages.people import owner
from tests.pages.reading import dashboard

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _everybody_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_orders, "LARGE", 1)
    grid_orders.forget_orders()


def worst_first(seller_id: int) -> list[str]:
    rows = OfferHealth.objects.filter(seller=seller_id).order_by("offer_id").select_related("offer")
    known = sorted((row for row in rows if row.rate is not None), key=lambda row: -(row.rate or 0))
    return [row.offer.sku for row in [*known, *(row for row in rows if row.rate is None)]]


@pytest.fixture
def made() -> Market:
    return market()


def test_5_the_order_is_tonights_after_every_night_and_every_new_offer(made: Market) -> None:
    offers = [made.offer(), made.offer(), bad_offer(made)]
    sell(offers[0], range(1, 60, 2), complaints=(1, 3))
    sell(offers[1], range(1, 60, 3))
    made.nights(1)
    who = owner(offers[0].seller)

    def shown() -> list[str]:
        return dashboard(who.dashboard("sort=-rate")).skus

    assert shown() == worst_first(offers[0].seller_id)
    sell(offers[1], range(-1, 0), complaints=(-1,))
    sell(offers[0], [-1 for _ in range(30)])
    before = shown()
    made.nights(1, LAST + ONE_DAY)
    assert shown() == worst_first(offers[0].seller_id)
    assert len(before) == 3
    new = made.offer()
    actions.sync_offers(made.marketplace)
    assert shown() == worst_first(offers[0].seller_id)
    assert new.sku in shown()
    # The same date once more, with what came in since: another night by the same name.
    sell(new, [-1, 0], complaints=(0, 0))
    made.nights(1, LAST + ONE_DAY)
    assert shown() == worst_first(offers[0].seller_id)
    assert shown()[0] == new.sku


def test_5_an_order_is_sorted_once_a_night(made: Market) -> None:
    seller = made.offer().seller
    for _ in range(60):
        made.offer()
    actions.sync_offers(made.marketplace)
    made.nights(1)
    who = owner(seller)
    who.dashboard()

    def rows_asked(query: str) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            who.dashboard(query)
        return [q["sql"] for q in captured.captured_queries if 'FROM "health_offerhealth"' in q["sql"]]

    assert len(rows_asked("sort=-orders")) <= 2
    for page in ("sort=-orders", "sort=-orders&page=2", "sort=-orders&page=3"):
        (asked,) = rows_asked(page)
        assert "ORDER BY" not in asked
    made.nights(1, LAST + timedelta(days=1))
    assert len(rows_asked("sort=-orders")) <= 2


def test_5_what_is_kept_stays_within_bounds(monkeypatch: pytest.MonkeyPatch, made: Market) -> None:
    seller: Any = made.offer().seller
    actions.sync_offers(made.marketplace)
    made.nights(1)
    monkeypatch.setattr(grid_orders, "_MOST_KEPT", 2)
    who = owner(seller)
    for sort in ("rate", "-rate", "orders", "-orders", "stars"):
        who.dashboard(f"sort={sort}")
    assert len(grid_orders._kept) == 2
