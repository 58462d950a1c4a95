"""Servers that the tests bring themselves: PostgreSQL and Redis, on Unix sockets in a folder of their own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import redis

START_SECONDS = 60
FAST_BUT_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
POSTGRES_OPTIONS = FAST_BUT_UNSAFE | {
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "40",
    "autovacuum": "off",
    "log_min_messages": "panic",
    "log_min_error_statement": "panic",
}


class ServerMissing(Exception):
    """A server, or the browser, isn't installed or doesn't start; the message says what to do."""


@dataclass
class Server:
    """One server that was started here, and its folder."""

    process: subprocess.Popen[bytes]
    folder: Path
    url: str

    def stop(self) -> None:
        """End the server, and only it, by its id; remove its folder."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def program(package: str, *names: str) -> str:
    """Return the first of `names` that is installed; raise ServerMissing naming the Debian package."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, newest_first)])
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise ServerMissing(f"{names[0]} isn't installed. Install it with: apt-get install {package}")


def start_postgres(options: Mapping[str, str] | None = None) -> Server:
    """Start a PostgreSQL of this test run: nothing is kept, nothing listens on the network.

    `options` are settings of the server besides, or instead of, those of the tests.
    """
    initdb, postgres = program("postgresql", "initdb"), program("postgresql", "postgres")
    folder = Path(tempfile.mkdtemp(prefix="vocdash-postgres-", dir="/tmp"))
    as_owner = _as_postgres(folder)
    data = str(folder / "data")
    made = subprocess.run(
        [
            *as_owner, initdb, "-D", data, "-U", "vocdash", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
            "--no-sync",
        ],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise ServerMissing(f"initdb failed: {made.stderr.strip()}")
    settings = POSTGRES_OPTIONS | dict(options or {})
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        [*as_owner, postgres, "-D", data, "-k", str(folder), *given], stdout=subprocess.DEVNULL, cwd="/"
    )
    server = Server(process, folder, f"postgres://vocdash@/vocdash?host={folder}")
    _wait(server, lambda: _knock_postgres(folder))
    return server


def start_redis(options: Mapping[str, str] | None = None) -> Server:
    """Start a Redis of this test run: nothing listens on the network, nothing is kept but by `options`.

    `options` are settings of the server besides, or instead of, those of the tests.
    """
    folder = Path(tempfile.mkdtemp(prefix="vocdash-redis-", dir="/tmp"))
    socket = folder / "r.sock"
    command = [program("redis-server", "redis-server"), "--port", "0", "--unixsocket", str(socket)]
    settings = {"save": "", "appendonly": "no"} | dict(options or {})
    given = [part for name, value in settings.items() for part in (f"--{name}", value)]
    process = subprocess.Popen(
        [*_dying_with_us(), *command, "--dir", str(folder), *given],
        stdout=subprocess.DEVNULL,
    )
    server = Server(process, folder, f"unix://{socket}?db=0")
    _wait(server, lambda: _knock_redis(folder))
    return server


def chromium() -> str:
    """Return the path of the installed Chromium."""
    return program("chromium", "chromium", "chromium-browser", "google-chrome")


def _as_postgres(folder: Path) -> list[str]:
    """Return what to put before a command of PostgreSQL: it refuses to run as root."""
    settled = ["env", f"HOME={folder}", "LC_ALL=C.UTF-8"]
    if os.geteuid() != 0:
        return [*_dying_with_us(), *settled]
    try:
        shutil.chown(folder, "postgres", "postgres")
    except LookupError as error:
        raise ServerMissing(
            "There is no user postgres. Install it with: apt-get install postgresql"
        ) from error
    become = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
    return [*_dying_with_us(), *become, *settled]


def _dying_with_us() -> list[str]:
    """Return a prefix that makes a server end with the tests, even when these are killed."""
    return [program("util-linux", "setpriv"), "--pdeathsig", "INT"]


def start_again(server: Server) -> None:
    """Start a server of this run that was killed, on the folder that it left.

    PostgreSQL refuses as long as one of its former processes lives, so it is tried until it stays.
    """
    knock = _knock_postgres if server.url.startswith("postgres") else _knock_redis
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            server.process = subprocess.Popen(server.process.args, stdout=subprocess.DEVNULL, cwd="/")
        try:
            knock(server.folder)
        except (psycopg2.OperationalError, redis.ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise ServerMissing(f"{server.process.args!r} did not start again within {START_SECONDS} s.")


def _knock_postgres(folder: Path) -> None:
    psycopg2.connect(host=str(folder), user="vocdash", dbname="postgres").close()


def _knock_redis(folder: Path) -> None:
    redis.Redis(unix_socket_path=str(folder / "r.sock")).ping()


def _wait(server: Server, knock: Callable[[], object]) -> None:
    """Return once `knock` succeeds; end the server and raise ServerMissing when it dies or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            knock()
        except (psycopg2.OperationalError, redis.ConnectionError):
            time.sleep(0.05)
        else:
            return
    server.stop()
    raise ServerMissing(f"{server.process.args!r} did not start within {START_SECONDS} s.")
