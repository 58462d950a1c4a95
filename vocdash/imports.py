"""An import from end to end: several files, in the order in which they need one another, all or none.

pandas and all that needs it is imported only when something is imported: it takes half a second that
pages which never import should not pay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.db import OperationalError, models, transaction
from django.utils import timezone

from feedback.models import FeedbackEvent
from offers import bulk
from offers.import_files import end_dead_imports, hold
from offers.models import ImportFile, Marketplace, Offer, OrderLine
from vocdash.keys import refuse_other_customer_key

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from offers.importers.driver import Importer
    from offers.importers.known import Context, Known
    from offers.importers.reading import Table
    from offers.importers.reports import Report

MANY_ROWS: Final = 10_000  # from here on the database's statistics are worth counting anew

_TABLES: Final[Mapping[str, type[models.Model]]] = {
    "offers": Offer, "orders": OrderLine, "feedback": FeedbackEvent,
}  # fmt: skip
_TRIES: Final = 3

Progress = Callable[[str, float], None]


def _no_progress(_name: str, _share: float) -> None:
    """Say nothing."""


@dataclass
class Job:
    """One file of an import."""

    path: Path
    report: Report
    row: ImportFile
    table: Table | None = None


@dataclass
class Outcome:
    """What became of an import. `refused`: strict, and something was wrong, so nothing was imported."""

    jobs: list[Job]
    refused: bool = False

    @property
    def bad(self) -> bool:
        """Whether any row was bad."""
        return any(job.report.bad for job in self.jobs)

    @property
    def unreadable(self) -> bool:
        """Whether any file could not be read at all."""
        return any(job.report.error for job in self.jobs)


class _StrictlyRefused(Exception):
    """Undo the import: it is strict, and something was wrong."""


def import_files(
    marketplace: Marketplace,
    paths: Sequence[Path],
    *,
    create_sellers: bool = False,
    strict: bool = False,
    by: AbstractBaseUser | None = None,
    names: Sequence[str] = (),
    progress: Progress = _no_progress,
) -> Outcome:
    """Import files into a marketplace, whatever their order.

    Offers go first, then orders, feedback and removal reports, in one transaction. Bad rows are reported
    and the rest goes in; with `strict` nothing does when a row is bad or a file unreadable. A file that
    can't be read keeps no other from being imported. `names` are shown instead of the paths' own (of
    uploads). What became of each file is kept as an ImportFile with its ImportProblems.
    """
    from offers.importers.known import Context
    from vocdash.problems import keep

    refuse_other_customer_key()
    end_dead_imports()
    context = Context(marketplace, timezone.now(), create_sellers=create_sellers, by=by)
    outcome = Outcome(_jobs(context, paths, names))
    try:
        _try(lambda: _import_once(context, outcome, strict=strict, progress=progress), outcome)
    except Exception as error:
        _mark_failed(outcome.jobs, error)
        raise
    if outcome.refused:
        for job in outcome.jobs:
            job.report.forget_outcome()
        keep(outcome.jobs, refused=True)
    return outcome


def _try(work: Callable[[], None], outcome: Outcome) -> None:
    """Do it again where the database undid it for the sake of somebody who waited for us."""
    from offers.importers.reports import Report

    for _ in range(_TRIES - 1):
        try:
            work()
        except OperationalError as error:
            if not bulk.is_deadlock(error):
                raise
            for job in outcome.jobs:
                job.report, job.table = Report(job.report.name), None
        else:
            return
    work()


def _import_once(context: Context, outcome: Outcome, *, strict: bool, progress: Progress) -> None:
    from vocdash.problems import keep

    with suppress(_StrictlyRefused), transaction.atomic():
        outcome.refused = True
        # Held until all is committed: by this a living import is told from a dead one.
        hold([job.row.pk for job in outcome.jobs])
        _import_all(context, outcome, strict=strict, progress=progress)
        outcome.refused = False
        keep(outcome.jobs, refused=False)  # in the same moment as the rows: no import without its record


def _jobs(context: Context, paths: Sequence[Path], names: Sequence[str]) -> list[Job]:
    from offers.importers.reports import Report

    shown = names or [path.name for path in paths]
    return [
        Job(
            path,
            Report(name),
            ImportFile.objects.create(
                marketplace=context.marketplace,
                name=name[:255],
                by_id=context.by.pk if context.by else None,
                started_at=context.now,
            ),
        )
        for path, name in zip(paths, shown, strict=True)
    ]


def _importers() -> dict[str, Callable[[Context, Known, Report], Importer]]:
    """How each kind of file is imported, in the order in which the kinds need one another."""
    from feedback.importers.storing import EventImporter
    from offers.importers.catalog import ListingImporter
    from offers.importers.orders import OrderImporter
    from offers.importers.removal_storing import RemovalImporter

    makers = (ListingImporter, OrderImporter, EventImporter, RemovalImporter)
    return {make.kind.name: make for make in makers}


def _import_all(context: Context, outcome: Outcome, *, strict: bool, progress: Progress) -> None:
    from feedback.actions import attach_waiting
    from health.actions import sync_offers

    # Two imports of one marketplace would each miss what the other makes: the second waits here. Rows that
    # refer to the marketplace can be written meanwhile: its key isn't locked.
    Marketplace.objects.select_for_update(no_key=True).get(pk=context.marketplace.pk)
    for job in outcome.jobs:
        _open(job)
    for kind, make in _importers().items():
        jobs = [job for job in outcome.jobs if job.table and job.table.kind.name == kind]
        for job in jobs:
            _import_one(context, job, make, progress)
        if kind == "orders" and jobs:
            _note_attached(jobs[-1], attach_waiting(context.marketplace))
    if strict and (outcome.bad or outcome.unreadable):
        raise _StrictlyRefused
    if any(job.report.kind == "offers" for job in outcome.jobs):
        sync_offers(context.marketplace)
    _refresh_statistics(outcome)


def _note_attached(job: Job, attached: int) -> None:
    if attached:
        job.report.note("events that had waited and found their order", count=attached)


def _open(job: Job) -> None:
    """Recognize what the file is."""
    from feedback.importers.events import KIND as FEEDBACK
    from offers.importers.listings import KIND as OFFERS
    from offers.importers.orders import KIND as ORDERS
    from offers.importers.reading import UnreadableFile, open_table
    from offers.importers.removals import KIND as REMOVALS

    try:
        job.table = open_table(job.path, [OFFERS, ORDERS, FEEDBACK, REMOVALS])
        job.report.kind = job.table.kind.name
    except UnreadableFile as error:
        job.report.error = str(error)


def _import_one(
    context: Context, job: Job, make: Callable[[Context, Known, Report], Importer], progress: Progress
) -> None:
    """Import one file. When it breaks off half-way, nothing of it stays."""
    from feedback.actions import follow_lines
    from health.removal_notices import notify_ended
    from offers.importers.driver import FileChanged, import_table
    from offers.importers.known import Known
    from offers.importers.orders import OrderImporter
    from offers.importers.reading import UnreadableFile
    from offers.importers.removal_storing import RemovalImporter
    from offers.importers.reports import Report

    if job.table is None:
        return
    importer = make(context, Known(context.marketplace), job.report)
    try:
        with transaction.atomic():
            import_table(job.table, importer, job.report, lambda share: progress(job.report.name, share))
            if isinstance(importer, OrderImporter):
                follow_lines(importer.moved)
            if isinstance(importer, RemovalImporter):
                notify_ended(importer.ended)
    except (UnreadableFile, FileChanged) as error:
        job.report = Report(job.report.name, job.report.kind, error=str(error))
    else:
        _note_file(job.report, job.table)


def _note_file(report: Report, table: Table) -> None:
    if not report.read:
        report.remark("the file has a header and no rows")
    if table.extra:
        report.remark(f"ignored columns: {', '.join(table.extra)}")
    if table.removed:
        report.note("control characters (such as NUL) removed", count=table.removed)
    if report.waiting:
        report.note("events that wait for their order", count=report.waiting)


def _refresh_statistics(outcome: Outcome) -> None:
    """After a large import, let the database's plans rest on what is there now.

    A tenth more of what is there changes no plan: the database counts such a table by itself in time.
    """
    for kind, model in _TABLES.items():
        reports = [job.report for job in outcome.jobs if job.report.kind == kind]
        written = sum(report.added + report.changed for report in reports)
        if written >= MANY_ROWS and written >= bulk.rows_guessed(model) / 10:
            bulk.refresh_statistics(model)


def _mark_failed(jobs: Sequence[Job], error: Exception) -> None:
    """Leave no file that seems to be running."""
    ImportFile.objects.filter(pk__in=[job.row.pk for job in jobs]).update(
        state=ImportFile.State.FAILED, error=f"{type(error).__name__}: {error}", finished_at=timezone.now()
    )
