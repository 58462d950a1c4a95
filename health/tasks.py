"""The edges of the nightly job: Celery tasks parse, call one function and log."""

import logging
from datetime import date
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError as QueueError

from health import resolving
from health.crew import help_out
from health.mailing import send_round
from health.models import HealthPolicy, RecomputeRun
from health.recompute import (
    DateRefused,
    last_night,
    newest_due,
    recompute_asked_for,
    recompute_due,
    recompute_period,
    yesterday,
)
from health.runs import RunInProgress, may_try_again
from offers.models import Marketplace

logger = logging.getLogger(__name__)
_HELP_EXPIRES = 600  # seconds: a night that is still at work then has asked again


@shared_task(name="health.tasks.start_due_nights")
def start_due_nights() -> list[str]:
    """Every few minutes: start every marketplace whose hour has passed and whose yesterday is not computed.

    Asks only what is computed and what the clock says there, so it is safe at clock changes, after
    downtime and when it runs twice; and a night that was killed begins anew soon.
    """
    started = [
        marketplace.code for marketplace in Marketplace.objects.order_by("code") if is_due(marketplace)
    ]
    for code in started:
        recompute_marketplace.delay(code)
    return started


def is_due(marketplace: Marketplace) -> bool:
    """Whether a night of the marketplace is missing: yesterday's from its hour on, earlier ones at any time.

    A night that failed several times is tried once an hour (`runs.may_try_again`).
    """
    if not HealthPolicy.objects.filter(marketplace=marketplace, state=HealthPolicy.State.ACTIVE).exists():
        return False
    newest, last = newest_due(marketplace), last_night(marketplace)
    missing = newest == yesterday(marketplace) if last is None else last < newest
    return missing and may_try_again(marketplace)


@shared_task(name="health.tasks.recompute_marketplace", bind=True)
def recompute_marketplace(self: "Task[..., Any]", code: str, by: int | None = None) -> list[str]:
    """Compute the marketplace's missed nights. Another run at work is no error: it does the same.

    `by` is the id of the operator who asked for it: then the newest night is computed again when none is
    missed.
    """
    marketplace = Marketplace.objects.get(code=code)
    operator = get_user_model().objects.filter(pk=by).first() if by else None
    # The queue gives a task out again when it killed its worker: nobody asked for that.
    if (not operator or _given_out_again(self)) and not may_try_again(marketplace):
        return []
    try:
        nights = (
            recompute_asked_for(marketplace, operator, ask_for_help)
            if operator
            else recompute_due(marketplace, ask_for_help)
        )
    except RunInProgress:
        logger.info("%s: a run is at work already", code)
        return []
    if nights:
        send_notices.delay()
    return [night.as_of.isoformat() for night in nights]


def _given_out_again(task: "Task[..., Any]") -> bool:
    """Whether a worker had this very message before, and did not live to finish."""
    return bool((task.request.delivery_info or {}).get("redelivered"))


def ask_for_help(run: int) -> None:
    """Ask the other worker processes to help with a run. A queue that is away only makes it slower."""
    try:
        for _ in range(settings.NIGHT_WORKERS - 1):
            help_night.apply_async((run,), expires=_HELP_EXPIRES, retry=False)
    except QueueError as error:
        logger.warning("Run %s goes without help: %s", run, error)


@shared_task(name="health.tasks.help_night")
def help_night(run: int) -> int:
    """Do shards of a run that another process leads, until none is left. Returns how many.

    Nothing is lost with this message, or with the process that takes it: the leader does what is left.
    """
    found = RecomputeRun.objects.filter(pk=run, state=RecomputeRun.State.RUNNING)
    led = found.select_related("marketplace").first()
    return help_out(led) if led else 0


@shared_task(name="health.tasks.compute_night", bind=True)
def compute_night(self: "Task[..., Any]", code: str, as_of: str) -> bool:
    """Compute one date (YYYY-MM-DD) of a marketplace, whether it is due or not. True when it was published.

    Whoever sends this waits for the date's `RecomputeRun`: it is RUNNING with its phase and heartbeat, then
    SUCCEEDED with its counts (in the transaction that publishes the night), or FAILED or ABANDONED with an
    error in words. A date that can't be computed, or a run at work, makes no run: the log says why.
    """
    marketplace = Marketplace.objects.get(code=code)
    if _given_out_again(self) and not may_try_again(marketplace):
        return False
    try:
        recompute_period(marketplace, date.fromisoformat(as_of), summon=ask_for_help)
    except (DateRefused, RunInProgress) as error:
        logger.warning("%s", error)
        return False
    send_notices.delay()
    return True


@shared_task(name="health.tasks.send_notices")
def send_notices() -> int:
    """Every minute, and after a night: send the notices that are due by e-mail. Returns how many went out.

    One round at a time is enough and two do no harm: each e-mail is claimed by one of them.
    """
    outcome = send_round(import_string(settings.NOTICE_WRITER))
    if outcome.sent or outcome.failed:
        logger.info("E-mails of notices: %s sent, %s not", outcome.sent, outcome.failed)
    if outcome.more:
        send_notices.delay()
    return outcome.sent


@shared_task(name="health.tasks.discard_unused_pictures")
def discard_unused_pictures() -> int:
    """Daily: take away uploaded pictures that nothing names. Returns how many."""
    discarded = resolving.discard_unused_pictures()
    if discarded:
        logger.info("Uploaded pictures that nothing names: %s taken away", discarded)
    return discarded
