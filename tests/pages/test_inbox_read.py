"""What marks a notice as read, and what as unread (D9)."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.urls import reverse
from time_machine import travel

from health.models import Notification
from offers.models import Offer, Role
from tests.factories import OfferFactory, SellerFactory
from tests.pages.inboxes import MORNING, inbox, offer_closed_last_night, opened, told, unread_count
from tests.pages.people import member, operator, owner
from vocdash.pages import inbox_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_the_morning() -> Iterator[None]:
    with travel(MORNING, tick=False):
        yield


@pytest.fixture
def offer() -> Offer:
    return offer_closed_last_night()


@pytest.mark.parametrize(("role", "marks"), [(Role.OWNER, True), (Role.EDITOR, True), (Role.VIEWER, False)])
def test_d9_opening_a_notice_marks_it_read_for_those_who_act(role: str, marks: bool) -> None:
    seller = SellerFactory()
    notice, reader = told(seller), member(seller, role)
    for _ in range(2):
        opened(reader, notice)
    notice.refresh_from_db()
    assert (notice.read_at, notice.read_by) == ((MORNING, reader.user) if marks else (None, None))


def test_opening_a_notice_may_write_on_sqlite_as_a_form_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that reads begins a transaction there that fails as soon as it writes beside another writer."""
    seller, modes = SellerFactory(), []

    def note(**_what: object) -> bool:
        modes.append(getattr(connection, "transaction_mode", None))
        return True

    monkeypatch.setattr(inbox_page, "mark_read", note)
    opened(owner(seller), told(seller))
    assert modes == ["IMMEDIATE" if connection.vendor == "sqlite" else None]


def test_an_operator_reads_and_leaves_no_mark() -> None:
    seller, reader = SellerFactory(), operator()
    notice = told(seller)
    reader.switch(seller)
    read = opened(reader, notice)
    assert "as an operator" in read.one("main").text
    assert not read.all("button", "ghost")
    assert unread_count() == 1


def test_looking_at_the_list_reads_nothing() -> None:
    seller = SellerFactory()
    told(seller)
    read = inbox(owner(seller))
    assert unread_count() == 1
    (line,) = read.all("a", "msg")
    assert "new" in line.attributes["class"]
    assert line.one("span", "vh").text == "Unread"
    assert len(line.all("span", "unread")) == 1


def test_the_bell_falls_as_notices_are_opened() -> None:
    seller = SellerFactory()
    notices = [told(seller, "recovering", offer=OfferFactory(seller=seller)) for _ in range(3)]
    reader = owner(seller)
    bell = opened(reader, notices[0]).one("a", "iconbtn", href=reverse("notifications"))
    assert bell.attributes["aria-label"] == "Notifications, 2 unread"


def test_d9_a_notice_is_marked_unread_again_and_the_list_keeps_its_filter() -> None:
    seller = SellerFactory()
    notice, reader = told(seller), owner(seller)
    opened(reader, notice)
    answer = reader.client.post(reverse("notification-mark", args=[notice.pk]), {"kind": "weekly"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/notifications/?kind=weekly")
    assert unread_count() == 1
    reader.client.post(reverse("notification-mark", args=[notice.pk]), {"read": "1"})
    assert unread_count() == 0


def test_d9_mark_all_as_read_leaves_those_that_came_since() -> None:
    seller, other = SellerFactory(), SellerFactory()
    told(seller, days=2)
    told(seller, days=9)
    theirs, reader = told(other), owner(seller)
    form = inbox(reader).one("form", action=reverse("notification-read-all"))
    upto = form.one("input", name="upto").attributes["value"]
    late = told(seller)
    answer = reader.client.post(reverse("notification-read-all"), {"upto": upto})
    assert answer.headers["Location"] == reverse("notifications")
    assert set(Notification.objects.filter(read_at__isnull=True)) == {late, theirs}
    assert reader.client.post(reverse("notification-read-all"), {"upto": "x"}).status_code == 302
