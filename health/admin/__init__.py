"""The operators' pages for health, and for what this floor can do to offers and marketplaces."""

from health.admin import cases, evidence, holds, marketplaces, offers, pieces, policies, removals

__all__ = ["cases", "evidence", "holds", "marketplaces", "offers", "pieces", "policies", "removals"]
