"""Many rows at once: the same result on either database."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from offers import bulk
from offers.models import ImportFile, Offer, OrderLine, Seller
from tests.factories import ImportFileFactory, MarketplaceFactory, OfferFactory, SellerFactory

pytestmark = pytest.mark.django_db

AWKWARD = [
    "",
    " ",
    "a,b",
    'say "hi"',
    "tab\there",
    "two\nlines",
    "cr\rlf\r\n",
    "\\",
    "\\N",
    "\\.",
    "\n\\.\n",
    "é🙂",
]
LINES = ["offer_id", "order_ref", "ordered_on", "ordered_at", "quantity", "status", "customer"]


def test_texts_that_look_like_the_databases_own_signs_come_back_as_they_went_in() -> None:
    bulk.insert(Seller, ["code", "name"], [(f"S{number}", text) for number, text in enumerate(AWKWARD)])
    assert [seller.name for seller in Seller.objects.order_by("pk")] == AWKWARD


class AnyText(TestCase):
    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r"), max_size=30))
    def test_any_text_comes_back(self, text: str) -> None:
        Seller.objects.all().delete()
        bulk.insert(Seller, ["code", "name"], [("S", text)])
        assert Seller.objects.get().name == text


def test_every_kind_of_value_is_stored_as_the_models_store_it() -> None:
    marketplace, seller = MarketplaceFactory(), SellerFactory()
    moment = datetime(2024, 1, 31, 23, 30, 15, 250, tzinfo=timezone(timedelta(hours=-3)))
    row = (marketplace.pk, seller.pk, "A1", "A", Decimal("12.5"), None, True, date(2024, 2, 29), ["x", 'y"'])
    columns = [
        *("marketplace_id", "seller_id", "sku", "title", "price", "quantity"),
        *("manufacturer_barcode", "listed_on", "bullets"),
    ]
    assert bulk.insert(Offer, columns, [row]) == 1
    offer = Offer.objects.get()
    assert (offer.price, offer.quantity, offer.manufacturer_barcode) == (Decimal("12.5"), None, True)
    assert (offer.listed_on, offer.bullets) == (date(2024, 2, 29), ["x", 'y"'])
    bulk.insert(OrderLine, LINES, [(offer.pk, "O1", date(2024, 1, 31), moment, 2, "shipped", -(2**63))])
    line = OrderLine.objects.get(ordered_at=moment)
    assert (line.customer, line.ordered_at) == (-(2**63), moment)


def test_columns_left_out_take_the_defaults_of_the_model() -> None:
    before = datetime.now(UTC)
    OfferFactory(title="made by the models")
    marketplace, seller = MarketplaceFactory(), SellerFactory()
    bulk.insert(
        Offer, ["marketplace_id", "seller_id", "sku", "title"], [(marketplace.pk, seller.pk, "A", "by bulk")]
    )
    bulk.upsert(
        Offer,
        ["marketplace_id", "seller_id", "sku"],
        ["marketplace_id", "seller_id", "sku", "title"],
        [(marketplace.pk, seller.pk, "B", "by upsert")],
    )
    for title in ("by bulk", "by upsert"):
        offer = Offer.objects.get(title=title)
        assert (offer.status, offer.condition, offer.bullets, offer.attributes) == ("LIVE", "new", [], {})
        assert offer.created_at >= before


def test_upsert_says_how_many_rows_are_new_and_how_many_really_changed() -> None:
    offer = OfferFactory()
    rows: list[bulk.Row] = [
        (offer.pk, f"O{number}", date(2024, 1, 1), None, 1, "shipped", None) for number in range(5)
    ]
    assert bulk.upsert(OrderLine, ["offer_id", "order_ref"], LINES, rows) == (5, 0)
    assert bulk.upsert(OrderLine, ["offer_id", "order_ref"], LINES, rows) == (0, 0)
    rows[3] = (offer.pk, "O3", date(2024, 1, 1), None, 1, "shipped", 77)
    rows.append((offer.pk, "O5", date(2024, 1, 1), None, 1, "pending", None))
    assert bulk.upsert(OrderLine, ["offer_id", "order_ref"], LINES, rows) == (1, 1)
    assert OrderLine.objects.get(order_ref="O3").customer == 77
    assert OrderLine.objects.count() == 6


def test_a_row_equal_in_value_is_no_change_however_the_models_stored_it() -> None:
    offer = OfferFactory(price="12.50", bullets=["a"], attributes={"b": 1})
    offer.refresh_from_db()
    columns = ["id", "price", "bullets", "attributes", "manufacturer_barcode", "listed_on", "quantity"]
    same = (offer.pk, Decimal("12.5"), ["a"], {"b": 1}, False, None, None)
    assert bulk.update(Offer, ["id"], columns, [same]) == 0
    other = (offer.pk, Decimal("12.51"), ["a"], {"b": 1}, False, None, None)
    assert bulk.update(Offer, ["id"], columns, [other]) == 1


def test_a_moment_that_the_models_stored_equals_the_same_moment_in_another_zone() -> None:
    file = ImportFileFactory(started_at=datetime(2024, 1, 1, 12, tzinfo=UTC))
    same = datetime(2024, 1, 1, 9, tzinfo=timezone(timedelta(hours=-3)))
    assert bulk.update(ImportFile, ["id"], ["id", "started_at"], [(file.pk, same)]) == 0


def test_update_leaves_alone_what_it_was_not_given() -> None:
    kept, changed = OfferFactory(title="kept"), OfferFactory(title="old")
    stamp = changed.updated_at
    assert (
        bulk.update(Offer, ["id"], ["id", "title"], [(changed.pk, "new"), (changed.pk + 999, "nobody")]) == 1
    )
    kept.refresh_from_db()
    changed.refresh_from_db()
    assert (kept.title, changed.title) == ("kept", "new")
    assert changed.updated_at > stamp


def test_constraints_hold_for_many_rows_as_for_one() -> None:
    offer = OfferFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(OrderLine, LINES, [(offer.pk, "", date(2024, 1, 1), None, 1, "shipped", None)])
    assert OrderLine.objects.count() == 0


def test_reserved_ids_are_new_and_the_next_row_comes_after_them() -> None:
    first = SellerFactory()
    ids = bulk.new_ids(Seller, 3)
    assert ids == sorted(set(ids))
    assert min(ids) > first.pk
    bulk.insert(Seller, ["id", "code", "name"], [(pk, f"N{pk}", "N") for pk in ids])
    assert SellerFactory().pk > max(ids)


def test_staged_rows_are_numbered_and_can_be_joined() -> None:
    offers = [OfferFactory() for _ in range(3)]
    wanted = [(offers[2].seller_id, offers[2].sku), (0, "nobody's"), (offers[0].seller_id, offers[0].sku)]
    with transaction.atomic(), bulk.staged(bulk.fields_of(Offer, ["seller_id", "sku"]), wanted) as stage:
        found = bulk.fetch(
            f"SELECT s.row, o.id FROM {stage} s JOIN offers_offer o "
            "ON o.seller_id = s.seller_id AND o.sku = s.sku ORDER BY s.row"
        )
    assert found == [(0, offers[2].pk), (2, offers[0].pk)]


@pytest.mark.django_db(transaction=True)
def test_many_rows_without_a_transaction_are_refused() -> None:
    with pytest.raises(TransactionManagementError, match="begin one"):
        bulk.upsert(Seller, ["code"], ["code", "name"], [("A", "A")])


def test_columns_of_a_query_come_as_arrays() -> None:
    offer = OfferFactory(listed_on=date(2024, 2, 29), price="2.5", quantity=7)
    other = OfferFactory(listed_on=None, price=None, quantity=0, manufacturer_barcode=True)
    sql = (
        "SELECT id, quantity, price, listed_on, manufacturer_barcode FROM offers_offer "
        "WHERE marketplace_id = %s ORDER BY id"
    )
    ids, quantity, price, listed, barcode = bulk.fetch_columns(
        sql, [offer.marketplace_id], ["int", "int", "float", "day", "bool"]
    )
    assert ids.tolist() == [offer.pk, other.pk]
    assert quantity.tolist() == [7, 0]
    assert quantity.dtype == np.int64
    assert price[0] == 2.5
    assert np.isnan(price[1])
    assert listed.tolist() == [date(2024, 2, 29).toordinal(), 0]
    assert barcode.tolist() == [False, True]
    titles, skus = bulk.fetch_columns("SELECT title, sku FROM offers_offer ORDER BY id", [], ["text", "text"])
    assert (titles.tolist(), skus.tolist()) == ([offer.title, other.title], [offer.sku, other.sku])


def test_columns_of_a_query_without_rows_are_empty_arrays() -> None:
    found = bulk.fetch_columns("SELECT id, price FROM offers_offer", [], ["int", "float"])
    assert [array.tolist() for array in found] == [[], []]


def test_a_null_where_a_number_is_promised_is_an_error() -> None:
    OfferFactory(quantity=None)
    OfferFactory(quantity=1)
    with pytest.raises(ValueError, match="NULL"):
        bulk.fetch_columns("SELECT quantity FROM offers_offer", [], ["int"])


def test_pieces_are_of_the_size_asked_for() -> None:
    assert [len(piece) for piece in bulk.in_pieces(([number] for number in range(7)), 3)] == [3, 3, 1]


def test_more_rows_than_one_stage_holds_are_all_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offers.bulk.writing.STAGE_ROWS", 4)
    rows = [(f"S{number}", "n") for number in range(11)]
    assert bulk.upsert(Seller, ["code"], ["code", "name"], rows) == (11, 0)
    bulk.refresh_statistics(Seller)
    assert connection.vendor in {"sqlite", "postgresql"}
