"""Nights as a site computes them: Redis, a Celery worker with two processes, a task sent to it."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any, Final, Self

import psycopg2
from celery import Celery

from offers.models import Marketplace
from tests.scale.databases import ROOT
from tests.services import Server, program, start_redis

PROCESSES: Final = 2
TASK: Final = "health.tasks.compute_night"
_QUEUE: Final = "vocdash"
_AS_IN_PRODUCTION: Final = {"MALLOC_MMAP_THRESHOLD_": "130000"}
"""What docker-compose.yml sets for the worker besides."""
_ASK_EVERY: Final = 0.02  # seconds; asking more often would itself take from the two cores
_START_SECONDS: Final = 60
_NIGHT_SECONDS: Final = 400

_NEWEST_RUN: Final = """
    SELECT id, state, phase, error, extract(epoch FROM finished_at - started_at)::float8
      FROM health_recomputerun WHERE marketplace_id = %s AND id > %s ORDER BY id DESC LIMIT 1
"""
_NIGHT: Final = "SELECT refreshed, closures FROM health_night WHERE marketplace_id = %s AND as_of = %s"


class NightFailed(RuntimeError):
    """The night's run did not succeed; the message is what it said."""


@dataclass
class NightTaken:
    """What a night took. seconds: from sending the task until everybody sees the night as published.

    phases: seconds in each phase of the run, as they were seen from outside; "sending" until the run began.
    peak_mb: the most memory that each worker process held during this night.
    """

    seconds: float
    refreshed: bool
    closures: int
    phases: dict[str, float]
    peak_mb: list[float]


@dataclass
class Workers:
    """A broker and a worker of `processes` processes for the marketplace of one database.

    environment: what is set for the worker besides. To be used in a `with` block.
    """

    url: str
    marketplace: Marketplace
    processes: int = PROCESSES
    environment: Mapping[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._redis: Server = start_redis()
        try:
            self._start()
        except BaseException:
            self._redis.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._asking.close()
        self._worker.terminate()
        try:
            self._worker.wait(30)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait(30)
        self._redis.stop()

    def _start(self) -> None:
        command = [
            # It ends with us, even when we are killed.
            *(program("util-linux", "setpriv"), "--pdeathsig", "TERM"),
            *(sys.executable, "-m", "celery", "-A", "tests.scale.site", "worker", "--loglevel", "ERROR"),
            *(
                "--concurrency",
                str(self.processes),
                "--pool",
                "prefork",
                "--without-gossip",
                "--without-mingle",
            ),
        ]
        environment = {"DATABASE_URL": self.url, "REDIS_URL": self._redis.url, **self.environment}
        environment |= {"NIGHT_WORKERS": str(self.processes), **_AS_IN_PRODUCTION}
        environment["PYTHONWARNINGS"] = "ignore"  # whoever measures as root knows it
        self._worker = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL
        )
        self._celery = Celery("bench", broker=self._broker())
        self._asking = _ask(self.url)
        deadline = time.monotonic() + _START_SECONDS
        while len(self.children()) < self.processes or not self._celery.control.ping(timeout=0.5):
            if self._worker.poll() is not None or time.monotonic() > deadline:
                raise NightFailed(f"The worker did not start ({self._worker.poll()}); what it said is above.")
            time.sleep(0.1)

    def _broker(self) -> str:
        path, _, query = self._redis.url.removeprefix("unix://").partition("?")
        return f"redis+socket://{path}?virtual_host={query.removeprefix('db=')}"

    def children(self) -> list[int]:
        """The process ids of the worker's own processes."""
        path = Path(f"/proc/{self._worker.pid}/task/{self._worker.pid}/children")
        return [int(pid) for pid in path.read_text(encoding="ascii").split()]

    def night(self, day: date) -> NightTaken:
        """Send one night's task and wait until the night is published. Raises NightFailed."""
        for pid in self.children():
            _forget_peak(pid)
        before = self._newest_run(0)
        began = perf_counter()
        self._celery.send_task(TASK, args=[self.marketplace.code, day.isoformat()], queue=_QUEUE)
        phases = self._wait(before[0] if before else 0, began)
        seconds = perf_counter() - began
        with self._asking.cursor() as cursor:
            cursor.execute(_NIGHT, (self.marketplace.pk, day))
            refreshed, closures = cursor.fetchone()
        return NightTaken(seconds, refreshed, closures, phases, [_peak_mb(pid) for pid in self.children()])

    def _wait(self, after: int, began: float) -> dict[str, float]:
        """Ask for the run until it has ended; seconds of each of its phases."""
        phase, since, phases = "sending", began, dict[str, float]()
        while perf_counter() - began < _NIGHT_SECONDS:
            run = self._newest_run(after)
            now = perf_counter()
            # Behind a comma stands how far it is.
            state, seen = (run[1], run[2].partition(",")[0]) if run else ("running", phase)
            if seen != phase or state != "running":
                phases[phase] = phases.get(phase, 0.0) + now - since
                phase, since = seen, now
            if state == "succeeded":
                return phases
            if run and state != "running":
                raise NightFailed(f"{state}: {run[3]}")
            if self._worker.poll() is not None:
                raise NightFailed(f"The worker ended with {self._worker.poll()}.")
            time.sleep(_ASK_EVERY)
        raise NightFailed(f"No night within {_NIGHT_SECONDS} s.")

    def _newest_run(self, after: int) -> Any:
        with self._asking.cursor() as cursor:
            cursor.execute(_NEWEST_RUN, (self.marketplace.pk, after))
            return cursor.fetchone()


def _ask(url: str) -> Any:
    """A connection of the driver itself, without transactions."""
    from vocdash.env import Environment
    from vocdash.services import database_settings

    known = database_settings(Environment({"DATABASE_URL": url}), ROOT)
    names = {"NAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    params = {name: known[key] for key, name in names.items() if known.get(key)}
    asking = psycopg2.connect(**params, **known.get("OPTIONS", {}))
    asking.autocommit = True
    return asking


def _forget_peak(pid: int) -> None:
    """Let a process's peak begin anew at what it holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _peak_mb(pid: int) -> float:
    """The most memory that a process has held since its peak was forgotten."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
