"""Reading at one moment: whatever is asked inside sees one night whole, whatever is published meanwhile.

On PostgreSQL a large night puts a table in the place of another (`health.generations`). Rows are found by
the snapshot, tables by their present names: a snapshot from before the exchange would show the last night's
tiles over the next night's rows. So a table that the exchange locks is locked first, in the weakest mode,
which takes no snapshot. Whoever holds it keeps the exchange waiting until the page ends, as readers always
did.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.db import Error, connection, transaction
from psycopg2 import Error as DriverError

from health.models import Night

# One command, sent before anything is read. The lock is the first that `generations` asks for. Plans are kept
# for questions whose best way is the same for every key (`offers.prepared`), which the server can't know.
BEGIN_READING: Final = f"""
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    LOCK TABLE {Night._meta.db_table} IN ACCESS SHARE MODE;
    SET LOCAL plan_cache_mode = force_generic_plan
"""


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A transaction that only reads, all of it as of its beginning. Inside another transaction, a part of it.

    On PostgreSQL whatever writes inside fails. On SQLite a transaction that began by reading is one snapshot.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with _begun_by_us():
                yield
        else:
            yield


@contextmanager
def _begun_by_us() -> Iterator[None]:
    """Begin and end the transaction by our own commands, where the driver would send a plain BEGIN first."""
    driver = connection.connection
    driver.autocommit = True
    try:
        _send(BEGIN_READING)
        yield
        _send("COMMIT")
    except BaseException:
        with suppress(Error):
            _send("ROLLBACK")
        raise
    finally:
        with suppress(DriverError):  # of a connection that broke
            driver.autocommit = False


def _send(command: str) -> None:
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(command)
