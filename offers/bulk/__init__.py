"""The one seam for many rows at once, on either database: COPY on PostgreSQL, executemany on SQLite."""

from offers.bulk.reading import fetch, fetch_columns
from offers.bulk.writing import (
    Row,
    compare,
    fields_of,
    in_pieces,
    insert,
    new_ids,
    refresh_statistics,
    staged,
    update,
    upsert,
)

__all__ = [
    "Row",
    "compare",
    "fetch",
    "fetch_columns",
    "fields_of",
    "in_pieces",
    "insert",
    "new_ids",
    "refresh_statistics",
    "staged",
    "update",
    "upsert",
]
