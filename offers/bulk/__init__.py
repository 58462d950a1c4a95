"""The one seam for many rows at once, on either database: COPY on PostgreSQL, executemany on SQLite."""

from offers.bulk.arrays import (
    Arrays,
    compare_arrays,
    copy_arrays,
    copy_blobs,
    insert_arrays,
    rows_of,
    staged_arrays,
    update_arrays,
    upsert_arrays,
)
from offers.bulk.locking import alone, is_deadlock
from offers.bulk.reading import fetch, fetch_blob, fetch_columns, planned, probing
from offers.bulk.writing import (
    Row,
    fields_of,
    in_pieces,
    insert,
    new_ids,
    refresh_statistics,
    rows_guessed,
    staged,
    update,
    upsert,
)

__all__ = [
    "Arrays",
    "Row",
    "alone",
    "compare_arrays",
    "copy_arrays",
    "copy_blobs",
    "fetch",
    "fetch_blob",
    "fetch_columns",
    "fields_of",
    "in_pieces",
    "insert",
    "insert_arrays",
    "is_deadlock",
    "new_ids",
    "planned",
    "probing",
    "refresh_statistics",
    "rows_guessed",
    "rows_of",
    "staged",
    "staged_arrays",
    "update",
    "update_arrays",
    "upsert",
    "upsert_arrays",
]
