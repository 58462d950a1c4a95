"""The site's Celery app with a quick clock: what happens hourly, by the minute, after a lease, takes seconds.

Nothing else differs: tasks, queue, acknowledgements and what is done about a dead process are the site's.
"""

from datetime import timedelta
from typing import Final

from celery.signals import worker_process_init

from vocdash.celery import app

__all__ = ["app"]

QUICK: Final = {"start-due-nights": 3, "send-notices": 2}
LEASE: Final = timedelta(seconds=6)
"""Instead of ten minutes: so long an e-mail stays with a sender that died."""

app.conf.beat_schedule = {
    name: {**app.conf.beat_schedule[name], "schedule": timedelta(seconds=seconds)}
    for name, seconds in QUICK.items()
}


@worker_process_init.connect
def shorten_leases(**_kwargs: object) -> None:
    """Let no kill cost ten minutes of waiting."""
    from health import mailing

    mailing.LEASE = LEASE  # type: ignore[misc]  # final everywhere else
