"""Plans of often asked questions, kept on a PostgreSQL connection; elsewhere it is asked as it is."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from offers.models import Offer
from offers.prepared import Prepared
from tests.factories import OfferFactory, SellerFactory

pytestmark = pytest.mark.django_db


def offers_of(seller_id: int) -> Any:
    named = Q(title__icontains="100%_of it") | Q(title__startswith="Kettle")
    rows = Offer.objects.filter(named, seller_id=seller_id, status="LIVE", manufacturer_barcode=False)
    return rows.order_by("pk").values_list("pk", "sku", "price", "created_at")[:50]


@pytest.fixture(autouse=True)
def _with_plans(settings: Any) -> None:
    settings.DATABASE_PREPARE = True


def test_rows_are_the_same_before_and_after_there_is_a_plan() -> None:
    prepared = Prepared(offers_of)
    sellers = [SellerFactory(code=code) for code in "ab"]
    for number in range(6):
        OfferFactory(seller=sellers[number % 2])
    for _ in range(8):
        for seller in sellers:
            expected = [tuple(row) for row in offers_of(seller.pk)]
            assert [tuple(row) for row in prepared.rows(seller.pk)] == expected
            assert len(expected) == 3


def test_a_question_asked_often_is_planned_on_postgresql_alone() -> None:
    prepared = Prepared(offers_of)
    for _ in range(5):
        prepared.rows(1)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        prepared.rows(1)
    planned = asked.captured_queries[0]["sql"].startswith("EXECUTE")
    assert planned == (connection.vendor == "postgresql")
    assert len(asked) == 1


def test_plans_can_be_switched_off(settings: Any) -> None:
    settings.DATABASE_PREPARE = False
    prepared = Prepared(offers_of)
    for _ in range(5):
        prepared.rows(1)
    with CaptureQueriesContext(connection) as asked:
        prepared.rows(1)
    assert asked.captured_queries[0]["sql"].startswith("SELECT")


def test_a_new_connection_makes_its_own_plan(transactional_db: None) -> None:
    prepared = Prepared(offers_of)
    seller = SellerFactory(code="a")
    OfferFactory(seller=seller)
    for _ in range(5):
        prepared.rows(seller.pk)
    connection.close()
    for _ in range(5):
        assert len(prepared.rows(seller.pk)) == 1
