"""manage.py import_data: files into a marketplace."""

import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from offers.importers.reports import Report
from offers.management.ready import WRONG_USE, marketplace_by_code, prepare_database
from vocdash.imports import Outcome, import_files
from vocdash.management.progress import ProgressBar
from vocdash.problems import write_errors

UNREADABLE: Final = 1
REFUSED: Final = 3
_SHOWN: Final = 10


class Command(BaseCommand):
    """One line per file on standard output, which other programs read; everything else on standard error."""

    help = (
        "Import offers, orders, feedback and removal reports. A file is recognized by its header; the order "
        "of files doesn't matter. Exit 0 when all good rows went in, 1 when a file could not be read at "
        "all, 2 on wrong use, 3 with --strict and a bad row: then nothing was imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--marketplace", required=True, metavar="CODE")
        parser.add_argument(
            "--create-sellers", action="store_true", help="make sellers that aren't there yet"
        )
        parser.add_argument("--strict", action="store_true", help="import nothing when any row is bad")
        parser.add_argument(
            "--errors", type=Path, metavar="FILE", help="write the bad rows there, with what to do"
        )
        parser.add_argument(
            "files", nargs="+", type=Path, metavar="FILE", help="CSV or TSV, also packed with gzip"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_database()
        marketplace = marketplace_by_code(options["marketplace"])
        _refuse_unwritable(options["errors"])
        bar, begun = ProgressBar(), time.monotonic()
        outcome = import_files(
            marketplace,
            options["files"],
            create_sellers=options["create_sellers"],
            strict=options["strict"],
            progress=bar,
        )
        bar.clear()
        for job in outcome.jobs:
            self._say(job.report)
        self._say_errors(outcome, options["errors"])
        self._end(outcome, time.monotonic() - begun)

    def _say(self, report: Report) -> None:
        if report.error:
            self.stderr.write(f"{report.name}: could not be read. {report.error}")
            return
        self.stdout.write(report.line())
        for note in report.notes:
            self.stderr.write(f"{report.name}: {note}", self.style.NOTICE)
        for problem in islice(report.problems, _SHOWN):
            self.stderr.write(f"{report.name}, line {problem.line}: {problem.message}")
        if report.bad > _SHOWN:
            self.stderr.write(f"{report.name}: and {report.bad - _SHOWN:,} more bad rows")

    def _say_errors(self, outcome: Outcome, path: Path | None) -> None:
        if path is not None:
            for written, report in write_errors(outcome.jobs, path):
                self.stderr.write(f"{report.name}: its bad rows are in {written}", self.style.NOTICE)
        elif outcome.bad:
            self.stderr.write("Give --errors FILE to have the bad rows in a file.", self.style.NOTICE)

    def _end(self, outcome: Outcome, seconds: float) -> None:
        if outcome.refused:
            self.stderr.write("Nothing was imported: --strict, and not everything was right.")
            sys.exit(REFUSED if outcome.bad else UNREADABLE)
        rows = sum(job.report.read for job in outcome.jobs)
        if rows:
            self.stderr.write(
                f"{rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} a second.", self.style.NOTICE
            )
        if outcome.unreadable:
            sys.exit(UNREADABLE)


def _refuse_unwritable(path: Path | None) -> None:
    """Say so before the work, not after it."""
    if path is None:
        return
    try:
        existed = path.exists()
        path.open("a", encoding="utf-8").close()
        if not existed:
            path.unlink()
    except OSError as error:
        raise CommandError(
            f"--errors {path}: can't be written ({error.strerror}).", returncode=WRONG_USE
        ) from error
