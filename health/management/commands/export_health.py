"""manage.py export_health: the last computed night as CSV."""

import csv
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from health.export import HEADER, export_rows
from health.reading import snapshot
from health.recompute import DateRefused
from offers.management.ready import WRONG_USE, marketplace_by_code, prepare_database


class Command(BaseCommand):
    """Write one row per offer, also deleted ones and those without orders."""

    help = "Export the last computed night of a marketplace as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--marketplace", required=True, metavar="CODE")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_database()
        marketplace = marketplace_by_code(options["marketplace"])
        target: Path = options["output"]
        try:
            # Written beside the target and then renamed: a reader never sees half a file.
            with NamedTemporaryFile(
                "w", newline="", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
            ) as file:
                try:
                    written = self._write(csv.writer(file), marketplace)
                    os.fchmod(file.fileno(), 0o644)
                except BaseException:
                    Path(file.name).unlink()
                    raise
            Path(file.name).replace(target)
        except OSError as error:
            raise CommandError(
                f"{target} can't be written: {error.strerror}. Choose another place."
            ) from error
        except DateRefused as error:
            raise CommandError(str(error), returncode=WRONG_USE) from error
        self.stdout.write(f"{target}: {written} offers")

    def _write(self, writer: Any, marketplace: Any) -> int:
        writer.writerow(HEADER)
        written = 0
        with snapshot():
            for row in export_rows(marketplace):
                writer.writerow(["" if value is None else value for value in row])
                written += 1
        return written
