"""Order files by whole columns and a row at a time: the same lines and words, whatever is in them."""

import csv
import io
import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offers.actions import move
from offers.importers import driver, lines, order_storing, reading
from offers.importers.lines import BadText, LineReader, Row, RowReader
from offers.lifecycle import Move
from offers.models import Offer
from tests.importing import Importing, offer
from tests.offers.order_rows import COLUMNS, ByRow, stored_lines

CLOSED, OPENED = datetime(2024, 3, 5, 15, tzinfo=UTC), datetime(2024, 3, 12, 9, tzinfo=UTC)


def by_line(data: bytes, mark: str) -> tuple[list[Row], list[BadText], int]:
    bad: list[BadText] = []
    reader = LineReader(io.BytesIO(data))
    return list(RowReader(reader, mark, 3, bad.append)), bad, reader.removed


def by_stretch(data: bytes, mark: str, rows: int, size: int) -> tuple[list[Row], list[BadText], int]:
    bad: list[BadText] = []
    reader = LineReader(io.BytesIO(data))
    found, taken = [], RowReader(reader, mark, 3, bad.append)
    while (stretch := taken.stretch(rows, size)) is not None:
        assert len(stretch.lines) <= rows
        found += [Row(int(line), stretch.row(index)) for index, line in enumerate(stretch.lines)]
    return found, sorted(bad), reader.removed


PIECES = [
    'a,"b',
    ",",
    '"',
    '""',
    "\n",
    "\r\n",
    "\r",
    "1,2,3\n",
    '"x,\ny",2,3\n',
    "é",
    "\ufeff",
    "\x00",
    " ",
    "\x85",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join).map(str.encode)
    | st.binary(max_size=60).map(lambda data: data.replace(b"x", b"1,2,3\n")),
    st.sampled_from([",", "\t"]), st.integers(1, 6), st.integers(1, 60), st.sampled_from([1, 8, 1 << 15]),
)  # fmt: skip
@example(b'1,"2\n3,4,5\n6,"7",8\n', ",", 5, 99, 8)
@example(b"1,2,3\n\n , ,\n1,2\n4,5,6", ",", 2, 99, 8)
def test_rows_are_the_same_by_stretches_as_line_by_line(
    data: bytes, mark: str, rows: int, size: int, few: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_FEW", few)
        found, bad, removed = by_stretch(data, mark, rows, size)
    expected = by_line(data, mark)
    assert (found, bad, removed) == (expected[0], sorted(expected[1]), expected[2])


def unexpected(bad: BadText) -> None:
    pytest.fail(str(bad))


def test_what_several_bytes_make_is_taken_out_also_where_reading_parts_them() -> None:
    class Slowly:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def read(self, _size: int, /) -> bytes:
            piece, self.data = self.data[:1], self.data[1:]
            return piece

    data = "a,\ufeffb,\x85c\r\n1,2,3\r4,\x00é,6".encode()
    reader = LineReader(Slowly(data))
    found = [row.text.decode() for row in RowReader(reader, ",", 3, unexpected)]
    assert found == ["a,b,c", "1,2,3", "4,é,6"]
    assert reader.removed == 3


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    """A1 was closed and relisted, A2 is open, A3 had two lives, B1 is another seller's."""
    importing = Importing(tmp_path)
    importing.rows(offer("A1"), offer("A2"), offer("A3", deleted_on="2024-03-08"), offer("B1", seller="S2"))
    importing.rows(offer("A3", listed_on="2024-03-10"))
    closed = Offer.objects.get(sku="A1").pk
    move(offer_id=closed, made=Move.CLOSE, at=CLOSED, on=CLOSED.date())
    move(offer_id=closed, made=Move.RELIST, at=OPENED, on=OPENED.date())
    return importing


USUAL = {
    "marketplace": ["US"] * 30 + ["us", "CA", ""],
    "seller": ["S1"] * 20 + [" S1 ", "S2", "S9", "", "S" * 65, "é"],
    "order_id": [f"O{number}" for number in range(40)]
    + ["", "x" * 101, "Ω" * 100, " O1", "O\x001", 'O"1"', "=O1"],
    "sku": ["A1", "A2", "A3"] * 6 + ["a1", "", "A9", "y" * 201, "B1", "NA"],
    "ordered_at": ["2024-03-01", "2024-03-06", "2024-03-09", "2024-03-10T10:00:00"] * 4
    + ["2024-03-05T16:00:00Z", "2024-03-12 09:30 +01:00", "2024-03-08T23:59:59"] * 2
    + ["2024-02-30", "", "01/02/2024", "1994-12-31", "2124-01-01"],
    "quantity": ["", "1", "2", "3"] * 6 + ["+4", "5.00", "1.5", "-1", "two", "2147483647", "2147483648"],
    "status": ["", "shipped", "pending", "cancelled", "Canceled"] * 4 + ["SHIPPED", "gone", "refunded"],
    "customer": ["", "C1", "C2", "C3", "hash:00000000000000ff", "é\u2028", "c,d", "two\nlines"],
}  # fmt: skip


def dirty_file(dice: random.Random, before: list[list[str]]) -> tuple[bytes, list[list[str]]]:
    """A file with all that can go wrong, some of its rows from an earlier one."""
    rows = [[dice.choice(USUAL[name]) for name in COLUMNS] for _ in range(dice.randrange(60))]
    rows += dice.sample(before, len(before) // 2)
    dice.shuffle(rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=dice.choice(["\n", "\r\n"]))
    for row in rows:
        writer.writerow(row)
        if dice.random() < 0.1:
            text.write(
                dice.choice(['US,S1,"open\n', "US,S1\n", "\n", ",,,,,,,\n", 'a,"b"c,d\n', "x" * 3000 + "\n"])
            )
    data = (",".join(COLUMNS) + "\n" + text.getvalue()).encode()
    if dice.random() < 0.3:
        data = data.replace("é".encode(), "é".encode("latin-1"))  # noqa: RUF100
    return (b"\xef\xbb\xbf" if dice.random() < 0.3 else b"") + data, rows


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_the_import_by_columns_is_the_import_by_rows(
    importing: Importing, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    size = dice.choice([3, 7, 50_000])
    monkeypatch.setattr(reading, "CHUNK_ROWS", size)
    monkeypatch.setattr(driver, "CHUNK_ROWS", size)
    monkeypatch.setattr(lines, "_FEW", dice.choice([40, 400, 1 << 15]))
    monkeypatch.setattr(order_storing, "TOGETHER", dice.choice([1, 40, 1_000]))
    monkeypatch.setattr(order_storing, "_SLICE", dice.choice([1, 7, 1_000]))
    plain = ByRow(importing.marketplace)
    rows: list[list[str]] = []
    for number in range(3):
        data, rows = dirty_file(dice, rows)
        (report,) = importing(importing.write(f"{number}.csv", data), create_sellers=False)
        told = plain.bring_in(data)
        found = [(one.line, one.column, one.value, one.message) for one in report.problems]
        assert found == told.problems
        tally = {name: told.tally[name] for name in ("added", "changed", "unchanged")}
        assert {name: getattr(report, name) for name in tally} == tally
        assert report.read == told.read
        merged = sum(int(note.split(": ")[1].split()[0]) for note in report.notes if "merged" in note)
        assert merged == len(told.merged)
        assert stored_lines() == plain.lines


@pytest.mark.django_db
def test_the_earliest_row_of_a_day_gives_the_moment_and_the_first_of_two_alike(importing: Importing) -> None:
    cells = ["US,S1,O1,A2,2024-03-02", "US,S1,O1,A2,2024-03-01", "US,S1,O1,A2,2024-03-01T12:00:00"]
    importing(importing.write("o.csv", ",".join(COLUMNS[:5]) + "\n" + "\n".join(cells)))
    ((_, line),) = stored_lines().items()
    assert line[:3] == (date(2024, 3, 1), datetime(2024, 3, 1, 17, tzinfo=UTC), 3)
