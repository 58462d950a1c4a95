"""Queries put together once: the rows of the plain queryset, whatever is asked (both databases)."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from health import grid_orders, grid_page
from health.grid import (
    SORT_FIELDS,
    STATUS_FILTERS,
    UPDATED_FILTERS,
    GridFilter,
    filtered,
    for_seller,
    ordered,
)
from health.grid_orders import Known, forget_orders
from health.grid_page import ROW_FIELDS, page_rows
from health.models import HealthPolicy, OfferHealth, SellerSummary, Tile
from offers.models import Fulfillment, Offer, Seller
from offers.prepared import Prepared, RowsAsText, rows_of_text
from tests.factories import OfferFactory, PolicyFactory, SellerFactory
from tests.pages.shops import NIGHT, Shop

pytestmark = pytest.mark.django_db
FIRST_STAND_IN = -987_654_321


def offers_of(seller_id: int) -> "QuerySet[Any, Any]":
    """Columns of every kind: numbers, texts, truths, dates, moments, decimals, JSON."""
    fields = ("pk", "sku", "manufacturer_barcode", "deleted_on", "created_at", "price", "bullets", "quantity")
    return Offer.objects.filter(seller_id=seller_id).order_by("pk").values_list(*fields)


def test_values_are_read_back_as_the_fields_do() -> None:
    offer = OfferFactory(
        manufacturer_barcode=True, price=Decimal("19.9000"), bullets=["a", {"b": 1}], quantity=None
    )
    offer = Offer.objects.get(pk=offer.pk)
    (row,) = Prepared(offers_of).rows(offer.seller_id)
    assert list(row) == [
        *(offer.pk, offer.sku, True, None, offer.created_at, Decimal("19.9000"), ["a", {"b": 1}], None),
    ]
    assert [type(value) for value in row] == [type(value) for value in offers_of(offer.seller_id)[0]]


def test_the_query_is_put_together_once_and_asked_for_any_key(django_assert_num_queries: Any) -> None:
    built = []

    def build(seller_id: int) -> "QuerySet[Any, Any]":
        built.append(seller_id)
        return offers_of(seller_id)

    prepared = Prepared(build)
    offers = [OfferFactory() for _ in range(3)]
    with django_assert_num_queries(3):
        for offer in offers:
            assert [row[0] for row in prepared.rows(offer.seller_id)] == [offer.pk]
    assert len(built) == 1
    assert prepared.rows(10**9) == []


def both(first: int, second: int) -> "QuerySet[Any, Any]":
    return Seller.objects.filter(pk__gte=first, pk__lt=second).order_by("pk").values_list("pk")


def test_each_key_goes_to_its_own_place_also_when_they_are_equal_or_look_like_a_stand_in() -> None:
    sellers = [SellerFactory() for _ in range(3)]
    prepared = Prepared(both)
    assert [pk for (pk,) in prepared.rows(sellers[0].pk, sellers[2].pk)] == [sellers[0].pk, sellers[1].pk]
    assert prepared.rows(sellers[1].pk, sellers[1].pk) == []
    # The first key is the second one's stand-in: it must not be exchanged again.
    assert [pk for (pk,) in prepared.rows(FIRST_STAND_IN - 1, sellers[1].pk)] == [sellers[0].pk]


def test_a_text_may_be_a_key_and_hold_anything() -> None:
    prepared = Prepared(lambda code: Seller.objects.filter(code=code).values_list("name"))
    for code in ("A", "50 %", "%s", "it's", '"', "\\", str(FIRST_STAND_IN)):
        SellerFactory(code=code, name=f"Shop {code}")
    for code in ("A", "50 %", "%s", "it's", '"', "\\", str(FIRST_STAND_IN)):
        assert [name for (name,) in prepared.rows(code)] == [f"Shop {code}"]
    assert prepared.rows("no such code") == []


def test_what_the_query_itself_says_is_left_as_it_is() -> None:
    SellerFactory(code="A", name="100 % 'wool'")
    prepared = Prepared(
        lambda pk: Seller.objects.filter(pk__gte=pk, name="100 % 'wool'").values_list("name", "code")
    )
    assert [tuple(row) for row in prepared.rows(1)] == [("100 % 'wool'", "A")]


def test_json_comes_as_the_plain_query_gives_it() -> None:
    policy = PolicyFactory(numbers={"close_min_n": 12})

    def numbers(pk: int) -> "QuerySet[Any, Any]":
        return HealthPolicy.objects.filter(pk=pk).values_list("numbers", "activated_at", "version")

    assert [tuple(row) for row in Prepared(numbers).rows(policy.pk)] == list(numbers(policy.pk))


# --- The grid's queries are prepared by the shape of the question.


@pytest.fixture(autouse=True)
def _no_orders_of_other_tests() -> None:
    forget_orders()


@pytest.fixture
def shop() -> Shop:
    """A seller with offers of every kind on two marketplaces."""
    made = Shop(SellerFactory(code="MINE"))
    other = Shop(made.seller, code="CA")
    for number in range(60):
        where = other if number % 3 == 0 else made
        tile = list(Tile)[number % len(Tile)]
        where.add(
            tile,
            sku=f"{number:02}-%_'{FIRST_STAND_IN if number % 7 == 0 else ''}",
            title=f"Kettle {number % 5}",
            fulfillment=Fulfillment.values[number % 2],
            manufacturer_barcode=number % 4 == 0,
            last_closed_on=NIGHT - timedelta(days=number % 3) if number % 5 == 0 else None,
            top_reason=["", "defective", "too_small"][number % 3],
            stars_mean=None if number % 2 else 4.5,
            last_updated_on=NIGHT - timedelta(days=number * 2),
            recovering=number % 11 == 0 and tile != Tile.DELETED,
        )
    made.counted()
    other.counted()
    another = Shop(SellerFactory(code="OTHER"))
    another.add(Tile.POOR)
    another.counted()
    return made


def plain(seller_id: int, marketplaces: list[int], chosen: GridFilter, sort: str) -> list[tuple[Any, ...]]:
    """The same rows by a queryset that is evaluated."""
    rows: QuerySet[OfferHealth] = filtered(for_seller(seller_id, marketplaces), chosen)
    return list(ordered(rows, sort).values_list(*ROW_FIELDS))


def some(values: Any) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(sorted(values)), max_size=3)


filters = st.builds(
    GridFilter,
    q=st.sampled_from(["", "", "kettle", "KETTLE 1", "%", "_", "'", "0", str(FIRST_STAND_IN), "%s", "é"]),
    tiles=some([int(tile) for tile in Tile]),
    statuses=some(STATUS_FILTERS),
    fulfillments=some(Fulfillment.values),
    reasons=some(["defective", "too_small", "unspecified"]),
    updated=st.sampled_from(["", *UPDATED_FILTERS]),
    today=st.sampled_from([None, NIGHT, NIGHT - timedelta(days=40)]),
)
sorts = st.sampled_from(["", *SORT_FIELDS, *(f"-{name}" for name in SORT_FIELDS)])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chosen=st.one_of(st.just(GridFilter()), filters), sort=sorts,
    start=st.sampled_from([0, 4, 11, 25, 50, 10_000]), size=st.sampled_from([5, 25, 50, 100]),
    which=st.sampled_from([(0,), (1,), (0, 1), (1, 0), ()]), deep=st.sampled_from([0, 5, 200]),
    counted=st.booleans(), large=st.booleans(),
)  # fmt: skip
def test_b4_5_a_page_of_the_grid_is_a_piece_of_the_plain_query(
    shop: Shop,
    chosen: GridFilter,
    sort: str,
    start: int,
    size: int,
    which: tuple[int, ...],
    deep: int,
    counted: bool,
    large: bool,
) -> None:
    """Whichever way it is read: from either end, by ids alone, by parts, or out of an order that is kept."""
    codes = list(
        OfferHealth.objects.values_list("marketplace_id", flat=True).distinct().order_by("marketplace_id")
    )
    marketplaces = [codes[place] for place in which]
    every = plain(shop.seller.pk, marketplaces, chosen, sort)
    known = Known(len(every), "tonight") if counted else Known()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(grid_page, "DEEP", deep)
        patched.setattr(grid_orders, "LARGE", 1 if large else 10**9)
        grid_page._query.cache_clear()
        read = page_rows(shop.seller.pk, marketplaces, chosen, sort, start=start, size=size, known=known)
    expected = every[start : start + size]
    assert [tuple(row) for row in read] == expected
    assert [[type(value) for value in row] for row in read] == [
        [type(value) for value in row] for row in expected
    ]


def test_b4_the_same_question_of_another_seller_or_day_gets_its_own_answer(shop: Shop) -> None:
    other = Seller.objects.get(code="OTHER")

    def ask(seller: Seller, today: date) -> int:
        chosen = GridFilter(updated="7", today=today)
        return len(page_rows(seller.pk, [shop.marketplace.pk], chosen, "", start=0, size=100))

    assert [ask(shop.seller, NIGHT), ask(other, NIGHT)] == [2, 1]
    assert ask(shop.seller, NIGHT - timedelta(days=40)) == 16


def test_b4_a_page_is_one_query_and_no_marketplaces_are_none(
    shop: Shop, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    with django_assert_num_queries(1):
        assert page_rows(shop.seller.pk, [shop.marketplace.pk], GridFilter(), "", start=0, size=25)
    with django_assert_num_queries(0):
        assert page_rows(shop.seller.pk, [], GridFilter(q="kettle"), "rate", start=0, size=25) == []


def test_b4_rows_that_belong_to_a_row_come_with_it_in_their_order(shop: Shop) -> None:
    for day in (NIGHT, NIGHT - timedelta(days=7), NIGHT - timedelta(days=14)):
        counts = {'"a"': day.day, "é": 0}
        SellerSummary.objects.update_or_create(
            marketplace=shop.marketplace, seller=shop.seller, as_of=day, defaults={"counts": counts}
        )
    mine = SellerSummary.objects.filter(seller=OuterRef("pk")).order_by("-as_of", "-marketplace_id")
    listed = RowsAsText(mine.values("marketplace_id", "as_of", "counts")[:2])
    odd = SellerFactory(name='"Quoted", \\ and 100 % {}')
    asked = Prepared(
        lambda seller_id: (
            Seller.objects.filter(pk=seller_id).annotate(listed=listed).values_list("name", "listed")
        )
    )
    ((name, text),) = asked.rows(shop.seller.pk)
    plain = SellerSummary.objects.filter(seller=shop.seller).order_by("-as_of", "-marketplace_id")
    read = [
        (place, day, json.loads(counts) if isinstance(counts, str) else counts)
        for place, day, counts in rows_of_text(text)
    ]
    expected = [(one.marketplace_id, one.as_of.isoformat(), one.counts) for one in plain[:2]]
    assert (name, read) == (shop.seller.name, expected)
    assert len(expected) == 2
    ((name, text),) = asked.rows(odd.pk)
    assert (name, rows_of_text(text)) == (odd.name, [])
