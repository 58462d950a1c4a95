"""Everything that runs at a site, as processes that can be killed: servers, workers, clock, web."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.scale.databases import ROOT
from tests.services import program, start_again, start_postgres, start_redis

PATIENCE: Final = 60.0
# As an operator has it: a commit that was answered is on the disk.
DURABLE: Final = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on",
    "max_connections": "60",
}  # fmt: skip
KEPT: Final = {"appendonly": "yes"}  # as docker-compose.yml has it
# Those of the processes must be those of the harness: sessions are signed, customers hashed.
KEYS: Final = {
    name: f"{name} of a run of tests.faults, and of nothing else"
    for name in ("SECRET_KEY", "CUSTOMER_HASH_KEY")
}
_WORKERS: Final = 2


def wait_until(done: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Return once `done` says so; TimeoutError with `what` when it takes too long."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)


class Site:
    """Servers of our own and the site's processes, in a folder of this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mail = folder / "mail"
        self.postgres = start_postgres(DURABLE)
        self.redis = start_redis(KEPT)
        self.environment: dict[str, str] = {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._meant = ""

    def at(self, database: str) -> None:
        """From now on processes work in this database."""
        self.environment = {
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VOCDASH_VAR": str(self.folder / "var"),
            "DATABASE_URL": self.postgres.url.replace("/vocdash?", f"/{database}?"),
            "REDIS_URL": self.redis.url, "EMAIL_URL": f"file://{self.mail}", "LOG_LEVEL": "WARNING",
            **KEYS, "SUMMARY_DAY": os.environ["SUMMARY_DAY"],
        }  # fmt: skip

    # --- starting

    def start_workers(self) -> None:
        """Two worker processes with one child each, as two machines would have them."""
        for number in range(_WORKERS):
            self.start_worker(f"worker-{number}")

    def start_worker(self, name: str) -> None:
        """One worker process."""
        celery = [sys.executable, "-m", "celery", "-A", "tests.faults.app", "worker"]
        self._start(name, [*celery, "-c", "1", "-n", f"{name}@faults", "-l", "WARNING", "--without-mingle"])

    def start_beat(self) -> None:
        """The clock."""
        celery = [sys.executable, "-m", "celery", "-A", "tests.faults.app", "beat"]
        self._start("beat", [*celery, "-l", "WARNING", "--pidfile", ""])

    def start_web(self) -> None:
        """The web server with two processes, as the image starts it."""
        bind = ["--bind", f"unix:{self.folder / 'web.sock'}", "--workers", "2", "--no-control-socket"]
        self._start("web", [sys.executable, "-m", "gunicorn", "vocdash.wsgi", *bind, "--log-level", "error"])
        wait_until(self._web_answers, "the web server")

    def _web_answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.connect(str(self.folder / "web.sock"))
            return True
        return False

    def _start(self, name: str, command: list[str]) -> None:
        dying_with_us = [program("util-linux", "setpriv"), "--pdeathsig", "KILL"]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*dying_with_us, *command],
                cwd=ROOT, env=self.environment | {"PGAPPNAME": name}, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def manage(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command of manage.py at work."""
        with (self.folder / "manage.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    # --- killing, and starting again as a supervisor does

    def kill(self, target: str, worker: str = "") -> None:
        """SIGKILL to a target: one of `TARGETS`. worker: which one, if it must not be just the busiest."""
        self._meant = worker
        _KILLS[target](self)

    def revive(self) -> None:
        """Start whatever is down, servers first."""
        for server in (self.postgres, self.redis):
            if server.process.poll() is not None:
                start_again(server)
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                if name == "web":
                    self.start_web()
                elif name == "beat":
                    self.start_beat()
                else:
                    self.start_worker(name)

    def busy_worker(self) -> str:
        """The worker that is meant, else the one whose child has just used the processor most."""
        if self._meant in self.running:
            return self._meant
        workers = [name for name in self.running if name.startswith("worker")]
        before = {name: sum(map(_ticks, _children(self.running[name].pid))) for name in workers}
        time.sleep(0.03)
        now = {name: sum(map(_ticks, _children(self.running[name].pid))) for name in workers}
        return max(workers, key=lambda name: (now[name] - before[name], name))

    # --- ending

    def stop(self, *names: str) -> None:
        """End processes of ours for good, with their children: by default all but the servers."""
        for name in names or tuple(self.running):
            process = self.running.pop(name, None)
            if process:
                _kill_group(process)
                process.wait(20)

    def forget(self) -> None:
        """An empty queue, no e-mails and no schedule: before another database is worked in."""
        import redis

        redis.Redis(unix_socket_path=str(self.redis.folder / "r.sock")).flushall()
        shutil.rmtree(self.mail, ignore_errors=True)
        for left in (self.folder / "var").glob("beat-schedule*"):
            left.unlink()

    def close(self) -> None:
        """End everything."""
        self.stop()
        self.redis.stop()
        self.postgres.stop()


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A site with its servers, ended in the end."""
    made = Site(folder)
    try:
        yield made
    finally:
        made.close()


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
        return [int(child) for child in listed.split()]
    return []


def _ticks(pid: int) -> int:
    """The processor time that a process has used, in ticks of the system."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


def _kill_child(here: Site) -> None:
    for child in _children(here.running[here.busy_worker()].pid):
        _kill(child)


def _kill_parent(here: Site) -> None:
    """The worker, while its child goes on until it has done its task."""
    process = here.running[here.busy_worker()]
    _kill(process.pid)
    process.wait(20)


def _kill_web_children(here: Site) -> None:
    for child in _children(here.running["web"].pid):
        _kill(child)


def _kill_redis(here: Site) -> None:
    here.redis.process.kill()
    here.redis.process.wait(20)


def _flush_redis(here: Site) -> None:
    _kill_redis(here)
    shutil.rmtree(here.redis.folder / "appendonlydir", ignore_errors=True)


def _kill_postgres(here: Site) -> None:
    """The postmaster first, then those that it leaves, as when its container is killed."""
    backends = _children(here.postgres.process.pid)
    here.postgres.process.kill()
    here.postgres.process.wait(20)
    for backend in backends:
        _kill(backend)


_KILLS: Final[dict[str, Callable[[Site], None]]] = {
    "worker's child": _kill_child,
    "worker, children and all": lambda here: _kill_group(here.running[here.busy_worker()]),
    "worker, its child goes on": _kill_parent,
    "beat": lambda here: _kill_group(here.running["beat"]),
    "Redis": _kill_redis,
    "Redis, its data lost": _flush_redis,
    "PostgreSQL": _kill_postgres,
    "web process": _kill_web_children,
    "web server, children and all": lambda here: _kill_group(here.running["web"]),
}
