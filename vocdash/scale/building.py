"""A made-up marketplace in one go."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction

from feedback.models import FeedbackEvent
from health.actions import sync_offers
from health.models import OfferHealth
from offers.models import Marketplace, Offer, OrderLine, Seller
from vocdash.marketplaces import create_marketplace
from vocdash.scale.assortment import make_assortment
from vocdash.scale.loading import bare_tables, settle
from vocdash.scale.sales import make_lines
from vocdash.scale.sizes import RECENT_DAYS, Size
from vocdash.scale.speech import Speakers

CODE: Final = "SCALE"
Progress = Callable[[str, float], None]


class RefusedHere(Exception):
    """The database holds what must not be mixed with made-up data; the message says what."""


@dataclass
class Made:
    """What was made. `recent_lines` are those of the last 60 days; NCX orders those with a counted event."""

    marketplace: Marketplace
    size: Size
    last_day: date
    categories: int
    peer_groups: int
    lines: int = 0
    recent_lines: int = 0
    cancelled: int = 0
    events: int = 0
    counted: int = 0
    ncx_orders: int = 0
    seconds: float = 0.0

    def lines_of_text(self) -> list[str]:
        """What to tell about it."""
        size = self.size
        return [
            f"Marketplace {self.marketplace.code}, up to {self.last_day}, seed {size.seed}:",
            f"  {size.offers:,} offers of {size.sellers:,} sellers, the largest with {size.largest:,}",
            f"  {self.categories:,} categories, up to {self.peer_groups:,} peer groups",
            f"  {self.lines:,} order lines over {size.days} days, {self.cancelled:,} of them cancelled",
            f"  {self.recent_lines:,} order lines in the last {RECENT_DAYS} days",
            f"  {self.events:,} feedback events, {self.counted:,} counted, on {self.ncx_orders:,} NCX orders",
            f"in {self.seconds:.1f} s.",
        ]


def refuse_other_data(code: str, *, beside: bool) -> None:
    """Raise RefusedHere where made-up data would mix with others."""
    if Marketplace.objects.filter(code=code).exists():
        raise RefusedHere(f"There is a marketplace {code} already. Choose another code or another database.")
    if Seller.objects.filter(code__regex=r"^V\d{6}$").exists():
        raise RefusedHere("There are made-up sellers already. Take another database.")
    if not beside and (Marketplace.objects.exists() or Seller.objects.exists()):
        raise RefusedHere(
            "This database holds other data. Made-up data are hard to tell apart and can't be removed again: "
            "take another database, or give --allow-other-data."
        )


def make_marketplace(
    size: Size, last_day: date, *, code: str = CODE, beside: bool = False, progress: Progress
) -> Made:
    """Make it, all or nothing. Raises RefusedHere."""
    began = time.monotonic()
    with transaction.atomic():
        refuse_other_data(code, beside=beside)
        made = _make(size, last_day, code, progress)
        progress("rows of the dashboard", 0.0)
        sync_offers(made.marketplace)
    settle(Offer, OrderLine, FeedbackEvent, OfferHealth)
    made.seconds = time.monotonic() - began
    return made


def _make(size: Size, last_day: date, code: str, progress: Progress) -> Made:
    marketplace, _ = create_marketplace(
        code=code, name="Made up", currency="USD", time_zone="America/New_York", language="en"
    )
    with bare_tables(Offer, OrderLine, FeedbackEvent):
        progress("offers", 0.0)
        assortment = make_assortment(marketplace, size, last_day)
        made = Made(marketplace, size, last_day, assortment.categories, assortment.groups * 4)
        speakers = Speakers(marketplace, assortment, size, last_day)
        for lines in make_lines(assortment, size, last_day):
            spoken = speakers.speak(lines)
            made.lines += len(lines.offer)
            made.recent_lines += len(lines.offer) if lines.age < RECENT_DAYS else 0
            made.cancelled += int(lines.cancelled.sum())
            made.events += spoken.events
            made.counted += spoken.counted
            made.ncx_orders += spoken.ncx_orders
            progress("orders and feedback", 1 - lines.age / size.days)
        progress("indexes", 0.0)
    return made
