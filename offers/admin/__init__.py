"""The operators' pages for sellers, offers, orders and imports.

Marketplace, Offer and RemovalOrder are registered by the floor of health, with what it can do to them.
"""

from offers.admin import evidence, people, removals, sellers

__all__ = ["evidence", "people", "removals", "sellers"]
