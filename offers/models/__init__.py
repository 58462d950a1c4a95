"""Who sells what, and what was ordered."""

from offers.models.catalog import (
    Category,
    Condition,
    Fulfillment,
    ListingRevision,
    Offer,
    OfferStatusChange,
)
from offers.models.images import ListingImage
from offers.models.imports import ImportFile, ImportProblem
from offers.models.orders import OrderLine
from offers.models.people import Invitation, Preferences
from offers.models.removals import RemovalChange, RemovalKind, RemovalOrder, RemovalState
from offers.models.sellers import Marketplace, Membership, Role, Seller

__all__ = [
    "Category",
    "Condition",
    "Fulfillment",
    "ImportFile",
    "ImportProblem",
    "Invitation",
    "ListingImage",
    "ListingRevision",
    "Marketplace",
    "Membership",
    "Offer",
    "OfferStatusChange",
    "OrderLine",
    "Preferences",
    "RemovalChange",
    "RemovalKind",
    "RemovalOrder",
    "RemovalState",
    "Role",
    "Seller",
]
