"""A leader's sign of life on PostgreSQL: a lock that its own connection holds, and that goes with it.

A process that is killed loses its connections at once, so whoever gets the lock knows that nobody else is at
work: no lease need be waited for. The same connection keeps the snapshot open that a night is read in.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

import psycopg2
from django.db import OperationalError, connection

from health.models import RecomputeRun
from offers.models import Marketplace

KIND: Final = 0x766F63  # keeps these locks apart from others in the same database
_PATIENCE: Final = 30.0  # seconds
_PAUSE: Final = 0.05
# Of these a server has those that its version knows.
_NEVER_THROWN_OUT: Final = """
    SELECT count(set_config(name, '0', false)) FROM pg_settings
     WHERE name IN ('idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')
"""


class Occupied(Exception):
    """Somebody else leads a night of this marketplace."""


class NoConnection(OperationalError):
    """The database gives no further connection."""


class Presence:
    """The connection that holds the lock."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    @classmethod
    @contextmanager
    def of(cls, marketplace: Marketplace) -> Iterator[Self | None]:
        """Held while the block runs. Raises Occupied.

        None where there is no such sign: on SQLite, and within a transaction, which nobody else can see.
        """
        if connection.vendor != "postgresql" or connection.in_atomic_block:
            yield None
            return
        try:
            raw = second_connection()
        except psycopg2.OperationalError as error:
            raise NoConnection(f"No second connection to the database: {error}") from error
        try:
            raw.autocommit = True
            made = cls(raw)
            made._run(_NEVER_THROWN_OUT)
            made._settle(marketplace)
            yield made
        finally:
            raw.close()

    def _settle(self, marketplace: Marketplace) -> None:
        """Take the lock. Who has published a night and still clears up is waited for."""
        given_up = time.monotonic() + _PATIENCE
        running = RecomputeRun.objects.filter(marketplace=marketplace, state=RecomputeRun.State.RUNNING)
        while not self._run("SELECT pg_try_advisory_lock(%s, %s)", KIND, marketplace.pk):
            if running.exists() or time.monotonic() > given_up:
                raise Occupied(f"A night of {marketplace.code} is led elsewhere.")
            time.sleep(_PAUSE)

    def export_snapshot(self) -> str:
        """Begin a transaction that others can read the same state of the data by. Returns its name."""
        self._run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return str(self._run("SELECT pg_export_snapshot()"))

    def drop_snapshot(self) -> None:
        """End that transaction: nobody reads any more."""
        self._run("COMMIT")

    def _run(self, sql: str, *params: object) -> Any:
        with self._raw.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchone()[0] if cursor.description else None


def second_connection() -> Any:
    """One of the driver's own, to the same database. Raises psycopg2.OperationalError."""
    return psycopg2.connect(**connection_parameters())


def connection_parameters() -> dict[str, Any]:
    """How the default connection connects, but for what is Django's own."""
    known = connection.get_connection_params()
    return {name: value for name, value in known.items() if name not in {"cursor_factory", "context"}}
