"""Two senders at the same moment, really: two threads, two connections.

SQLite has one writer, so there the two come one after the other; what must hold is the same.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import connection

from health.mailing import Mail, address_pending, send_round
from health.models import Notification, NotificationEmail
from offers.models import Membership
from tests.factories import MembershipFactory, NotificationFactory, SellerFactory

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30
SENDERS = 3


@pytest.fixture
def notices() -> list[Notification]:
    """Twelve notices of a seller with two members: 24 e-mails."""
    seller = SellerFactory()
    MembershipFactory.create_batch(2, seller=seller)
    return [NotificationFactory(seller=seller, email="pending") for _ in range(12)]


def together(act: Callable[[], object]) -> None:
    """Do the same in several threads, begun at the same moment."""
    errors: list[Exception] = []
    barrier = threading.Barrier(SENDERS)

    def run() -> None:
        try:
            barrier.wait(PATIENCE)
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            errors.append(error)
        finally:
            connection.close()

    if connection.vendor == "sqlite":
        for _ in range(SENDERS):
            act()
        return
    threads = [threading.Thread(target=run) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    assert not errors


def slowly(row: NotificationEmail, _member: Membership) -> Mail:
    """A writer that gives the others time to run into it."""
    time.sleep(0.01)
    return Mail(f"{row.pk}", "text", "<p>html</p>")


def test_several_senders_never_send_the_same_e_mail(notices: list[Notification]) -> None:
    together(lambda: send_round(slowly))
    sent = Counter(message.subject for message in mail.outbox)
    assert len(sent) == 24
    assert set(sent.values()) == {1}
    assert set(NotificationEmail.objects.values_list("state", "attempts")) == {("sent", 1)}
    # Also of those whose last two e-mails ended at the same moment.
    assert set(Notification.objects.values_list("email", flat=True)) == {"sent"}


def test_several_that_address_the_same_notices_write_each_e_mail_once(notices: list[Notification]) -> None:
    together(address_pending)
    assert NotificationEmail.objects.count() == 24


def test_a_claim_is_seen_by_others_before_anything_is_sent(notices: list[Notification]) -> None:
    seen: list[bool] = []

    def write(row: NotificationEmail, _member: Membership) -> Mail:
        seen.append(connection.in_atomic_block)
        return Mail("subject", "text", "<p>html</p>")

    send_round(write)
    assert seen == [False] * 24
