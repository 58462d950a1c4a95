"""How long what is kept: old rows are deleted in small steps, and never one that something still needs.

What is computed is counted back from its marketplace's last night, so that one at rest loses nothing. Charts
and downloads reach back 105 weeks with a window before them: `settings.RETENTION` can't be set below that.
Of what tells the state from a day on (changes, benchmarks) the one in force on the oldest kept day stays; of
every offer its newest order and counted event, which tell a quiet offer from a new one, and its reviews,
which make its stars. Offers that were ever closed keep everything: their evidence is read in their orders.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from feedback.models import Channel, FeedbackEvent
from health.models import (
    BenchmarkRefresh,
    HealthChange,
    LateNight,
    Night,
    Notification,
    NotificationEmail,
    NotificationKind,
    RecomputeRun,
    ResolutionCase,
    SellerSummary,
)
from health.runs import later_success
from offers.lifecycle import CLOSING_MOVES, Status
from offers.models import ImportFile, ImportProblem, Marketplace, OfferStatusChange, OrderLine

BATCH: Final = 2_000
"""So many rows go at once: a fraction of a second, in which nobody waits but for these rows."""
Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is deleted. `setting` names its days in `settings.RETENTION`; `rows` are those that may go.

    `rows` gets a day of which everything older may go. of_market: it is called for each marketplace, with a
    day counted back from its last night.
    """

    name: str
    setting: str
    rows: Callable[..., Rows]
    of_market: bool = False
    planned: Callable[..., Rows] | None = None
    """For a dry run, which deletes nothing: `rows` as they will be after the rules before it."""


def apply_retention(*, dry_run: bool = False, now: datetime | None = None) -> dict[str, int]:
    """Delete what is older than it is kept. Returns how many rows of what went, or would go.

    May be broken off at any moment and repeated: what is left goes the next time.
    """
    moment = now or timezone.now()
    done: dict[str, int] = {}
    for rule in RULES:
        for rows in _due(rule, moment, planned=dry_run):
            number = rows.count() if dry_run else _delete(rows)
            done[rule.name] = done.get(rule.name, 0) + number
    return done


def _due(rule: Rule, now: datetime, *, planned: bool) -> Iterator[Rows]:
    days = settings.RETENTION[rule.setting]
    find = (rule.planned if planned else None) or rule.rows
    if days is None:
        return
    if not rule.of_market:
        yield find(now.date() - timedelta(days=days))
        return
    nights = Night.objects.values("marketplace").annotate(last=Max("as_of"))
    last = dict(nights.values_list("marketplace", "last"))
    for marketplace in Marketplace.objects.order_by("code"):
        if marketplace.pk in last:
            yield find(last[marketplace.pk] - timedelta(days=days), marketplace)


def _delete(rows: Rows) -> int:
    """Delete rows in order of their keys, each batch for itself."""
    deleted, after = 0, None
    model: type[Model] = rows.model
    while True:
        left = rows if after is None else rows.filter(pk__gt=after)
        batch = list(left.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not batch:
            return deleted
        # Once more with the conditions: a row may have become needed since.
        gone, by_model = rows.filter(pk__in=batch).only("pk").delete()  # a fit weighs megabytes
        deleted += by_model.get(model._meta.label, gone)
        after = batch[-1]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())


# --- what was computed


def _ever_closed(offer: str) -> Exists:
    moves = OfferStatusChange.objects.filter(offer=OuterRef(offer), move__in=CLOSING_MOVES)
    return Exists(moves)


def _changes(oldest: date, marketplace: Marketplace) -> Rows:
    newer = HealthChange.objects.filter(
        offer=OuterRef("offer"), as_of__gt=OuterRef("as_of"), as_of__lte=oldest
    )
    rows = HealthChange.objects.filter(offer__marketplace=marketplace, as_of__lt=oldest)
    return rows.filter(Exists(newer), ~_ever_closed("offer"))


def _nights(oldest: date, marketplace: Marketplace) -> Rows:
    return Night.objects.filter(marketplace=marketplace, as_of__lt=oldest)


def _summaries(oldest: date, marketplace: Marketplace) -> Rows:
    return SellerSummary.objects.filter(marketplace=marketplace, as_of__lt=oldest)


def _benchmarks(oldest: date, marketplace: Marketplace) -> Rows:
    newer = BenchmarkRefresh.objects.filter(
        marketplace=marketplace, as_of__gt=OuterRef("as_of"), as_of__lte=oldest
    )
    return BenchmarkRefresh.objects.filter(marketplace=marketplace, as_of__lt=oldest).filter(Exists(newer))


def _runs(oldest: date) -> Rows:
    return RecomputeRun.objects.filter(Exists(later_success()), finished_at__lt=_midnight(oldest))


def _late_nights(oldest: date) -> Rows:
    return LateNight.objects.filter(as_of__lt=oldest, told_at__isnull=False)


# --- what was said


def _emails(oldest: date) -> Rows:
    # A notice that still waits is addressed anew when it has no e-mails: then everybody would get it twice.
    ended = ~Q(state=NotificationEmail.State.PENDING) & ~Q(notification__email=Notification.Email.PENDING)
    return NotificationEmail.objects.filter(ended, due_at__lt=_midnight(oldest))


def _notices(oldest: date) -> Rows:
    of_moves = (NotificationKind.CLOSED, NotificationKind.LIFTED)
    read = Notification.objects.filter(read_at__lt=_midnight(oldest), created_at__lt=_midnight(oldest))
    return read.exclude(kind__in=of_moves).exclude(email=Notification.Email.PENDING)


def _cases(oldest: date) -> Rows:
    unfinished = (ResolutionCase.State.DRAFT, ResolutionCase.State.DROPPED)
    rows = ResolutionCase.objects.filter(state__in=unfinished, updated_at__lt=_midnight(oldest))
    return rows.exclude(state=ResolutionCase.State.DRAFT, offer__status=Status.CLOSED)


# --- what came in


def _problems(oldest: date) -> Rows:
    return ImportProblem.objects.filter(file__finished_at__lt=_midnight(oldest))


def _files(oldest: date) -> Rows:
    return ImportFile.objects.filter(finished_at__lt=_midnight(oldest))


def _events(oldest: date, marketplace: Marketplace) -> Rows:
    newer = FeedbackEvent.objects.filter(
        offer=OuterRef("offer"),
        counted=True,
        order_line__isnull=False,
        occurred_on__gt=OuterRef("occurred_on"),
    )
    rows = FeedbackEvent.objects.filter(
        Q(order_line__isnull=True) | Q(order_line__ordered_on__lt=oldest),
        marketplace=marketplace,
        occurred_on__lt=oldest,
        decision__isnull=True,
    )
    # What still waits for its order is nobody's last event.
    kept = Q(counted=True, offer__isnull=False) & ~Exists(newer)
    return rows.exclude(channel=Channel.REVIEW).exclude(kept).exclude(_ever_closed("offer"))


def _lines(oldest: date, marketplace: Marketplace, told: Rows | None = None) -> Rows:
    newer = OrderLine.objects.filter(
        ~Q(status=OrderLine.Status.CANCELLED), offer=OuterRef("offer"), ordered_on__gt=OuterRef("ordered_on")
    )
    events = (FeedbackEvent.objects.all() if told is None else told).filter(order_line=OuterRef("pk"))
    rows = OrderLine.objects.filter(offer__marketplace=marketplace, ordered_on__lt=oldest)
    return rows.filter(Exists(newer), ~Exists(events), ~_ever_closed("offer"))


def _lines_without_feedback_that_goes(oldest: date, marketplace: Marketplace) -> Rows:
    goes = _events(oldest, marketplace).values("pk")
    return _lines(oldest, marketplace, FeedbackEvent.objects.exclude(pk__in=goes))


# --- who came in


def _sessions(oldest: date) -> Rows:
    return Session.objects.filter(expire_date__lt=_midnight(oldest))


def _attempts(model: type[Model]) -> Callable[[date], Rows]:
    return lambda oldest: model._default_manager.filter(attempt_time__lt=_midnight(oldest))


RULES: Final = (
    Rule("changes of health", "history", _changes, of_market=True),
    Rule("nights", "history", _nights, of_market=True),
    Rule("weekly tiles", "history", _summaries, of_market=True),
    Rule("weekly benchmarks", "benchmarks", _benchmarks, of_market=True),
    Rule("runs", "runs", _runs),
    Rule("late nights", "runs", _late_nights),
    Rule("e-mails of notices", "emails", _emails),
    Rule("notices that were read", "notices", _notices),
    Rule("unfinished cases", "drafts", _cases),
    Rule("bad rows of imports", "problems", _problems),
    Rule("imports", "imports", _files),
    Rule("feedback", "orders", _events, of_market=True),
    Rule("order lines", "orders", _lines, of_market=True, planned=_lines_without_feedback_that_goes),
    Rule("sessions that are over", "sign_ins", _sessions),
    Rule("failed sign-ins", "sign_ins", _attempts(AccessAttempt)),
    Rule("failed sign-ins, one by one", "sign_ins", _attempts(AccessFailureLog)),
    Rule("sign-ins", "sign_ins", _attempts(AccessLog)),
)
"""In this order: feedback goes before the orders that it is about, bad rows before their files."""
