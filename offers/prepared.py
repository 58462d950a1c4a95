"""Queries put together once and asked often.

For a small query by key the ORM takes longer to write its SQL than the database to answer it. A
`Prepared` keeps what the ORM wrote, with stand-ins for the keys that differ from one question to the next,
and reads values back as the fields do. The query stays written in the ORM, once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet

_FIRST_STAND_IN: Final = -987_654_321


@dataclass(frozen=True, slots=True)
class _Statement:
    """A query as the database takes it: SQL, parameters, and the converters of its columns."""

    sql: str
    params: tuple[Any, ...]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]

    def filled(self, keys: Sequence[int | str]) -> list[Any]:
        """The parameters with keys for their stand-ins, which a text column's field has made text."""
        known: dict[Any, int | str] = {}
        for place, key in enumerate(keys):
            known[_FIRST_STAND_IN - place] = known[str(_FIRST_STAND_IN - place)] = key
        return [known.get(value, value) if type(value) in {int, str} else value for value in self.params]

    def converted(self, rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """Rows with the fields' own values: SQLite keeps truths as numbers and dates as text."""
        for row in rows:
            values = list(row)
            for place, convert in self.converters:
                values[place] = convert(values[place])
            yield values


class Prepared:
    """A `values_list` query by keys: `Prepared(lambda seller: Offer.objects.filter(seller=seller)...)`.

    The builder is called with stand-ins, once per database vendor; it must put each key into a parameter
    of its own and may not look at its value.
    """

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"]) -> None:
        self._build = build
        self._statements: dict[tuple[str, int], _Statement] = {}

    def rows(self, *keys: int | str) -> list[Sequence[Any]]:
        """The rows for these keys."""
        key = (connection.vendor, len(keys))
        statement = self._statements.get(key)
        if statement is None:
            stand_ins = [_FIRST_STAND_IN - place for place in range(len(keys))]
            statement = self._statements[key] = _compiled(self._build(*stand_ins))
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.filled(keys))
            return list(statement.converted(cursor.fetchall()))


def _compiled(query: "QuerySet[Any, Any]") -> _Statement:
    compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    found = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
    return _Statement(sql, tuple(params), tuple((place, _chain(*known)) for place, known in found.items()))


def _chain(functions: Sequence[Callable[..., Any]], expression: Any) -> Callable[[Any], Any]:
    """Django's converters of one column as one function."""

    def convert(value: Any) -> Any:
        for function in functions:
            value = function(value, expression, connection)
        return value

    return convert
