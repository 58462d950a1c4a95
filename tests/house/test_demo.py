"""`make demo`: what it starts, what it says, and that it leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.architecture.code import ROOT
from tests.browsing import DemoSite


def run_demo(var: Path, port: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VOCDASH_VAR": str(var), "PORT": port}
    return subprocess.run(
        [sys.executable, "scripts/run_demo.py"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_port_that_is_taken_is_named_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        outcome = run_demo(tmp_path, str(port))
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(
        f"Port {port} can't be used (Address already in use). Choose another: make"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["web", "0", "70000"])
def test_what_is_no_port_is_refused(port: str, tmp_path: Path) -> None:
    outcome = run_demo(tmp_path, port)
    assert outcome.returncode == 1
    assert outcome.stderr == f"PORT is {port!r}: set it to a number from 1 to 65535.\n"


@pytest.mark.browser  # where the demo is started anyway
def test_web_server_worker_and_beat_are_running_when_it_says_that_it_is_ready(demo_site: DemoSite) -> None:
    assert f"vocdash is ready: {demo_site.url}/\n" in demo_site.told
    programs = {b"gunicorn", b"worker", b"beat"}
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in demo_site.children()]
    assert len(commands) == 3
    assert {word for command in commands for word in command} >= programs


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_everything_it_started(number: signal.Signals, tmp_path: Path) -> None:
    # With sleeping programs in place of the real ones: what is tested here is only the ending.
    script = (
        "import runpy, signal, sys\n"
        "demo = runpy.run_path('scripts/run_demo.py')\n"
        "children = {n: demo['_start'](n, ['sleep', '600']) for n in ('web', 'worker', 'beat')}\n"
        "for s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, demo['_stop'])\n"
        "try:\n"
        "    print(*[c.pid for c in children.values()], flush=True)\n"
        "    demo['_watch'](children)\n"
        "except BaseException: pass\n"
        "finally: demo['_end'](children)\n"
    )
    environment = {"PATH": os.environ["PATH"], "VOCDASH_VAR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pids = process.stdout.readline().split()
    assert len(pids) == 3
    process.send_signal(number)
    assert process.wait(10) == 0
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_programs_end_even_when_the_demo_is_killed(tmp_path: Path) -> None:
    script = (
        "import runpy, time\n"
        "demo = runpy.run_path('scripts/run_demo.py')\n"
        "print(demo['_start']('web', ['sleep', '600']).pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    environment = {"PATH": os.environ["PATH"], "VOCDASH_VAR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.kill()
    process.wait(30)
    for _attempt in range(100):
        if not _is_running(pid):
            return
        time.sleep(0.05)
    pytest.fail("the program is still running")


def _is_running(pid: int) -> bool:
    """Say whether the process runs; one that has ended and waits to be collected doesn't."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    except FileNotFoundError:
        return False
