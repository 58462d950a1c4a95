"""Events know the date of their order line: the database keeps it (feedback/order_dates.py)."""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from feedback.order_dates import fill, make_triggers


def begin(_apps: Any, schema_editor: Any) -> None:
    fill(schema_editor.connection)
    make_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0003_what_was_said_by_index"),
        ("offers", "0004_postgres_indexes"),
    ]

    operations = [
        migrations.AddField(
            "feedbackevent", "ordered_on", models.DateField(blank=True, editable=False, null=True)
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.RemoveIndex("feedbackevent", "event_counted"),
        migrations.AddIndex(
            "feedbackevent",
            models.Index(
                fields=["offer", "ordered_on"],
                condition=Q(counted=True, order_line__isnull=False),
                name="event_counted",
            ),
        ),
    ]
