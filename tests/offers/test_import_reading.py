"""Opening a file: its kind, its columns, its chunks of text, and each way in which it can't be read."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.importers.events import KIND as FEEDBACK
from offers.importers import reading
from offers.importers.lines import BadText
from offers.importers.listings import KIND as OFFERS
from offers.importers.orders import KIND as ORDERS
from offers.importers.reading import Table, UnreadableFile, open_table

KINDS = [OFFERS, ORDERS, FEEDBACK]
OFFER_HEADER = "marketplace,seller,sku,title"
ORDER_HEADER = "marketplace,seller,order_id,sku,ordered_at"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


def opened(file: Path, content: str | bytes) -> Table:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(file, KINDS)


def rows_of(table: Table) -> tuple[list[dict[str, str]], list[int], list[BadText]]:
    bad: list[BadText] = []
    chunks = list(table.chunks(bad.append))
    rows = [
        dict(zip(chunk.columns, cells, strict=True))
        for chunk in chunks
        for cells in zip(*(column.texts for column in chunk.columns.values()), strict=True)
    ]
    return rows, [int(line) for chunk in chunks for line in chunk.lines], bad


def unexpected(bad: BadText) -> None:
    pytest.fail(str(bad))


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (OFFER_HEADER, "offers"),
        (ORDER_HEADER, "orders"),
        ("marketplace,seller,order_id,channel,occurred_at", "feedback"),
        # A feedback file may tell the date of the order as well.
        ("marketplace,seller,event_id,order_id,sku,ordered_at,channel,reason,stars,occurred_at", "feedback"),
        # An orders file may tell the title as well.
        ("marketplace,seller,order_id,sku,title,ordered_at,quantity,status,customer", "orders"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_header(file: Path, header: str, kind: str) -> None:
    assert opened(file, header + "\n").kind.name == kind


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_delimiter_is_told_by_the_header(file: Path, mark: str) -> None:
    rows, _, bad = rows_of(opened(file, f"{OFFER_HEADER}\nUS,S1,A1,Kettle\n".replace(",", mark)))
    assert rows == [{"marketplace": "US", "seller": "S1", "sku": "A1", "title": "Kettle"}]
    assert not bad


def test_columns_are_matched_by_name_in_any_order_case_and_spelling(file: Path) -> None:
    table = opened(file, " Ordered-At ,SKU,Order ID,seller , MARKETPLACE\n2024-01-01,A1,O1,S1,US\n")
    rows, _, _ = rows_of(table)
    assert rows == [
        {"ordered_at": "2024-01-01", "sku": "A1", "order_id": "O1", "seller": "S1", "marketplace": "US"}
    ]


def test_extra_columns_are_ignored_and_named(file: Path) -> None:
    table = opened(file, f"{OFFER_HEADER},Weight (kg),,attr_material\nUS,S1,A1,Kettle,1.2,x,steel\n")
    rows, _, _ = rows_of(table)
    assert table.extra == ["Weight (kg)"]
    assert rows[0]["attr_material"] == "steel"
    assert "weight_(kg)" not in rows[0]


def test_every_value_is_text_and_stays_what_it_is(file: Path) -> None:
    values = ["0012345678", "NA", "null", "1e5", "1.10", "TRUE", "None", "-"]
    table = opened(file, OFFER_HEADER + "\n" + "\n".join(f"US,S1,{value},{value}" for value in values))
    rows, _, _ = rows_of(table)
    assert [row["sku"] for row in rows] == values


def test_blanks_around_values_are_trimmed_and_those_within_kept(file: Path) -> None:
    rows, _, _ = rows_of(opened(file, f'{OFFER_HEADER}\n US ,S1\t,"\u00a0A 1 \n","two\nlines"\n'))
    assert rows == [{"marketplace": "US", "seller": "S1", "sku": "A 1", "title": "two\nlines"}]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_gzip_is_told_by_its_first_bytes_and_a_byte_order_mark_is_no_part_of_a_name(
    file: Path, bom: bytes, packed: bool
) -> None:
    content = bom + f"{OFFER_HEADER}\nUS,S1,A1,Café\n".encode()
    rows, _, _ = rows_of(opened(file, gzip.compress(content) if packed else content))
    assert rows[0] == {"marketplace": "US", "seller": "S1", "sku": "A1", "title": "Café"}


def test_several_gzip_files_one_after_the_other_are_one_file(file: Path) -> None:
    content = gzip.compress(f"{OFFER_HEADER}\nUS,S1,A1,One\n".encode()) + gzip.compress(b"US,S1,A2,Two\n")
    assert [row["sku"] for row in rows_of(opened(file, content))[0]] == ["A1", "A2"]


def test_a_chunk_holds_so_many_rows_and_lines_are_right_in_all(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 3)
    table = opened(file, OFFER_HEADER + "\n" + "".join(f'US,S1,A{n},"a\nb"\n' for n in range(8)))
    assert [len(chunk) for chunk in table.chunks(unexpected)] == [3, 3, 2]
    assert rows_of(table)[1] == [2 + 2 * n for n in range(8)]


def test_a_chunk_holds_so_many_bytes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_BYTES", 1000)
    table = opened(file, OFFER_HEADER + "\n" + "".join(f"US,S1,A{n},{'x' * 600}\n" for n in range(5)))
    assert [len(chunk) for chunk in table.chunks(unexpected)] == [2, 2, 1]


def test_rows_are_found_again_as_they_stand_in_the_file(file: Path) -> None:
    table = opened(file, f'{OFFER_HEADER},extra\nUS,S1,A1,One,1\n US,S1,A2,"Two,\n2",2\nUS,S1,A3,Three,3\n')
    assert list(table.rows_at({3})) == [(3, [" US", "S1", "A2", "Two,\n2", "2"])]


@given(st.lists(st.text(st.sampled_from('ab,"\n\r\t\x00é\ufeff '), max_size=24), max_size=8))
def test_pandas_finds_as_many_rows_as_went_to_it_whatever_the_text(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    file = tmp_path_factory.mktemp("any") / "file.csv"
    table = opened(file, OFFER_HEADER + "\n" + "\n".join(lines))
    rows, numbers, _ = rows_of(table)
    assert len(rows) == len(numbers)
    assert all(isinstance(value, str) for row in rows for value in row.values())
    # What was found is what the csv module finds, too.
    again = {line: [cell.strip() for cell in cells] for line, cells in table.rows_at(set(numbers))}
    assert [list(row.values()) for row in rows] == [again[line] for line in numbers]


UNREADABLE = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n\n", "is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", "is empty"),
    "an Excel workbook": (b"PK\x03\x04" + bytes(range(256)) * 20, "Excel workbook or a ZIP"),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0" + bytes(500), "old Excel workbook"),
    "a PDF": (b"%PDF-1.7 ...", "PDF"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "not a text file"),
    "UTF-16 with its mark": (OFFER_HEADER.encode("utf-16"), "UTF-16"),
    "UTF-16 without": (OFFER_HEADER.encode("utf-16-le"), "UTF-16"),
    "another packing": (b"BZh91AY&SY" + bytes(30), "bzip2"),
    "a header that is no UTF-8": (f"{OFFER_HEADER},pré\n".encode("latin-1"), "not UTF-8"),
    "a first line without end": (b"x" * (2 << 20), "longer than 1 MiB"),
    "gzip that is cut off": (gzip.compress(f"{OFFER_HEADER}\n".encode() * 2000)[:-40], "cut off"),
    "gzip that is none": (b"\x1f\x8b\x00\x00 no gzip at all", "damaged"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(file: Path, what: str) -> None:
    content, message = UNREADABLE[what]
    with pytest.raises(UnreadableFile, match=message):
        list(opened(file, content).chunks(lambda _bad: None))


def test_gzip_of_something_else_than_a_table_is_named_too(file: Path) -> None:
    with pytest.raises(UnreadableFile, match="not a text file"):
        opened(file, gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8))


def test_a_missing_file_a_folder_and_a_pipe_are_named(tmp_path: Path) -> None:
    import os

    with pytest.raises(UnreadableFile, match="no such file"):
        open_table(tmp_path / "absent.csv", KINDS)
    with pytest.raises(UnreadableFile, match="folder"):
        open_table(tmp_path, KINDS)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFile, match="not a file"):
        open_table(tmp_path / "pipe", KINDS)


def test_a_header_that_lacks_a_column_is_told_what_was_found_and_what_is_missing(file: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        opened(file, "marketplace,seller,order_id,sku,Order Date\n")
    message = str(refused.value)
    assert "looks like orders" in message
    assert "lacks: ordered_at" in message
    assert "Columns found: marketplace, seller, order_id, sku, Order Date" in message
    assert "customer" in message


def test_a_header_of_no_kind_is_told_what_every_kind_needs(file: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        opened(file, "id,date,amount\n1,2,3\n")
    message = str(refused.value)
    assert "Columns found: id, date, amount" in message
    assert all(kind in message for kind in ("offers:", "orders:", "feedback:"))


def test_a_known_column_must_not_come_twice_and_an_unknown_one_may(file: Path) -> None:
    with pytest.raises(UnreadableFile, match="column sku more than once"):
        opened(file, "marketplace,seller,sku,title, SKU \n")
    rows, _, _ = rows_of(opened(file, f"{OFFER_HEADER},note,note\nUS,S1,A1,Kettle,a,b\n"))
    assert rows[0]["title"] == "Kettle"


def test_a_file_with_a_header_only_has_no_rows(file: Path) -> None:
    assert rows_of(opened(file, OFFER_HEADER + "\n")) == ([], [], [])


def test_progress_rises_to_the_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 1000)
    table = opened(file, OFFER_HEADER + "\n" + "".join(f"US,S1,A{n},{'x' * 800}\n" for n in range(5000)))
    shares: list[float] = []
    for chunk in table.chunks(unexpected, progress=shares.append):
        assert len(chunk) == 1000
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1
