"""Made-up markets for the benchmarks: as many offers, orders and complaints as are asked for, at once."""

from datetime import date, timedelta

import numpy as np
from django.utils import timezone

from feedback.models import FeedbackEvent
from health.actions import sync_offers
from health.models import HealthPolicy
from offers import bulk
from offers.models import Category, Marketplace, Offer, OrderLine, Seller

LAST_DAY = date(2026, 3, 31)


def make_market(sizes: list[int], *, orders_per_offer: float = 8.0, seed: int = 7) -> Marketplace:
    """A marketplace whose sellers have `sizes` offers each, with 60 days of orders before LAST_DAY."""
    rng = np.random.default_rng(seed)
    marketplace = Marketplace.objects.create(
        code=f"M{seed}", name="Bench", currency="USD", time_zone="America/New_York", language="en"
    )
    HealthPolicy.objects.create(
        marketplace=marketplace, version=1, state="active", activated_at=timezone.now()
    )
    offers = _offers(marketplace, sizes, rng)
    lines = _orders(offers, rng.poisson(orders_per_offer, offers), rng)
    _events(marketplace, lines, rng)
    bulk.refresh_statistics(Offer, OrderLine, FeedbackEvent)
    sync_offers(marketplace)
    return marketplace


def _offers(marketplace: Marketplace, sizes: list[int], rng: np.random.Generator) -> int:
    sellers = [Seller(code=f"S{number:05}", name=f"Shop {number}") for number in range(len(sizes))]
    Seller.objects.bulk_create(sellers)
    categories = [Category(path=f"Home > Shelf {n}", key=f"home > shelf {n}") for n in range(20)]
    Category.objects.bulk_create(categories)
    owners = np.repeat([seller.pk for seller in sellers], sizes)
    shelves = rng.integers(0, len(categories), len(owners))
    prices = np.round(rng.lognormal(3, 1, len(owners)), 2)
    rows = (
        (marketplace.pk, int(owner), f"SKU-{n:07}", f"P{n:08}", f"Sturdy thing number {n}, slate grey, 1.2 L",
         categories[shelf].pk, float(price), "USD", "new", "marketplace" if n % 2 else "seller", "LIVE")
        for n, (owner, shelf, price) in enumerate(zip(owners, shelves, prices, strict=True))
    )  # fmt: skip
    columns = ["marketplace_id", "seller_id", "sku", "product_id", "title", "category_id"]
    bulk.insert(Offer, [*columns, "price", "currency", "condition", "fulfillment", "status"], rows)
    return len(owners)


def _orders(offers: int, numbers: np.ndarray, rng: np.random.Generator) -> list[tuple[int, int, date]]:
    """(line id, offer id, day) of every order line made."""
    first = Offer.objects.order_by("pk").values_list("pk", flat=True)[:1][0]
    owner = np.repeat(np.arange(first, first + offers), numbers)
    age = rng.integers(0, 60, len(owner))
    days = [LAST_DAY - timedelta(days=number) for number in range(60)]
    rows = (
        (int(offer), f"O{n:09}", days[back], n)
        for n, (offer, back) in enumerate(zip(owner, age, strict=True))
    )
    bulk.insert(OrderLine, ["offer_id", "order_ref", "ordered_on", "customer"], rows)
    return list(OrderLine.objects.order_by("pk").values_list("pk", "offer_id", "ordered_on"))


def _events(marketplace: Marketplace, lines: list[tuple[int, int, date]], rng: np.random.Generator) -> None:
    rate_of = rng.beta(2, 40, max(offer for _, offer, _ in lines) + 1)
    seller_of = dict(Offer.objects.values_list("pk", "seller_id"))
    complain = rng.random(len(lines)) < rate_of[[offer for _, offer, _ in lines]]
    reasons = ("defective", "not_as_described", "too_small", "missing_parts")
    rows = (
        (marketplace.pk, seller_of[offer], "return", f"E{line}", offer, line, day, "It broke.",
         True, "product", reasons[line % 4], "code", "x")
        for (line, offer, day), bad in zip(lines, complain, strict=True)
        if bad
    )  # fmt: skip
    columns = [
        "marketplace_id",
        "seller_id",
        "channel",
        "event_id",
        "offer_id",
        "order_line_id",
        "occurred_on",
    ]
    judged = ["comment", "counted", "cause", "reason", "judged_by", "judged_version"]
    bulk.insert(FeedbackEvent, [*columns, *judged], rows)
