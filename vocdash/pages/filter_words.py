"""The words around the grid (views, filters, sorts, links), collected once per language."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext, override

from feedback.reasons import Reason
from offers.models import Fulfillment
from vocdash.pages.cells import GridLinks
from vocdash.pages.rows import reason_label
from vocdash.pages.shell import address_pattern

# What can be a top reason: those that count, and the one for events without any reason.
REASONS: Final = tuple(reason for reason in Reason if reason.cause.counts or reason is Reason.UNSPECIFIED)


@dataclass(frozen=True, slots=True)
class FilterWords:
    """Labels by the values that stand in addresses, in one language."""

    views: dict[str, str]
    statuses: dict[str, str]
    fulfillments: dict[str, str]
    reasons: dict[str, str]
    updated: dict[str, str]
    sorts: dict[str, str]
    health: str
    status: str
    fulfillment: str
    reason: str
    last_updated: str
    marketplace: str
    search: str
    links: GridLinks


@lru_cache(maxsize=16)
def filter_words(language: str, urlconf: str) -> FilterWords:
    """The words in `language`; the links are those of the pages that exist in `urlconf`."""
    del urlconf
    with override(language):
        return _collect()


def _collect() -> FilterWords:
    return FilterWords(
        views={
            "": gettext("All offers"),
            "action": gettext("Action required"),
            "at-risk": gettext("At risk of closure"),
            "recovering": gettext("Recovering"),
        },
        statuses={
            "action": gettext("Action required"),
            "open": gettext("Open"),
            "at-risk": gettext("At risk of closure"),
            "recovering": gettext("Recovering after relist"),
            "new": gettext("New: never ordered"),
            "quiet": gettext("No recent orders"),
            "deleted": gettext("Listing deleted"),
        },
        fulfillments={str(value): str(label) for value, label in Fulfillment.choices},
        reasons={str(reason): reason_label(reason) for reason in REASONS},
        updated={days: gettext("In the last %(days)s days") % {"days": days} for days in ("7", "30", "60")},
        sorts={
            "": gettext("Most urgent first"),
            "-rate": gettext("Highest NCX rate first"),
            "-orders": gettext("Most orders first"),
            "-updated": gettext("Last updated first"),
            "-closed": gettext("Last closed first"),
            "product": gettext("Title, A to Z"),
        },
        health=gettext("CX health"),
        status=gettext("Status"),
        fulfillment=gettext("Fulfilment"),
        reason=gettext("Reason"),
        last_updated=gettext("Last updated"),
        marketplace=gettext("Marketplace"),
        search=gettext("Search: %(q)s"),
        links=_links(),
    )


def _links() -> GridLinks:
    """Where the grid's rows lead, as far as those pages exist. Resolving starts on the details page."""
    details = address_pattern("offer")
    comments = address_pattern("offer-feedback-csv")
    menu = ((gettext("Details"), details), (gettext("Download feedback (CSV)"), comments))
    return GridLinks(details=details, resolve=details, menu=tuple(entry for entry in menu if entry[1]))
