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
from tests.faults.phases import SHORT, Look, Watch, spans
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
_ANY: Final = "any"
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
            self._spans = spans(self._watch, lambda: stage.ask(self._done))
            self.seconds = time.monotonic() - began
            self._watch.close()
            self.wanted, mails, marked = stage.end()
            judge(self.wanted, self.wanted, mails, marked, [])
        phases = [name for name, span in self._spans.items() if name in SHORT or span.length > _WORTH_IT]
        self._aims: Iterator[str] = cycle([_ANY, *stage.chance.sample(phases, len(phases))])

    def run(self, targets: list[str]) -> list[Kill]:
        """One night with a kill of each target in turn: in the phase that is aimed at, or at any moment."""
        stage, kills, killed = self._stage, [], time.monotonic()
        with stage.database(self._template):
            self._begin()
            for aim, target in sorted(map(self._aimed, targets), key=self._place):
                seen = self._wait(aim)
                told = seen.told or self._after()
                phase = seen.phase or (_ELSEWHERE if seen.runs else told)
                kills.append(Kill(self._scenario, target, told, phase))
                killed = time.monotonic()
                stage.kill(target, seen.worker)
            stage.settle(self._done, f"the night after {', '.join(targets)}", _LONGEST)
            kills[-1].seconds = time.monotonic() - killed
            self._watch.close()
            self._clear_up()
            found, mails, marked = stage.end()
            judge(self.wanted, found, mails, marked, kills)
        return kills

    def _aimed(self, target: str) -> tuple[str, str]:
        """A phase to strike in, "" for the time after them all, and the target."""
        aim = next(self._aims) if target in _COMPUTING else _ANY
        return (self._any() if aim == _ANY else aim), target

    def _any(self) -> str:
        """The phase of a random moment of the night as it was undisturbed."""
        moment = self._stage.chance.uniform(0, self.seconds)
        over = (name for name, span in self._spans.items() if span.begin <= moment <= sum(span))
        return next(over, "")

    def _place(self, aimed: tuple[str, str]) -> int:
        """Kills in the order of their phases: after a later one an earlier one may not come again."""
        return list(self._spans).index(aimed[0]) if aimed[0] else len(self._spans)

    def _wait(self, aim: str) -> Look:
        """Wait for the phase and a random share of its length. Returns what was seen then, just now."""
        share, ask_next = self._stage.chance.random(), time.monotonic()
        while (seen := self._watch.look()).phase != aim or not aim:
            if time.monotonic() > ask_next:
                ask_next += _OFTEN
                if self._stage.ask(self._published):
                    break  # after all phases; or this one did not come again
            if aim not in SHORT:
                time.sleep(0.001)
        if aim in SHORT:
            return seen  # chance enough, and over in a moment
        time.sleep(share * (self._spans[aim].length if aim else 1.0))
        now = self._watch.look()
        return now if now.worker or now.phase != seen.phase else now._replace(worker=seen.worker)

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

    def _published(self) -> bool:
        """Whether the large market has its night, and its leader has nothing left to do."""
        return (
            Night.objects.filter(as_of=self._due, marketplace__code=LARGE).exists()
            and self._watch.look().phase not in SHORT
        )

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
