"""Plans of often asked questions, kept on a PostgreSQL connection; elsewhere it is asked as it is."""

from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from offers.models import Offer, Seller
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a file has no connection that breaks")
def test_5_a_connection_that_broke_since_the_last_request_is_made_anew() -> None:
    SellerFactory(code="S-1")
    by_code = Prepared(lambda code: Seller.objects.filter(code=code).values_list("code"))
    assert [tuple(row) for row in by_code.rows("S-1")] == [("S-1",)]
    _break_connection()
    assert [tuple(row) for row in by_code.rows("S-1")] == [("S-1",)]

    @transaction.atomic
    def half_way() -> None:
        _break_connection()
        by_code.rows("S-1")

    with pytest.raises(OperationalError):  # what was done before is lost: nothing goes on as if it were not
        half_way()


def _break_connection() -> None:
    """As the database's restart does, between two requests."""
    database: Any = connections["default"]
    other = psycopg2.connect(**database.get_connection_params())
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [database.connection.get_backend_pid()])
    other.close()
    database.health_check_done = False
