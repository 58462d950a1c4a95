"""Reading at one moment: whatever is asked inside sees one night whole, whatever is published meanwhile.

On PostgreSQL a large night puts a table in the place of another (`health.generations`). Rows are found by
the snapshot, tables by their present names: a snapshot from before the exchange would show the last night's
tiles over the next night's rows. So a table that the exchange locks is locked first, in the weakest mode,
which takes no snapshot. Whoever holds it keeps the exchange waiting until the page ends, as readers always
did.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

from health.models import Night

# Sent as one command, before anything is read. The lock must be the first to be asked for by `generations`.
BEGIN_READING: Final = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
    f"LOCK TABLE {Night._meta.db_table} IN ACCESS SHARE MODE"
)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A transaction that only reads, all of it as of its beginning. Inside another transaction, a part of it.

    On PostgreSQL whatever writes inside fails. On SQLite a transaction that began by reading is one snapshot.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            # The driver's own cursor, as for BEGIN and COMMIT.
            with connection.wrap_database_errors, connection.connection.cursor() as cursor:
                cursor.execute(BEGIN_READING)
        yield
