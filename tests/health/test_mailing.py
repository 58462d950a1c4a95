"""The outbox: who gets an e-mail, that it is sent once, and what becomes of what fails (PRODUCT D3, D9)."""

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from time_machine import travel

from health.mailing import (
    LEASE,
    PAUSES,
    Mail,
    address_pending,
    message_id,
    send_due,
    send_round,
)
from health.models import NotificationEmail
from health.tasks import send_notices
from offers.models import Membership
from tests.factories import (
    MembershipFactory,
    SellerFactory,
)
from tests.health.outbox import NOW, recipients, waiting, words

pytestmark = pytest.mark.django_db


class Server(BaseEmailBackend):
    """A mail server of our own: refuses some addresses, and may be gone."""

    def __init__(self, *refused: str, gone: bool = False) -> None:
        super().__init__()
        self.refused, self.gone = set(refused), gone
        self.got: list[EmailMessage] = []
        self.opened = 0
        self.is_open = False

    def open(self) -> bool:
        if self.gone:
            raise ConnectionRefusedError("nobody listens")
        self.opened += not self.is_open
        self.is_open = True
        return True

    def close(self) -> None:
        self.is_open = False

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if self.refused & set(message.to):
                raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
            self.got.append(message)
        return len(self.got)


# --- sending


def test_d3_an_e_mail_is_sent_once_however_often_the_task_runs() -> None:
    notice = waiting("closed")
    member = MembershipFactory(seller=notice.seller)
    for _ in range(3):
        send_round(words)
    (message,) = mail.outbox
    row = NotificationEmail.objects.get()
    notice.refresh_from_db()
    assert message.to == [member.user.email]
    assert isinstance(message, EmailMultiAlternatives)
    assert message.alternatives == [("<p>html</p>", "text/html")]
    assert (message.subject, message.extra_headers["X-Role"]) == (f"To {row.address} Bcc: all", "owner")
    assert (
        message.extra_headers["Message-ID"]
        == message_id(row)
        == f"<notice-{notice.pk}-{row.user_id}@localhost>"
    )
    assert (row.state, row.attempts, notice.email) == ("sent", 1, "sent")
    assert row.sent_at
    assert row.claimed_at is None


def test_a_batch_goes_over_one_connection_and_what_is_left_is_told() -> None:
    seller = SellerFactory()
    MembershipFactory(seller=seller)
    for _ in range(5):
        waiting("closed", seller)
    address_pending()
    server = Server()
    outcome = send_due(words, limit=3, connection=server)
    assert (outcome.sent, outcome.more, server.opened, server.is_open) == (3, True, 1, False)
    assert send_due(words, limit=3, connection=server).sent == 2
    assert len({message.extra_headers["Message-ID"] for message in server.got}) == 5


def test_a_bad_address_holds_up_nobody_else() -> None:
    notice = waiting("closed")
    bad, good = (MembershipFactory(seller=notice.seller).user.email for _ in range(2))
    address_pending()
    server = Server(bad)
    outcome = send_due(words, connection=server)
    notice.refresh_from_db()
    assert (outcome.sent, outcome.failed, notice.email) == (1, 1, "pending")
    assert [message.to for message in server.got] == [[good]]
    row = NotificationEmail.objects.get(address=bad)
    assert (row.state, row.attempts, row.claimed_at) == ("pending", 1, None)
    assert "SMTPRecipientsRefused" in row.error


def test_a_notice_that_cannot_be_put_into_words_holds_up_nobody_else() -> None:
    broken, fine = waiting("closed"), waiting("closed")
    for notice in (broken, fine):
        MembershipFactory(seller=notice.seller)

    def write(row: NotificationEmail, member: Membership) -> Mail:
        if row.notification_id == broken.pk:
            raise KeyError("evidence")
        return words(row, member)

    outcome = send_round(write)
    assert (outcome.sent, outcome.failed) == (1, 1)


def test_what_fails_is_tried_again_after_growing_pauses_and_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notice = waiting("closed")
    bad = MembershipFactory(seller=notice.seller).user.email
    server = Server(bad)
    with travel(NOW, tick=False) as clock:
        address_pending()
        for pause in PAUSES:
            assert send_due(words, connection=server).failed == 1
            assert send_due(words, connection=server).failed == 0  # not yet
            clock.shift(pause)
        assert NotificationEmail.objects.get().state == "pending"
        assert send_due(words, connection=server).failed == 1
        clock.shift(timedelta(days=30))
        assert send_due(words, connection=server).failed == 0
    row = NotificationEmail.objects.get()
    notice.refresh_from_db()
    assert (row.state, row.attempts, row.claimed_at, notice.email) == (
        "failed",
        len(PAUSES) + 1,
        None,
        "none",
    )
    assert f"given up after {len(PAUSES) + 1} tries" in caplog.text
    assert list(PAUSES) == sorted(PAUSES)


def test_a_server_that_is_gone_costs_no_try() -> None:
    notice = waiting("closed")
    MembershipFactory(seller=notice.seller)
    address_pending()
    server = Server(gone=True)
    outcome = send_due(words, connection=server)
    assert (outcome.unreachable, outcome.sent, outcome.failed) == (True, 0, 0)
    assert NotificationEmail.objects.get().attempts == 0
    server.gone = False
    assert send_due(words, connection=server).sent == 1


def test_a_server_that_fails_again_and_again_is_left_alone_for_now() -> None:
    """Each failure may take as long as EMAIL_TIMEOUT, and the worker has nights to compute."""
    addresses = [f"p{number}@shop.example" for number in range(5)]
    for address in addresses:
        MembershipFactory(seller=waiting().seller, user__email=address)
    address_pending()
    server = Server(*addresses[:4])
    outcome = send_due(words, connection=server)
    assert (outcome.failed, outcome.sent, outcome.unreachable) == (3, 0, True)
    assert NotificationEmail.objects.filter(attempts=0).count() == 2
    again = send_due(words, connection=server)  # those that failed wait, so the others' turn comes
    assert (again.failed, again.sent, again.unreachable) == (1, 1, False)
    assert [message.to for message in server.got] == [addresses[4:]]


def test_a_slow_server_ends_a_round_and_not_the_task() -> None:
    class Slow(Server):
        def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
            clock.shift(timedelta(minutes=4))
            return super().send_messages(email_messages)

    with travel(NOW, tick=False) as clock:
        for _ in range(3):
            MembershipFactory(seller=waiting().seller)
        address_pending()
        outcome = send_due(words, connection=Slow())
    assert (outcome.sent, outcome.failed, outcome.more) == (2, 0, True)


def test_a_sender_that_dies_between_claim_and_send_is_replaced_after_a_while() -> None:
    notice, server = waiting("closed"), Server()
    MembershipFactory(seller=notice.seller)
    with travel(NOW, tick=False) as clock:
        address_pending()
        with pytest.raises(SystemExit):
            send_due(_dying, connection=Server())
        row = NotificationEmail.objects.get()
        assert (row.state, row.attempts, row.claimed_at) == ("pending", 1, NOW)
        assert send_due(words, connection=server).sent == 0
        clock.shift(LEASE + timedelta(seconds=1))
        assert send_due(words, connection=server).sent == 1
    (message,) = server.got
    assert message.extra_headers["Message-ID"] == message_id(row)


def _dying(_row: NotificationEmail, _member: Membership) -> Mail:
    raise SystemExit


def test_an_e_mail_that_kills_its_sender_every_time_is_given_up() -> None:
    notice = waiting("closed")
    MembershipFactory(seller=notice.seller)
    with travel(NOW, tick=False) as clock:
        address_pending()
        for _ in range(len(PAUSES) + 1):
            with pytest.raises(SystemExit):
                send_due(_dying, connection=Server())
            clock.shift(LEASE + timedelta(seconds=1))
        send_due(_dying, connection=Server())
    row = NotificationEmail.objects.get()
    assert (row.state, row.error) == ("failed", "its sender died each time")


def test_a_sender_whose_claim_lapsed_does_not_undo_what_the_next_one_wrote() -> None:
    notice = waiting("closed")
    MembershipFactory(seller=notice.seller)
    with travel(NOW, tick=False) as clock:
        address_pending()

        def slow(row: NotificationEmail, member: Membership) -> Mail:
            clock.shift(LEASE + timedelta(seconds=1))
            assert send_due(words, connection=Server()).sent == 1
            raise TimeoutError

        send_due(slow, connection=Server())
    assert NotificationEmail.objects.get().state == "sent"


def test_who_left_the_seller_meanwhile_gets_nothing() -> None:
    notice = waiting("closed")
    member = MembershipFactory(seller=notice.seller)
    address_pending()
    member.delete()
    send_due(words)
    assert recipients() == []
    assert NotificationEmail.objects.get().error == "no member of the seller any more"


def test_the_task_sends_with_the_sites_own_words() -> None:
    notice = waiting(evidence={"tiles": {"3": 2}})
    MembershipFactory(seller=notice.seller)
    assert send_notices() == 1
    (message,) = mail.outbox
    assert message.subject == "Weekly summary, Marketplace US: 2 offers"


def test_the_file_backend_keeps_e_mails_as_files(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    notice = waiting("closed")
    for _ in range(2):
        MembershipFactory(seller=notice.seller)
    assert send_round(words).sent == 2
    (kept,) = tmp_path.iterdir()
    assert kept.read_text().count("Message-ID: <notice-") == 2
