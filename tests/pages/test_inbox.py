"""The inbox of notices (PRODUCT D3, D9, A3, F6)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from time_machine import travel

from health.actions import close_by_hand, delete_listing, lift_closure, relist
from health.models import Notification, NotificationKind
from offers.models import Membership, Offer, Role
from tests.factories import OfferFactory, SellerFactory, UserFactory
from tests.pages.inboxes import MORNING, inbox, lines, offer_closed_last_night, opened, told, unread_count
from tests.pages.people import member, operator, owner, person, queries, stranger
from tests.pages.reading import page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_the_morning() -> Iterator[None]:
    with travel(MORNING, tick=False):
        yield


@pytest.fixture
def offer() -> Offer:
    return offer_closed_last_night()


# --- a closure


def test_d3_a_closure_is_told_with_its_frozen_numbers_and_leads_to_the_details(offer: Offer) -> None:
    notice = Notification.objects.get(kind="closed")
    read = opened(owner(offer.seller), notice)
    article = read.one("article")
    rows = {row.one("th").text: row.one("td").text for row in article.one("table").all("tr")}
    assert rows == {
        "NCX rate": "33.3% (19 of 57 orders in 60 days)",
        "Similar offers": "1.3%, typical of 24 offers",
        "Main reason": "Defective (19 orders)",
        "Now": "Still closed",
    }
    links = {link.text: link.attributes["href"] for link in article.all("a", "btn")}
    assert links["View details"] == reverse("offer", args=[offer.pk])
    assert links["Resolve issue"] == reverse("offer-resolve", args=[offer.pk])
    assert "!Action required!" in article.text
    assert "This has no effect on your seller account." in article.text
    assert "“It broke.”" in article.text
    assert "policy v1" in article.text


def test_d3_the_numbers_are_those_of_then_and_the_state_is_that_of_now(offer: Offer) -> None:
    reader, notice = owner(offer.seller), Notification.objects.get(kind="closed")
    offer.order_lines.update(status="cancelled")
    relist(offer_id=offer.pk, by=reader.user)
    article = opened(reader, notice).one("article")
    assert "19 of 57 orders" in article.text
    assert f"Relisted on 19 Mar 2024 by {reader.user.username}" in article.text.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "!Action required!" not in article.text
    assert not [link for link in article.all("a") if link.text == "Resolve issue"]


def test_d10_a_lifted_closure_says_so_in_both_notices(offer: Offer) -> None:
    reader = owner(offer.seller)
    lift_closure(offer_id=offer.pk, by=UserFactory(is_staff=True), reason="Another shop's parcel.")
    closed, lifted = (Notification.objects.get(kind=kind) for kind in ("closed", "lifted"))
    assert "it was closed in error" in opened(reader, closed).one("article").text
    assert "Another shop's parcel." in opened(reader, lifted).one("article").text


def test_a_closure_by_hand_is_told_with_its_reason_and_without_a_rate(offer: Offer) -> None:
    reader, by = owner(offer.seller), UserFactory(is_staff=True)
    relist(offer_id=offer.pk, by=reader.user)
    close_by_hand(offer_id=offer.pk, by=by, reason="Recalled by its maker.")
    notice = Notification.objects.filter(kind="closed").latest("pk")
    article = opened(reader, notice).one("article")
    assert "Your offer has been closed by an operator" in article.text
    assert "The reason given: Recalled by its maker." in article.text
    assert "33.3%" not in article.text
    details = page(reader.client.get(reverse("offer", args=[offer.pk])))
    assert "An operator closed it: Recalled by its maker." in details.one("main").text


def test_a_deleted_listing_leaves_nothing_to_resolve(offer: Offer) -> None:
    reader = owner(offer.seller)
    delete_listing(offer_id=offer.pk, by=reader.user)
    article = opened(reader, Notification.objects.get(kind="closed")).one("article")
    assert "The listing was deleted on" in article.text
    assert "Resolve issue" not in article.text


def test_titles_are_escaped(offer: Offer) -> None:
    answer = owner(offer.seller).client.get(reverse("notifications"))
    assert "A &lt;kettle&gt;" in answer.content.decode()
    assert "<kettle>" not in answer.content.decode()


# --- the list


def many(seller: Any) -> None:
    """Thirty notices of three kinds, the newest unread."""
    offer = OfferFactory(seller=seller)
    for days in range(30):
        kind = ("at_risk", "recovering", "weekly")[days % 3]
        told(
            seller,
            kind,
            days,
            offer=None if kind == "weekly" else offer,
            read_at=MORNING if days > 3 else None,
        )


def test_d9_kinds_are_filters_with_unread_counts() -> None:
    seller = SellerFactory()
    many(seller)
    reader = owner(seller)
    tabs = inbox(reader).one("nav", "views").all("a")
    assert [tab.text for tab in tabs] == [
        "All", "Unread 4 unread", "At risk of closure 2 unread", "Recovering 1 unread",
        "Weekly summary 1 unread",
    ]  # fmt: skip
    assert [tab.attributes.get("aria-current") for tab in tabs] == ["page", None, None, None, None]
    assert len(lines(inbox(reader, "kind=weekly"))) == 10
    assert len(lines(inbox(reader, "unread=1"))) == 4
    assert len(lines(inbox(reader, "kind=recovering&unread=1"))) == 1
    chosen = inbox(reader, "kind=weekly").one("nav", "views").all("a")[4]
    assert chosen.attributes["aria-current"] == "page"


def test_the_list_has_pages_and_is_newest_first() -> None:
    seller = SellerFactory()
    many(seller)
    reader = owner(seller)
    first, second = inbox(reader), inbox(reader, "page=2")
    assert (len(lines(first)), len(lines(second))) == (25, 5)
    days = [line.one("time").attributes["datetime"] for line in first.all("a", "msg")]
    assert days == sorted(days, reverse=True)
    # A page that is not there is the last one; nonsense is left out.
    assert lines(inbox(reader, "page=99")) == lines(second)
    assert lines(inbox(reader, "page=x&kind=nonsense&unread=yes")) == lines(first)


def test_a_notice_of_a_filtered_list_keeps_the_filter_beside_it() -> None:
    seller = SellerFactory()
    many(seller)
    reader = owner(seller)
    address = inbox(reader, "kind=weekly").all("a", "msg")[1].attributes["href"]
    assert address.endswith("?kind=weekly")
    read = page(reader.client.get(address))
    assert len(lines(read)) == 10
    (current,) = [line for line in read.all("a", "msg") if line.attributes.get("aria-current")]
    assert current.attributes["href"] == address


def test_without_notices_the_page_says_what_will_come() -> None:
    reader = owner(SellerFactory())
    assert "There are no notifications yet" in inbox(reader).one("main").text
    told(Membership.objects.get(user=reader.user).seller, read_at=MORNING)
    assert "No notifications match" in inbox(reader, "unread=1").one("main").text


@pytest.mark.parametrize("kind", NotificationKind.values)
def test_every_kind_is_shown_even_with_no_evidence(kind: str) -> None:
    seller = SellerFactory()
    reader = owner(seller)
    if kind in {"closed", "lifted"}:
        from tests.factories import OfferStatusChangeFactory

        change = OfferStatusChangeFactory(offer__seller=seller)
        notice = told(seller, kind, status_change=change, offer=change.offer)
    else:
        notice = told(seller, kind, offer=None)
    assert opened(reader, notice).one("article").one("h2").text
    assert lines(inbox(reader))


def test_queries_of_the_pages(offer: Offer) -> None:
    many(offer.seller)
    reader, notice = owner(offer.seller), Notification.objects.get(kind="closed")
    inbox(reader)
    assert len(queries(lambda: inbox(reader, "kind=weekly"))) == 5
    # Also the policy of then, what customers reported, and what became of the offer since.
    assert len(queries(lambda: inbox(reader, "kind=closed"))) == 8
    opened(reader, notice)
    assert len(queries(lambda: opened(reader, notice))) == 9


# --- who may


def test_a3_another_sellers_notice_is_not_there() -> None:
    notice = told(SellerFactory())
    reader = stranger()
    addresses = [reverse("notification", args=[pk]) for pk in (notice.pk, notice.pk + 999)]
    answers = [reader.client.get(address) for address in addresses]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert page(answers[0]).one("main").text == page(answers[1]).one("main").text
    assert reader.client.post(reverse("notification-mark", args=[notice.pk])).status_code == 404


@pytest.mark.parametrize("make", [operator, None])
def test_f6_who_only_reads_may_not_mark(make: Any) -> None:
    seller = SellerFactory()
    notice = told(seller)
    reader = make() if make else member(seller, Role.VIEWER)
    reader.switch(seller)
    assert (
        reader.client.post(reverse("notification-mark", args=[notice.pk]), {"read": "1"}).status_code == 403
    )
    answer = reader.client.post(reverse("notification-read-all"), {"upto": str(notice.pk)})
    assert (answer.status_code, unread_count()) == (403, 1)
    assert "Mark all as read" not in inbox(reader).one("main").text


def test_a_notice_of_ones_other_seller_opens_without_the_first_ones_list() -> None:
    mine, other = SellerFactory(name="A shop"), SellerFactory(name="B shop")
    reader = owner(mine)
    Membership.objects.create(user=reader.user, seller=other, role=Role.OWNER)
    told(mine)
    notice = told(other)
    read = opened(reader, notice)
    assert read.one("summary", "acct").one("b").text == "B shop"
    assert lines(read) == []


def test_who_belongs_to_no_seller_is_told_so() -> None:
    answer = person().client.get(reverse("notifications"))
    assert "You don't belong to a seller yet" in answer.content.decode()
    assert operator().client.get(reverse("notifications")).headers["Location"] == reverse("switch")
