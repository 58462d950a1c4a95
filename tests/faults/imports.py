"""Kills while files are imported: nothing of them may stay; imported again they are as the first time."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.db import connection

from offers.import_files import end_dead_imports
from offers.models import ImportFile
from tests.faults.market import SMALL
from tests.faults.runs import Kill, Stage, judge, nobody_else, well
from tests.faults.state import State

TARGETS: Final = ("importing process", "PostgreSQL")
SCENARIO: Final = "import"


class Imports:
    """Orders and feedback into a marketplace by the command, and then its night again."""

    def __init__(self, stage: Stage, template: str, files: list[Path], due: str) -> None:
        self._stage, self._template, self._files, self._due = stage, template, files, due
        self.wanted: State = {}
        self.seconds = 0.0
        with stage.database(template):
            self.before = self._lines()
            began = self._begin()
            self._process.wait(120)
            self.seconds = time.monotonic() - began
            self._night()
            self.wanted, *_ = stage.end()
            self.after = self._lines()

    def run(self, targets: list[str]) -> list[Kill]:
        """One import that is killed once for each target, begun again each time."""
        stage, kills = self._stage, []
        with stage.database(self._template):
            for target in targets:
                kills.append(self._killed(target))
                if self._recorded():
                    break
            killed = time.monotonic()
            if not self._recorded():
                self._import()
            kills[-1].seconds += time.monotonic() - killed
            end_dead_imports(timedelta(0))  # what the worker does every hour, for those a minute old
            self._night()
            found, mails, marked = stage.end()
            judge(self.wanted, found, mails, marked, kills)
        return kills

    def _killed(self, target: str) -> Kill:
        began = self._begin()
        time.sleep(self._stage.chance.uniform(0, self.seconds))
        kill = Kill(SCENARIO, target, f"{time.monotonic() - began:.1f} of {self.seconds:.1f} s")
        killed = time.monotonic()
        if target == "PostgreSQL":
            self._stage.kill(target)
        else:
            self._process.kill()
        self._process.wait(120)
        connection.close()
        # A commit that was asked for before the kill is still made.
        self._stage.settle(nobody_else, "the end of the killed import's transaction")
        self._stage.settle(lambda: self._lines() in {self.before, self.after}, "all of an import or nothing")
        kill.seconds = time.monotonic() - killed
        return kill

    def _recorded(self) -> bool:
        """Whether the history says that all is imported: then nobody imports it again."""
        return ImportFile.objects.filter(state="done").count() >= len(self._files)

    def _begin(self) -> float:
        """Start the command; returns the moment at which it had noted its files."""
        known = ImportFile.objects.count()
        paths = [str(path) for path in self._files]
        self._process = self._stage.site.manage("import_data", "--marketplace", SMALL, *paths)
        self._stage.settle(
            lambda: ImportFile.objects.count() > known or self._process.poll() is not None,
            "the beginning of an import",
        )
        return time.monotonic()

    def _import(self) -> None:
        self._begin()
        well(self._process)

    def _night(self) -> None:
        well(self._stage.site.manage("recompute_health", "--marketplace", SMALL, "--as-of", self._due))

    def _lines(self) -> tuple[int, int]:
        """How many order lines and events of the files are there."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM offers_orderline WHERE order_ref LIKE 'N-%'), "
                "(SELECT count(*) FROM feedback_feedbackevent WHERE event_id LIKE 'E-%')"
            )
            orders, events = cursor.fetchone() or (0, 0)
        return orders, events
