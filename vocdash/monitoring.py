"""Health checks for machines: /healthz says that the process answers, /readyz that it can do its work."""

import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from health.lateness import late_nights
from vocdash.keys import customer_key_problem


@login_not_required
@transaction.non_atomic_requests
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 without touching the database: a supervisor that restarts us on a full disk helps nobody."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@transaction.non_atomic_requests
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when everything that work needs is there, else 503; the JSON says which part is missing.

    `nights` says whether a night is late. It is for people's alarms: the pages work, so the answer is 200 and
    nothing is taken out of service for it.
    """
    parts = {name: _state_of(part) for name, part in PARTS.items()}
    ready = all(state == "ok" for state in parts.values())
    answer = {"ready": ready, "parts": parts, "nights": _state_of(_nights)}
    return JsonResponse(answer, status=200 if ready else 503)


def _state_of(part: Callable[[], str]) -> str:
    # Any failure of a part is what this page is there to report; details stay out of a public answer.
    try:
        return part()
    except Exception as error:  # noqa: BLE001
        return f"failed: {type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} not applied: run manage.py migrate" if waiting else "ok"


def _customer_key() -> str:
    return "failed: another key than this database was made with" if customer_key_problem() else "ok"


def _broker() -> str:
    if settings.REDIS is None:
        folder = Path(settings.BROKER_DIR, "messages")
        folder.mkdir(parents=True, exist_ok=True)
        return "ok" if os.access(folder, os.W_OK) else "failed: the folder of the task queue isn't writable"
    cache.set("readyz", "ok", timeout=10)
    return str(cache.get("readyz", "failed: the value written wasn't read back"))


def _nights() -> str:
    late = late_nights()
    return f"late: {len(late)}, failed attempts: {max(one.failures for one in late)}" if late else "ok"


PARTS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "customer key": _customer_key,
}
