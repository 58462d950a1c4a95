"""Kills while the clock, the queue and two workers compute nights and send what they have to say."""

import time
from datetime import date
from typing import Final

from django.db import connection

from health.models import Night, Notification, RecomputeRun
from offers.models import Marketplace
from tests.faults.runs import Kill, Stage, judge
from tests.faults.state import State

TARGETS: Final = (
    "worker's child", "worker, children and all", "worker, its child goes on", "beat", "Redis",
    "Redis, its data lost", "PostgreSQL",
)  # fmt: skip
SCENARIO: Final = "night"
_LONGEST: Final = 240.0


class Nights:
    """A night of all marketplaces. First undisturbed: the state it ends in, and how long it takes."""

    def __init__(self, stage: Stage, template: str, due: date) -> None:
        self._stage, self._template, self._due = stage, template, due
        self.wanted: State = {}
        self.seconds = 0.0
        with stage.database(template):
            began = self._begin()
            stage.settle(self._done, "the undisturbed night", _LONGEST)
            self.seconds = time.monotonic() - began
            self.wanted, mails, marked = stage.end()
            judge(self.wanted, self.wanted, mails, marked, [])

    def run(self, targets: list[str]) -> list[Kill]:
        """One night with a kill of each target in turn, at moments spread over the whole of it."""
        stage, kills, killed = self._stage, [], time.monotonic()
        with stage.database(self._template):
            began = self._begin()
            for moment, target in zip(self._moments(len(targets)), targets, strict=True):
                time.sleep(max(began + moment - time.monotonic(), 0.0))
                kills.append(Kill(SCENARIO, target, _phase()))
                killed = time.monotonic()
                stage.kill(target)
            stage.settle(self._done, f"the night after {', '.join(targets)}", _LONGEST)
            kills[-1].seconds = time.monotonic() - killed
            found, mails, marked = stage.end()
            judge(self.wanted, found, mails, marked, kills)
        return kills

    def _begin(self) -> float:
        """Start everything; returns the moment at which the first run was there."""
        self._stage.site.start_workers()
        self._stage.site.start_beat()
        self._stage.settle(RecomputeRun.objects.filter(as_of=self._due).exists, "the beginning of a night")
        return time.monotonic()

    def _moments(self, number: int) -> list[float]:
        return sorted(self._stage.chance.uniform(0, self.seconds) for _ in range(number))

    def _done(self) -> bool:
        """Every marketplace has its night, nobody is at work, all e-mails are out."""
        nights = Night.objects.filter(as_of=self._due).count()
        return (
            nights == Marketplace.objects.count()
            and not RecomputeRun.objects.filter(state="running").exists()
            and not Notification.objects.filter(email="pending").exists()
        )


def _phase() -> str:
    """Where the runs at work are."""
    try:
        running = RecomputeRun.objects.filter(state="running").order_by("marketplace__code")
        said = [f"{code}: {phase}" for code, phase in running.values_list("marketplace__code", "phase")]
    except Exception:  # noqa: BLE001 - the database may just have been killed
        connection.close()
        return "the database's restart"
    if said:
        return ", ".join(said)
    return "sending e-mails" if Notification.objects.filter(email="pending").exists() else "between nights"
