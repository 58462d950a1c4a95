from typing import Any

from django.db import migrations, models
from django.db.models import F


def told_when_last_changed(apps: Any, _editor: Any) -> None:
    offers = apps.get_model("offers", "Offer").objects
    offers.filter(quantity__isnull=False).update(quantity_at=F("updated_at"))


class Migration(migrations.Migration):
    """When each stock was told, and what makes a form that is sent twice one removal order."""

    dependencies = [("offers", "0002_removals_images_people")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="quantity_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(told_when_last_changed, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name="removalorder",
            name="form_key",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddConstraint(
            model_name="removalorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(form_key="", _negated=True),
                fields=("offer", "form_key"),
                name="removal_once_per_form",
            ),
        ),
    ]
