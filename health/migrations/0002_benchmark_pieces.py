import django.db.models.deletion
from django.db import migrations, models


def forget_refreshes(apps, _schema_editor):
    """A refresh without pieces can't be read: the next night makes a new one."""
    apps.get_model("health", "BenchmarkPlacement").objects.all().delete()
    apps.get_model("health", "BenchmarkRefresh").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("health", "0001_policies_nights_health"),
    ]

    operations = [
        migrations.RunPython(forget_refreshes, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name="benchmarkplacement",
            name="group",
            field=models.BigIntegerField(default=-1, help_text="The number of the group that `level` names."),
        ),
        migrations.AddField(
            model_name="benchmarkplacement",
            name="nearest",
            field=models.PositiveIntegerField(
                default=0, help_text="Other sellers' offers with orders in the closest group."
            ),
        ),
        migrations.CreateModel(
            name="BenchmarkPiece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Marketplace"),
                            (1, "Top Category"),
                            (2, "Category"),
                            (3, "Peer Group"),
                            (4, "Offers"),
                        ]
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("body", models.BinaryField()),
                (
                    "refresh",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="health.benchmarkrefresh",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("refresh", "part", "number"), name="benchmark_piece_once")
                ],
            },
        ),
    ]
