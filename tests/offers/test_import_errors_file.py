"""The file of bad rows that manage.py import_data writes (PRODUCT F3)."""

from pathlib import Path

import pytest

from tests.factories import MarketplaceFactory
from tests.importing import offer, order
from tests.offers.import_command import Command, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(tmp_path: Path) -> Command:
    MarketplaceFactory()
    return Command(tmp_path)


def test_the_errors_file_holds_only_the_bad_rows_as_they_were_and_why(command: Command) -> None:
    errors = command.folder / "bad.csv"
    rows = [
        {**offer("GOOD"), "Weight": "1"},
        {**offer("BAD"), "quantity": "-1", "title": ' Say "hi",\nwell ', "Weight": "2"},
    ]
    command(command.write("offers.csv", rows), errors=errors)
    (bad,) = rows_of(errors)
    assert bad.pop("error") == "quantity is '-1': give a whole number from 0."
    assert bad == {**rows[1]}
    assert not [path for path in command.folder.iterdir() if path.name not in {"bad.csv", "offers.csv"}]


def test_bad_rows_that_were_put_right_can_be_imported_from_the_errors_file(command: Command) -> None:
    errors = command.folder / "bad.csv"
    command(command.write("offers.csv", [offer(), offer("A2", quantity="-1")]), errors=errors)
    command.write("bad.csv", errors.read_text().replace("-1", "1", 1))
    again = command.folder / "still-bad.csv"
    assert command(errors, errors=again) == 0
    assert "bad.csv: 1 read, 1 added" in command.out
    assert "ignored columns: error" in command.err
    assert not again.exists()


def test_rows_that_are_still_bad_carry_one_error_column_with_the_new_message(command: Command) -> None:
    first, second = command.folder / "1.csv", command.folder / "2.csv"
    command(command.write("offers.csv", [offer(quantity="-1")]), errors=first)
    command(first, errors=second)
    assert rows_of(second) == rows_of(first)


def test_rows_that_cannot_be_taken_apart_are_in_the_errors_file_too(command: Command) -> None:
    errors = command.folder / "bad.csv"
    text = b"title,marketplace,seller,sku\nOne,US,S1\n" + "Café,US,S1,A2\n".encode("latin-1")
    text += b'"open,US,S1,A3\nFour,US,S1,A4\n'
    assert command(command.write("offers.csv", text), errors=errors) == 0
    assert "4 read, 1 added, 0 changed, 0 unchanged, 3 bad" in command.out
    assert [row["marketplace"] for row in rows_of(errors)] == ["One,US,S1", "Café,US,S1,A2", '"open,US,S1,A3']
    assert command(errors) == 0
    assert "3 read, 0 added, 0 changed, 0 unchanged, 3 bad" in command.out


def test_each_further_file_with_bad_rows_gets_an_errors_file_of_its_own(command: Command) -> None:
    errors = command.folder / "bad.csv"
    offers = command.write("offers.csv", [offer(), offer(seller="")])
    orders = command.write("orders.csv", [order(), order("O2", quantity="-1")])
    command(orders, command.write("good.csv", [offer("A2")]), offers, errors=errors)
    assert rows_of(errors)[0]["order_id"] == "O2"
    assert rows_of(command.folder / "bad-2-offers.csv")[0]["title"] == "Kettle A1"
    assert "offers.csv: its bad rows are in" in command.err


def test_an_errors_file_of_an_earlier_import_is_not_left_to_be_taken_for_this_ones(command: Command) -> None:
    errors = command.write("bad.csv", "old,error\n1,2\n")
    command(command.write("offers.csv", [offer()]), errors=errors)
    assert errors.read_text() == "error\n"


def test_bad_rows_are_listed_in_the_order_of_the_file(command: Command) -> None:
    """Rows whose key repeats are checked last, and reported in their place all the same."""
    errors = command.folder / "bad.csv"
    rows = [order("O1", "??"), order("O2", "??"), order("O1", "??"), order("O3", "??")]
    command(command.write("offers.csv", [offer()]), command.write("r.csv", rows), errors=errors)
    assert [row["order_id"] for row in rows_of(errors)] == ["O1", "O2", "O1", "O3"]
