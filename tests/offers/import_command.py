"""manage.py import_data as tests run it."""

import csv
import io
from pathlib import Path
from typing import Any

from django.core.management import call_command

from tests.importing import as_csv


class Command:
    """Runs import_data and keeps what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = self.err = ""
        self.code = 0

    def write(self, name: str, content: Any) -> Path:
        path = self.folder / name
        data = content if isinstance(content, bytes | str) else as_csv(content)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def __call__(
        self, *files: Path, marketplace: str = "US", create_sellers: bool = True, **options: Any
    ) -> int:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command(
                "import_data", *files, marketplace=marketplace, create_sellers=create_sellers,
                stdout=out, stderr=err, **options,
            )  # fmt: skip
            self.code = 0
        except SystemExit as ended:
            self.code = int(ended.code or 0)
        self.out, self.err = out.getvalue(), err.getvalue()
        return self.code


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a file of bad rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
