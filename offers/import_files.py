"""Imports whose process has died: told from living ones, and ended.

A living import holds its rows of the history locked from its first moment to its last (SQLite has one writer,
and whoever writes is the living one). What says that it is running and is held by nobody has died, and of its
data nothing has stayed: they are one transaction with the record.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from offers.models import ImportFile

DIED: Final = "The import's process ended before it was done; nothing of the file was kept. Import it again."
_BEGINNING: Final = timedelta(minutes=1)
"""So long after its row was made an import may not yet hold it."""


def hold(files: Sequence[int]) -> None:
    """Hold these rows until the transaction ends."""
    len(ImportFile.objects.select_for_update().filter(pk__in=files).order_by("pk").values_list("pk"))


@transaction.atomic
def end_dead_imports(beginning: timedelta = _BEGINNING) -> int:
    """Mark as failed what claims to be running and is not; returns how many files."""
    running = ImportFile.objects.filter(
        state=ImportFile.State.RUNNING, started_at__lt=timezone.now() - beginning
    )
    dead = list(running.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return ImportFile.objects.filter(pk__in=dead).update(
        state=ImportFile.State.FAILED, error=DIED, finished_at=timezone.now()
    )
