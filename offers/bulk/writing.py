"""Writing many rows at once.

Rows are tuples in the order of `columns`; columns are database columns, so `offer_id`, not `offer`.
None is NULL; NaN is a value that only PostgreSQL knows, so it is never passed. Everything here runs
inside the caller's transaction, on the default database, and raises what the database raises.
"""
# ruff: noqa: S608 - what is put into a query here are names of models' tables and columns; values are parameters

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any, Final

from django.db import connection, models
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from offers.bulk.reading import planned

Row = Sequence[Any]
Fields = Mapping[str, "models.Field[Any, Any]"]

STAGE_ROWS: Final = 100_000  # rows in one temporary table: what bounds the memory of SQLite's
_BATCH: Final = 2_000  # rows converted at once
_NULL: Final = "\x01"  # stands for NULL in a COPY; no text holds it, imports take control characters out
_ANALYZED_FROM: Final = 500  # below that PostgreSQL's guess about a new table is good enough
_SAMPLED: Final = "10"  # three thousand rows tell enough of a table that is read once
_names: Final = count(1)


def fields_of(model: type[models.Model], columns: Iterable[str]) -> dict[str, "models.Field[Any, Any]"]:
    """The fields of these columns, in their order. KeyError for a column the model lacks."""
    known = {field.column: field for field in model._meta.concrete_fields}
    return {column: known[column] for column in columns}


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert the rows; columns left out take their model's defaults. Returns how many there were."""
    made, values = _with_defaults(model, columns)
    complete = ((*row, *values) for row in rows) if values else rows
    return _load(model._meta.db_table, fields_of(model, made), complete)


def update(model: type[models.Model], key: Sequence[str], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Set `columns`, which hold the `key`, in the rows of that key. Returns how many really changed."""
    return _write(model, key, columns, rows, adding=False)[1]


def upsert(
    model: type[models.Model], key: Sequence[str], columns: Sequence[str], rows: Iterable[Row]
) -> tuple[int, int]:
    """Insert the rows whose `key` is new and set the others. Returns (added, really changed).

    A key must not come twice. Two that add the same key at once: the second gets an IntegrityError.
    """
    return _write(model, key, columns, rows, adding=True)


def found_in(stage: str, model: type[models.Model], key: Sequence[str], columns: Sequence[str]) -> str:
    """SQL for the staged rows whose `key` is there already: number of the row, id, 1 where it differs."""
    others = [quoted(column) for column in columns if column not in key]
    differs = " OR ".join(f"t.{column} {_differs()} s.{column}" for column in others) or "FALSE"
    return (
        f"SELECT s.{quoted('row')}, t.id, CASE WHEN {differs} THEN 1 ELSE 0 END "
        f"FROM {stage} AS s JOIN {quoted(model._meta.db_table)} AS t ON {_same_key(key)}"
    )


def new_ids(model: type[models.Model], number: int) -> list[int]:
    """Ids for rows that are still to be inserted, rising, reserved for the caller."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, number],
            )
            return sorted(int(row[0]) for row in cursor.fetchall())
        # SQLite has one writer at a time, and we are it: nobody else counts on meanwhile.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = max([row[0] for row in cursor.fetchall()], default=0)
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {quoted(table)}")
        start = max(last, cursor.fetchone()[0]) + 1
        return list(range(start, start + number))


@contextmanager
def staged(fields: Fields, rows: Iterable[Row]) -> Iterator[str]:
    """A temporary table of these columns, and of `row`, which numbers the rows from 0. Yields its name.

    When the block fails the table is left to the transaction, which takes it away as it is undone.
    """
    columns = {"row": models.BigIntegerField(), **fields}
    numbered = ((number, *row) for number, row in enumerate(rows))
    with staged_by(columns, lambda name: _load(name, columns, numbered)) as stage:
        yield stage


@contextmanager
def staged_by(columns: Fields, load: Callable[[str], int]) -> Iterator[str]:
    """A temporary table of these columns, which `load` fills, given its name: it returns how many rows."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("Many rows at once are written in a transaction: begin one.")
    name = f"stage_{next(_names)}"
    spec = ", ".join(f"{quoted(column)} {field.db_type(connection)}" for column, field in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({spec})")
        loaded = load(name)
        if connection.vendor == "postgresql" and loaded >= _ANALYZED_FROM:
            with planned(default_statistics_target=_SAMPLED):
                cursor.execute(f"ANALYZE {name}")
        yield name
        cursor.execute(f"DROP TABLE {name}")


def in_pieces(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """The rows in lists of at most `size`."""
    source = iter(rows)
    while piece := list(islice(source, size)):
        yield piece


def rows_guessed(model: type[models.Model]) -> int:
    """How many rows the table had when the database last counted them; 0 where it doesn't say."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return max(0, int(cursor.fetchone()[0]))


def refresh_statistics(*tables: type[models.Model]) -> None:
    """Let the database count anew what is in these tables: after a large import its plans rest on it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")  # a sample will do
        for model in tables:
            cursor.execute(f"ANALYZE {quoted(model._meta.db_table)}")


def quoted(name: str) -> str:
    """The name of a table or a column as SQL wants it."""
    return connection.ops.quote_name(name)


def _with_defaults(model: type[models.Model], columns: Sequence[str]) -> tuple[list[str], list[Any]]:
    """The columns with those behind them that are filled from the model, and the values of these."""
    left_out = [
        field
        for field in model._meta.concrete_fields
        if field.column not in columns and not isinstance(field, models.AutoField)
    ]
    now = timezone.now()
    values = [now if _is_stamp(field) else field.get_default() for field in left_out]
    return [*columns, *(str(field.column) for field in left_out)], values


def _is_stamp(field: "models.Field[Any, Any]") -> bool:
    """Whether the field holds the moment of writing."""
    return isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add)


def _stamped_on_change(model: type[models.Model]) -> list[str]:
    fields = model._meta.concrete_fields
    return [
        str(field.column) for field in fields if isinstance(field, models.DateTimeField) and field.auto_now
    ]


def _write(
    model: type[models.Model],
    key: Sequence[str],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    adding: bool,
) -> tuple[int, int]:
    added = changed = 0
    for piece in in_pieces(rows, STAGE_ROWS):
        with staged(fields_of(model, columns), piece) as stage:
            changed += update_from(stage, model, key, columns)
            added += _insert_from(stage, model, key, columns) if adding else 0
    return added, changed


def set_from(
    stage: str, model: type[models.Model], key: Sequence[str], columns: Sequence[str]
) -> tuple[int, int]:
    """`upsert` of the rows in a staged table."""
    changed = update_from(stage, model, key, columns)
    return _insert_from(stage, model, key, columns), changed


def update_from(stage: str, model: type[models.Model], key: Sequence[str], columns: Sequence[str]) -> int:
    """Set the rows that differ from the staged row of their key; return how many those were."""
    table, differs = quoted(model._meta.db_table), _differs()
    others = [quoted(column) for column in columns if column not in key]
    if not others:
        return 0
    stamps = [column for column in _stamped_on_change(model) if column not in columns]
    settings = [
        *(f"{column} = s.{column}" for column in others),
        *(f"{quoted(name)} = %s" for name in stamps),
    ]
    different = " OR ".join(f"t.{column} {differs} s.{column}" for column in others)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET {', '.join(settings)} FROM {stage} AS s "
            f"WHERE {_same_key(key)} AND ({different})",
            [timezone.now() for _ in stamps],
        )
        return int(cursor.rowcount)


def _insert_from(stage: str, model: type[models.Model], key: Sequence[str], columns: Sequence[str]) -> int:
    """Insert the staged rows whose key the table lacks; return how many those were."""
    table = quoted(model._meta.db_table)
    made, values = _with_defaults(model, columns)
    prepared = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields_of(model, made[len(columns) :]).values(), values, strict=True)
    ]
    chosen = ", ".join([*(f"s.{quoted(column)}" for column in columns), *(["%s"] * len(values))])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(quoted, made))}) SELECT {chosen} FROM {stage} AS s "
            f"WHERE NOT EXISTS (SELECT 1 FROM {table} AS t WHERE {_same_key(key)}) "
            f"ORDER BY s.{quoted('row')}",
            prepared,
        )
        return int(cursor.rowcount)


def _same_key(key: Sequence[str]) -> str:
    return " AND ".join(f"t.{quoted(column)} = s.{quoted(column)}" for column in key)


def _differs() -> str:
    """The comparison that takes NULL for a value like any other."""
    return "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"


def _load(table: str, fields: Fields, rows: Iterable[Row]) -> int:
    """Put the rows into a table as fast as the database can take them."""
    if connection.vendor == "postgresql":
        return _copy_in(table, fields, rows)
    holes = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, fields))}) VALUES ({holes})"
    loaded = 0
    with connection.cursor() as cursor:
        for batch in _converted(fields, rows):
            cursor.executemany(sql, batch)
            loaded += len(batch)
    return loaded


def _copy_in(table: str, fields: Fields, rows: Iterable[Row]) -> int:
    source = _CopySource(_converted(fields, rows))
    names = ", ".join(map(quoted, fields))
    sql = f"COPY {quoted(table)} ({names}) FROM STDIN (FORMAT text, NULL '{_NULL}')"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(sql, source)
    return source.rows


class _CopySource:
    """The rows as a file that COPY reads, in its text format, a batch at a time.

    The csv module writes that format when told to escape with backslashes; its line end makes it
    escape both characters that a line could end with.
    """

    def __init__(self, batches: Iterator[list[Row]]) -> None:
        self.rows = 0
        self._batches = batches
        self._left = b""

    def read(self, size: int = 8192) -> bytes:
        while not self._left:
            batch = next(self._batches, None)
            if batch is None:
                return b""
            self._left = _as_copy_text(batch)
            self.rows += len(batch)
        piece, self._left = self._left[:size], self._left[size:]
        return piece


def _as_copy_text(batch: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, escapechar="\\", lineterminator="\r\n"
    )
    writer.writerows(batch)
    return text.getvalue().encode()


def _converted(fields: Fields, rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows with the values that the driver or COPY takes, in batches. A batch is done by columns."""
    converters = [
        (index, convert) for index, field in enumerate(fields.values()) if (convert := _converter(field))
    ]
    for batch in in_pieces(rows, _BATCH):
        if not converters:
            yield batch
            continue
        columns: list[Sequence[Any]] = list(zip(*batch, strict=True))
        for index, convert in converters:
            columns[index] = convert(columns[index])
        yield list(zip(*columns, strict=True))


Convert = Callable[[Sequence[Any]], list[Any]]


def _converter(field: "models.Field[Any, Any]") -> Convert | None:
    """What a column of this field needs before it is written; None where values go in as they are."""
    on_postgres = connection.vendor == "postgresql"
    if isinstance(field, models.JSONField):
        encoder, null = field.encoder, _NULL if on_postgres else None
        return lambda values: [
            null if value is None else "[]" if value == [] else json.dumps(value, cls=encoder)
            for value in values
        ]
    if on_postgres:
        return _nulls_marked if field.null else None
    if isinstance(field, models.DateTimeField):
        return _as_sqlite_moments
    return _as_sqlite_decimals if isinstance(field, models.DecimalField) else None


def _nulls_marked(values: Sequence[Any]) -> list[Any]:
    return [_NULL if value is None else value for value in values]


def _as_sqlite_decimals(values: Sequence[Any]) -> list[Any]:
    return [None if value is None else str(value) for value in values]


def _as_sqlite_moments(values: Sequence[Any]) -> list[Any]:
    """Moments as Django keeps them in SQLite: in UTC, without saying so. Often many rows share one."""
    known: dict[datetime | None, str | None] = {
        value: value and str(value.astimezone(UTC).replace(tzinfo=None)) for value in set(values)
    }
    return [known[value] for value in values]
