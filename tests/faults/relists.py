"""Kills while sellers confirm and relist through a real web server; then they press the button again."""

import http.client
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.test import Client

from health.models import ResolutionCase
from offers.lifecycle import Status
from offers.models import Offer
from tests.faults.runs import Kill, Stage, judge
from tests.faults.state import State
from tests.pages.reading import of_html
from tests.pages.resolving import form_values

TARGETS: Final = ("web process", "web server, children and all", "PostgreSQL")
SCENARIO: Final = "relist"
_COST: Final = 0.15
"""Seconds that a confirmation takes at most here: kills fall within them."""


class _Line(http.client.HTTPConnection):
    """HTTP over the web server's socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self._path)


@dataclass
class _Answer:
    status: int
    location: str
    body: str
    cookie: str


class _Browser:
    """Somebody who is signed in."""

    def __init__(self, stage: Stage, user: Any) -> None:
        client = Client()
        client.force_login(user)
        self._cookies = {"sessionid": client.cookies["sessionid"].value}
        self._path = str(stage.site.folder / "web.sock")

    def ask(self, address: str, form: dict[str, Any] | None = None) -> _Answer:
        """Send a form, or ask for a page. Raises OSError or HTTPException when the line breaks."""
        headers = {"Host": "localhost", "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        body = urlencode(form, doseq=True) if form is not None else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line = _Line(self._path)
        try:
            line.request("POST" if body else "GET", address, body, headers)
            answer = line.getresponse()
            text = answer.read().decode()
        finally:
            line.close()
        cookie = answer.getheader("Set-Cookie") or ""
        if cookie.startswith("csrftoken="):
            self._cookies["csrftoken"] = cookie.partition(";")[0].partition("=")[2]
        return _Answer(answer.status, answer.getheader("Location") or "", text, cookie)


class Relists:
    """Every closed offer's owner confirms; `template` holds their drafts."""

    def __init__(self, stage: Stage, template: str) -> None:
        self._stage, self._template = stage, template
        self.wanted: State = {}
        with stage.database(template):
            stage.site.start_web()
            for case in self._cases():
                self._press(case)
            self.wanted, *_ = stage.end()

    def run(self, targets: list[str]) -> list[Kill]:
        """One kill per case while its owner confirms it; those that are left are confirmed in peace."""
        stage, kills = self._stage, []
        with stage.database(self._template):
            stage.site.start_web()
            cases = self._cases()
            for case, target in zip(cases, targets, strict=False):
                kills.append(self._disturbed(case, target))
            for case in cases[len(targets) :]:
                self._press(case)
            found, mails, marked = stage.end()
            judge(self.wanted, found, mails, marked, kills)
        return kills

    def _cases(self) -> list[ResolutionCase]:
        return list(ResolutionCase.objects.filter(state="draft").select_related("by").order_by("pk"))

    def _disturbed(self, case: ResolutionCase, target: str) -> Kill:
        browser = _Browser(self._stage, case.by)
        form = self._form(browser, case)
        delay = self._stage.chance.uniform(0.0, _COST)
        press = threading.Thread(target=_press_once, args=(browser, _address(case), form))
        press.start()
        time.sleep(delay)
        killed = time.monotonic()
        self._stage.kill(target)
        press.join(30)
        kill = Kill(SCENARIO, target, f"{delay * 1000:.0f} ms after the click")
        self._stage.settle(lambda: self._pressed(case), f"the relist of {case}", 60)
        kill.seconds = time.monotonic() - killed
        return kill

    def _pressed(self, case: ResolutionCase) -> bool:
        """Whether the owner has got an answer that says it is done, pressing again as often as it takes."""
        try:
            self._press(case)
        except (OSError, http.client.HTTPException, ConnectionError, RuntimeError):
            return False
        return Offer.objects.get(pk=case.offer_id).status == Status.LIVE

    def _press(self, case: ResolutionCase) -> None:
        browser = _Browser(self._stage, case.by)
        form = self._form(browser, case)
        if form:
            answer = browser.ask(_address(case), form)
            if answer.status != 302:
                raise RuntimeError(f"{case}: {answer.status}")

    def _form(self, browser: _Browser, case: ResolutionCase) -> dict[str, Any]:
        """What the page would send; nothing when it leads on, as it does when all is done."""
        answer = browser.ask(_address(case))
        if answer.status == 302:
            return {}
        if answer.status != 200:
            raise RuntimeError(f"{case}: {answer.status}")
        return form_values(of_html(answer.body)) | {"attest": ["reviewed", "accurate"]}


def _press_once(browser: _Browser, address: str, form: dict[str, Any]) -> None:
    with suppress(OSError, http.client.HTTPException):
        browser.ask(address, form)


def _address(case: ResolutionCase) -> str:
    return f"/voc/offers/{case.offer_id}/resolve/confirm/"
