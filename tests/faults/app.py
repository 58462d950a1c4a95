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
SHARD: Final = 3_000
"""Offers: so that the large market is done in several shards."""

app.conf.beat_schedule = {
    name: {**app.conf.beat_schedule[name], "schedule": timedelta(seconds=seconds)}
    for name, seconds in QUICK.items()
}


@worker_process_init.connect
def set_numbers(**_kwargs: object) -> None:
    """Let no kill cost ten minutes of waiting, and let workers share a night of few offers out among them."""
    from health import mailing, reading

    mailing.LEASE = LEASE  # type: ignore[misc]  # final everywhere else
    reading.SHARD = SHARD  # type: ignore[misc]
