"""Importing new rows, validated and judged, against plain COPY and bulk_create of the same rows."""

import csv
import tempfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
from django.db import connection, models, transaction

from feedback.models import FeedbackEvent
from offers.bulk import fetch
from offers.importers.reports import Report as Imported
from offers.models import Marketplace, Offer, OrderLine
from tests.scale.databases import Databases
from tests.scale.night import LAST_DAY
from tests.scale.report import Figure, Report, against
from tests.scale.timing import Seconds, timed
from vocdash.imports import import_files
from vocdash.scale.building import make_marketplace
from vocdash.scale.loading import settle
from vocdash.scale.sizes import Size

PART: Final = "import"
_ORM_SHARE: Final = 10  # bulk_create is measured on a tenth of the rows, and scaled
_EVENT_SHARE: Final = 5  # every fifth order has an event
_ORM_BATCH: Final = 5_000
_CODES: Final = ("DEFECTIVE", "NOT_AS_DESCRIBED", "APPAREL_TOO_SMALL", "MISSED_ESTIMATED_DELIVERY", "")
_DAYS: Final = [(LAST_DAY - timedelta(days=age)).isoformat() for age in range(60)]


class _Importing:
    """One marketplace to import into, and tables of the same shape for COPY."""

    def __init__(self, marketplace: Marketplace, folder: Path, rows: int) -> None:
        self.marketplace, self._folder, self._rows = marketplace, folder, rows
        offers = Offer.objects.filter(marketplace=marketplace).order_by("pk")
        self._offers = list(offers.values_list("pk", "sku", "seller__code"))
        self._numbers = count(1)
        self._rng = np.random.default_rng(11)
        self._tables = [_copy_of(model) for model in (OrderLine, FeedbackEvent)]

    def write(self) -> tuple[Path, Path]:
        """Files of order rows and of feedback rows that no earlier round had."""
        number = next(self._numbers)
        place = self._rng.integers(0, len(self._offers), self._rows).tolist()
        age = self._rng.integers(0, len(_DAYS), self._rows).tolist()
        orders, events = (self._folder / f"{kind}-{number}.csv" for kind in ("orders", "feedback"))
        code = self.marketplace.code
        _write(
            orders,
            ("marketplace", "seller", "order_id", "sku", "ordered_at", "quantity", "status", "customer"),
            (
                (code, seller, f"N{number}-{row:08}", sku, _DAYS[age[row]], 1, "shipped", f"c{row // 3}")
                for row, (_, sku, seller) in enumerate(map(self._offers.__getitem__, place))
            ),
        )
        _write(
            events,
            (
                "marketplace",
                "seller",
                "event_id",
                "order_id",
                "sku",
                "channel",
                "reason",
                "occurred_at",
                "comment",
            ),
            (
                (code, seller, f"N{number}-{row}", f"N{number}-{row:08}", sku, "return", *_said(row))
                for row, (_, sku, seller) in enumerate(map(self._offers.__getitem__, place))
                if row % _EVENT_SHARE == 0
            ),
        )
        return orders, events

    def bring_in(self, path: Path, *, expected: str, rows: int) -> float:
        """Seconds of an import; AssertionError where it says anything but `rows` rows `expected`."""
        reports: list[Imported] = []

        def work() -> None:
            reports.extend(job.report for job in import_files(self.marketplace, [path]).jobs)

        seconds = timed(work)
        (report,) = reports
        assert getattr(report, expected) == report.read == rows, report.line()
        return seconds

    def copy(self, model: type[models.Model], rows: int) -> float:
        """Seconds of a plain COPY of the newest rows of the model into the table of the same shape."""
        table = self._tables[0 if model is OrderLine else 1]
        columns = ", ".join(
            connection.ops.quote_name(str(field.column)) for field in model._meta.concrete_fields
        )
        path = self._folder / "copy.txt"
        newest = f"SELECT {columns} FROM {model._meta.db_table} ORDER BY id DESC LIMIT {rows}"
        with connection.cursor() as cursor, path.open("w+b") as file:
            cursor.copy_expert(f"COPY ({newest}) TO STDOUT", file)
            file.seek(0)
            return timed(
                _in_transaction(lambda: cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", file))
            )

    def bulk_create(self, rows: int) -> float:
        """Seconds of the ORM's bulk_create of the rows, measured on a part and not kept."""
        some = rows // _ORM_SHARE
        offers = [offer for offer, _, _ in self._offers]

        def work() -> None:
            OrderLine.objects.bulk_create(
                [
                    OrderLine(
                        offer_id=offers[row % len(offers)],
                        order_ref=f"ORM-{row:08}",
                        ordered_on=LAST_DAY - timedelta(days=row % 60),
                        customer=row // 3,
                    )
                    for row in range(some)
                ],
                batch_size=_ORM_BATCH,
            )

        with transaction.atomic():
            seconds = timed(work)
            transaction.set_rollback(True)
        return seconds * rows / some


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _said(row: int) -> tuple[str, str, str]:
    """Code, date and comment of a row's event."""
    return _CODES[row // _EVENT_SHARE % len(_CODES)], LAST_DAY.isoformat(), f"It broke after {row % 40} days."


def _copy_of(model: type[models.Model]) -> str:
    """A table with the columns, rows, indexes, checks and foreign keys of the model's."""
    table = model._meta.db_table
    name = f"bench_{table}"
    fetched = fetch(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
        [table],
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        cursor.execute(f"INSERT INTO {name} SELECT * FROM {table}")
        for (definition,) in fetched:
            cursor.execute(f"ALTER TABLE {name} ADD {definition}")
        cursor.execute(f"ANALYZE {name}")
    return name


def _in_transaction(work: Callable[[], object]) -> Callable[[], None]:
    def whole() -> None:
        with transaction.atomic():
            work()

    return whole


def measure_import(report: Report, databases: Databases, size: Size, *, rows: int, rounds: int) -> None:
    """New order rows, the same again, and feedback rows, in turns with COPY and bulk_create."""
    databases.make("import")
    made = make_marketplace(size, LAST_DAY, progress=lambda _name, _share: None)
    names = ("orders", "copied", "orm", "again", "events", "events copied")
    took: dict[str, Seconds] = {name: [] for name in names}
    event_rows = -(-rows // _EVENT_SHARE)
    with tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as folder:
        importing = _Importing(made.marketplace, Path(folder), rows)
        for _ in range(rounds):
            orders, events = importing.write()
            took["orders"].append(importing.bring_in(orders, expected="added", rows=rows))
            took["copied"].append(importing.copy(OrderLine, rows))
            took["orm"].append(importing.bulk_create(rows))
            took["again"].append(importing.bring_in(orders, expected="unchanged", rows=rows))
            took["events"].append(importing.bring_in(events, expected="added", rows=event_rows))
            took["events copied"].append(importing.copy(FeedbackEvent, event_rows))
            settle(OrderLine, FeedbackEvent)
    _add(report, took, rows, f"{rows:,} order rows", f"{event_rows:,} feedback rows")


def _add(report: Report, took: dict[str, Seconds], rows: int, orders: str, events: str) -> None:
    copied, orm = "plain COPY of the same rows", "bulk_create of the same rows"
    report.add(
        against(PART, f"{orders}, new", took["orders"], copied, took["copied"], goal=15),
        against(PART, f"{orders}, new", took["orders"], orm, took["orm"], goal=4, faster=True),
        Figure(
            PART, f"{orders}, new", "", rows / median(took["orders"]), "rows/s", goal=100_000, bound="least"
        ),
        against(
            PART,
            f"{orders}, the same again",
            took["again"],
            "first import",
            took["orders"],
            goal=3,
            faster=True,
        ),
        against(PART, f"{events}, new, judged", took["events"], copied, took["events copied"]),
    )
