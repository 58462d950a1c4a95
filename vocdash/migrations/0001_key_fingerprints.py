from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Now

from vocdash.keys import CUSTOMER_KEY, fingerprint


def remember_customer_key(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    known = apps.get_model("vocdash", "KeyFingerprint")
    known.objects.create(name=CUSTOMER_KEY, fingerprint=fingerprint(settings.CUSTOMER_HASH_KEY))


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="KeyFingerprint",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField(db_default=Now())),
            ],
        ),
        migrations.RunPython(remember_customer_key, migrations.RunPython.noop),
    ]
