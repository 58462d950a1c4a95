"""Tasks about more than one floor: parse, call one function, log."""

import logging

from celery import shared_task

from offers.import_files import end_dead_imports as end_dead

logger = logging.getLogger(__name__)


@shared_task(name="vocdash.tasks.end_dead_imports")
def end_dead_imports() -> int:
    """Hourly: say of imports whose process has died that they failed. Returns how many files."""
    ended = end_dead()
    if ended:
        logger.warning("Files whose import had died: %s", ended)
    return ended
