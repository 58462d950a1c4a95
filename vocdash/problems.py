"""Bad rows of an import: kept with it, and written to a file in which they can be put right.

What is kept in the database holds no personal data: comments are masked, customers hashed, columns that
are not imported left out. The file goes to the person who gave the data, and holds the rows as they were.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from feedback.masking import mask
from offers import bulk
from offers.customers import hash_key, hashed_reference
from offers.importers.reading import Table
from offers.importers.reports import KEPT_PROBLEMS, Problem, Report
from offers.models import ImportFile, ImportProblem

if TYPE_CHECKING:
    from vocdash.imports import Job

_KEPT_CHARACTERS: Final = 50_000_000  # of bad rows, per file: the file of errors has all of them


@transaction.atomic
def keep(jobs: "Sequence[Job]", *, refused: bool) -> None:
    """Store what became of each file, and the first of its bad rows."""
    for job in jobs:
        report = job.report
        if report.bad > KEPT_PROBLEMS:
            report.remark(f"only the first {KEPT_PROBLEMS:,} bad rows are kept here")
        state = ImportFile.State.REFUSED if refused else ImportFile.State.DONE
        counts = ("read", "added", "changed", "unchanged", "bad", "waiting", "notes", "kind", "error")
        ImportFile.objects.filter(pk=job.row.pk).update(
            state=ImportFile.State.FAILED if report.error else state,
            finished_at=timezone.now(),
            **{name: getattr(report, name) for name in counts},
        )
        bulk.insert(
            ImportProblem,
            ["file_id", "line", "column", "value", "message", "row"],
            _kept_rows(job.row.pk, report, job.table),
        )


def _kept_rows(file_id: int, report: Report, table: Table | None) -> Iterator[tuple[Any, ...]]:
    key = hash_key(settings.CUSTOMER_HASH_KEY)
    left = _KEPT_CHARACTERS
    for number, (problem, cells) in enumerate(_with_rows(report, table)):
        if number == KEPT_PROBLEMS:
            return
        row = _presentable(problem, cells, table, key)
        left -= sum(len(text) for text in row.values())
        yield (
            file_id,
            problem.line,
            problem.column[:100],
            problem.value,
            problem.message,
            row if left > 0 else {},
        )


def _with_rows(report: Report, table: Table | None) -> Iterator[tuple[Problem, list[str]]]:
    """Each bad row with its cells, in the order of the file; without any where it has no columns."""
    if table is None or not report.bad:
        return
    rows = table.rows_at({problem.line for problem in report.problems if not problem.text})
    for problem in report.problems:
        yield problem, [] if problem.text else next(rows)[1]


def _presentable(problem: Problem, cells: list[str], table: Table | None, key: bytes) -> dict[str, str]:
    """A bad row as it may be kept."""
    if table is None or not cells:
        # The row could not be taken apart: of an order nobody can say where its customer stands.
        is_order = table is not None and table.kind.name == "orders"
        return {} if is_order else {"": mask(problem.text)[0]}
    return {
        name: _without_person(name, cell, key)
        for name, cell in zip(table.columns, cells, strict=True)
        if table.kind.knows(name)
    }


def _without_person(name: str, cell: str, key: bytes) -> str:
    if name == "customer":
        return hashed_reference(cell.strip(), key)
    return mask(cell)[0] if name == "comment" else cell


def write_errors(jobs: "Sequence[Job]", path: Path) -> list[tuple[Path, Report]]:
    """Write the bad rows of each file, with an `error` column; return which file got whose.

    The first file with bad rows gets `path`; any other the same name with its own name in it. A `path`
    that is there already is written anew even without bad rows: old ones would be taken for these.
    """
    bad = [job for job in jobs if job.report.bad]
    if not bad and path.exists():
        path.write_text("error\n", encoding="utf-8")
    written: list[tuple[Path, Report]] = []
    for number, job in enumerate(bad):
        own = path if number == 0 else path.with_name(f"{path.stem}-{number + 1}-{_stem(job)}{path.suffix}")
        _write(own, job)
        written.append((own, job.report))
    return written


def _stem(job: "Job") -> str:
    return job.report.name.removesuffix(".gz").rsplit(".", 1)[0]


def _write(path: Path, job: "Job") -> None:
    """Cells as they were in the file, so that the rows can be put right and imported again.

    A row that can't be taken apart stands in the column `marketplace`, where it is refused again
    until somebody has put it right.
    """
    if job.table is None:
        return
    kept = [index for index, name in enumerate(job.table.columns) if name != "error"]
    place = kept.index(job.table.columns.index("marketplace"))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(job.table.header[index] for index in kept), "error"])
        for problem, cells in _with_rows(job.report, job.table):
            row = [cells[index] for index in kept] if cells else [""] * len(kept)
            if problem.text:
                row[place] = problem.text
            writer.writerow([*row, problem.message])
