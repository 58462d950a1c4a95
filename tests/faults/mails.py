"""Kills while the notices of a night are sent by e-mail."""

import time
from typing import Final

from health.models import Notification, NotificationEmail
from tests.faults.runs import Kill, Stage, judge
from tests.faults.state import State, copies

TARGETS: Final = (
    "worker's child", "worker, children and all", "worker, its child goes on", "Redis",
    "Redis, its data lost", "PostgreSQL",
)  # fmt: skip
SCENARIO: Final = "e-mails"


class Mails:
    """The outbox of a night; `template` is a database in which the night is computed and nothing sent."""

    def __init__(self, stage: Stage, template: str) -> None:
        self._stage, self._template = stage, template
        self.wanted: State = {}
        self.number = 0
        with stage.database(template):
            self._begin()
            stage.settle(self._done, "the undisturbed sending")
            self.wanted, mails, _ = stage.end()
            self.number = len(mails)

    def run(self, targets: list[str]) -> list[Kill]:
        """One round of sending with a kill of each target, each after a share of the e-mails."""
        stage, kills, killed = self._stage, [], time.monotonic()
        with stage.database(self._template):
            self._begin()
            for place, target in enumerate(targets):
                share = (place + stage.chance.random()) / len(targets)
                stage.settle(lambda: self._sent() >= share * self.number or self._done(), "half the e-mails")  # noqa: B023
                kills.append(Kill(SCENARIO, target, f"after {self._sent()} of {self.number}"))
                killed = time.monotonic()
                stage.kill(target)
            stage.settle(self._done, f"all e-mails after {', '.join(targets)}")
            kills[-1].seconds = time.monotonic() - killed
            found, mails, marked = stage.end()
            judge(self.wanted, found, mails, marked, kills)
        return kills

    def _begin(self) -> None:
        self._stage.site.start_workers()
        self._stage.site.start_beat()
        self._stage.settle(lambda: self._sent() > 0, "the first e-mail")

    def _sent(self) -> int:
        return len(copies(self._stage.site.mail))

    def _done(self) -> bool:
        return not (
            Notification.objects.filter(email="pending").exists()
            or NotificationEmail.objects.filter(state="pending").exists()
        )
