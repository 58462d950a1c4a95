"""Locks that no row stands for, and what to do when two wait for each other."""

from typing import Final

from django.db import OperationalError, connection

_DEADLOCK: Final = "40P01"


def alone(what: str) -> None:
    """Until the transaction ends nobody else is `alone` with this; whoever asks waits.

    For keys that several transactions may add, each in an order of its own. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"vocdash {what}"])


def is_deadlock(error: OperationalError) -> bool:
    """Whether the database ended this transaction because it and another waited for each other."""
    return getattr(error.__cause__, "pgcode", "") == _DEADLOCK
