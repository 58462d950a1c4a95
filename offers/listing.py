"""What belongs to a listing: the content that revisions keep and sellers edit. Pure.

Price and stock change from day to day and belong to the offer, not to what its page says.
"""

from collections.abc import Mapping
from typing import Any, Final

LISTING_FIELDS: Final = (
    "product_id",
    "title",
    "category",
    "brand",
    "condition",
    "fulfillment",
    "manufacturer_barcode",
    "description",
    "bullets",
    "attributes",
    "image_url",
    "images",
)


def listing_content(values: Mapping[str, Any]) -> dict[str, Any]:
    """The listing's part of an offer's values, as a revision stores it; `category` is a path, or empty."""
    return {name: values[name] for name in LISTING_FIELDS}


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of the listing's fields in which two contents differ."""
    return [name for name in LISTING_FIELDS if before.get(name) != after.get(name)]
