"""Writing many rows that lie in arrays, one per column: no Python object is made per value on PostgreSQL.

What NULL is depends on the kind of the column, and only a column that allows NULL has it: NaN in floats,
0 in days (proleptic ordinals), NaT in moments (datetime64[us], UTC), a negative number in other whole
numbers. In a masked array NULL is what is masked, and nothing else. Text is UTF-8 in an array of bytes.
As with rows, everything runs inside the caller's transaction.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date
from decimal import Decimal
from itertools import pairwise
from struct import pack
from typing import Any, Final, TypeAlias

import numpy as np
from django.db import connection, models
from numpy.typing import NDArray

from offers.bulk.reading import fetch_columns
from offers.bulk.writing import (
    Row,
    fields_of,
    found_in,
    insert,
    quoted,
    set_from,
    staged,
    staged_by,
    update,
    update_from,
    upsert,
)

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

_PIECE: Final = 1 << 15  # rows put into bytes at once
_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_EPOCH: Final = date(2000, 1, 1).toordinal()  # PostgreSQL's day 0
_FIRST_MOMENT: Final = np.datetime64("2000-01-01T00:00:00", "us")  # and its first microsecond
# Django's kind of column: PostgreSQL's bytes.
_WIDTHS: Final = {
    "BooleanField": "u1",
    "DateField": ">i4",
    "DateTimeField": ">i8",
    "FloatField": ">f8",
    "SmallIntegerField": ">i2",
    "PositiveSmallIntegerField": ">i2",
    "IntegerField": ">i4",
    "PositiveIntegerField": ">i4",
    "BigIntegerField": ">i8",
    "BigAutoField": ">i8",
    "DecimalField": "V14",
}
_FEW: Final = (
    50  # rows of one layout: below that, as many layouts cost more than cutting out what is too long
)
_BYTES: Final = 1 << 24  # laid out at once where rows are cut
_JSON_FORMAT: Final = b"\x01"  # PostgreSQL's number of it, before each value
# How NULL is told where it isn't a negative number.
_NOTHING: Final[Mapping[str, Callable[[NDArray[Any]], NDArray[np.bool_]]]] = {
    "FloatField": np.isnan,
    "DateTimeField": np.isnat,
    "DateField": lambda days: days == 0,
}
_Fields: TypeAlias = Mapping[str, "models.Field[Any, Any]"]


def insert_arrays(model: type[models.Model], arrays: Arrays) -> int:
    """Insert the rows that the arrays hold: every column but an automatic id. Returns how many there were."""
    if connection.vendor != "postgresql":
        return insert(model, list(arrays), rows_of(model, arrays))
    return copy_arrays(quoted(model._meta.db_table), fields_of(model, arrays), arrays)


def upsert_arrays(model: type[models.Model], key: Sequence[str], arrays: Arrays) -> tuple[int, int]:
    """`upsert` of rows that lie in arrays."""
    columns = list(arrays)
    if connection.vendor != "postgresql":
        return upsert(model, key, columns, rows_of(model, arrays))
    with staged_arrays(fields_of(model, columns), arrays) as stage:
        return set_from(stage, model, key, columns)


def compare_arrays(
    model: type[models.Model], key: Sequence[str], arrays: Arrays
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """The rows whose `key` is there already: their places, the ids there, and whether any column differs."""
    with staged_arrays(fields_of(model, arrays), arrays) as stage:
        sql = found_in(stage, model, key, list(arrays))
        row, there, differs = fetch_columns(sql, [], ("int", "int", "int"))
    return row, there, differs != 0


def update_arrays(model: type[models.Model], key: Sequence[str], arrays: Arrays) -> int:
    """`update` of rows that lie in arrays. Returns how many really changed."""
    if connection.vendor != "postgresql":
        return update(model, key, list(arrays), rows_of(model, arrays))
    with staged_arrays(fields_of(model, arrays), arrays) as stage:
        return update_from(stage, model, key, list(arrays))


@contextmanager
def staged_arrays(fields: _Fields, arrays: Arrays) -> Iterator[str]:
    """`staged` of rows that lie in arrays, of these columns."""
    if connection.vendor != "postgresql":
        with staged(fields, _rows(fields, arrays)) as stage:
            yield stage
        return
    columns = {"row": models.BigIntegerField(), **fields}
    numbered = {"row": np.arange(_length(arrays)), **arrays}
    with staged_by(columns, lambda name: copy_arrays(name, columns, numbered)) as stage:
        yield stage


def copy_arrays(table: str, fields: _Fields, arrays: Arrays, *, frozen: bool = False) -> int:
    """COPY the arrays into a table of PostgreSQL, in its binary format. Returns how many rows there were.

    table: as SQL writes it. frozen: the table was made in this transaction, and its rows are to be seen by
    every snapshot.
    """
    names = ", ".join(map(quoted, fields))
    options = "FORMAT binary, FREEZE" if frozen else "FORMAT binary"
    source = _Source(_binary(fields, arrays))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN ({options})", source, 1 << 18)
    return _length(arrays)


def copy_blobs(table: str, columns: Sequence[str], rows: Iterable[tuple[Sequence[int], bytes]]) -> None:
    """COPY rows of whole numbers (bigint) and, in the last column, bytes into a table of PostgreSQL."""
    names = ", ".join(map(quoted, columns))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(
            f"COPY {table} ({names}) FROM STDIN (FORMAT binary)", _Source(_blobs(rows)), 1 << 18
        )


def _blobs(rows: Iterable[tuple[Sequence[int], bytes]]) -> Iterator[bytes]:
    yield _HEADER
    for numbers, body in rows:
        head = b"".join(pack(">iq", 8, number) for number in numbers)
        yield pack(">h", len(numbers) + 1) + head + pack(">i", len(body))
        yield body
    yield _TRAILER


def rows_of(model: type[models.Model], arrays: Arrays) -> Iterator[Row]:
    """The rows as tuples of Python's values, None for NULL."""
    return _rows(fields_of(model, arrays), arrays)


def _rows(fields: _Fields, arrays: Arrays) -> Iterator[Row]:
    columns = [_as_values(_kind(field), arrays[name], field) for name, field in fields.items()]
    return zip(*columns, strict=True)


def _length(arrays: Arrays) -> int:
    return len(next(iter(arrays.values())))


def _kind(field: "models.Field[Any, Any]") -> str:
    """What a column holds: a name of `_WIDTHS`, "JSONField" or "Text"."""
    if isinstance(field, models.ForeignKey):
        return _kind(field.target_field)
    name = field.get_internal_type()
    return name if name in {*_WIDTHS, "JSONField"} else "Text"


def _nulls(kind: str, values: NDArray[Any], field: "models.Field[Any, Any]") -> NDArray[np.bool_] | None:
    """Where the column is NULL; None where it never is."""
    if not field.null:
        return None
    null: NDArray[np.bool_]
    if isinstance(values, np.ma.MaskedArray):
        null = np.ma.getmaskarray(values)
    elif kind in _NOTHING:
        null = _NOTHING[kind](values)
    else:
        null = values < 0
    return null if null.any() else None


def _as_values(kind: str, values: NDArray[Any], field: "models.Field[Any, Any]") -> list[Any]:
    if kind == "Text":
        return [value.decode() for value in values.tolist()]
    if kind == "JSONField":
        return [json.loads(value) for value in values.tolist()]
    found: list[Any] = np.ma.getdata(values).tolist()
    if kind == "DateTimeField":
        found = [moment and moment.replace(tzinfo=UTC) for moment in found]
    elif kind == "DateField":
        # Few days differ, so each date is made once.
        known = {day: date.fromordinal(day) for day in np.unique(values).tolist() if day}
        found = [known.get(day) for day in found]
    elif kind == "BooleanField":
        found = values.astype(np.bool_).tolist()
    elif kind == "DecimalField":
        found = [Decimal(cents).scaleb(-2) for cents in found]
    if (null := _nulls(kind, values, field)) is not None:
        found = [None if none else value for value, none in zip(found, null.tolist(), strict=True)]
    return found


class _Source:
    """Pieces of bytes as a file that COPY reads."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def read(self, size: int = 8192) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = memoryview(piece)
        taken, self._left = self._left[:size], self._left[size:]
        return bytes(taken)


def _binary(fields: _Fields, arrays: Arrays) -> Iterator[bytes]:
    yield _HEADER
    for start in range(0, _length(arrays), _PIECE):
        piece = [
            _Column.of(_kind(field), arrays[name][start : start + _PIECE], field)
            for name, field in fields.items()
        ]
        yield from _pieces_of(piece)
    yield _TRAILER


class _Column:
    """One column of a piece: its values as PostgreSQL's bytes, and how long each is (-1: NULL)."""

    def __init__(self, values: NDArray[Any], lengths: NDArray[np.int64] | int) -> None:
        self.values, self.lengths = values, lengths

    @classmethod
    def of(cls, kind: str, values: NDArray[Any], field: "models.Field[Any, Any]") -> "_Column":
        if kind in {"Text", "JSONField"}:
            values = np.strings.add(_JSON_FORMAT, values) if kind == "JSONField" else values
            return cls(values, np.strings.str_len(values).astype(np.int64))
        width = np.dtype(_WIDTHS[kind])
        null = _nulls(kind, values, field)
        lengths = width.itemsize if null is None else np.where(null, -1, width.itemsize)
        values = np.ma.getdata(values)
        if kind == "DateTimeField":
            values = (values - _FIRST_MOMENT).astype(np.int64)
        if null is not None:
            values = np.where(null, 0, values)
        if kind == "DecimalField":
            return cls(_as_numeric(values), lengths)
        return cls((values - _EPOCH if kind == "DateField" else values).astype(width), lengths)

    def length(self, row: int) -> int:
        """The bytes of one row's value, -1 for NULL."""
        return self.lengths if isinstance(self.lengths, int) else int(self.lengths[row])

    def form(self, length: int) -> str:
        """How numpy writes a value of this length."""
        return f"S{length}" if self.values.dtype.kind == "S" else self.values.dtype.str


def _as_numeric(cents: NDArray[np.int64]) -> NDArray[np.void]:
    """PostgreSQL's numeric: digits, weight, sign, scale, then digits to the base of 10,000."""
    laid = np.zeros((len(cents), 7), dtype=">i2")
    laid[:, 0], laid[:, 1], laid[:, 3] = 3, 1, 2
    whole = cents // 100
    laid[:, 4], laid[:, 5], laid[:, 6] = whole // 10_000, whole % 10_000, cents % 100 * 100
    return laid.view("V14").ravel()


def _pieces_of(columns: list[_Column]) -> Iterator[bytes]:
    """The rows as bytes. Rows whose columns are equally long are put together at once, if those are many."""
    alike = np.zeros(len(columns[0].values), np.int64)
    for column in columns:
        if not isinstance(column.lengths, int):
            alike = alike * (int(column.lengths.max()) + 2) + column.lengths + 1
    order = np.argsort(alike, kind="stable")
    heads = np.flatnonzero(np.diff(alike[order], prepend=-1))
    if len(heads) * _FEW > len(order):
        yield from _ragged(columns)
        return
    for start, stop in pairwise([*heads.tolist(), len(order)]):
        yield _alike(columns, order[start:stop])


def _alike(columns: list[_Column], rows: NDArray[np.int64]) -> bytes:
    """The bytes of rows of one layout: a count of fields, then each field's length and bytes."""
    lengths = [column.length(int(rows[0])) for column in columns]
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for index, (column, length) in enumerate(zip(columns, lengths, strict=True)):
        layout.append((f"size{index}", ">i4"))
        if length > 0:
            layout.append((f"c{index}", column.form(length)))
    made = np.empty(len(rows), np.dtype(layout))
    made["fields"] = len(columns)
    for index, (column, length) in enumerate(zip(columns, lengths, strict=True)):
        made[f"size{index}"] = length
        if length > 0:
            made[f"c{index}"] = column.values[rows]
    return made.tobytes()


def _ragged(columns: list[_Column]) -> Iterator[bytes]:
    """The bytes of rows of any layout: each as wide as the widest, less what shorter values leave over."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for index, column in enumerate(columns):
        longest = max(1, int(np.max(column.lengths)))
        layout += [(f"size{index}", ">i4"), (f"c{index}", column.form(longest))]
    kind = np.dtype(layout)
    step = max(1, _BYTES // kind.itemsize)
    for start in range(0, len(columns[0].values), step):
        yield _cut(columns, kind, slice(start, start + step))


def _cut(columns: list[_Column], kind: np.dtype[Any], rows: slice) -> bytes:
    made = np.empty(len(columns[0].values[rows]), kind)
    keep = np.ones((len(made), kind.itemsize), np.bool_)
    made["fields"] = len(columns)
    place = 2
    for index, column in enumerate(columns):
        made[f"c{index}"] = column.values[rows]
        width, place = kind[f"c{index}"].itemsize, place + 4
        if isinstance(column.lengths, int):
            made[f"size{index}"] = column.lengths
        else:
            made[f"size{index}"] = lengths = column.lengths[rows]
            keep[:, place : place + width] = np.arange(width) < lengths[:, None]
        place += width
    return made.view(np.uint8).reshape(keep.shape)[keep].tobytes()
