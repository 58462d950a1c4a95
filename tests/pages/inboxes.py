"""Notices in a line each, and the inbox as somebody sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse

from health.models import Notification
from offers.models import Offer
from tests.factories import MarketplaceFactory, NotificationFactory
from tests.health.story import LAST, ONE_DAY, bad_offer, market
from tests.pages.people import Person
from tests.pages.reading import Element, page

MORNING = datetime(2024, 3, 19, 8, tzinfo=UTC)


def told(seller: Any, kind: str = "weekly", days: int = 0, **fields: Any) -> Notification:
    """A notice of a seller, so many days old."""
    on = MORNING.date() - timedelta(days=days)
    notice = NotificationFactory(seller=seller, kind=kind, on=on, marketplace=MarketplaceFactory(), **fields)
    Notification.objects.filter(pk=notice.pk).update(created_at=MORNING - timedelta(days=days))
    return notice


def offer_closed_last_night() -> Offer:
    """An offer that last night closed, of a seller with a notice of it."""
    made = market()
    offer = bad_offer(made, title="A <kettle>", fulfillment="marketplace")
    made.nights(3, LAST + 3 * ONE_DAY)
    return offer


def unread_count() -> int:
    """Notices that nobody has opened."""
    return Notification.objects.filter(read_at__isnull=True).count()


def inbox(reader: Person, query: str = "") -> Element:
    """The list."""
    answer = reader.client.get(f"{reverse('notifications')}?{query}")
    assert answer.status_code == 200
    return page(answer)


def opened(reader: Person, notice: Notification) -> Element:
    """The page of one notice."""
    answer = reader.client.get(reverse("notification", args=[notice.pk]))
    assert answer.status_code == 200
    return page(answer)


def lines(read: Element) -> list[str]:
    """The titles in the list."""
    return [line.one("b").text for line in read.all("a", "msg")]
