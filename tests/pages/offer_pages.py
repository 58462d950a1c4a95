"""An offer's page as somebody sees it."""

from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from time_machine import travel

from offers.models import Offer
from tests.health.story import Market, bad_offer
from tests.pages.people import Person, owner
from tests.pages.reading import Element, page

NOON = datetime(2024, 3, 16, 16, tzinfo=UTC)


def answer(who: Person, offer: Offer) -> Any:
    return who.client.get(reverse("offer", args=[offer.pk]))


def read(offer: Offer, who: Person | None = None) -> Element:
    found = answer(who or owner(offer.seller), offer)
    assert found.status_code == 200
    return page(found)


def section(root: Element, head: str) -> Element:
    (found,) = [part for part in root.all("section") if part.attributes.get("aria-labelledby") == head]
    return found


def closed_offer(made: Market, **fields: Any) -> Offer:
    offer = bad_offer(made, **fields)
    with travel(NOON, tick=False):
        made.nights(3)
    offer.refresh_from_db()
    return offer
