"""Notices that wait to be mailed, in a line each, and who got them."""

from datetime import UTC, datetime
from typing import Any

from django.core import mail

from health.mailing import (
    Mail,
)
from health.models import Notification, NotificationEmail
from offers.models import Membership, Seller
from tests.factories import (
    MarketplaceFactory,
    NotificationFactory,
    OfferStatusChangeFactory,
    SellerFactory,
)

NOW = datetime(2024, 3, 18, 8, tzinfo=UTC)


def words(row: NotificationEmail, member: Membership) -> Mail:
    """A writer that says whom it writes to."""
    return Mail(f"To {row.address}\nBcc: all", "text", "<p>html</p>", {"X-Role": member.role})


def waiting(kind: str = "weekly", seller: Seller | None = None, **fields: Any) -> Notification:
    """A notice that is still to be mailed."""
    seller = seller or SellerFactory()
    if kind in {"closed", "lifted"}:
        change = OfferStatusChangeFactory(offer__seller=seller)
        fields |= {"status_change": change, "offer": change.offer}
    return NotificationFactory(
        seller=seller, marketplace=MarketplaceFactory(), kind=kind, email="pending", **fields
    )


def recipients() -> list[str]:
    """To whom something was sent, in order."""
    return [address for message in mail.outbox for address in message.to]
