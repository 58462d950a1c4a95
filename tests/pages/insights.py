"""Reading the insights page, and a seller whose numbers are known."""

import csv
import re
from io import StringIO
from typing import Any

from django.urls import reverse

from health.models import OfferHealth, Tile
from offers.models import Offer, Seller
from tests.factories import EventFactory
from tests.health.story import LAST, Market, bad_offer, sell
from tests.pages.people import Person
from tests.pages.reading import Element, page


def answer(who: Person, query: str = "", **options: Any) -> Any:
    return who.client.get(f"{reverse('insights')}?{query}", **options)


def read(who: Person, query: str = "") -> Element:
    found = answer(who, query)
    assert found.status_code == 200
    return page(found)


def panel(root: Element, head: str) -> Element:
    (found,) = [
        part for part in root.all("section") if part.attributes.get("aria-labelledby") == f"{head}-head"
    ]
    return found


def table(part: Element) -> list[list[str]]:
    rows = part.all("table")[0].one("tbody").all("tr")
    return [[cell.text for cell in row.inside if isinstance(cell, Element)] for row in rows]


def figures(root: Element) -> dict[str, tuple[str, str]]:
    parts = [part for part in root.one("dl", "kpi").inside if isinstance(part, Element)]
    return {p.one("dt").text: (p.one("dd", "v").text, p.one("dd", "s").text) for p in parts}


def ordered(root: Element) -> tuple[int, int]:
    """NCX orders and orders of the first figure."""
    note = figures(root)["NCX rate, all offers"][1]
    ncx, orders = re.match(r"([\d,]+) of ([\d,]+) orders", note).groups()  # type: ignore[union-attr]
    return int(ncx.replace(",", "")), int(orders.replace(",", ""))


def rows_of(found: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(found.getvalue().decode("utf-8-sig"))))


def a_seller(made: Market) -> Seller:
    """Three offers with several reasons, one of them marketplace-fulfilled, and one that is deleted."""
    bad = bad_offer(made)
    few = made.offer(sku="few", fulfillment="marketplace", title="Mug, <white>")
    lines = sell(few, range(50))
    for place, reason in enumerate(("too_small", "too_small", "color_differs", "missing_parts")):
        EventFactory(order_line=lines[place], raw_reason=reason, occurred_on=LAST)
    EventFactory(order_line=lines[0], raw_reason="missing_parts", channel="review", occurred_on=LAST)
    EventFactory(order_line=lines[9], raw_reason="late_delivery", occurred_on=LAST)
    gone = bad_offer(made, sku="gone")
    made.nights(1)
    Offer.objects.filter(pk=gone.pk).update(status="LISTING_DELETED", deleted_on=LAST)
    OfferHealth.objects.filter(pk=gone.pk).update(tile=Tile.DELETED)
    return bad.seller
