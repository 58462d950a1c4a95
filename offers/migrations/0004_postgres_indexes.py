"""Indexes of offers for the orders of large sellers and for search, which only PostgreSQL knows how to make.

What they are for is said in docs/adr/0009. Without the right to add the extension pg_trgm the site works and
a search reads all offers of its seller; `manage.py check --database default` says so.
"""

import django.db.models.deletion
from django.db import Error, migrations, models, transaction

# As `health.grid` sorts: so much of a title, and offers that were never closed last in either direction.
ORDERS = (
    "CREATE INDEX offer_by_title ON offers_offer (seller_id, marketplace_id, left(title, 200), id)",
    "CREATE INDEX offer_by_closure ON offers_offer (seller_id, marketplace_id, last_closed_on, id)",
    """CREATE INDEX offer_by_closure_down ON offers_offer
       (seller_id, marketplace_id, last_closed_on DESC NULLS LAST, id)""",
)
# As the ORM writes `icontains`.
WORDS = (
    "CREATE INDEX offer_words ON offers_offer USING gin (upper(title::text) gin_trgm_ops, "
    "upper(sku::text) gin_trgm_ops, upper(product_id::text) gin_trgm_ops)"
)
NAMES = ("offer_by_title", "offer_by_closure", "offer_by_closure_down", "offer_words")


def make(_apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for statement in ORDERS:
        schema_editor.execute(statement)
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except Error:
        return
    schema_editor.execute(WORDS)


def drop(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {', '.join(NAMES)}")


class Migration(migrations.Migration):
    dependencies = [("offers", "0003_stock_told_and_form_keys")]

    operations = [
        migrations.AlterField(
            model_name="offer",
            name="marketplace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="offers",
                to="offers.marketplace",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="seller",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="offers",
                to="offers.seller",
            ),
        ),
        migrations.RunPython(make, drop),
    ]
