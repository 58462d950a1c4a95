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
    "float" (NULL is NaN), "day" (proleptic ordinals of dates as int32, NULL is 0), "bool" (never NULL),
    "text" (objects, NULL is "") or "S168", say (bytes: ASCII of at most so many characters, without blanks at
    the end, never NULL). On PostgreSQL all but "text" come by binary COPY, a million rows in under a second;
    a text column makes it read as slowly as anything else.
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
    if kind.startswith("S"):
        return np.array([value.encode("ascii") for value in values], dtype=kind)
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


def _fixed(kind: str) -> tuple[str, str]:
    """`_BINARY` of any kind; text is filled up with blanks."""
    return (f"{{}}::char({kind[1:]})", kind) if kind.startswith("S") else _BINARY[kind]


_COPY_HEADER: Final = 19  # signature, flags, length of the header's extension
_COPY_TRAILER: Final = 2


def _copied_out(sql: str, params: Sequence[Any], kinds: Sequence[str]) -> list[NDArray[Any]]:
    """By binary COPY: every row is a count of fields, then each field's length and bytes."""
    names = [f"c{index}" for index in range(len(kinds))]
    chosen = ", ".join(_fixed(kind)[0].format(name) for name, kind in zip(names, kinds, strict=True))
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in zip(names, kinds, strict=True):
        layout += [(f"{name}_size", ">i4"), (name, _fixed(kind)[1])]
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
    return [_as_native(rows[name]) for name in names]


def _as_native(values: NDArray[Any]) -> NDArray[Any]:
    """A column by itself, in this machine's order of bytes; text without the blanks behind it."""
    return (
        np.strings.rstrip(values)
        if values.dtype.kind == "S"
        else values.astype(values.dtype.newbyteorder("="))
    )


def fetch_blob(sql: str, params: Sequence[Any]) -> bytes:
    """The only value of a query's only row: bytes, which may be many. LookupError where there is no row.

    By COPY on PostgreSQL: as a usual result it would come as hexadecimal digits, three times in memory.
    """
    if connection.vendor != "postgresql":
        rows = fetch(sql, params)
        if not rows:
            raise LookupError("No such row.")
        return bytes(rows[0][0])
    copied = io.BytesIO()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY ({cursor.mogrify(sql, params).decode()}) TO STDOUT (FORMAT binary)", copied)
    start = _COPY_HEADER + 2 + 4  # behind the count of fields and the length of this one
    if len(copied.getbuffer()) < start:
        raise LookupError("No such row.")
    return bytes(copied.getbuffer()[start:-_COPY_TRAILER])


@contextmanager
def planned(**settings: str) -> Iterator[None]:
    """Inside, PostgreSQL plans with these settings. Within a transaction; other databases plan as ever."""
    if connection.vendor != "postgresql" or not connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} TO %s" for name in settings), list(settings.values()))
        yield
        cursor.execute("; ".join(f"SET LOCAL {name} TO DEFAULT" for name in settings))


def probing() -> AbstractContextManager[None]:
    """Inside, PostgreSQL joins by a probe of an index for each row.

    For some rows of a large table, named by a key: its guess is often a plan that reads the table, or all of
    an index, and takes longer the larger these are. Within a transaction; other databases plan as ever.
    """
    return planned(enable_hashjoin="off", enable_mergejoin="off")
