"""Queries put together once and asked often.

For a small query by key the ORM takes longer to write its SQL than the database to answer it. A
`Prepared` keeps what the ORM wrote, with stand-ins for the keys that differ from one question to the next,
and reads values back as the fields do. The query stays written in the ORM, once.

PostgreSQL in turn takes longer to plan such a query than to run it, so one that is asked again and again is
prepared on the connection as well. A pool that hands out connections by the transaction (PgBouncer) must
then be told to keep prepared statements, or `DATABASE_PREPARE=0` turns this off.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from django.db.models import QuerySet, Subquery, TextField

_FIRST_STAND_IN: Final = -987_654_321
# A question asked this often on one connection is worth a plan of its own there; so many are kept.
_WORTH_A_PLAN: Final = 3
_MOST_PLANS: Final = 200


@dataclass(frozen=True, slots=True)
class _Statement:
    """A query as the database takes it: SQL, parameters, and the converters of its columns."""

    number: int
    sql: str
    params: tuple[Any, ...]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]
    planned: bool

    @property
    def plan(self) -> str:
        """The command that prepares it on a PostgreSQL connection."""
        places = count(1)
        numbered = re.sub("%s", lambda _: f"${next(places)}", self.sql).replace("%%", "%")
        return f"PREPARE voc_{self.number} AS {numbered}"

    @property
    def call(self) -> str:
        """The command that runs what `plan` prepared."""
        marks = ", ".join(["%s"] * len(self.params))
        return f"EXECUTE voc_{self.number} ({marks})" if marks else f"EXECUTE voc_{self.number}"

    def filled(self, keys: Sequence[int | str]) -> list[Any]:
        """The parameters with keys for their stand-ins, which a text column's field has made text."""
        known: dict[Any, int | str] = {}
        for place, key in enumerate(keys):
            known[_FIRST_STAND_IN - place] = known[str(_FIRST_STAND_IN - place)] = key
        return [known.get(value, value) if type(value) in {int, str} else value for value in self.params]

    def converted(self, rows: list[Sequence[Any]]) -> list[Sequence[Any]]:
        """Rows with the fields' own values: SQLite keeps truths as numbers and dates as text."""
        return [self._as_fields(row) for row in rows] if self.converters else rows

    def _as_fields(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, convert in self.converters:
            values[place] = convert(values[place])
        return values


class RowsAsText(Subquery):
    """The rows of a `values` query inside another, in their order, as one text: `rows_of_text` reads it.

    For a few rows that belong to each row of a query that is asked anyway.
    """

    output_field = TextField()

    def as_sql(
        self,
        compiler: Any,
        connection: Any,
        template: str | None = None,  # noqa: ARG002 - the signature is Django's
        **extra: Any,
    ) -> tuple[str, Any]:
        """The subquery, put into JSON."""
        names = ", ".join(f'listed."{name}"' for name in self.query.selected or ())
        made = f"json_group_array(json_array({names}))"
        if connection.vendor == "postgresql":
            made = f"json_agg(json_build_array({names}))::text"
        listed = f"(SELECT {made} FROM (%(subquery)s) AS listed)"  # noqa: S608 - names of columns
        return super().as_sql(compiler, connection, listed, **extra)


def rows_of_text(text: str | None) -> list[list[Any]]:
    """The rows of a `RowsAsText`: dates are ISO texts, and what is JSON itself may be text still."""
    return json.loads(text) if text else []


class Prepared:
    """A `values_list` query by keys: `Prepared(lambda seller: Offer.objects.filter(seller=seller)...)`.

    The builder is called with stand-ins, once per database vendor; it must put each key into a parameter
    of its own and may not look at its value. With `plan=False` PostgreSQL plans it for each question anew:
    where the best way depends on how many rows there are for the keys.
    """

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], *, plan: bool = True) -> None:
        self._build = build
        self._plan = plan
        self._statements: dict[tuple[str, int], _Statement] = {}

    def rows(self, *keys: int | str) -> list[Sequence[Any]]:
        """The rows for these keys."""
        # The wrapper of this thread: each look through the proxy costs more than a look at a dictionary.
        database: Any = connections[DEFAULT_DB_ALIAS]
        key = (database.vendor, len(keys))
        statement = self._statements.get(key)
        if statement is None:
            stand_ins = [_FIRST_STAND_IN - place for place in range(len(keys))]
            statement = self._statements[key] = _compiled(self._build(*stand_ins), plan=self._plan)
        return statement.converted(_fetched(database, statement, statement.filled(keys)))


def _fetched(database: Any, statement: _Statement, params: list[Any]) -> list[Sequence[Any]]:
    """The rows as the driver gives them, without the framework's cursor if nobody looks on."""
    looked_on = database.queries_logged or database.execute_wrappers
    if database.vendor != "postgresql" or database.connection is None or looked_on:
        with database.cursor() as cursor:
            cursor.execute(_planned(database, statement), params)
            return list(cursor.fetchall())
    # The first question of a request finds out whether the connection still stands: none is asked for that.
    known_to_stand = database.health_check_done or database.in_atomic_block
    try:
        rows = _by_driver(database, statement, params)
    except (OperationalError, InterfaceError):
        if known_to_stand or database.is_usable():
            raise
        database.close()
        return _fetched(database, statement, params)
    database.health_check_done = True
    return rows


def _by_driver(database: Any, statement: _Statement, params: list[Any]) -> list[Sequence[Any]]:
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        cursor.tzinfo_factory = database.tzinfo_factory if settings.USE_TZ else None
        cursor.execute(_planned(database, statement), params)
        rows: list[Sequence[Any]] = cursor.fetchall()
        return rows


class _Plans:
    """How often one connection was asked each statement, by its number; -1 for those prepared on it."""

    def __init__(self) -> None:
        self.asked: dict[int, int] = {}
        self.kept = 0


_PLANS: "WeakKeyDictionary[Any, _Plans]" = WeakKeyDictionary()


def _planned(database: Any, statement: _Statement) -> str:
    """The SQL to send: the statement's own, or the call of its plan where the connection has one."""
    if database.vendor != "postgresql" or not (settings.DATABASE_PREPARE and statement.planned):
        return statement.sql
    plans = _PLANS.setdefault(database.connection, _Plans())
    asked = plans.asked.get(statement.number, 0)
    if asked >= 0:
        plans.asked[statement.number] = asked + 1
        if asked < _WORTH_A_PLAN or plans.kept >= _MOST_PLANS:
            return statement.sql
        with database.connection.cursor() as cursor:
            cursor.execute(statement.plan)
        plans.asked[statement.number] = -1
        plans.kept += 1
    return statement.call


def _compiled(query: "QuerySet[Any, Any]", *, plan: bool) -> _Statement:
    compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    found = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
    converters = tuple((place, _chain(*known)) for place, known in found.items())
    return _Statement(next(_NUMBERS), sql, tuple(params), converters, plan)


_NUMBERS: Final = count(1)


def _chain(functions: Sequence[Callable[..., Any]], expression: Any) -> Callable[[Any], Any]:
    """Django's converters of one column as one function."""

    def convert(value: Any) -> Any:
        for function in functions:
            value = function(value, expression, connection)
        return value

    return convert
