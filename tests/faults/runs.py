"""What every scenario shares: a fresh copy of a database, kills at random moments, what came out."""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import InterfaceError, OperationalError, connection

from tests.faults.processes import Site, wait_until
from tests.faults.state import State, copies, differences, expected_messages, state
from tests.scale.databases import Databases

_RESTART: Final = (0.1, 1.0)  # seconds until a supervisor starts again what died


@dataclass
class Kill:
    """One SIGKILL and what became of it. `seconds` until everything was as if nothing had happened.

    during: the moment. phase: the phase it fell into, where there are such.
    """

    scenario: str
    target: str
    during: str
    phase: str = ""
    seconds: float = 0.0
    found: list[str] = field(default_factory=list)
    sent_twice: int = 0

    @property
    def same(self) -> bool:
        """Whether the end state was that of the undisturbed run."""
        return not self.found


@dataclass
class Stage:
    """Where the scenarios play: the site, its databases, a source of chance."""

    site: Site
    databases: Databases
    chance: random.Random
    folder: Path

    @contextmanager
    def database(self, template: str) -> Iterator[None]:
        """Work in a copy of a database, thrown away afterwards; nobody else works meanwhile."""
        self.site.stop()
        self.site.revive()
        self.databases.use(None)
        work = self.databases.copy(template, "faults_work")
        with connection.cursor() as cursor:
            # A copied sequence takes its next numbers to be in the log, where the copy's aren't: without this
            # a crash would give out numbers twice.
            cursor.execute("CHECKPOINT")
        self.site.forget()
        self.site.at(work)
        try:
            yield
        finally:
            self.site.stop()
            self.site.revive()

    def kill(self, target: str, worker: str = "") -> None:
        """Kill, wait as long as a supervisor takes, start again. worker: the one to kill, if one is meant."""
        self.site.kill(target, worker)
        time.sleep(self.chance.uniform(*_RESTART))
        self.site.revive()

    def ask(self, question: Callable[[], bool]) -> bool:
        """A question to the database that may be away: then the answer is no, and it is asked anew."""
        self.site.revive()
        try:
            return question()
        except (OperationalError, InterfaceError):
            connection.close()
            return False

    def settle(self, done: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
        """Wait until everything has come to rest; whatever dies meanwhile is started again."""
        wait_until(lambda: self.ask(done), what, seconds)

    def end(self) -> tuple[State, Counter[str], set[str]]:
        """Stop everybody and look: the state, the e-mails in the folder, and those marked as sent."""
        self.site.stop()
        self.site.revive()
        connection.close()
        wait_until(nobody_else, "the end of all transactions")
        return state(), copies(self.site.mail), expected_messages()


def well(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a command of manage.py. RuntimeError when it fails."""
    if process.wait(180):
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}; see manage.log")


def nobody_else() -> bool:
    """Servers of clients that were killed notice it when they next answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return bool(cursor.fetchone() == (0,))


def judge(wanted: State, found: State, mails: Counter[str], marked: set[str], kills: list[Kill]) -> None:
    """Write to the kills of one run what came out; a difference belongs to all of them."""
    wrong = differences(wanted, found)
    if lost := marked - set(mails):
        wrong.append(f"{len(lost)} e-mails marked as sent are not there, such as {min(lost)}")
    if unmarked := set(mails) - marked:
        wrong.append(f"{len(unmarked)} e-mails are there and not marked as sent, such as {min(unmarked)}")
    twice = sum(number - 1 for number in mails.values())
    if twice > len(kills):
        wrong.append(f"{twice} e-mails were sent again after {len(kills)} kills")
    for kill in kills:
        kill.found = wrong
    if kills:
        kills[-1].sent_twice = twice
