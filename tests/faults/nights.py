"""Kills while the clock, the queue and two workers compute nights and send what they have to say."""

import time
from collections.abc import Iterator
from datetime import date
from itertools import cycle
from typing import Final

from health.models import Night, Notification, RecomputeRun
from offers import bulk
from offers.models import Marketplace
from tests.faults.market import LARGE
from tests.faults.phases import SHORT, Watch, lengths
from tests.faults.runs import Kill, Stage, judge, well
from tests.faults.state import State

TARGETS: Final = (
    "worker's child", "worker, children and all", "worker, its child goes on", "beat", "Redis",
    "Redis, its data lost", "PostgreSQL",
)  # fmt: skip
FROZEN: Final = "night"
REFRESHED: Final = "refreshed night"
_COMPUTING: Final = {name for name in TARGETS if name.startswith("worker") or name == "PostgreSQL"}
"""Those that do something in every phase: these kills are aimed at one phase after the other."""
_LONGEST: Final = 240.0
_ELSEWHERE: Final = "the small market's night"
_WORTH_IT: Final = 0.02  # seconds that a phase lasts to be aimed at
_OFTEN: Final = 0.5  # seconds between two questions whether all is over, while a phase is waited for


class Nights:
    """A night of all marketplaces. First undisturbed: the state it ends in, its phases and their lengths."""

    def __init__(self, stage: Stage, template: str, due: date, scenario: str = FROZEN) -> None:
        self._stage, self._template, self._due, self._scenario = stage, template, due, scenario
        self._watch = Watch(LARGE)
        self.wanted: State = {}
        with stage.database(template):
            began = self._begin()
            self.lengths = lengths(self._watch, lambda: stage.ask(self._done))
            self.seconds = time.monotonic() - began
            self._watch.close()
            self.wanted, mails, marked = stage.end()
            judge(self.wanted, self.wanted, mails, marked, [])
        self._order = list(self.lengths)
        phases = [phase for phase, seconds in self.lengths.items() if phase in SHORT or seconds > _WORTH_IT]
        self._aims: Iterator[str] = cycle(["", *stage.chance.sample(phases, len(phases))])

    def run(self, targets: list[str]) -> list[Kill]:
        """One night with a kill of each target in turn: in the phase that is aimed at, or at any moment."""
        stage, kills, killed = self._stage, [], time.monotonic()
        with stage.database(self._template):
            self._begin()
            for aim, target in sorted(map(self._aimed, targets), key=self._place):
                worker = self._wait(aim)
                seen = self._watch.look()
                told = seen.told or self._after()
                kills.append(
                    Kill(self._scenario, target, told, seen.phase or (_ELSEWHERE if seen.runs else told))
                )
                killed = time.monotonic()
                stage.kill(target, seen.worker or worker)
            stage.settle(self._done, f"the night after {', '.join(targets)}", _LONGEST)
            kills[-1].seconds = time.monotonic() - killed
            self._watch.close()
            self._clear_up()
            found, mails, marked = stage.end()
            judge(self.wanted, found, mails, marked, kills)
        return kills

    def _aimed(self, target: str) -> tuple[str, str]:
        return (next(self._aims) if target in _COMPUTING else ""), target

    def _place(self, aimed: tuple[str, str]) -> int:
        """Kills in the order of their phases: after a later one an earlier one may not come again."""
        return self._order.index(aimed[0]) if aimed[0] else len(self._order)

    def _wait(self, aim: str) -> str:
        """Wait for a random moment of the phase, or of the whole night. Returns whom the phase is of."""
        chance = self._stage.chance
        if not aim:
            time.sleep(chance.uniform(0, self.seconds))
            return ""
        share, ask_next = chance.random(), time.monotonic() + _OFTEN
        while (seen := self._watch.look()).phase != aim:
            if time.monotonic() > ask_next:
                ask_next += _OFTEN
                if self._stage.ask(self._done):
                    break  # it did not come again
            time.sleep(0.001)
        time.sleep(share * self.lengths[aim])
        return seen.worker

    def _clear_up(self) -> None:
        """A leader that dies after it has published leaves its tables to the next night: let there be one."""
        left = "SELECT 1 FROM pg_namespace WHERE nspname LIKE 'health\\_%%'"
        if self._stage.ask(lambda: bool(bulk.fetch(left))):
            again = ("recompute_health", "--marketplace", LARGE, "--as-of", self._due.isoformat())
            well(self._stage.site.manage(*again))

    def _begin(self) -> float:
        """Start everything; returns the moment at which the first run was there."""
        self._stage.site.start_workers()
        self._stage.site.start_beat()
        self._stage.settle(RecomputeRun.objects.filter(as_of=self._due).exists, "the beginning of a night")
        return time.monotonic()

    def _done(self) -> bool:
        """Every marketplace has its night, nobody is at work, all e-mails are out."""
        nights = Night.objects.filter(as_of=self._due).count()
        return (
            nights == Marketplace.objects.count()
            and not RecomputeRun.objects.filter(state="running").exists()
            and not Notification.objects.filter(email="pending").exists()
        )

    def _after(self) -> str:
        """What is going on while no run is at work."""
        waiting = self._stage.ask(Notification.objects.filter(email="pending").exists)
        return "sending e-mails" if waiting else "between nights"
