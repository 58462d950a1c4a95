"""How it ended with an e-mail, written at once; and on its notice, with the last of its e-mails."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef

from health.models import Notification, NotificationEmail

_RESTART: Final = timedelta(minutes=1)
"""So long a sender waits for a database that went away, to mark what it has sent."""
_BATCH: Final = 200


def mark(row: NotificationEmail, **fields: object) -> None:
    """Write how it ended, and then on the notice. Only the claim's holder may.

    One statement, at once: whoever dies between the server's answer and this makes a second copy be sent.
    """
    mine = NotificationEmail.objects.filter(pk=row.pk, claimed_at=row.claimed_at)
    if _insist(lambda: mine.update(claimed_at=None, **fields)):
        _settle(row.notification_id)


def _insist(act: Callable[[], int]) -> int:
    """Do it, after waiting for a database that is just being started again."""
    until = time.monotonic() + _RESTART.total_seconds()
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            time.sleep(1)


@transaction.atomic
def _settle(notice: int) -> None:
    """Write on a notice how it ended, when it has with the last of its e-mails."""
    # Of two that finish a notice's last two e-mails at once, the second sees what the first has written.
    Notification.objects.select_for_update(of=("self",)).get(pk=notice)
    states = set(NotificationEmail.objects.filter(notification=notice).values_list("state", flat=True))
    if NotificationEmail.State.PENDING in states:
        return
    went_out = NotificationEmail.State.SENT in states
    Notification.objects.filter(pk=notice).update(
        email=Notification.Email.SENT if went_out else Notification.Email.NONE
    )


def settle_forgotten() -> None:
    """Settle notices whose last sender died between its e-mail and the notice."""
    emails = NotificationEmail.objects.filter(notification=OuterRef("pk"))
    pending = emails.filter(state=NotificationEmail.State.PENDING)
    ended = Notification.objects.filter(Exists(emails), ~Exists(pending), email=Notification.Email.PENDING)
    for notice in ended.order_by("pk").values_list("pk", flat=True)[:_BATCH]:
        _settle(notice)
