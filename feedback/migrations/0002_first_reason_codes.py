"""The reason table as first filled (FORMATS 3). Operators change it from there."""

from typing import Any

from django.db import migrations

from feedback.reasons import FIRST_FILLING


def fill(apps: Any, _schema_editor: Any) -> None:
    codes = apps.get_model("feedback", "ReasonCode").objects
    known = set(codes.values_list("source", "code"))
    codes.bulk_create(
        codes.model(source=source, code=code, reason=str(reason))
        for source, code, reason in FIRST_FILLING
        if (source, code) not in known
    )


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_events_and_reason_codes")]

    # Back: the codes stay. Which of them operators have made their own can't be told.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
