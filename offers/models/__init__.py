"""Who sells what, and what was ordered."""

from offers.models.catalog import (
    Category,
    Condition,
    Fulfillment,
    ListingRevision,
    Offer,
    OfferStatusChange,
)
from offers.models.imports import ImportFile, ImportProblem
from offers.models.orders import OrderLine
from offers.models.sellers import Marketplace, Membership, Role, Seller

__all__ = [
    "Category",
    "Condition",
    "Fulfillment",
    "ImportFile",
    "ImportProblem",
    "ListingRevision",
    "Marketplace",
    "Membership",
    "Offer",
    "OfferStatusChange",
    "OrderLine",
    "Role",
    "Seller",
]
