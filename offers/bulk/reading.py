"""Reading many rows at once: as tuples, or as one array per column."""
# ruff: noqa: S608 - what is put into a query here is the caller's own SQL and names made here

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any, Final, cast

import numpy as np
from django.db import connection
from numpy.typing import NDArray


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cast(list[tuple[Any, ...]], cursor.fetchall())


def fetch_columns(sql: str, params: Sequence[Any], kinds: Sequence[str]) -> list[NDArray[Any]]:
    """The result of a query as one array per column, in the same order of rows.

    `kinds` names what each column holds: "int" (int64, never NULL: ValueError), "short" (int32, never NULL),
    "float" (NULL is NaN), "day" (proleptic ordinals of dates as int32, NULL is 0), "bool" (never NULL) or
    "text" (objects, NULL is ""). On PostgreSQL numbers come by binary COPY, a million rows in
    under a second; a text column makes it read as slowly as anything else.
    """
    if connection.vendor == "postgresql" and "text" not in kinds:
        return _copied_out(sql, params, kinds)
    columns: Iterable[Sequence[Any]] = zip(*fetch(sql, params), strict=True)
    return [
        _as_array(kind, values)
        for kind, values in zip(kinds, list(columns) or [()] * len(kinds), strict=True)
    ]


def _as_array(kind: str, values: Sequence[Any]) -> NDArray[Any]:
    if kind == "text":
        return np.array(["" if value is None else value for value in values], dtype=object)
    if kind == "float":
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if kind == "day":
        return np.array([_ordinal(value) for value in values], dtype=np.int32)
    if any(value is None for value in values):
        raise ValueError(f"NULL in a column of kind {kind}")
    return np.array(values, dtype={"bool": np.bool_, "short": np.int32}.get(kind, np.int64))


def _ordinal(value: date | str | None) -> int:
    """SQLite gives the result of an expression as text."""
    if value is None:
        return 0
    return (date.fromisoformat(value[:10]) if isinstance(value, str) else value).toordinal()


# kind: how PostgreSQL casts it to a fixed width without NULL, and how the bytes are read.
_BINARY: Final = {
    "int": ("{}::bigint", ">i8"),
    "short": ("{}::int", ">i4"),
    "float": ("COALESCE({}::double precision, 'NaN')", ">f8"),
    "day": ("COALESCE({}::date - DATE '0001-01-01' + 1, 0)", ">i4"),
    "bool": ("{}::boolean", "?"),
}
_COPY_HEADER: Final = 19  # signature, flags, length of the header's extension
_COPY_TRAILER: Final = 2


def _copied_out(sql: str, params: Sequence[Any], kinds: Sequence[str]) -> list[NDArray[Any]]:
    """By binary COPY: every row is a count of fields, then each field's length and bytes."""
    names = [f"c{index}" for index in range(len(kinds))]
    chosen = ", ".join(_BINARY[kind][0].format(name) for name, kind in zip(names, kinds, strict=True))
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in zip(names, kinds, strict=True):
        layout += [(f"{name}_size", ">i4"), (name, _BINARY[kind][1])]
    # Whole into memory: rows come one by one, and only a BytesIO takes them without Python's hand.
    copied = io.BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        inner = cursor.mogrify(sql, params).decode()
        cursor.copy_expert(
            f"COPY (SELECT {chosen} FROM ({inner}) AS q({', '.join(names)})) TO STDOUT (FORMAT binary)",
            copied,
        )
    return _read_binary(copied.getbuffer()[_COPY_HEADER:-_COPY_TRAILER], np.dtype(layout), names)


def _read_binary(copied: memoryview, layout: np.dtype[Any], names: Sequence[str]) -> list[NDArray[Any]]:
    """The arrays of a COPY whose rows all have this layout. ValueError when a NULL made one shorter."""
    if len(copied) % layout.itemsize:
        raise ValueError("NULL in a column of numbers")
    rows = np.frombuffer(copied, dtype=layout)
    if any((rows[f"{name}_size"] != layout[name].itemsize).any() for name in names):
        raise ValueError("NULL in a column of numbers")
    return [rows[name].astype(layout[name].newbyteorder("=")) for name in names]


@contextmanager
def planned(**settings: str) -> Iterator[None]:
    """Inside, PostgreSQL plans with these settings. Within a transaction; other databases plan as ever."""
    if connection.vendor != "postgresql" or not connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        yield
        for name in settings:
            cursor.execute(f"SET LOCAL {name} TO DEFAULT")


def probing() -> AbstractContextManager[None]:
    """Inside, PostgreSQL joins by a probe of an index for each row.

    For some rows of a large table, named by a key: its guess is often a plan that reads the table, or all of
    an index, and takes longer the larger these are. Within a transaction; other databases plan as ever.
    """
    return planned(enable_hashjoin="off", enable_mergejoin="off")


def fetch_texts(sql: str, params: Sequence[Any]) -> tuple[NDArray[np.int64], NDArray[np.bytes_]]:
    """The result of a query of two columns: whole numbers that are not negative, and short plain text.

    The text is ASCII without control characters and backslashes, never NULL. Comes back as bytes.
    """
    if connection.vendor != "postgresql":
        rows = fetch(sql, params)
        texts = [text.encode() for _, text in rows]
        return np.array([number for number, _ in rows], dtype=np.int64), np.array(texts, dtype=np.bytes_)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        copied = io.BytesIO()
        cursor.copy_expert(f"COPY ({cursor.mogrify(sql, params).decode()}) TO STDOUT", copied)
    raw = np.frombuffer(copied.getbuffer(), dtype=np.uint8)
    tabs, ends = np.flatnonzero(raw == ord("\t")), np.flatnonzero(raw == ord("\n"))
    starts = np.concatenate(([0], ends + 1))[:-1]
    digits = _cells(raw, starts, tabs - starts, front=False)
    numbers = np.where(digits > 0, digits, ord("0")).astype(np.int64) - ord("0")
    texts_ = _cells(raw, tabs + 1, ends - tabs - 1, front=True)
    powers = 10 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64)
    return numbers @ powers, _joined(texts_)


def _cells(
    raw: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], *, front: bool
) -> NDArray[np.uint8]:
    """Stretches of the raw bytes as a table, filled up with zeros behind (or before) each of them."""
    longest = max(int(lengths.max(initial=0)), 1)
    cells = np.zeros((len(starts), longest), np.uint8)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        first = 0 if front else longest - length
        cells[rows, first : first + length] = raw[starts[rows, None] + np.arange(length)]
    return cells


def _joined(cells: NDArray[np.uint8]) -> NDArray[np.bytes_]:
    """Each row of a table of characters as one text."""
    joined: NDArray[np.bytes_] = np.ascontiguousarray(cells).view(f"S{cells.shape[1]}")[:, 0]
    return joined
