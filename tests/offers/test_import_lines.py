"""From bytes to rows: what is a row, what is none, and on which line each begins."""

import csv
import io
import time
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offers.importers.lines import MAX_ROW, BadText, LineReader, Row, RowReader


def read(data: bytes, width: int = 3, delimiter: str = ",") -> tuple[list[Row], list[BadText]]:
    bad: list[BadText] = []
    rows = list(RowReader(LineReader(io.BytesIO(data)), delimiter, width, bad.append))
    return rows, bad


def unexpected(bad: BadText) -> None:
    pytest.fail(str(bad))


def test_rows_carry_the_line_on_which_they_begin_also_after_quoted_line_ends() -> None:
    rows, bad = read(b'1,2,3\n1,"two\nlines\n",3\n\n4,5,6\n')
    assert [row.line for row in rows] == [1, 2, 6]
    assert rows[1].text == b'1,"two\nlines\n",3'
    assert not bad


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_may_end_in_any_of_the_three_ways(end: bytes) -> None:
    rows, bad = read(end.join([b"1,2,3", b'1,"a', b'b",3', b"7,8,9"]))
    assert [(row.line, row.text) for row in rows] == [(1, b"1,2,3"), (2, b'1,"a\nb",3'), (4, b"7,8,9")]
    assert not bad


def test_a_row_with_another_number_of_fields_is_reported_and_the_others_are_read() -> None:
    rows, bad = read(b"1,2,3\n1,2\n1,2,3,4\n7,8,9\n")
    assert [row.line for row in rows] == [1, 4]
    assert [(one.line, one.text) for one in bad] == [(2, "1,2"), (3, "1,2,3,4")]
    assert "has 2 fields and the header 3" in bad[0].message
    assert "quotation marks" in bad[1].message


def test_quotation_marks_inside_a_field_are_ordinary_characters() -> None:
    rows, bad = read(b'a,7" tablet,b\na,12"-15" bars,b\n')
    assert len(rows) == 2
    assert not bad


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line_only() -> None:
    rows, bad = read(b'1,2,3\n1,"open,3\n4,5,6\n7,"closed",9\n')
    assert [row.line for row in rows] == [1, 3, 4]
    assert [one.line for one in bad] == [2]
    assert "quotation mark" in bad[0].message


def test_a_stray_quotation_mark_does_not_swallow_good_rows_up_to_the_next_one() -> None:
    rows, bad = read(b'1,"stray,3\n4,5,6\n7,8,9\n1,"fine",3\n')
    assert [row.line for row in rows] == [2, 3, 4]
    assert [one.line for one in bad] == [1]


def test_broken_utf8_is_reported_with_its_line_and_shown_readable() -> None:
    rows, bad = read("1,é,3\n".encode() + "4,caf\xe9,6\n".encode("latin-1") + b"7,8,9\n")
    assert [row.line for row in rows] == [1, 3]
    assert (bad[0].line, bad[0].text) == (2, "4,café,6")
    assert "0xE9" in bad[0].message
    assert "UTF-8" in bad[0].message


def test_bytes_that_no_encoding_knows_are_shown_all_the_same() -> None:
    _, bad = read(b"1,\x81\xff,3\n")
    assert bad[0].text == "1,\x81\xff,3"


def test_control_characters_are_taken_out_and_counted() -> None:
    reader = LineReader(io.BytesIO(b"\xef\xbb\xbf1,a\x00b\x07,3\n4,\xc2\x85,\x7f\n"))
    rows = list(RowReader(reader, ",", 3, unexpected))
    assert [row.text for row in rows] == [b"1,ab,3", b"4,,"]
    assert reader.removed == 5


def test_blank_lines_and_lines_of_nothing_but_delimiters_are_no_rows() -> None:
    rows, bad = read(b"\n1,2,3\n,,\n  \n4,5,6\n\n")
    assert [row.line for row in rows] == [2, 5]
    assert not bad


def test_a_row_of_a_mebibyte_is_read_and_a_longer_one_reported() -> None:
    longest = b"1,2," + b"x" * (MAX_ROW - 4)
    rows, bad = read(longest + b"\n" + longest + b"x\n7,8,9\n")
    assert [row.line for row in rows] == [1, 3]
    assert [one.line for one in bad] == [2]
    assert "1 MiB" in bad[0].message
    assert len(bad[0].text) <= 1000


def test_a_quoted_field_of_many_lines_may_be_a_mebibyte_long_and_no_longer() -> None:
    body = b"a line\n" * 200_000
    rows, bad = read(b'1,"' + body + b'",3\n4,5,6\n')
    assert rows[-1].text == b"4,5,6"
    assert bad[0].line == 1


class EndlessLine:
    """A file that begins well and goes on as one line of `size` bytes."""

    def __init__(self, start: bytes, size: int) -> None:
        self.start, self.left = start, size

    def read(self, size: int, /) -> bytes:
        if self.start:
            piece, self.start = self.start, b""
            return piece
        piece = b"x" * min(size, self.left)
        self.left -= len(piece)
        return piece


@pytest.mark.parametrize("start", [b"", b"1,2,3\n", b'1,"quoted'])
def test_one_endless_line_needs_little_memory_and_little_time(start: bytes) -> None:
    bad: list[BadText] = []
    tracemalloc.start()
    began = time.process_time()
    rows = list(RowReader(LineReader(EndlessLine(start, 100 << 20)), ",", 3, bad.append))
    seconds, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(rows) == (1 if start == b"1,2,3\n" else 0)
    assert "1 MiB" in bad[0].message or "quotation mark" in bad[0].message
    assert peak < 16 << 20
    assert seconds < 5


CELLS = st.text(st.sampled_from('ab,"\n\r\t é'), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8), st.sampled_from([",", "\t", ";"]))
@example([["", "", ""]], ",")
def test_whatever_the_csv_module_writes_is_read_as_the_same_rows(table: list[list[str]], mark: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    rows, bad = read(text.getvalue().encode(), delimiter=mark)
    assert not bad
    found = [next(csv.reader(io.StringIO(row.text.decode(), newline=""), delimiter=mark)) for row in rows]
    expected = [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells] for cells in table]
    assert found == expected


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_reported_and_every_line_is_accounted_for(data: bytes) -> None:
    rows, bad = read(data)
    beginnings = [row.line for row in rows] + [one.line for one in bad]
    assert len(set(beginnings)) == len(beginnings)
    assert all(1 <= line <= data.count(b"\n") + data.count(b"\r") + 1 for line in beginnings)
