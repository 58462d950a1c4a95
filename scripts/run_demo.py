"""Run the demo marketplace: database, demo data, web server, worker and beat; one Ctrl-C ends all of it.

Usage: python scripts/run_demo.py            HOST and PORT come from the environment (127.0.0.1, 8000)
"""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VOCDASH_VAR", ROOT / "var"))
HOST = os.environ.get("HOST", "127.0.0.1")
READY_SECONDS = 60
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C or SIGTERM."""


def main() -> int:
    """Prepare, start, wait for the end, and leave nothing running."""
    os.chdir(ROOT)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        port = _port()
        for command in ("migrate --verbosity 0", "load_demo"):
            subprocess.run([sys.executable, "manage.py", *command.split()], check=True)
        for name, arguments in _programs(port).items():
            children[name] = _start(name, arguments)
        _wait_until_ready(port, children)
        print(f"\nvocdash is ready: http://{HOST}:{port}/\nCtrl-C ends it.", flush=True)
        _watch(children)
    except Stopped:
        print("\nStopping ...", flush=True)
        return 0
    except subprocess.CalledProcessError as error:
        return error.returncode
    finally:
        _end(children)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _port() -> int:
    """Return the port to use; exit with advice when it can't be used."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"PORT is {text!r}: set it to a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            sys.exit(f"Port {text} can't be used ({error.strerror}). Choose another: make demo PORT=8001")
    return int(text)


def _programs(port: int) -> dict[str, list[str]]:
    celery = [sys.executable, "-m", "celery", "-A", "vocdash"]
    return {
        "web": [sys.executable, "-m", "gunicorn", "vocdash.wsgi", "--bind", f"{HOST}:{port}",
                "--workers", "2", "--threads", "4", "--access-logfile", "-", "--no-control-socket"],
        "worker": [*celery, "worker", "--concurrency", "1", "--loglevel", "INFO"],
        "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""],
    }  # fmt: skip


def _start(name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start one program in a process group of its own: Ctrl-C comes to us, and we end it in good order."""
    with _log(name).open("wb") as log:
        return subprocess.Popen(
            arguments,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  (there are no threads here that it could harm)
        )


def _log(name: str) -> Path:
    folder = VAR / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"demo-{name}.log"


def _die_with_parent() -> None:
    """Ask Linux to end this program when the demo itself is killed without a chance to do so."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_ready(port: int, children: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _is_ready(port):
        _check(children)
        if time.monotonic() > deadline:
            sys.exit(f"The site isn't ready after {READY_SECONDS} s. See {_log('web')}")
        time.sleep(0.1)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _watch(children: dict[str, subprocess.Popen[bytes]]) -> NoReturn:
    while True:
        _check(children)
        time.sleep(0.5)


def _check(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Exit with the end of its log when one of the programs has ended by itself."""
    for name, child in children.items():
        if child.poll() is not None:
            tail = _log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
            sys.exit("\n".join([*tail, f"The {name} ended with {child.returncode}. All of it: {_log(name)}"]))


def _end(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """End all programs, each by its own id, and wait for them; a second Ctrl-C changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


if __name__ == "__main__":
    sys.exit(main())
