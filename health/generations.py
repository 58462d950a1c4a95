"""The next generation of the grid's table, built beside the live one and put in its place (PostgreSQL).

Almost every row changes every night, and writing all of them anew, with the indexes made afterwards, takes a
fraction of the time of updating them in place. The next generation is a table of the same name in a schema
of its own, filled and committed before anybody can see it. Publishing sets that schema first on the search
path, so that whatever follows in its transaction reads and writes the table under its usual name; then the
two tables change their schemas. Names of indexes and constraints need no change, and what migrations did is
copied from the live table.

Who reads is in nobody's way and waits for at most `_READERS_WAIT` at a time; who writes the grid (a relist,
an import) waits until the night's tiles are counted, and goes on in the new table.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, Self, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, Max

from health.models import Night, OfferHealth, SellerSummary
from health.runs import RunLost
from offers import bulk
from offers.models import Marketplace

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

WORTH_IT: Final = 20_000
"""Below so many offers a night is judged in memory and written in place: as fast, and nobody waits at all."""
_SHARE: Final = 0.25
"""The least share of the table's rows that must be this marketplace's: the others' are copied."""
_PATIENCE: Final = 30.0  # seconds; a backup reads for longer, and need not be waited for
_WRITERS_WAIT: Final = "2s"
_READERS_WAIT: Final = "12ms"  # for each of three tables
_TRIES: Final = 10
# For connections that do nothing else. With the history two cores have enough to do.
_BY_ONE: Final = "SET max_parallel_maintenance_workers = 0"
_A_SMALLER_SAMPLE: Final = "SET default_statistics_target = 30"
_BUSY: Final = {"55P03", "40P01"}  # the lock was not to be had in time; a deadlock


class NotSwapped(Exception):
    """The table could not be exchanged: somebody read it all the time, or wrote another night into it."""


def possible(offers: int) -> bool:
    """Whether so many offers are worth a table of their own, and one can be made here."""
    if connection.vendor != "postgresql" or connection.in_atomic_block or offers < WORTH_IT:
        return False
    ((allowed,),) = bulk.fetch("SELECT has_database_privilege(current_database(), 'CREATE')")
    return bool(allowed)


def pays(offers: int) -> bool:
    """Whether exchanging the table is faster than writing so many rows of it in place."""
    ((rows,),) = bulk.fetch("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [_TABLE])
    return bool(offers >= _SHARE * rows)


_TABLE: Final = OfferHealth._meta.db_table
# Whoever reads a night looks at one of these first.
_OF_A_NIGHT: Final = (Night._meta.db_table, SellerSummary._meta.db_table)


class Generation:
    """The next generation of a marketplace's night: begun, filled by shards, completed, put in place."""

    def __init__(self, marketplace: Marketplace) -> None:
        self.marketplace = marketplace
        ((self.home,),) = bulk.fetch(
            "SELECT quote_ident(nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.oid = %s::regclass",
            [_TABLE],
        )
        self.next, self.last = (f"health_{name}_{marketplace.pk}" for name in ("next", "last"))
        self.others = _nights_of_others(marketplace)
        self._threads = ThreadPoolExecutor(2, "finishing")
        self._finishing: list[Future[None]] = []
        self._rest: list[str] = []

    @classmethod
    @contextmanager
    def begun(cls, marketplace: Marketplace) -> Iterator[Self]:
        """An empty generation, for tonight's rows to be put into; cleared away in the end.

        Raises NotSwapped when what an earlier one left is still in use.
        """
        made = cls(marketplace)
        if not made._clear():
            # Who calls this leads the night alone: what still works in there was left by a leader that died.
            bulk.fetch(_LEFT_BEHIND, [made.next])
            if not made._clear():
                raise NotSwapped(f"A former generation of {_TABLE} is still read.")
        try:
            made._create()
            with made._threads:
                yield made
        except RunLost:
            raise  # what lies there now is another's
        except BaseException:
            made._clear()
            raise
        made._clear()

    def complete(self) -> None:
        """Add the rows of all other offers, and begin with what a table has besides rows."""
        self._fill()
        self._finish()

    def completed(self) -> None:
        """Wait until it has all. The caller's transaction has not touched the table."""
        for one in self._finishing:
            one.result()
        self._threads.submit(_run_and_close, *self._rest).result()

    def read_from_here(self) -> None:
        """Until the transaction ends, this generation goes by the table's usual name."""
        _run(f"SELECT set_config('search_path', '\"{self.next}\", ' || current_setting('search_path'), true)")

    def put_in_place(self, end: Callable[[], Result]) -> Result:
        """Exchange the tables, once nobody is in the way. Raises NotSwapped when that takes too long.

        `end` does what belongs to the same moment (the tiles), while nobody else writes the grid. It is done
        again for every attempt, and undone with it. The caller ends the transaction at once after this.
        """
        given_up = time.monotonic() + _PATIENCE
        while True:
            try:
                with transaction.atomic():
                    self._hold_writers()
                    done = end()
                    self._exchange()
                    return done
            except OperationalError as error:
                _refuse_others(error)
            if time.monotonic() > given_up:
                raise NotSwapped(f"The grid of {self.marketplace} was read all the time.")
            _pause()

    def _clear(self) -> bool:
        """Take away both schemas: what an earlier run left, or what this one has no use for any more."""
        try:
            with transaction.atomic():
                _run(f"SET LOCAL lock_timeout = '{_WRITERS_WAIT}'", "SET LOCAL client_min_messages = error")
                _run(f"DROP SCHEMA IF EXISTS {self.next}, {self.last} CASCADE")
        except (OperationalError, InterfaceError):
            return False
        return True

    @transaction.atomic
    def _create(self) -> None:
        live, made = f"{self.home}.{_TABLE}", f"{self.next}.{_TABLE}"
        _run(
            f"CREATE SCHEMA {self.next}",
            f"CREATE SCHEMA {self.last}",
            f"CREATE TABLE {made} (LIKE {live} INCLUDING ALL EXCLUDING INDEXES)",
        )

    def _fill(self) -> None:
        live, made = f"{self.home}.{_TABLE}", f"{self.next}.{_TABLE}"
        self.others = _nights_of_others(self.marketplace)
        # To compile a query that looks through a table once takes longer than it saves.
        with transaction.atomic(), bulk.planned(jit="off"):
            _run(_OTHER_ROWS.format(live=live, made=made, where="TRUE"))

    def _finish(self) -> None:
        """Have indexes, rights and statistics made by other connections, which commit each by itself.

        So a large index is not made again for a small one.
        """
        live, made = f"{self.home}.{_TABLE}", f"{self.next}.{_TABLE}"
        widest, *others = (definition for (definition,) in bulk.fetch(_INDEXES, [made, live]))
        self._rest = [
            statement for (statement,) in bulk.fetch(_CONSTRAINTS + _RIGHTS, [made, live, made, live])
        ]
        ((columns,),) = bulk.fetch(_INDEXED, [live])
        self._rest += [_A_SMALLER_SAMPLE, f"ANALYZE {made} ({columns})"]
        # The widest takes as long as all others together.
        self._finishing = [
            self._threads.submit(_run_and_close, _BY_ONE, *some) for some in ([widest], others)
        ]

    def _hold_writers(self) -> None:
        """From here on nobody else writes the live table; take over what was written since it was copied."""
        live, made = f"{self.home}.{_TABLE}", f"{self.next}.{_TABLE}"
        _run(f"SET LOCAL lock_timeout = '{_WRITERS_WAIT}'", f"LOCK TABLE {live} IN SHARE ROW EXCLUSIVE MODE")
        if self.others != _nights_of_others(self.marketplace):
            raise NotSwapped("Another marketplace's night was published meanwhile.")
        if _shape(live) != _shape(made):
            raise NotSwapped(f"{_TABLE} was changed meanwhile.")
        _run(_OTHER_ROWS.format(live=live, made=made, where="o.as_of IS NULL"))

    def _exchange(self) -> None:
        live, made = f"{self.home}.{_TABLE}", f"{self.next}.{_TABLE}"
        # What waits for the end of the transaction is checked now, while nobody waits for us.
        _run("SET CONSTRAINTS ALL IMMEDIATE", f"SET LOCAL lock_timeout = '{_READERS_WAIT}'")
        _keep_readers_out((*_OF_A_NIGHT, live))
        _run(f"ALTER TABLE {live} SET SCHEMA {self.last}", f"ALTER TABLE {made} SET SCHEMA {self.home}")


def _keep_readers_out(tables: tuple[str, ...]) -> None:
    """Lock the tables whole. Raises OperationalError when waiting for some moments several times was no use.

    Whoever comes meanwhile waits for those moments only. One who has read and now wants to write waits for
    the writers' lock, and we for them: in the end that lock must be given back too.
    """
    for left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                _run(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        except OperationalError as error:
            _refuse_others(error)
            if not left:
                raise
            _pause()
        else:
            return


def _refuse_others(error: OperationalError) -> None:
    """Raise an error on that means something else than that a lock was not to be had in time."""
    if getattr(error.__cause__, "pgcode", None) not in _BUSY:
        raise error


def _pause() -> None:
    time.sleep(random.uniform(0.01, 0.06))  # noqa: S311 - so as not to meet the same reader again


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _run_and_close(*statements: str) -> None:
    """For a thread that does nothing else."""
    try:
        _run(*statements)
    finally:
        connection.close()


def _nights_of_others(marketplace: Marketplace) -> tuple[dict[str, int], list[int]]:
    """Tells whether a night of another marketplace was published, or a marketplace came or went."""
    nights = Night.objects.exclude(marketplace=marketplace).aggregate(newest=Max("pk"), number=Count("pk"))
    return nights, list(Marketplace.objects.order_by("pk").values_list("pk", flat=True))


def _shape(table: str) -> list[tuple[str]]:
    """Columns, constraints and indexes of a table, in words."""
    return bulk.fetch(_SHAPE, [table] * 3)


# Not those that read the last generation: a backup may.
_LEFT_BEHIND: Final = """
    SELECT pg_terminate_backend(pid)
      FROM (SELECT DISTINCT pid FROM pg_locks WHERE pid <> pg_backend_pid()
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND relation IN (
            SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace(%s))) AS left_behind
"""
# Deleted offers, other marketplaces' offers, and those that came after the night was read.
_OTHER_ROWS: Final = """
    INSERT INTO {made} SELECT * FROM {live} AS o
     WHERE {where} AND NOT EXISTS (SELECT 1 FROM {made} AS n WHERE n.offer_id = o.offer_id)
"""
_INDEXES: Final = """
    SELECT regexp_replace(pg_get_indexdef(indexrelid), ' ON .*? USING ', format(' ON %%s USING ', %s))
      FROM pg_index WHERE indrelid = %s::regclass ORDER BY indnatts DESC, indexrelid
"""
# What readers filter, join and sort by; the rest is looked through when the database finds the time.
_INDEXED: Final = """
    SELECT string_agg(DISTINCT quote_ident(attname), ', ')
      FROM pg_attribute JOIN pg_index ON indrelid = attrelid AND attnum = ANY (indkey)
     WHERE attrelid = %s::regclass
"""
_CONSTRAINTS: Final = """
    SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s USING INDEX %%I', %s, conname,
                  CASE contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, conname)
      FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u')
"""
_RIGHTS: Final = """
     UNION ALL
    SELECT format('GRANT %%s ON %%s TO %%s', privilege_type, %s,
                  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
      FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner
"""
_SHAPE: Final = """
    SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
      FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
     UNION ALL
    SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid = %s::regclass
     UNION ALL
    SELECT regexp_replace(pg_get_indexdef(indexrelid), ' ON .*? USING', '')
      FROM pg_index WHERE indrelid = %s::regclass
     ORDER BY 1
"""
