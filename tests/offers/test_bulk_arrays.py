"""Rows that lie in arrays are written as rows are, on either database."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError

from health.models import HealthChange, OfferHealth
from offers import bulk
from offers.models import Offer
from tests.factories import OfferFactory

pytestmark = pytest.mark.django_db
FEW = 7


@pytest.fixture(autouse=True, params=["alike", "ragged"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As rows of few layouts and as rows of many are put into bytes, the latter two or three at a time."""
    monkeypatch.setattr("offers.bulk.arrays._FEW", 0 if request.param == "alike" else FEW)
    monkeypatch.setattr("offers.bulk.arrays._BYTES", 500)


def columns(number: int) -> dict[str, Any]:
    """Rows with every kind of value, and with each NULL now and then."""
    offers = [OfferFactory() for _ in range(number)]
    at = np.arange(number)
    texts = ["", "a", "tab\there", "too_small", "é🙂", "\\N"]
    return {
        "offer_id": np.array([offer.pk for offer in offers]),
        "seller_id": np.array([offer.seller_id for offer in offers]),
        "marketplace_id": np.array([offer.marketplace_id for offer in offers]),
        "as_of": np.where(at % 3, date(2024, 2, 29).toordinal() + at, 0),
        "n": at / 3,
        "m": np.where(at % 2, at / 7, np.nan),
        "level": np.where(at % 4, at % 4, -1),
        "closed_rank": -at * 100_000,
        "orders": at * 1_000_000,
        "rate": np.where(at, at / 10, np.nan),
        "recovering": at % 2 == 1,
        "band": (at % 7).astype(np.int8),
        "top_reason": np.array([texts[row % len(texts)].encode() for row in at]),
    }


def stored(names: list[str]) -> list[tuple[Any, ...]]:
    return list(OfferHealth.objects.order_by("offer_id").values_list(*names))


def test_what_is_stored_is_what_the_arrays_held() -> None:
    arrays = columns(FEW)
    assert bulk.upsert_arrays(OfferHealth, ["offer_id"], arrays) == (FEW, 0)
    rows = OfferHealth.objects.order_by("offer_id")
    assert [row.as_of for row in rows][:3] == [None, date(2024, 3, 1), date(2024, 3, 2)]
    assert [row.level for row in rows] == [None, 1, 2, 3, None, 1, 2]
    assert [row.m for row in rows][:4] == [None, 1 / 7, None, 3 / 7]
    assert [row.top_reason for row in rows] == ["", "a", "tab\there", "too_small", "é🙂", "\\N", ""]
    assert [row.closed_rank for row in rows][-1] == -600_000
    assert [row.window_days for row in rows] == [60] * FEW  # the model's default


def test_arrays_are_stored_as_the_same_rows_are() -> None:
    arrays = columns(FEW)
    names = list(arrays)
    bulk.upsert(OfferHealth, ["offer_id"], names, bulk.rows_of(OfferHealth, arrays))
    by_rows = stored(names)
    OfferHealth.objects.all().delete()
    bulk.upsert_arrays(OfferHealth, ["offer_id"], arrays)
    assert stored(names) == by_rows


def test_only_what_differs_is_changed() -> None:
    arrays = columns(FEW)
    bulk.upsert_arrays(OfferHealth, ["offer_id"], arrays)
    assert bulk.upsert_arrays(OfferHealth, ["offer_id"], arrays) == (0, 0)
    arrays["m"] = np.where(np.arange(FEW) < 2, 0.5, arrays["m"])
    assert bulk.upsert_arrays(OfferHealth, ["offer_id"], arrays) == (0, 2)


def test_many_rows_go_in_in_their_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offers.bulk.arrays._PIECE", 3)
    arrays = columns(FEW)
    bulk.upsert_arrays(OfferHealth, ["offer_id"], arrays)
    assert [row[0] for row in stored(["orders"])] == arrays["orders"].tolist()


def test_new_rows_are_inserted_with_ids_of_their_own() -> None:
    offer = OfferFactory()
    arrays = {
        **{name: np.array([3, 4]) for name in ("band", "proposed", "window_days", "c", "level")},
        "policy_version": np.array([1, 2]),
        **{name: np.array([0.25, np.nan]) for name in "msw"},
        **{name: np.array([1.5, 2.5]) for name in "nk"},
        "offer_id": np.array([offer.pk] * 2),
        "as_of": np.array([738_000, 738_001]),
        "closable": np.array([True, False]),
    }  # fmt: skip
    assert bulk.insert_arrays(HealthChange, arrays) == 2
    first, second = HealthChange.objects.order_by("as_of")
    assert (first.closable, first.m, second.m, second.n) == (True, 0.25, None, 2.5)
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_arrays(HealthChange, arrays)


def test_decimals_json_and_masked_days_are_stored_with_their_nulls() -> None:
    told: list[Any] = [[], ["Holds 1.7 L", "é"], [None], []]
    arrays = {
        "id": np.array([offer.pk for offer in OfferFactory.create_batch(4)]),
        "price": np.ma.MaskedArray([1, 1999, 99_999_999_99, 5], [False, False, False, True]),
        "bullets": np.array([json.dumps(some).encode() for some in told]),
        "listed_on": np.ma.MaskedArray(738_000 + np.arange(4), [True, False, False, True]),
    }
    with transaction.atomic():
        assert bulk.update_arrays(Offer, ["id"], arrays) == 4
    rows = list(Offer.objects.order_by("pk"))
    assert [row.price for row in rows] == [*map(Decimal, ("0.01", "19.99", "99999999.99")), None]
    assert [row.bullets for row in rows] == told
    assert [row.listed_on and row.listed_on.toordinal() for row in rows] == [None, 738_001, 738_002, None]


def test_no_rows_are_no_work() -> None:
    none = {name: values[:0] for name, values in columns(1).items()}
    assert bulk.upsert_arrays(OfferHealth, ["offer_id"], none) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_arrays_are_compared_in_a_transaction_or_not_at_all() -> None:
    arrays = columns(1)
    with pytest.raises(TransactionManagementError):
        bulk.upsert_arrays(OfferHealth, ["offer_id"], arrays)


def test_numbers_come_back_with_their_texts() -> None:
    bulk.upsert_arrays(OfferHealth, ["offer_id"], columns(12))
    sql = "SELECT orders, CASE WHEN orders > 5000000 THEN 'more' ELSE '' END FROM health_offerhealth"
    numbers, texts = bulk.fetch_columns(sql, [], ("int", "S9"))
    expected = {number * 1_000_000: b"more" if number > 5 else b"" for number in range(12)}
    assert dict(zip(numbers.tolist(), texts.tolist(), strict=True)) == expected


def test_no_row_gives_no_numbers_and_no_texts() -> None:
    sql = "SELECT orders, trend FROM health_offerhealth WHERE orders > %s"
    numbers, texts = bulk.fetch_columns(sql, [5], ("int", "S9"))
    assert (numbers.tolist(), texts.tolist()) == ([], [])
