"""The table of reason codes in the hands of operators: changed with a log, and what it lacks.

Every change applies from the next recompute: events remember by which version of the table they were
judged.
"""

from typing import Final, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count

from feedback.models import FeedbackEvent, ReasonCode, ReasonCodeChange
from feedback.reasons import ALL_SOURCES, Reason, normalize_code, normalize_source
from feedback.selectors import code_table

# How far back codes that the table lacks are looked for. Grouping every event of years would take minutes.
NEWEST_EVENTS: Final = 100_000
MOST_CODES: Final = 200


class CodeRefused(ValueError):
    """The row can't stand in the table; the message says what to do."""


class UnmappedCode(NamedTuple):
    """A code that events carry and the table lacks, as given, and how many events carry it."""

    source: str
    code: str
    events: int


def normal_key(source: str, code: str) -> tuple[str, str]:
    """Source and code in the form in which the table holds them. Raises CodeRefused."""
    source, code = normalize_source(source) or ALL_SOURCES, normalize_code(code)
    if not code.strip("*"):
        raise CodeRefused("Enter the code. An empty code always means that no reason was given.")
    if "*" in code.rstrip("*") or code.endswith("**"):
        raise CodeRefused("A * may only stand at the end of a code, where it stands for any ending.")
    return source, code


@transaction.atomic
def map_code(*, source: str, code: str, reason: str, by: AbstractBaseUser | None) -> ReasonCode:
    """Let a code of a source (or "*", of every source) mean a normal reason. The same again changes nothing.

    Raises CodeRefused for a code that can't stand in the table, and for an unknown reason.
    """
    source, code = normal_key(source, code)
    if reason not in {known.value for known in Reason}:
        raise CodeRefused(f"{reason!r} is no normal reason. Choose one of the list.")
    row, is_new = ReasonCode.objects.select_for_update().get_or_create(
        source=source, code=code, defaults={"reason": reason}
    )
    before = "" if is_new else row.reason
    if before != reason:
        row.reason = reason
        row.save(update_fields=["reason", "updated_at"])
        _log(row, before, reason, by)
    return row


@transaction.atomic
def unmap_code(*, row_id: int, by: AbstractBaseUser | None) -> None:
    """Take a row out of the table. Raises ReasonCode.DoesNotExist when it is out already."""
    row = ReasonCode.objects.select_for_update().get(pk=row_id)
    _log(row, row.reason, "", by)
    row.delete()


def _log(row: ReasonCode, before: str, after: str, by: AbstractBaseUser | None) -> None:
    ReasonCodeChange.objects.create(
        source=row.source,
        code=row.code,
        reason_before=before,
        reason_after=after,
        by=by,  # type: ignore[misc]  # the settings name the user model
    )


def unmapped_codes(newest: int = NEWEST_EVENTS) -> list[UnmappedCode]:
    """The codes among the newest events that the table lacks, the most frequent first, at most MOST_CODES."""
    events = FeedbackEvent.objects.exclude(raw_reason="")
    older = FeedbackEvent.objects.order_by("-pk").values_list("pk", flat=True)[newest : newest + 1]
    if cut := older.first():
        events = events.filter(pk__gt=cut)
    rows = events.values_list("source", "raw_reason").annotate(events=Count("pk")).order_by()
    table = code_table()
    found = [UnmappedCode(*row) for row in rows.iterator() if table.lookup(row[0], row[1]) is None]
    return sorted(found, key=lambda code: (-code.events, code.source, code.code))[:MOST_CODES]
