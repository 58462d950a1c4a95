"""Whole columns of rows, and how each database takes them.

A column is one value for all rows, or an array with one value per row: whole numbers, truths, days
(datetime64[D]), texts (UTF-8 bytes, dtype S), and cents for decimals. A masked array is NULL where it is
masked.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

import numpy as np
from django.db import models
from numpy.typing import NDArray

Column: TypeAlias = NDArray[Any] | int | bytes | datetime  # a truth is an int
Fields: TypeAlias = Mapping[str, "models.Field[Any, Any]"]

_FIRST_DAY: Final = np.datetime64(date(2000, 1, 1), "D")  # PostgreSQL counts from here
_FIRST_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_NUMBERS: Final = {
    "BigAutoField": ">i8",
    "BigIntegerField": ">i8",
    "IntegerField": ">i4",
    "PositiveIntegerField": ">i4",
    "PositiveSmallIntegerField": ">i2",
    "BooleanField": "u1",
}


def numbered(prefix: bytes, numbers: NDArray[np.int64], digits: int) -> NDArray[np.bytes_]:
    """Texts such as b"V00000042", for numbers that are not negative and have at most so many digits."""
    text = np.empty((len(numbers), len(prefix) + digits), dtype=np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix, dtype=np.uint8)
    left = numbers.copy()
    for place in range(text.shape[1] - 1, len(prefix) - 1, -1):
        left, text[:, place] = np.divmod(left, 10)
    text[:, len(prefix) :] += ord("0")
    return text.view(f"S{text.shape[1]}").ravel()


def texts(words: list[str]) -> NDArray[np.bytes_]:
    """Texts as a column takes them."""
    return np.array([word.encode() for word in words], dtype=np.bytes_)


def piece_of(columns: Mapping[str, Column], where: slice) -> dict[str, Column]:
    """Some of the rows; what is one value for all rows stays one."""
    return {
        name: column[where] if isinstance(column, np.ndarray) else column for name, column in columns.items()
    }


def as_binary_copy(fields: Fields, columns: Mapping[str, Column], rows: int) -> bytes:
    """The rows in PostgreSQL's binary COPY format.

    Every row is laid out as wide as the widest, and the bytes that a shorter text or a NULL leaves over are
    cut out of all rows at once.
    """
    layout: list[Any] = [("fields", ">i2")]
    for name, field in fields.items():
        layout += [(f"{name}_size", ">i4"), (name, *_width(field, columns[name]))]
    laid = np.zeros(rows, dtype=layout)
    laid["fields"] = len(fields)
    keep = np.ones((rows, laid.dtype.itemsize), dtype=np.bool_)
    cut = False
    for name, field in fields.items():
        values, sizes = _encoded(field, columns[name])
        width = laid.dtype[name].itemsize
        laid[name], laid[f"{name}_size"] = values, width if sizes is None else sizes
        if sizes is not None and np.any(sizes != width):
            place = laid.dtype.fields[name][1]  # type: ignore[index]
            keep[:, place : place + width] = np.arange(width) < np.reshape(sizes, (-1, 1))
            cut = True
    body = laid.view(np.uint8).reshape(rows, -1)
    return _HEADER + (body[keep] if cut else body).tobytes() + _TRAILER


def _width(field: "models.Field[Any, Any]", column: Column) -> tuple[Any, ...]:
    """How a value of this field is laid out: a numpy type, and a shape where it has one."""
    kind = _kind(field)
    if kind in _NUMBERS:
        return (_NUMBERS[kind],)
    if kind == "DateField":
        return (">i4",)
    if kind == "DateTimeField":
        return (">i8",)
    if kind == "DecimalField":
        return (">i2", (7,))
    longest = column.dtype.itemsize if isinstance(column, np.ndarray) else len(_of_text(column))
    return (f"S{max(1, longest + (kind == 'JSONField'))}",)


def _kind(field: "models.Field[Any, Any]") -> str:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    kind = field.get_internal_type()
    return "BigIntegerField" if kind == "BigAutoField" else kind


def _encoded(field: "models.Field[Any, Any]", column: Column) -> tuple[Any, Any]:
    """The values as they are laid out, and their sizes: None where all are as wide as their place."""
    kind = _kind(field)
    values: Any = np.ma.getdata(column) if isinstance(column, np.ndarray) else column
    sizes: Any = None
    if kind in {"CharField", "TextField", "JSONField"}:
        values, sizes = _encoded_text(column, marked=kind == "JSONField")
    elif kind == "DateField":
        values = (values - _FIRST_DAY).astype(np.int64)
    elif kind == "DateTimeField" and isinstance(column, datetime):
        values = round((column - _FIRST_MOMENT).total_seconds() * 1e6)
    elif kind == "DecimalField":
        values = _as_numeric(values)
    missing = np.ma.getmaskarray(column) if isinstance(column, np.ma.MaskedArray) else None
    if missing is not None and missing.any():
        width = np.dtype([("value", *_width(field, column))]).itemsize
        sizes = np.where(missing, -1, width if sizes is None else sizes)
    return values, sizes


def _encoded_text(column: Column, *, marked: bool) -> tuple[Any, Any]:
    """Texts and their lengths. PostgreSQL's jsonb wants the number of its format before each."""
    mark = b"\x01" if marked else b""
    if isinstance(column, np.ndarray):
        values = np.strings.add(mark, np.ma.getdata(column)) if marked else np.ma.getdata(column)
        return values, np.strings.str_len(values)
    text = mark + _of_text(column)
    return text, np.int64(len(text))


def _of_text(column: Column) -> bytes:
    if not isinstance(column, bytes):
        raise TypeError(f"{column!r} is no text: give bytes.")
    return column


def _as_numeric(cents: NDArray[np.int64]) -> NDArray[np.int64]:
    """PostgreSQL's numeric: digits, weight, sign, scale, then digits to the base of 10,000."""
    laid = np.zeros((len(cents), 7), dtype=np.int64)
    laid[:, 0], laid[:, 1], laid[:, 3] = 3, 1, 2
    whole = cents // 100
    laid[:, 4], laid[:, 5], laid[:, 6] = whole // 10_000, whole % 10_000, cents % 100 * 100
    return laid


def as_tuples(fields: Fields, columns: Mapping[str, Column], rows: int) -> list[tuple[Any, ...]]:
    """The rows as SQLite's driver takes them."""
    return list(zip(*(_listed(fields[name], columns[name], rows) for name in fields), strict=True))


def _listed(field: "models.Field[Any, Any]", column: Column, rows: int) -> list[Any]:
    if not isinstance(column, np.ndarray):
        return [_plain(column)] * rows
    if column.dtype.kind == "S":
        values = [value.decode() for value in np.ma.getdata(column).tolist()]
    elif column.dtype.kind == "M":
        values = np.datetime_as_string(np.ma.getdata(column)).tolist()
    elif _kind(field) == "DecimalField":
        values = [f"{cents // 100}.{cents % 100:02}" for cents in np.ma.getdata(column).tolist()]
    else:
        values = np.ma.getdata(column).tolist()
    missing = np.ma.getmaskarray(column).tolist() if isinstance(column, np.ma.MaskedArray) else None
    if missing is None:
        return values
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]


def _plain(value: int | bytes | datetime) -> Any:
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return value.decode() if isinstance(value, bytes) else value
