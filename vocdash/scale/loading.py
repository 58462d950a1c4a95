"""Loading whole columns into tables: binary COPY into bare tables on PostgreSQL, executemany on SQLite."""
# ruff: noqa: S608 - what is put into a query here are names of the models' own tables, columns and indexes

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, cast

import numpy as np
from django.db import connection, models
from django.utils import timezone

from offers.bulk import copy_arrays, fetch, fields_of, insert_arrays, new_ids
from vocdash.scale.columns import Column, whole

_emptied: Final[set[str]] = set()
"""Tables that the running transaction emptied: rows go there without a log, and need no VACUUM."""


def load(model: type[models.Model], columns: Mapping[str, Column], rows: int) -> None:
    """Put `rows` rows into the model's table. Columns left out take their default, or NULL where they may."""
    arrays = {name: whole(column, rows) for name, column in {**columns, **_defaults(model, columns)}.items()}
    if model._meta.db_table in _emptied:
        table = connection.ops.quote_name(model._meta.db_table)
        copy_arrays(table, fields_of(model, arrays), arrays, frozen=True)
    else:
        insert_arrays(model, arrays)


def _defaults(model: type[models.Model], given: Mapping[str, Column]) -> dict[str, Column]:
    """One value for all rows of each column that is left out and can't be NULL."""
    found: dict[str, Column] = {}
    for field in model._meta.concrete_fields:
        if field.column in given or field.null or isinstance(field, models.AutoField):
            continue
        value: Any = field.get_default()
        if isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add):
            value = timezone.now()
        elif isinstance(field, models.JSONField):
            value = b"[]" if value == [] else b"{}"
        found[str(field.column)] = value.encode() if isinstance(value, str) else value
    return found


def reserve_ids(model: type[models.Model], number: int) -> int:
    """The first of `number` ids that follow one another, taken for the caller."""
    if connection.vendor != "postgresql":
        return new_ids(model, 1)[0]
    table = model._meta.db_table
    ((first,),) = fetch("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
    fetch("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + max(number, 1) - 1])
    return cast(int, first)


def ids_from(first: int, number: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """`number` ids that follow one another."""
    return np.arange(first, first + number, dtype=np.int64)


@contextmanager
def bare_tables(*tables: type[models.Model]) -> Iterator[None]:
    """Take indexes, keys and foreign keys from these tables, and put them back when they are filled.

    On PostgreSQL only, where building an index over all rows takes a fraction of what growing it row by row
    takes. Locks the tables, and belongs into a transaction, which brings everything back when it fails.
    """
    if connection.vendor != "postgresql":
        yield
        return
    names = [model._meta.db_table for model in tables]
    constraints, indexes = _constraints(names), _indexes(names)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # what is still to be checked keeps tables as they are
        for table, name, _kind, _definition in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {connection.ops.quote_name(name)}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table in names:  # what a trigger would look up row by row is loaded with the rows
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        with _emptied_tables(names):
            yield
        for table in names:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, _kind, definition in reversed(constraints):
            quoted = connection.ops.quote_name(name)
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {quoted} {definition}")


@contextmanager
def _emptied_tables(tables: list[str]) -> Iterator[None]:
    """Give those tables that hold nothing a new file in this transaction."""
    empty = [name for name in tables if not fetch(f"SELECT 1 FROM {name} LIMIT 1")]
    if empty:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(empty)}")
    _emptied.update(empty)
    try:
        yield
    finally:
        _emptied.difference_update(empty)


def _constraints(tables: list[str]) -> list[tuple[str, str, str, str]]:
    """(table, name, kind, definition) of keys of these tables and of foreign keys from and to them.

    Foreign keys first: they stand on the others.
    """
    sql = """
        SELECT conrelid::regclass::text, conname::text, contype::text, pg_get_constraintdef(oid)
          FROM pg_constraint
         WHERE contype IN ('f', 'u', 'p')
           AND (conrelid = ANY(%s::regclass[]) OR (contype = 'f' AND confrelid = ANY(%s::regclass[])))
         ORDER BY contype = 'f' DESC, conname
    """
    return cast(list[tuple[str, str, str, str]], fetch(sql, [tables, tables]))


def _indexes(tables: list[str]) -> list[tuple[str, str]]:
    """(name, definition) of the indexes that no constraint brings along."""
    sql = """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
          FROM pg_index i
         WHERE i.indrelid = ANY(%s::regclass[])
           AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype <> 'f')
         ORDER BY 1
    """
    return cast(list[tuple[str, str]], fetch(sql, [tables]))


def settle(*tables: type[models.Model]) -> None:
    """Bring statistics up to date, and what lets PostgreSQL read an index without its table."""
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in tables)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("ANALYZE")
        elif connection.in_atomic_block:  # a test's: there is no VACUUM inside a transaction
            cursor.execute(f"ANALYZE {names}")
        else:
            cursor.execute(f"VACUUM (ANALYZE) {names}")
