"""What a listing said at one of its revisions."""

from typing import Any

from offers.listing_actions import content_of
from offers.models import ListingRevision, Offer


def content_at(offer: Offer, number: int) -> dict[str, Any]:
    """The listing of a revision; as it is now where that revision isn't kept."""
    now = content_of(offer)
    if number == offer.revision:
        return now
    kept = ListingRevision.objects.filter(offer=offer, number=number)
    return {**now, **(kept.values_list("content", flat=True).first() or {})}
