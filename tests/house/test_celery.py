"""The task queue: a real worker takes a task from a folder, and from a real Redis."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from celery.schedules import crontab

from tests.architecture.code import ROOT
from vocdash.celery import app

SEND = """
import sys
from tests.house.celery_probe import leave_trace
leave_trace.delay(sys.argv[1], sys.argv[2])
"""
PATIENCE_SECONDS = 60


def environment(var: Path, redis_url: str) -> dict[str, str]:
    settled = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VOCDASH_VAR": str(var)}
    return settled | ({"REDIS_URL": redis_url} if redis_url else {})


@contextmanager
def worker(var: Path, redis_url: str) -> Iterator[Callable[[Path], str]]:
    """Run a worker as `make worker` does; yield what waits for a trace, and end the worker by its id."""
    log = var / "worker.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "tests.house.celery_probe",
        "worker",
        "--concurrency",
        "1",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--loglevel", "INFO"],
            cwd=ROOT, env=environment(var, redis_url), stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield lambda trace: wait_for(trace, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def send(var: Path, redis_url: str, text: str) -> Path:
    """Send the task from a process of its own, as the web server does; return where its trace will be."""
    trace = var / f"trace-{text}"
    subprocess.run(
        [sys.executable, "-c", SEND, str(trace), text], cwd=ROOT, env=environment(var, redis_url), check=True
    )
    return trace


def wait_for(trace: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not trace.exists() or not trace.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    return trace.read_text()


@pytest.fixture(params=["folder", "redis"])
def redis_or_folder(request: pytest.FixtureRequest) -> str:
    """Return the address of a Redis, or nothing, for the queue in a folder."""
    return str(request.getfixturevalue("redis_url")) if request.param == "redis" else ""


def test_a_worker_does_what_was_asked_before_and_after_it_started(
    redis_or_folder: str, tmp_path: Path
) -> None:
    early = send(tmp_path, redis_or_folder, "early")
    with worker(tmp_path, redis_or_folder) as done:
        assert done(early) == "early"
        late = send(tmp_path, redis_or_folder, "late")
        assert done(late) == "late"
    assert (tmp_path / "broker" / "messages").exists() == (not redis_or_folder)


def test_beat_starts_due_nights_sends_e_mails_tells_of_late_nights_and_tidies_up() -> None:
    entries = {entry["task"]: entry["schedule"] for entry in app.conf.beat_schedule.values()}
    assert entries == {
        "health.tasks.start_due_nights": crontab(minute="2-59/5"),
        "health.tasks.send_notices": timedelta(minutes=1),
        "health.tasks.discard_unused_pictures": crontab(hour="4", minute="40"),
        "vocdash.tasks.tell_of_late_nights": crontab(minute="17"),
        "vocdash.tasks.end_dead_imports": crontab(minute="47"),
        "vocdash.tasks.apply_retention": crontab(hour="5", minute="20"),
    }
    app.loader.import_default_modules()
    assert set(entries) <= set(app.tasks)


def test_tasks_are_acknowledged_only_when_done_and_travel_as_json() -> None:
    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (
        True,
        True,
        1,
    )
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])


def test_no_task_may_run_until_redis_hands_it_out_a_second_time(redis_url: str, tmp_path: Path) -> None:
    show = "from vocdash.celery import app; print(app.conf.broker_transport_options['visibility_timeout'])"
    outcome = subprocess.run(
        [sys.executable, "-c", show],
        cwd=ROOT, env=environment(tmp_path, redis_url), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < int(outcome.stdout)


def test_beat_starts_and_keeps_its_hours_in_var(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "celery", "-A", "vocdash", "beat", "--loglevel", "INFO", "--pidfile", ""]
    with (tmp_path / "beat.log").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(tmp_path, ""), stdout=output, stderr=output
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not list(tmp_path.glob("beat-schedule*")):
        assert process.poll() is None, (tmp_path / "beat.log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    process.wait(PATIENCE_SECONDS)
