"""The orders file, sentence by sentence of the import format (PRODUCT D2, E3, F3)."""

import random
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path

import pytest
from django.conf import settings

from offers.actions import move
from offers.customers import customer_hash, hash_key
from offers.importers import driver, reading
from offers.lifecycle import Move
from offers.models import Offer, OrderLine
from tests.factories import MarketplaceFactory
from tests.importing import Importing, as_csv, counts, offer, only_problem, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    importing = Importing(tmp_path)
    importing.rows(offer("A1"), offer("A2"), offer("B1", seller="S2"))
    return importing


def line(order_ref: str = "O1", sku: str = "A1") -> OrderLine:
    return OrderLine.objects.get(order_ref=order_ref, offer__sku=sku)


def test_every_column_is_stored(importing: Importing) -> None:
    row = order(ordered_at="2024-03-09T23:30:00", quantity="3", status="pending", customer="C7")
    assert counts(importing.rows(row)) == (1, 0, 0, 0)
    made = line()
    assert (made.offer.sku, made.quantity, made.status) == ("A1", 3, "pending")
    assert (made.ordered_on, made.ordered_at) == (date(2024, 3, 9), datetime(2024, 3, 10, 4, 30, tzinfo=UTC))


def test_a_customer_is_stored_only_as_a_hash_keyed_with_the_installations_own_key(
    importing: Importing,
) -> None:
    importing.rows(order(customer="C7"), order("O2", customer="C7"), order("O3", customer=""))
    assert line().customer == line("O2").customer == customer_hash("C7", hash_key(settings.CUSTOMER_HASH_KEY))
    assert line("O3").customer is None


def test_a_date_only_order_has_that_date_and_no_moment(importing: Importing) -> None:
    importing.rows(order(ordered_at="2024-03-10"))
    assert (line().ordered_on, line().ordered_at) == (date(2024, 3, 10), None)


def test_an_order_with_an_offset_has_the_marketplaces_date(importing: Importing) -> None:
    importing.rows(order(ordered_at="2024-03-10T03:59:00Z"))
    assert line().ordered_on == date(2024, 3, 9)


def test_defaults_are_one_piece_shipped(importing: Importing) -> None:
    importing.rows({**order(), "quantity": "", "status": ""}, order("O2", status="Canceled"))
    assert (line().quantity, line().status, line("O2").status) == (1, "shipped", "cancelled")


def test_the_same_file_twice_changes_nothing(importing: Importing) -> None:
    rows = [
        order(ordered_at="2024-03-09T23:30:00", customer="C1"),
        order("O2", quantity="2", status="cancelled"),
        order("O2"),
        order("O3", "A2", "2024-03-01T00:00:00-03:00"),
    ]
    assert counts(importing.rows(*rows)) == (4, 0, 0, 0)
    before = list(OrderLine.objects.order_by("pk").values())
    assert counts(importing.rows(*rows)) == (0, 0, 4, 0)
    assert list(OrderLine.objects.order_by("pk").values()) == before


# --- Rows of one key in one file become one line


PARTS = [
    order(ordered_at="2024-03-12", quantity="2", status="pending", customer="C1"),
    order(ordered_at="2024-03-10", quantity="5", status="cancelled", customer="C2"),
    order(ordered_at="2024-03-11", quantity="1", status="shipped", customer="C3"),
]


@pytest.mark.parametrize("parts", list(permutations(PARTS)))
def test_rows_of_one_key_in_one_file_are_merged(
    importing: Importing, parts: tuple[dict[str, str], ...]
) -> None:
    report = importing.rows(*parts)
    assert counts(report) == (3, 0, 0, 0)
    made = line()
    assert (made.quantity, made.status, made.ordered_on) == (3, "shipped", date(2024, 3, 10))
    assert made.customer == customer_hash(parts[-1]["customer"], hash_key(settings.CUSTOMER_HASH_KEY))
    assert "rows merged with others of their order line: 2 (line 2, line 3)" in report.notes
    assert counts(importing.rows(*parts)) == (0, 0, 3, 0)


@pytest.mark.parametrize(
    ("statuses", "expected", "quantity"),
    [
        (("pending", "pending"), "pending", 2),
        (("cancelled", "pending"), "pending", 1),
        (("cancelled", "cancelled"), "cancelled", 0),
        (("pending", "shipped"), "shipped", 2),
    ],
)
def test_the_status_of_merged_rows(
    importing: Importing, statuses: tuple[str, str], expected: str, quantity: int
) -> None:
    importing.rows(*(order(status=status) for status in statuses))
    assert (line().status, line().quantity) == (expected, quantity)


def test_rows_of_one_key_are_merged_wherever_they_stand(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 3)
    monkeypatch.setattr(driver, "CHUNK_ROWS", 3)
    rows = [order(f"O{number % 13}", customer=f"C{number}") for number in range(60)]
    random.Random(7).shuffle(rows)
    assert counts(importing.rows(*rows)) == (60, 0, 0, 0)
    assert OrderLine.objects.count() == 13
    assert sum(OrderLine.objects.values_list("quantity", flat=True)) == 60
    last = [row for row in rows if row["order_id"] == "O5"][-1]
    assert line("O5").customer == customer_hash(last["customer"], hash_key(settings.CUSTOMER_HASH_KEY))
    assert counts(importing.rows(*rows)) == (0, 0, 60, 0)


def test_the_earliest_of_merged_rows_keeps_its_moment(importing: Importing) -> None:
    importing.rows(
        order(ordered_at="2024-03-11"),
        order(ordered_at="2024-03-10"),
        order(ordered_at="2024-03-10T08:00:00"),
    )
    assert line().ordered_at == datetime(2024, 3, 10, 12, tzinfo=UTC)


def test_a_bad_row_is_not_merged_and_keeps_no_other_from_it(importing: Importing) -> None:
    report = importing.rows(order(quantity="2"), order(quantity="-2"), order(quantity="3"))
    assert counts(report) == (2, 0, 0, 1)
    assert line().quantity == 5


def test_quantities_that_add_up_to_more_than_can_be_kept_are_bad_rows(importing: Importing) -> None:
    report = importing.rows(order(quantity="2000000000"), order(quantity="2000000000"), order("O2"))
    assert counts(report) == (1, 0, 0, 2)
    assert "add up to" in next(iter(report.problems)).message


# --- Across files the newer replaces the older


def test_the_newer_files_line_replaces_the_older_and_nothing_is_added_up(importing: Importing) -> None:
    importing.rows(order(quantity="2", customer="C1"), order("O2"))
    assert counts(importing.rows(order(quantity="3", status="cancelled", customer=""))) == (0, 1, 0, 0)
    assert (line().quantity, line().status, line().customer) == (3, "cancelled", None)
    assert OrderLine.objects.count() == 2


def test_a_file_without_the_customer_column_leaves_customers_alone(importing: Importing) -> None:
    importing.rows(order(customer="C1"))
    assert counts(importing.rows(order(quantity="2"))) == (0, 1, 0, 0)
    assert line().customer is not None


def test_lines_of_one_order_id_of_two_sellers_are_two_lines(importing: Importing) -> None:
    assert counts(importing.rows(order(), order(sku="A2"), order(sku="B1", seller="S2"))) == (3, 0, 0, 0)
    assert OrderLine.objects.filter(order_ref="O1").count() == 3


@pytest.mark.parametrize(
    ("cells", "column", "advice"),
    [
        ({"marketplace": "CA"}, "marketplace", "this import is for US"),
        ({"seller": ""}, "seller", "give the seller's code"),
        ({"order_id": ""}, "order_id", "give the order's number"),
        ({"order_id": "x" * 101}, "order_id", "shorten it to 100"),
        ({"sku": ""}, "sku", "give the seller's SKU"),
        ({"ordered_at": ""}, "ordered_at", "give the date of the order"),
        ({"ordered_at": "10.03.2024"}, "ordered_at", "a date such as"),
        ({"ordered_at": "2099-01-01"}, "ordered_at", "1995-01-01 to tomorrow"),
        ({"quantity": "-1"}, "quantity", "whole number from 0"),
        ({"quantity": "two"}, "quantity", "whole number from 0"),
        ({"status": "lost"}, "status", "one of shipped, pending, cancelled"),
    ],
)
def test_a_bad_value_is_reported_with_line_column_value_and_what_to_do(
    importing: Importing, cells: dict[str, str], column: str, advice: str
) -> None:
    report = importing.rows(order("O0"), order(**cells), order("O2"))
    assert counts(report) == (2, 0, 0, 1)
    problem = only_problem(report)
    assert (problem.line, problem.column) == (3, column)
    assert advice in problem.message


def test_an_unknown_sku_is_a_bad_row_that_names_the_nearest_known_one(importing: Importing) -> None:
    importing.rows(
        offer("KETTLE-STEEL-1L"), offer("KETTLE-STEEL-2L"), offer("TOASTER"), offer("B9", seller="S2")
    )
    report = importing.rows(order(sku="KETTEL-STEEL-2L"), order("O2"))
    assert counts(report) == (1, 0, 0, 1)
    assert "nearest known SKU of this seller is 'KETTLE-STEEL-2L'" in only_problem(report).message


def test_a_seller_without_offers_is_told_to_import_them_first(importing: Importing) -> None:
    report = importing.rows(order(seller="S9", sku="X"), create_sellers=True)
    assert "import its offer first" in only_problem(report).message


def test_an_unknown_seller_is_a_bad_row(importing: Importing) -> None:
    assert "no such seller" in only_problem(importing.rows(order(seller="S9"), create_sellers=False)).message


def test_the_same_sku_on_another_marketplace_is_unknown_here(importing: Importing, tmp_path: Path) -> None:
    canada = Importing(tmp_path, MarketplaceFactory(code="CA"))
    report = canada.rows(order(marketplace="CA"))
    assert "no such SKU" in only_problem(report).message


def test_many_unknown_skus_are_told_quickly(importing: Importing) -> None:
    importing.rows(*(offer(f"KNOWN-{number:05}") for number in range(2000)))
    report = importing.rows(*(order(f"O{number}", f"KNOWM-{number:05}") for number in range(500)))
    assert report.bad == 500
    assert "'KNOWN-00007'" in list(report.problems)[7].message


# --- Lives


def test_orders_go_to_the_offer_in_whose_life_their_date_falls(importing: Importing) -> None:
    importing.rows(
        offer("C1", listed_on="2023-01-01", deleted_on="2023-06-30"), offer("C1", listed_on="2023-09-01")
    )
    old, new = Offer.objects.filter(sku="C1").order_by("listed_on")
    dates = {
        "O1": "2022-12-01",
        "O2": "2023-06-30",
        "O3": "2023-08-31",
        "O4": "2023-09-01",
        "O5": "2024-01-01",
    }
    importing.rows(*(order(ref, "C1", on) for ref, on in dates.items()))
    assert set(old.order_lines.values_list("order_ref", flat=True)) == {"O1", "O2", "O3"}
    assert set(new.order_lines.values_list("order_ref", flat=True)) == {"O4", "O5"}


def test_a_line_whose_corrected_date_falls_into_another_life_moves_and_is_not_doubled(
    importing: Importing,
) -> None:
    importing.rows(
        offer("C1", listed_on="2023-01-01", deleted_on="2023-06-30"), offer("C1", listed_on="2023-09-01")
    )
    importing.rows(order("O1", "C1", "2023-05-01"))
    assert counts(importing.rows(order("O1", "C1", "2023-10-01"))) == (0, 1, 0, 0)
    assert OrderLine.objects.get().offer.listed_on == date(2023, 9, 1)


# --- D2: closed offers


CLOSED, RELISTED = datetime(2024, 3, 5, 8, tzinfo=UTC), datetime(2024, 3, 8, 20, tzinfo=UTC)


@pytest.fixture
def closed(importing: Importing) -> Importing:
    """A1 was closed on 5 March at 3:00 and relisted on 8 March at 15:00, in New York."""
    made = Offer.objects.get(sku="A1")
    move(offer_id=made.pk, made=Move.CLOSE, at=CLOSED, on=CLOSED.date())
    move(offer_id=made.pk, made=Move.RELIST, at=RELISTED, on=RELISTED.date())
    return importing


@pytest.mark.parametrize(
    ("ordered_at", "taken"),
    [
        ("2024-03-05T02:59:59", True),
        ("2024-03-05T03:00:00", False),
        ("2024-03-07", False),
        ("2024-03-08T14:59:00", False),
        ("2024-03-08T15:00:00", True),
        # A bare date is refused only when all of it lies inside.
        ("2024-03-04", True),
        ("2024-03-05", True),
        ("2024-03-06", False),
        ("2024-03-08", True),
    ],
)
def test_d2_a_new_line_from_between_closure_and_relist_is_refused(
    closed: Importing, ordered_at: str, taken: bool
) -> None:
    report = closed.rows(order(ordered_at=ordered_at), order("O2", "A2", ordered_at))
    assert counts(report) == ((2, 0, 0, 0) if taken else (1, 0, 0, 1))
    if not taken:
        assert "closed on 2024-03-05 until 2024-03-08" in only_problem(report).message
        assert only_problem(report).column == "ordered_at"


def test_d2_while_an_offer_is_closed_every_new_line_from_after_the_closure_is_refused(
    importing: Importing,
) -> None:
    made = Offer.objects.get(sku="A1")
    move(offer_id=made.pk, made=Move.CLOSE, at=CLOSED, on=CLOSED.date())
    report = importing.rows(order(ordered_at="2024-03-10"), order("O2", ordered_at="2024-03-01"))
    assert counts(report) == (1, 0, 0, 1)
    assert "closed on 2024-03-05 and still is" in only_problem(report).message
    assert OrderLine.objects.get().order_ref == "O2"


def test_d2_a_line_that_is_there_already_goes_in_though_its_offer_was_closed(importing: Importing) -> None:
    importing.rows(order(ordered_at="2024-03-06"))
    move(offer_id=Offer.objects.get(sku="A1").pk, made=Move.CLOSE, at=CLOSED, on=CLOSED.date())
    assert counts(importing.rows(order(ordered_at="2024-03-06"))) == (0, 0, 1, 0)
    assert counts(importing.rows(order(ordered_at="2024-03-06", status="cancelled"))) == (0, 1, 0, 0)
    assert line().status == "cancelled"


def test_d2_a_lifted_closure_was_a_closed_time_all_the_same(importing: Importing) -> None:
    made = Offer.objects.get(sku="A1")
    move(offer_id=made.pk, made=Move.CLOSE, at=CLOSED, on=CLOSED.date())
    move(offer_id=made.pk, made=Move.LIFT, at=RELISTED, on=RELISTED.date(), reason="It was an error.")
    assert counts(importing.rows(order(ordered_at="2024-03-06"), order("O2"))) == (1, 0, 0, 1)


def test_a_merged_line_is_refused_with_all_its_rows(closed: Importing) -> None:
    report = closed.rows(order(ordered_at="2024-03-06"), order(ordered_at="2024-03-10"))
    assert counts(report) == (0, 0, 0, 2)


def test_lines_end_where_they_should_when_offers_come_in_the_same_import(
    importing: Importing, tmp_path: Path
) -> None:
    reports = importing(
        importing.write("orders.csv", as_csv([order("O7", "NEW")])),
        importing.write("offers.csv", as_csv([offer("NEW")])),
    )
    assert [counts(report) for report in reports] == [(1, 0, 0, 0), (1, 0, 0, 0)]
