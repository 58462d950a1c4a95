"""The outbox: which notices go to whom by e-mail, and how each is sent once.

1. A notice that is still to be mailed is addressed: one `NotificationEmail` for each member of its seller
   who wants its kind, written before anything is sent.
2. A sender claims one e-mail by a conditional UPDATE, sends it and marks it. Of two senders one claims;
   a claim whose sender died lapses, and the e-mail is taken again with the same Message-ID. So each goes out
   at least once, and exactly once unless a sender dies between the mail server's answer and the mark.
3. What fails is tried again after growing pauses, and given up after the last. A server that is not there
   costs no e-mail a try.

Closures and lifts go to every member, whatever they chose (PRODUCT D3, D9): they are few, each stops or
opens sales, and whoever works for the seller should not first hear of it from a customer.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from health.mail_marks import mark, settle_forgotten
from health.models import EmailPreference, Notification, NotificationEmail, NotificationKind
from offers.models import Membership

logger = logging.getLogger(__name__)

ALWAYS: Final = frozenset({NotificationKind.CLOSED, NotificationKind.LIFTED})
WANTED_BY_DEFAULT: Final = frozenset(
    {NotificationKind.AT_RISK, NotificationKind.RECOVERING, NotificationKind.WEEKLY}
)
"""Kinds that go by e-mail unless a member turns them off. Of their own removal orders people know."""
LEASE: Final = timedelta(minutes=10)
"""A claim as old as this has lost its sender: sending takes at most a few times EMAIL_TIMEOUT."""
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 240, 720))
"""How long to wait after each failure. One more, and the e-mail is given up."""
CHOICES: Final = (
    NotificationKind.AT_RISK,
    NotificationKind.RECOVERING,
    NotificationKind.WEEKLY,
    NotificationKind.REMOVAL,
)
"""Kinds that a member may turn on and off."""
_BATCH: Final = 200
_LONGEST_ROUND: Final = timedelta(minutes=5)
"""A round ends then, however slow the server: its worker has other things to do, and tasks have a limit."""
_ENOUGH_FAILURES: Final = 3
"""So many in a row are the server's and not the e-mails': the next round asks it again."""


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail in words: the same said as text and as HTML."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


Writer = Callable[[NotificationEmail, Membership], Mail]
"""Puts a notice into words for one recipient."""


@dataclass(slots=True)
class Outcome:
    """What one round did."""

    sent: int = 0
    failed: int = 0
    unreachable: bool = False
    more: bool = False


# --- what a member wants


def wanted_by(membership: Membership) -> set[str]:
    """The kinds among `CHOICES` that a member gets by e-mail."""
    rows = EmailPreference.objects.filter(membership=membership)
    chosen = dict(rows.values_list("kind", "wanted"))
    return {kind.value for kind in CHOICES if chosen.get(kind, kind in WANTED_BY_DEFAULT)}


@transaction.atomic
def choose_emails(*, membership: Membership, wanted: Collection[str]) -> None:
    """A member chooses, of `CHOICES`, the kinds to get by e-mail, and no others."""
    for kind in CHOICES:
        _choose(membership.pk, kind, wanted=kind in wanted)


def unsubscribe(*, membership_id: int, kind: str) -> bool:
    """A member wants no more e-mail of a kind. False when there is no such member any more.

    Raises ValueError for a kind that can't be turned off.
    """
    if kind not in CHOICES:
        raise ValueError(f"{kind} can't be turned off")
    if not Membership.objects.filter(pk=membership_id).exists():
        return False
    _choose(membership_id, kind, wanted=False)
    return True


def _choose(membership_id: int, kind: str, *, wanted: bool) -> None:
    EmailPreference.objects.update_or_create(
        membership_id=membership_id, kind=kind, defaults={"wanted": wanted}
    )


# --- whom a notice is for


def address_pending(limit: int = _BATCH) -> int:
    """Write the e-mails of notices that are to be mailed and have none yet. Returns how many notices.

    One that nobody wants needs no e-mail any more. Two that do this at once write each e-mail once.
    """
    addressed = NotificationEmail.objects.filter(notification=OuterRef("pk"))
    waiting = Notification.objects.filter(~Exists(addressed), email=Notification.Email.PENDING)
    notices = list(waiting.order_by("pk").values_list("pk", "seller_id", "kind")[:limit])
    members = _members({seller for _, seller, _ in notices})
    now, rows, unwanted = timezone.now(), [], []
    for notice, seller, kind in notices:
        to = [member for member in members.get(seller, []) if member.wants(kind)]
        rows += [
            NotificationEmail(notification_id=notice, user_id=one.user, address=one.address, due_at=now)
            for one in to
        ]
        if not to:
            unwanted.append(notice)
    with transaction.atomic():
        NotificationEmail.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        Notification.objects.filter(pk__in=unwanted).update(email=Notification.Email.NONE)
    return len(notices)


@dataclass(frozen=True, slots=True)
class _Member:
    """One person at one seller, and what they chose: kind to yes or no."""

    user: int
    address: str
    chosen: dict[str, bool]

    def wants(self, kind: str) -> bool:
        return kind in ALWAYS or self.chosen.get(kind, kind in WANTED_BY_DEFAULT)


def _members(sellers: set[int]) -> dict[int, list[_Member]]:
    """The members of each seller who can be written to: active ones with an address."""
    rows = Membership.objects.filter(seller_id__in=sellers, user__is_active=True).exclude(user__email="")
    members = list(rows.order_by("pk").values_list("pk", "seller_id", "user_id", "user__email"))
    chosen: dict[int, dict[str, bool]] = {}
    choices = EmailPreference.objects.filter(membership_id__in=[pk for pk, *_ in members])
    for membership, kind, wanted in choices.values_list("membership_id", "kind", "wanted"):
        chosen.setdefault(membership, {})[kind] = wanted
    found: dict[int, list[_Member]] = {}
    for pk, seller, user, address in members:
        found.setdefault(seller, []).append(_Member(user, address, chosen.get(pk, {})))
    return found


# --- sending


class _End(Enum):
    """How it ended with an e-mail: REFUSED by the server, or given up or not even written."""

    SENT = auto()
    REFUSED = auto()
    FAILED = auto()


def send_round(write: Writer) -> Outcome:
    """Address what is new and send what is due, of each at most a batch. `more`: another round is due."""
    addressed = address_pending()
    settle_forgotten()
    outcome = send_due(write)
    outcome.more = not outcome.unreachable and (outcome.more or addressed == _BATCH)
    return outcome


def send_due(write: Writer, *, limit: int = _BATCH, connection: BaseEmailBackend | None = None) -> Outcome:
    """Send what is due, at most `limit` e-mails, over one connection.

    Never called inside a transaction: a claim must be seen by others before anything is sent.
    """
    outcome, line = Outcome(), connection or get_connection()
    due = list(_due(timezone.now()).order_by("due_at", "pk").values_list("pk", flat=True)[: limit + 1])
    outcome.more = len(due) > limit
    if due:
        try:
            _send_all(due[:limit], write, line, outcome)
        finally:
            line.close()
    return outcome


def _due(now: datetime) -> QuerySet[NotificationEmail]:
    """E-mails to be tried now, and those whose sender died."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - LEASE)
    return NotificationEmail.objects.filter(free, state=NotificationEmail.State.PENDING, due_at__lte=now)


def _send_all(due: list[int], write: Writer, line: BaseEmailBackend, outcome: Outcome) -> None:
    until, in_a_row = timezone.now() + _LONGEST_ROUND, 0
    for pk in due:
        if in_a_row == _ENOUGH_FAILURES or not _reached(line):
            outcome.unreachable = True
            return
        if timezone.now() > until:
            outcome.more = True
            return
        row = _claim(pk)
        if row is None:
            continue
        end = _send(row, write, line)
        in_a_row = in_a_row + 1 if end is _End.REFUSED else 0
        if end is _End.SENT:
            outcome.sent += 1
        else:
            outcome.failed += 1
            line.close()  # what state the server was left in is not known


def _reached(line: BaseEmailBackend) -> bool:
    """Whether the server is there; a connection that is open stays so."""
    try:
        line.open()
    except OSError as error:  # smtplib's own errors are kinds of it
        logger.warning("The mail server can't be reached: %s", error)
        return False
    return True


def _claim(pk: int) -> NotificationEmail | None:
    """Take an e-mail in hand, None when somebody else has it.

    The try counts from here on: an e-mail that kills its sender every time is given up too.
    """
    now = timezone.now()
    if not _due(now).filter(pk=pk).update(claimed_at=now, attempts=F("attempts") + 1):
        return None
    related = (
        "user__preferences",
        "notification__seller",
        "notification__marketplace",
        "notification__offer",
    )
    return NotificationEmail.objects.select_related(*related).get(pk=pk)


def _send(row: NotificationEmail, write: Writer, line: BaseEmailBackend) -> _End:
    """Send one e-mail and mark it. Whatever goes wrong with this one must not hold up the others."""
    if row.attempts > len(PAUSES) + 1:
        return _give_up(row, "its sender died each time")
    member = Membership.objects.filter(user_id=row.user_id, seller_id=row.notification.seller_id).first()
    if member is None or not row.user.is_active:
        return _give_up(row, "no member of the seller any more")
    try:
        line.send_messages([_message(row, write(row, member), line)])
    except Exception as error:  # noqa: BLE001 - a backend, an address or a template may raise anything
        _failed(row, error)
        return _End.REFUSED if isinstance(error, OSError) else _End.FAILED  # as in `_reached`
    mark(row, state=NotificationEmail.State.SENT, sent_at=timezone.now(), error="")
    return _End.SENT


def _message(row: NotificationEmail, mail: Mail, line: BaseEmailBackend) -> EmailMultiAlternatives:
    headers = {"Message-ID": message_id(row), "Auto-Submitted": "auto-generated", **mail.headers}
    message = EmailMultiAlternatives(
        subject=" ".join(mail.subject.split()),
        body=mail.text,
        to=[row.address],
        headers=headers,
        connection=line,
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def message_id(row: NotificationEmail) -> str:
    """The same at every try, so that mail systems know a second copy of it."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<notice-{row.notification_id}-{row.user_id}@{host}>"


def _failed(row: NotificationEmail, error: Exception) -> None:
    said = f"{type(error).__name__}: {error}"
    if row.attempts > len(PAUSES):
        _give_up(row, said)
        return
    logger.warning("E-mail %s could not be sent, try %s: %s", row.pk, row.attempts, said)
    due_at = timezone.now() + PAUSES[row.attempts - 1]
    mark(row, state=NotificationEmail.State.PENDING, due_at=due_at, error=said[:500])


def _give_up(row: NotificationEmail, said: str) -> _End:
    logger.error("E-mail %s was given up after %s tries: %s", row.pk, row.attempts, said)
    mark(row, state=NotificationEmail.State.FAILED, error=said[:500])
    return _End.FAILED
