"""Importing new rows, validated and judged, against plain COPY and bulk_create of the same rows."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import numpy as np
from django.db import connection, models, transaction

from feedback.models import FeedbackEvent
from offers.importers.reports import Report as Imported
from offers.models import Marketplace, Offer, OrderLine
from tests.scale.databases import Databases
from tests.scale.night import LAST_DAY, Market
from tests.scale.report import Figure, Report, against
from tests.scale.rows import EVENT_SHARE, Writer
from tests.scale.timing import Seconds, timed
from vocdash.imports import import_files

PART: Final = "import"
_ORM_SHARE: Final = 10  # bulk_create is measured on a tenth of the rows, and scaled
_ORM_BATCH: Final = 5_000
_SHIFT: Final = 10**12  # ids that nobody has


def bring_in(marketplace: Marketplace, path: Path, *, expected: str, rows: int) -> float:
    """Seconds of an import; AssertionError where it says anything but `rows` rows `expected`."""
    reports: list[Imported] = []

    def work() -> None:
        reports.extend(job.report for job in import_files(marketplace, [path]).jobs)

    seconds = timed(work)
    (report,) = reports
    assert getattr(report, expected) == report.read == rows, report.line()
    return seconds


def copy(model: type[models.Model], key: str, rows: int, folder: Path) -> float:
    """Seconds of a plain COPY of the newest rows of the model into its own table, under other keys.

    All indexes and checks are the table's own, foreign keys are checked, and nothing of it stays.
    """
    names = [str(field.column) for field in model._meta.concrete_fields]
    columns = ", ".join(map(connection.ops.quote_name, names))
    other = {"id": f"id + {_SHIFT}", key: f"'C' || {key}"}
    values = ", ".join(other.get(name, connection.ops.quote_name(name)) for name in names)
    table = model._meta.db_table
    newest = f"SELECT {values} FROM {table} ORDER BY id DESC LIMIT {rows}"
    with _undone(), connection.cursor() as cursor, (folder / "copy.txt").open("w+b") as file:
        cursor.copy_expert(f"COPY ({newest}) TO STDOUT", file)
        file.seek(0)
        began = perf_counter()
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", file)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return perf_counter() - began


def bulk_create(offers: list[int], rows: int) -> float:
    """Seconds of the ORM's bulk_create of so many order rows, measured on a part and not kept.

    Like the rows of the file they are of any of the offers: the pages of a few offers would stay at hand.
    """
    some = max(rows // _ORM_SHARE, 1)
    chosen = np.random.default_rng(13).choice(offers, some).tolist()
    with _undone(), connection.cursor() as cursor:
        began = perf_counter()
        OrderLine.objects.bulk_create(
            [
                OrderLine(
                    offer_id=chosen[row],
                    order_ref=f"ORM-{row:08}",
                    ordered_on=LAST_DAY - timedelta(days=row % 60),
                    customer=row // 3,
                )
                for row in range(some)
            ],
            batch_size=_ORM_BATCH,
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return (perf_counter() - began) * rows / some


@contextmanager
def _undone() -> Iterator[None]:
    """A transaction of which nothing stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def measure_import(report: Report, databases: Databases, market: Market, *, rows: int, rounds: int) -> None:
    """New order rows, the same again, and feedback rows, in turns with COPY and bulk_create."""
    databases.use(market.database)
    names = ("orders", "copied", "orm", "again", "events", "events copied", "events again")
    took: dict[str, Seconds] = {name: [] for name in names}
    said = -(-rows // EVENT_SHARE)
    offers = list(Offer.objects.filter(marketplace=market.marketplace).values_list("pk", flat=True))
    with tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as name:
        folder = Path(name)
        writer = Writer(market.marketplace, folder)
        for _ in range(rounds):
            orders, events = writer.write(rows)
            new = bring_in(market.marketplace, orders, expected="added", rows=rows)
            took["orders"].append(new)
            took["copied"].append(copy(OrderLine, "order_ref", rows, folder))
            took["orm"].append(bulk_create(offers, rows))
            same = bring_in(market.marketplace, orders, expected="unchanged", rows=rows)
            took["again"].append(same)
            judged = bring_in(market.marketplace, events, expected="added", rows=said)
            took["events"].append(judged)
            took["events copied"].append(copy(FeedbackEvent, "event_id", said, folder))
            repeated = bring_in(market.marketplace, events, expected="unchanged", rows=said)
            took["events again"].append(repeated)
            for path in (orders, events):
                path.unlink()
    into = f"into {market.size.orders:,}"
    _add(report, took, f"{rows:,} order rows {into}", f"{said:,} feedback rows")
    for what, number, seconds in (("order", rows, took["orders"]), ("feedback", said, took["events"])):
        goal = 100_000 if what == "order" else None
        speed = number / median(seconds)
        report.add(Figure(PART, f"new {what} rows {into}", "", speed, "rows/s", goal=goal, bound="least"))


def _add(report: Report, took: dict[str, Seconds], orders: str, events: str) -> None:
    copied, orm, first = "plain COPY of the same rows", "bulk_create of the same rows", "first import"
    new, again = took["orders"], took["again"]
    judged, judged_again = took["events"], took["events again"]
    report.add(
        against(PART, f"{orders}, new", new, copied, took["copied"], goal=15),
        against(PART, f"{orders}, new", new, orm, took["orm"], goal=4, faster=True),
        against(PART, f"{orders}, the same again", again, first, new, goal=3, faster=True),
        against(PART, f"{events}, new, judged", judged, copied, took["events copied"]),
        against(PART, f"{events}, the same again", judged_again, first, judged, faster=True),
    )
