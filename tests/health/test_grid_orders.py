"""The order of a large seller's rows is kept until a night changes it, and never longer (issue 4, 5)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from health import actions, grid_ends, grid_orders
from health.grid import GridFilter, ordered
from health.grid_ends import keep_ends
from health.grid_orders import Known
from health.grid_page import page_rows
from health.models import GridOrder, Night, OfferHealth
from offers.models import Seller
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
    monkeypatch.setattr(grid_orders, "_MOST_KEPT", 4)
    who = owner(seller)
    for sort in ("rate", "-rate", "orders", "-orders", "stars"):
        who.dashboard(f"sort={sort}")
    assert [wanted.sort for wanted in grid_orders._kept] == ["-orders", "stars"]  # two ends of one row each


@pytest.fixture
def mixed(made: Market) -> Market:
    """A seller's eleven offers: equal rates, reasons, dates and stars, and offers without any of them."""
    for number in range(11):
        offer = made.offer()
        if number % 4:
            sell(offer, range(1, 10 + 5 * (number % 3)), complaints=(1, 3) if number % 2 else ())
    made.nights(1)
    rows = OfferHealth.objects.filter(seller__code="BAD").order_by("pk")
    for number, row in enumerate(rows):
        row.top_reason = ("", "wrong_item", "Zinc", "defective", "a_b")[number % 5]
        row.stars_mean = (None, 2.5, 4.0)[number % 3]
        row.save()
    return made


SORTS = [f"{sign}{name}" for name in grid_orders.NIGHTLY for sign in ("", "-")]


def pages(made: Market, sort: str, size: int) -> list[list[int]]:
    """The ids of all pages of this size, each read by a process that has kept nothing."""
    seller = Seller.objects.get(code="BAD").pk
    night = Night.objects.latest("as_of")
    known = Known(11, night.pk, night.computed_at)
    read = []
    for start in range(0, 11, size):
        grid_orders.forget_orders()
        rows = page_rows(
            seller, [made.marketplace.pk], GridFilter(), sort, start=start, size=size, known=known
        )
        read.append([row.offer_id for row in rows])
    return read


def test_5_ends_and_middle_of_every_order_are_pieces_of_the_plain_query(
    monkeypatch: pytest.MonkeyPatch, mixed: Market
) -> None:
    monkeypatch.setattr(grid_ends, "END", 4)
    assert keep_ends(mixed.marketplace) == 4
    rows = OfferHealth.objects.filter(seller__code="BAD")
    for sort in SORTS:
        plain = list(ordered(rows, sort).values_list("pk", flat=True))
        for size in (1, 3, 4, 5):
            pieces = [plain[start : start + size] for start in range(0, 11, size)]
            assert pages(mixed, sort, size) == pieces, (sort, size)


def sorted_anew(monkeypatch: pytest.MonkeyPatch, made: Market, sort: str) -> int:
    """How many pages of two rows sort all of them, each in a process that has kept nothing."""
    columns: list[str] = []
    read = grid_orders.read_column

    def noted(seller_id: int, marketplace_ids: Sequence[int], sort: str) -> grid_orders.Column:
        columns.append(sort)
        return read(seller_id, marketplace_ids, sort)

    with monkeypatch.context() as patched:
        patched.setattr(grid_orders, "read_column", noted)
        pages(made, sort, 2)
    return len(columns)


def test_5_what_a_night_kept_is_not_sorted_again(monkeypatch: pytest.MonkeyPatch, mixed: Market) -> None:
    monkeypatch.setattr(grid_ends, "END", 4)
    keep_ends(mixed.marketplace)
    # Of six pages two lie within the first four rows, and two within the last four.
    assert {sorted_anew(monkeypatch, mixed, sort) for sort in SORTS} == {2}


def test_5_ends_of_another_night_or_of_fewer_rows_are_not_shown(
    monkeypatch: pytest.MonkeyPatch, mixed: Market
) -> None:
    monkeypatch.setattr(grid_ends, "END", 4)
    keep_ends(mixed.marketplace)
    assert sorted_anew(monkeypatch, mixed, "rate") == 2
    GridOrder.objects.update(rows=10)
    assert sorted_anew(monkeypatch, mixed, "rate") == 6
    keep_ends(mixed.marketplace)
    Night.objects.update(computed_at=timezone.now())
    assert sorted_anew(monkeypatch, mixed, "rate") == 6


def test_5_a_night_keeps_the_ends_and_forgets_those_of_sellers_who_are_no_longer_large(
    monkeypatch: pytest.MonkeyPatch, mixed: Market
) -> None:
    def sellers() -> set[str]:
        night = Night.objects.latest("as_of")
        return set(
            GridOrder.objects.filter(computed_at=night.computed_at).values_list("seller__code", flat=True)
        )

    assert sellers() == {"BAD", "PEER-0", "PEER-1", "PEER-2"}
    assert GridOrder.objects.count() == 4 * len(SORTS)
    monkeypatch.setattr(grid_orders, "LARGE", 11)
    mixed.nights(1, LAST + ONE_DAY)
    assert sellers() == {"BAD"}
    assert GridOrder.objects.count() == len(SORTS)


def test_5_a_night_stands_when_nothing_could_be_kept(monkeypatch: pytest.MonkeyPatch, made: Market) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("the disk is full")

    monkeypatch.setattr(GridOrder.objects, "bulk_create", refuse)
    made.nights(1)
    assert Night.objects.get().as_of == LAST
    assert not GridOrder.objects.exists()
