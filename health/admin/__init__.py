"""The operators' pages for health, and for what this floor can do to offers and marketplaces."""

from health.admin import evidence, holds, marketplaces, offers, pieces, policies

__all__ = ["evidence", "holds", "marketplaces", "offers", "pieces", "policies"]
