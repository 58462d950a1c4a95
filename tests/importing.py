"""Import files for tests, written in a line each, and what became of them."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from offers.importers.reports import Problem, Report
from offers.models import Marketplace
from tests.factories import MarketplaceFactory
from vocdash.imports import Outcome, import_files

Cells = Mapping[str, str]
SELLER = "S1"


def offer(sku: str = "A1", **cells: str) -> dict[str, str]:
    return {"marketplace": "US", "seller": SELLER, "sku": sku, "title": f"Kettle {sku}", **cells}


def order(
    order_id: str = "O1", sku: str = "A1", ordered_at: str = "2024-03-10", **cells: str
) -> dict[str, str]:
    about = {
        "marketplace": "US",
        "seller": SELLER,
        "order_id": order_id,
        "sku": sku,
        "ordered_at": ordered_at,
    }
    return {**about, **cells}


def event(
    event_id: str = "E1", order_id: str = "O1", channel: str = "return", **cells: str
) -> dict[str, str]:
    about = {"marketplace": "US", "seller": SELLER, "event_id": event_id, "order_id": order_id, "sku": "A1"}
    return {**about, "channel": channel, "occurred_at": "2024-03-15", **cells}


def as_csv(rows: Iterable[Cells], delimiter: str = ",") -> str:
    """The rows with all columns that any of them has."""
    listed = list(rows)
    columns = list(dict.fromkeys(name for row in listed for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()


class Importing:
    """Imports into one marketplace, files named by their kind unless told otherwise."""

    def __init__(self, folder: Path, marketplace: Marketplace | None = None) -> None:
        self.folder = folder
        self.marketplace = marketplace or MarketplaceFactory()
        self.outcome: Outcome | None = None

    def write(self, name: str, content: Iterable[Cells] | str | bytes) -> Path:
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_bytes((content if isinstance(content, str) else as_csv(content)).encode())
        return path

    def __call__(self, *paths: Path, create_sellers: bool = True, **options: Any) -> list[Report]:
        """Import these files; the reports in their order."""
        self.outcome = import_files(self.marketplace, paths, create_sellers=create_sellers, **options)
        return [job.report for job in self.outcome.jobs]

    def rows(self, *rows: Cells, name: str = "rows.csv", **options: Any) -> Report:
        """Import rows of one kind."""
        return self(self.write(name, rows), **options)[0]


def counts(report: Report) -> tuple[int, int, int, int]:
    """(added, changed, unchanged, bad), and a check that they are all that was read."""
    found = (report.added, report.changed, report.unchanged, report.bad)
    assert sum(found) == report.read
    return found


def only_problem(report: Report) -> Problem:
    (problem,) = report.problems
    return problem
