"""Making offers and editing their listings by hand: each change of a listing is kept as a revision."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from offers.lifecycle import Status
from offers.listing import LISTING_FIELDS, changed_fields, listing_content
from offers.models import ListingRevision, Offer

# What may be edited besides the listing: it belongs to the offer and is not part of revisions.
OFFER_FIELDS: Final = ("price", "currency", "quantity", "listed_on")


class ListingRefused(ValueError):
    """The listing can't be edited like this; the message says what to do. Nothing was changed."""


def content_of(offer: Offer) -> dict[str, Any]:
    """The listing's content as revisions store it."""
    values = {name: getattr(offer, name) for name in LISTING_FIELDS if name != "category"}
    return listing_content({**values, "category": offer.category.path if offer.category else ""})


@transaction.atomic
def create_offer(*, offer: Offer, by: AbstractBaseUser | None, source: str) -> Offer:
    """Store a new LIVE offer and the first revision of its listing."""
    offer.status, offer.revision = Status.LIVE.value, 1
    offer.quantity_at = timezone.now()
    offer.save(force_insert=True)
    _keep_revision(offer, [], by, source)
    return offer


@transaction.atomic
def edit_listing(
    *,
    offer_id: int,
    values: Mapping[str, Any],
    seen_revision: int,
    by: AbstractBaseUser | None,
    source: str,
    at: datetime | None = None,
) -> list[str]:
    """Set fields of LISTING_FIELDS and OFFER_FIELDS. Returns those of the listing that really changed.

    `seen_revision` is the revision that the person had before their eyes. Raises ListingRefused when
    somebody changed the listing since, or deleted it; KeyError for any other field: an offer's state is
    moved by `offers.actions.move` alone. `at` is the moment, by default now.
    """
    if unknown := set(values) - {*LISTING_FIELDS, *OFFER_FIELDS}:
        raise KeyError(*sorted(unknown))
    offer = Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer_id)
    if offer.status == Status.LISTING_DELETED:
        raise ListingRefused("The listing was deleted, so it can't be edited any more.")
    if offer.revision != seen_revision:
        raise ListingRefused("Somebody else changed this listing meanwhile. Look at it again, then edit it.")
    before = content_of(offer)
    for name, value in values.items():
        setattr(offer, name, value)
    changed = changed_fields(before, content_of(offer))
    offer.revision += bool(changed)
    if "quantity" in values:
        offer.quantity_at = timezone.now()
    offer.save(update_fields=[*values, "quantity_at", "revision", "updated_at"])
    if changed:
        _keep_revision(offer, changed, by, source, at)
    return changed


def _keep_revision(
    offer: Offer,
    changed: list[str],
    by: AbstractBaseUser | None,
    source: str,
    at: datetime | None = None,
) -> None:
    ListingRevision.objects.create(
        offer=offer,
        number=offer.revision,
        source=source,
        changed_fields=changed,
        content=content_of(offer),
        by=by,  # type: ignore[misc]  # the settings name the user model
        at=at or timezone.now(),
    )
