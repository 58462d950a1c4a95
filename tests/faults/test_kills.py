"""SIGKILL at moments that matter, one process each: afterwards all is as if nothing had happened.

`make faults` does this at random moments with every server and process; this short part of it runs with all
tests. A process of its own is forked, and kills itself where the test says.
"""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django.fixtures import Settings

from health import generations, mailing
from health.export import export_rows
from health.mailing import Mail, send_round
from health.models import Notification, NotificationEmail, RecomputeRun
from health.resolving import confirm
from offers import bulk
from offers.import_files import end_dead_imports, hold
from offers.models import ImportFile, OfferStatusChange, OrderLine, RemovalOrder
from tests.factories import (
    ImportFileFactory,
    MembershipFactory,
    NotificationFactory,
    SellerFactory,
    UserFactory,
)
from tests.health.closed_offers import LISTING, closed_offer, ready
from tests.health.closed_offers import everything as everything_of_cases
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, market
from tests.health.test_nights import everything
from vocdash.imports import import_files

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a SQLite in memory is one process's own"),
]


def killed(work: Callable[[], object], at: str, *, after: bool = False) -> None:
    """Do the work in a process of its own, which is killed when it calls `at`, or right after that."""
    connection.close()
    child = os.fork()
    if not child:
        _work_and_die(work, at, after=after)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"{at} was not called"
    assert os.WTERMSIG(status) == signal.SIGKILL
    _wait_for_servers()


def _work_and_die(work: Callable[[], object], at: str, *, after: bool) -> None:
    """In the child: never returns."""
    module, _, name = at.rpartition(".")
    target = _named(module)
    real = getattr(target, name)

    def die(*args: Any, **kwargs: Any) -> None:
        if after:
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    try:
        with patch.object(target, name, die):
            work()
    finally:
        os._exit(1)


def _named(path: str) -> Any:
    try:
        return import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(import_module(module), name)


def _wait_for_servers() -> None:
    """The database's processes for a client that was killed end a moment later."""
    deadline = time.monotonic() + 10
    mine = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    while bulk.fetch(f"SELECT 1 FROM pg_stat_activity WHERE {mine}") and time.monotonic() < deadline:
        time.sleep(0.01)


def left_over() -> list[Any]:
    """Schemas of generations, and locks in this database: a closed connection gives them back soon after."""
    _wait_for_servers()
    return bulk.fetch(
        "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'health\\_%%' "
        "UNION ALL SELECT mode FROM pg_locks JOIN pg_database d ON d.oid = database "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )


# --- a night


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Market:
    """A market whose next night closes an offer, written by a generation."""
    monkeypatch.setattr(generations, "WORTH_IT", 0)
    monkeypatch.setattr(generations, "_SHARE", 0)
    monkeypatch.setattr("health.reading.SHARD", 9)
    monkeypatch.setattr("health.benchmark_store.PIECE", 3)
    made = market()
    bad_offer(made)
    made.nights(2, LAST - ONE_DAY)
    return made


IN_A_NIGHT = (
    "health.recompute.rejudge",
    "health.staging.Staging.prepare",
    "health.staging.Staging.put_judged",
    "health.generations.Generation.complete",
    "health.recompute.close_due",
    "health.recompute.write_night",
    "health.generations.Generation._exchange",
    "health.recompute._publish_beside",
)


def test_i4_4_a_night_killed_anywhere_is_computed_anew_and_says_the_same(made: Market) -> None:
    Notification.objects.update(email="none")
    before, undone = everything(), list(export_rows(made.marketplace))
    for place in IN_A_NIGHT[:-1]:
        killed(lambda: made.nights(1), place, after=place.endswith(("prepare", "put_judged", "complete")))
        assert everything() == before, place
        assert list(export_rows(made.marketplace)) == undone, place
        assert RecomputeRun.objects.latest("pk").state == RecomputeRun.State.RUNNING
    made.nights(1)
    once = everything(), list(export_rows(made.marketplace)), list(OfferStatusChange.objects.values())
    assert OfferStatusChange.objects.count() == Notification.objects.filter(kind="closed").count() == 1
    assert left_over() == []
    # Killed once it was published, before it could clear away: the next one does.
    killed(lambda: made.nights(1), IN_A_NIGHT[-1], after=True)
    assert left_over()
    made.nights(1)
    assert (
        everything(),
        list(export_rows(made.marketplace)),
        list(OfferStatusChange.objects.values()),
    ) == once
    assert left_over() == []
    states = Counter(RecomputeRun.objects.values_list("state", flat=True))
    assert states == {"succeeded": 5, "abandoned": len(IN_A_NIGHT) - 1}


# --- an import


def test_i4_4_an_import_killed_anywhere_leaves_nothing_and_says_that_it_failed(
    made: Market, tmp_path: Path
) -> None:
    offer = made.marketplace.offers.select_related("seller").order_by("pk")[0]
    rows = "".join(f"US,{offer.seller.code},K-{number},{offer.sku},2024-03-01\n" for number in range(50))
    file = tmp_path / "orders.csv"
    file.write_text(f"marketplace,seller,order_id,sku,ordered_at\n{rows}")
    before = OrderLine.objects.count()

    def work() -> None:
        import_files(made.marketplace, [file])

    for place in ("offers.import_files.hold", "offers.bulk.insert", "vocdash.problems.keep"):
        killed(work, place if place != "offers.import_files.hold" else "vocdash.imports.hold", after=True)
        assert OrderLine.objects.count() == before, place
    assert Counter(ImportFile.objects.values_list("state", flat=True)) == {"running": 3}
    assert end_dead_imports() == 0  # they may just be beginning
    work()
    ImportFile.objects.filter(state="running").update(started_at="2024-01-01T00:00Z")
    assert end_dead_imports() == 3
    assert OrderLine.objects.count() == before + 50
    assert list(ImportFile.objects.order_by("pk").values_list("state", "added")) == [
        *[("failed", 0)] * 3,
        ("done", 50),
    ]
    assert "Import it again." in ImportFile.objects.earliest("pk").error


def test_i4_4_an_import_that_is_at_work_is_not_taken_for_dead(made: Market) -> None:
    file = ImportFileFactory(state="running", started_at="2024-01-01T00:00Z", marketplace=made.marketplace)
    ended: list[int] = []

    def look() -> None:
        ended.append(end_dead_imports())
        connection.close()

    with transaction.atomic():
        hold([file.pk])
        other = threading.Thread(target=look)
        other.start()
        other.join(20)
    assert ended == [0]
    assert end_dead_imports() == 1


# --- a relist


def test_i4_4_a_relist_killed_anywhere_is_undone_and_confirmed_again_is_done_once() -> None:
    offer, by = closed_offer(), UserFactory()
    case = ready(offer, by)
    before = everything_of_cases()

    def press() -> object:
        return confirm(case_id=case.pk, by=by, seen_version=case.version, attested=True)

    for place in ("_remove", "_edit", "_relist", "_save"):
        killed(press, f"health.resolving.{place}", after=True)
        assert everything_of_cases() == before, place
    assert press() == press()
    offer.refresh_from_db()
    assert (offer.status, RemovalOrder.objects.count(), offer.title) == ("LIVE", 1, LISTING["title"])
    assert OfferStatusChange.objects.filter(move="relist").count() == 1


# --- e-mails


class IntoAFolder(BaseEmailBackend):
    """Appends every e-mail's Message-ID to a file that outlives the process."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        with Path(str(settings.EMAIL_FILE_PATH)).open("a", encoding="utf-8") as file:
            file.writelines(f"{message.extra_headers['Message-ID']}\n" for message in messages)
        return len(messages)


@pytest.fixture
def sent(settings: Settings, tmp_path: Path) -> Callable[[], Counter[str]]:
    """How often each Message-ID went out."""
    settings.EMAIL_BACKEND = f"{__name__}.IntoAFolder"
    settings.EMAIL_FILE_PATH = str(tmp_path / "sent")
    seller = SellerFactory()
    MembershipFactory.create_batch(2, seller=seller)
    NotificationFactory(seller=seller, email="pending")
    return lambda: Counter((tmp_path / "sent").read_text().split())


def plainly(_row: NotificationEmail, _member: Any) -> Mail:
    return Mail("A subject", "Text.", "<p>Text.</p>")


def after_the_lease() -> None:
    """Send what is left, once the claims of the dead have lapsed."""
    NotificationEmail.objects.filter(claimed_at__isnull=False).update(
        claimed_at=timezone.now() - mailing.LEASE * 2
    )
    send_round(plainly)
    send_round(plainly)


@pytest.mark.parametrize(
    ("place", "after"),
    [
        ("health.mailing.address_pending", True),
        ("health.mailing._claim", True),
        ("health.mailing._message", False),
        ("health.mail_marks._insist", True),
        ("health.mail_marks._settle", False),
    ],
)
def test_i4_4_a_sender_killed_before_the_server_or_after_the_mark_sends_each_once(
    sent: Callable[[], Counter[str]], place: str, after: bool
) -> None:
    killed(lambda: send_round(plainly), place, after=after)
    after_the_lease()
    assert sorted(sent().values()) == [1, 1]
    assert Notification.objects.get().email == Notification.Email.SENT


def test_i4_4_a_sender_killed_between_the_servers_answer_and_the_mark_sends_a_copy_of_the_same_id(
    sent: Callable[[], Counter[str]],
) -> None:
    killed(lambda: send_round(plainly), "health.mail_marks._insist")
    after_the_lease()
    assert sorted(sent().values()) == [1, 2]  # at least once, and mail systems know the second by its id
    assert Notification.objects.get().email == Notification.Email.SENT


def test_i4_4_a_database_that_restarts_after_an_e_mail_went_out_makes_no_second_copy(
    sent: Callable[[], Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("health.mail_marks.time.sleep", waits.append)
    real = QuerySet.update
    left = [2]

    def away(self: QuerySet[Any], **fields: Any) -> int:
        if fields.get("state") == "sent" and left[0]:
            left[0] -= 1
            raise OperationalError("server closed the connection unexpectedly")
        return real(self, **fields)

    monkeypatch.setattr(QuerySet, "update", away)
    assert send_round(plainly).sent == 2
    assert waits == [1, 1]
    after_the_lease()
    assert sorted(sent().values()) == [1, 1]
