"""On PostgreSQL the night reads last events and stars of an offer from the index alone."""

from typing import Any

from django.db import migrations

_SAID = "(counted, order_line_id, foreign_order, channel, stars)"


def widen(_apps: Any, schema_editor: Any) -> None:
    _replace(schema_editor, f" INCLUDE {_SAID}")


def narrow(_apps: Any, schema_editor: Any) -> None:
    _replace(schema_editor, "")


def _replace(schema_editor: Any, include: str) -> None:
    # Django leaves an index with further columns out on SQLite, where pages need it: so the models know
    # nothing of these columns.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX event_by_offer")
        schema_editor.execute(
            f"CREATE INDEX event_by_offer ON feedback_feedbackevent (offer_id, occurred_on){include}"
        )


class Migration(migrations.Migration):
    dependencies = [("feedback", "0002_first_reason_codes")]

    operations = [migrations.RunPython(widen, narrow)]
