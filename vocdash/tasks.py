"""Tasks about more than one floor: parse, call one function, log."""

import logging

from celery import shared_task

from health import retention
from health.late_mail import tell_managers
from offers.import_files import end_dead_imports as end_dead

logger = logging.getLogger(__name__)


@shared_task(name="vocdash.tasks.end_dead_imports")
def end_dead_imports() -> int:
    """Hourly: say of imports whose process has died that they failed. Returns how many files."""
    ended = end_dead()
    if ended:
        logger.warning("Files whose import had died: %s", ended)
    return ended


@shared_task(name="vocdash.tasks.tell_of_late_nights")
def tell_of_late_nights() -> int:
    """Hourly: tell managers of nights that don't come, once for each date. Returns of how many."""
    told = tell_managers()
    if told:
        logger.warning("Nights that are late, and managers told of: %s", told)
    return told


@shared_task(name="vocdash.tasks.apply_retention")
def apply_retention() -> dict[str, int]:
    """Daily: delete what need not be kept any longer. Returns how many rows of what."""
    done = {name: number for name, number in retention.apply_retention().items() if number}
    if done:
        logger.info("No longer kept: %s", done)
    return done
