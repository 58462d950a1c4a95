"""The site as production runs it: gunicorn, production settings, collected files, a proxy in front."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.code import ROOT
from tests.house.test_settings import PRODUCTION

HOST = "voc.example.org"
THROUGH_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https"}
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> dict[str, str]:
    """Return the environment of an installation that has been migrated and has its files collected."""
    var = tmp_path_factory.mktemp("production")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = PRODUCTION | {
        "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VOCDASH_VAR": str(var), "PORT": port,
        "DATABASE_URL": f"sqlite:///{var}/site.sqlite3", "REDIS_URL": redis_url,
        "TRUST_X_FORWARDED_PROTO": "1",
    }  # fmt: skip
    for command in ("migrate", "collectstatic --noinput"):
        arguments = [sys.executable, "manage.py", *command.split(), "--verbosity", "0"]
        subprocess.run(arguments, cwd=ROOT, env=environment, check=True)
    return environment


@pytest.fixture(scope="module")
def port(production: dict[str, str]) -> Iterator[int]:
    """Yield the port of a running gunicorn, started as the image starts it."""
    (command,) = re.findall(r'^CMD \["sh", "-c", "(.*)"\]$', (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    command = command.replace("exec gunicorn", f"exec {sys.executable} -m gunicorn")
    number = int(production["PORT"])
    process = subprocess.Popen(
        ["sh", "-c", command], cwd=ROOT, env=production | {"WEB_CONCURRENCY": "1"}, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_open(number):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield number
    process.terminate()
    process.wait(PATIENCE_SECONDS)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def get(port: int, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer, answer.read().decode()


def test_plain_http_is_sent_to_https(port: int) -> None:
    answer, _page = get(port, "/accounts/login/", {"Host": HOST})
    assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/accounts/login/")


def test_probes_are_answered_by_plain_http(port: int) -> None:
    assert get(port, "/healthz", {"Host": HOST})[0].status == 200
    answer, page = get(port, "/readyz", {"Host": HOST})
    assert (answer.status, '"ready": true' in page) == (200, True)


def test_a_foreign_host_is_refused(port: int) -> None:
    assert get(port, "/healthz", {"Host": "evil.example"})[0].status == 400


def test_browsers_are_told_to_insist_on_https(port: int) -> None:
    answer, _page = get(port, "/accounts/login/", THROUGH_PROXY)
    assert answer.getheader("Strict-Transport-Security") == "max-age=31536000; includeSubDomains; preload"
    assert "Secure" in (answer.getheader("Set-Cookie") or "")


def test_files_have_names_that_change_with_their_content_and_are_kept_for_years(port: int) -> None:
    _answer, page = get(port, "/accounts/login/", THROUGH_PROXY)
    (sheet,) = re.findall(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    answer, _body = get(port, sheet, THROUGH_PROXY)
    assert answer.status == 200
    assert "immutable" in (answer.getheader("Cache-Control") or "")
    assert "default-src 'none'" in (answer.getheader("Content-Security-Policy") or "")


def test_the_containers_probe_finds_the_site_ready(port: int, production: dict[str, str]) -> None:
    outcome = subprocess.run(
        [sys.executable, "scripts/probe.py"],
        cwd=ROOT, env=production, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stdout


def test_the_containers_probe_fails_when_nothing_answers() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        environment = {"PORT": str(unused.getsockname()[1]), "PATH": os.environ["PATH"]}
        outcome = subprocess.run(
            [sys.executable, "scripts/probe.py"], cwd=ROOT, env=environment, capture_output=True, check=False
        )
    assert outcome.returncode == 1


def test_the_image_can_collect_its_files_without_secrets(tmp_path: Path) -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    (line,) = (line for line in text.splitlines() if "collectstatic" in line)
    command = line.removeprefix("RUN ").partition("&&")[0].replace("python", sys.executable)
    environment = {"PATH": os.environ["PATH"], "VOCDASH_PRODUCTION": "1", "VOCDASH_VAR": str(tmp_path)}
    subprocess.run(["sh", "-c", command], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_everything_that_the_image_copies_is_there_and_not_ignored() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for path in " ".join(copied).split():
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored
