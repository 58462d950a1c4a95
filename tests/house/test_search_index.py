"""Search on PostgreSQL has an index of trigrams, or the check says that it lacks it (issue 4, 5)."""

import importlib
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import ProgrammingError, connection

from health.grid import GridFilter, filtered, for_seller

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reads the seller's offers"),
]
MIGRATION = importlib.import_module("offers.migrations.0004_postgres_indexes")


def warnings() -> list[str | None]:
    return [found.id for found in run_checks(databases=["default"], tags=["database"])]


def execute(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_5_a_search_is_served_by_the_index_in_title_sku_and_product_id() -> None:
    rows = filtered(for_seller(1, [1]), GridFilter(q="kettle no. 7"))
    sql, params = rows.values_list("pk").query.sql_with_params()
    execute("SET LOCAL enable_seqscan = off")
    with connection.cursor() as cursor:
        text = cursor.mogrify(sql, params).decode()
    words = text[text.index("(UPPER(") : text.rindex("%')") + 3].replace('"offers_offer".', "")
    plan = str(execute(f"EXPLAIN SELECT id FROM offers_offer WHERE {words})"))
    assert plan.count("Bitmap Index Scan on offer_words") == 3


def test_5_without_the_index_the_check_says_so() -> None:
    assert "vocdash.W009" not in warnings()
    execute("DROP INDEX offer_words")
    assert "vocdash.W009" in warnings()


def test_5_without_the_right_to_add_the_extension_the_migration_goes_on() -> None:
    MIGRATION.drop(None, connection.schema_editor())

    class Editor:
        def __init__(self) -> None:
            self.connection = connection

        def execute(self, sql: str) -> None:
            if "EXTENSION" in sql:
                execute("SELECT no_such_function()")
            execute(sql)

    MIGRATION.make(None, Editor())
    made = {name for (name,) in execute("SELECT relname FROM pg_class WHERE relname LIKE 'offer\\_%'")}
    assert {"offer_by_title", "offer_by_closure", "offer_by_closure_down"} <= made
    assert "offer_words" not in made
    with pytest.raises(ProgrammingError):
        execute("SELECT no_such_function()")
