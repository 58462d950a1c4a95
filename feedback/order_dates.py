"""Keeps `FeedbackEvent.ordered_on` equal to the date of its order line, by triggers of the database.

Events and lines are written in many ways: by files in bulk, by people, by forms, by merging. A trigger misses
none of them, and costs a look-up per event, which the foreign key makes anyway. Whoever writes lines and
events of a marketplace at the same time waits for the other (vocdash/imports.py).
"""
# ruff: noqa: S608 - what is put into a statement here is written here

from datetime import date
from typing import Any, Final, NamedTuple

from django.db import connection as default_connection
from django.db import transaction

_DATE: Final = (
    "(SELECT l.ordered_on FROM offers_orderline l WHERE l.id = NEW.order_line_id AND l.status <> 'cancelled')"
)
_TOLD: Final = "UPDATE feedback_feedbackevent SET ordered_on = NULL WHERE order_line_id = NEW.id"
_MOVED: Final = (
    "(OLD.ordered_on <> NEW.ordered_on OR (OLD.status = 'cancelled') <> (NEW.status = 'cancelled'))"
)

_POSTGRESQL: Final = (
    f"""
    CREATE OR REPLACE FUNCTION feedback_event_ordered_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.ordered_on := {_DATE}; RETURN NEW; END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION feedback_line_ordered_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {_TOLD}; RETURN NULL; END $$
    """,
    "DROP TRIGGER IF EXISTS event_ordered_on ON feedback_feedbackevent",
    "DROP TRIGGER IF EXISTS line_ordered_on ON offers_orderline",
    """
    CREATE TRIGGER event_ordered_on BEFORE INSERT OR UPDATE OF order_line_id, ordered_on
    ON feedback_feedbackevent FOR EACH ROW EXECUTE FUNCTION feedback_event_ordered_on()
    """,
    f"""
    CREATE TRIGGER line_ordered_on AFTER UPDATE OF ordered_on, status ON offers_orderline
    FOR EACH ROW WHEN {_MOVED} EXECUTE FUNCTION feedback_line_ordered_on()
    """,
)
_SET: Final = f"UPDATE feedback_feedbackevent SET ordered_on = {_DATE} WHERE id = NEW.id"
_SQLITE: Final = (
    f"""
    CREATE TRIGGER IF NOT EXISTS event_ordered_on_new AFTER INSERT ON feedback_feedbackevent
    WHEN NEW.ordered_on IS NOT {_DATE} BEGIN {_SET}; END
    """,
    f"""
    CREATE TRIGGER IF NOT EXISTS event_ordered_on AFTER UPDATE OF order_line_id, ordered_on
    ON feedback_feedbackevent WHEN NEW.ordered_on IS NOT {_DATE} BEGIN {_SET}; END
    """,
    f"""
    CREATE TRIGGER IF NOT EXISTS line_ordered_on AFTER UPDATE OF ordered_on, status ON offers_orderline
    WHEN {_MOVED} BEGIN
        UPDATE feedback_feedbackevent SET ordered_on = CASE NEW.status WHEN 'cancelled' THEN NULL
        ELSE NEW.ordered_on END WHERE order_line_id = NEW.id;
    END
    """,
)


def make_triggers(connection: Any = default_connection) -> None:
    """Make the triggers, where they are not there. Altering a table of SQLite loses its own."""
    with connection.cursor() as cursor:
        for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)


def fill(connection: Any = default_connection) -> None:
    """Give every event its date."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE feedback_feedbackevent SET ordered_on = (SELECT l.ordered_on FROM offers_orderline l "
            "WHERE l.id = order_line_id AND l.status <> 'cancelled') WHERE order_line_id IS NOT NULL"
        )


class Wrong(NamedTuple):
    """An event that says another date of its order than the order line does. None: no date."""

    event_id: int
    said: date | None
    of_line: date | None


_WRONG: Final = """
      FROM feedback_feedbackevent e
      LEFT JOIN offers_orderline l ON l.id = e.order_line_id AND l.status <> 'cancelled'
     WHERE e.ordered_on <> l.ordered_on OR (e.ordered_on IS NULL) <> (l.ordered_on IS NULL)
"""


def wrong_dates(first: int) -> tuple[int, list[Wrong]]:
    """How many events say a wrong date, and the first so many of them, by id: a join of all events."""
    with default_connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_WRONG}")
        (number,) = cursor.fetchone()
        if not number:
            return 0, []
        cursor.execute(f"SELECT e.id, e.ordered_on, l.ordered_on {_WRONG} ORDER BY e.id LIMIT %s", [first])
        return number, [Wrong(*row) for row in cursor.fetchall()]


@transaction.atomic
def repair() -> int:
    """Make triggers that are not there, and right dates that are wrong. Returns how many those were."""
    make_triggers()
    with default_connection.cursor() as cursor:
        cursor.execute(
            "UPDATE feedback_feedbackevent SET ordered_on = (SELECT l.ordered_on FROM offers_orderline l "
            "WHERE l.id = order_line_id AND l.status <> 'cancelled') "
            f"WHERE id IN (SELECT e.id {_WRONG})"
        )
        return int(cursor.rowcount)
