"""Fixtures for tests in Chromium: a page that notes what the browser complains about."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from tests.services import chromium

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
# Runs before every document's own scripts. The console also tells of violations, but in words that change.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event =>
  console.error(`CSP violation: ${event.effectiveDirective} blocked ${event.blockedURI} at ` +
    `${event.sourceFile}:${event.lineNumber}`));
"""
SHOTS_DIR = Path(os.environ.get("VOCDASH_SHOTS", Path(__file__).parent.parent / "var" / "shots"))


class Watched:
    """Everything that a browser complained about while a test ran."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def watch(self, page: Page) -> None:
        """Note this page's CSP violations, console errors, script errors and files that failed to load."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # A page that is an error page by intent makes the console say so too; _on_response tells them apart.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type not in {"document", "fetch", "xhr"}:
            self.complaints.append(f"{response.status} for {response.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a headless Chromium.

    Playwright's synchronous interface keeps an event loop running in this thread, which makes Django refuse
    database calls here as if the test were a coroutine. It isn't; the guard is off while the browser lives.
    """
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        yield started
        started.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Yield the list of complaints; at the end of the test it must be empty."""
    watch = Watched()
    yield watch
    assert not watch.complaints, "the browser complained:\n" + "\n".join(watch.complaints)


@pytest.fixture
def new_page(browser: Browser, watched: Watched) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a watched page in a browser profile of its own.

    It takes the options of Playwright's `browser.new_context`, such as `java_script_enabled=False`,
    `color_scheme="dark"` or `viewport={"width": 390, "height": 844}`.
    """
    contexts: list[BrowserContext] = []

    def open_page(**options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("page", watched.watch)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Return a watched desktop page."""
    return new_page()


def assert_accessible(page: Page) -> None:
    """Fail with axe's own report when the page breaks one of its rules."""
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def shoot(page: Page, name: str, *, full: bool = False) -> Path:
    """Keep a picture of the page as var/shots/NAME.png (or in VOCDASH_SHOTS) and return its path."""
    assert re.fullmatch(r"[a-z0-9.-]+", name), name
    SHOTS_DIR.mkdir(parents=True, exist_ok=True)
    path = SHOTS_DIR / f"{name}.png"
    page.screenshot(path=path, full_page=full, animations="disabled")
    return path


@dataclass(frozen=True)
class DemoSite:
    """The demo marketplace as `make demo` runs it."""

    url: str
    var: Path
    process: subprocess.Popen[str]
    told: list[str]

    def children(self) -> list[int]:
        """Return the process ids of web server, worker and beat."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in listed]


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """Yield a running demo marketplace, shared by all tests of this process: look, and change nothing."""
    var = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "VOCDASH_VAR": str(var),
        "PORT": str(port),
    }
    root = Path(__file__).parent.parent
    # The whole demo takes longer than it is worth here; run_demo.py finds this smaller one and keeps it.
    for command in ("migrate --verbosity 0", "load_demo --size 300"):
        arguments = [sys.executable, "manage.py", *command.split()]
        subprocess.run(arguments, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(
        [sys.executable, "scripts/run_demo.py"],
        cwd=root, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    told: list[str] = []
    for line in process.stdout or ():
        told.append(line)
        if "Ctrl-C ends it" in line:
            break
    else:
        pytest.fail(f"make demo ended with {process.wait(60)}:\n{''.join(told)}")
    yield DemoSite(f"http://127.0.0.1:{port}", var, process, told)
    process.terminate()
    process.wait(60)
