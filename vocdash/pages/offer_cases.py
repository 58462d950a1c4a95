"""Cases on an offer's timeline: what a seller did about the problems, and its reference (PRODUCT C8, D4)."""

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from health.models import ResolutionCase
from vocdash.pages.formats import Locale
from vocdash.pages.removal_words import kind_words


def case_details(case: ResolutionCase, edited: str, style: Locale) -> Iterator[str]:
    """What a confirmed case did. `edited`: the names of the listing's fields that it changed."""
    yield gettext("Reference %(reference)s") % {"reference": case.reference}
    if edited:
        yield gettext("Listing edited: %(fields)s") % {"fields": edited}
    if removal := case.summary.get("removal"):
        units = ngettext("%(count)s unit", "%(count)s units", removal["quantity"])
        yield gettext("Removal order %(reference)s: %(state)s") % {
            "reference": removal["reference"],
            "state": f"{kind_words(removal['kind'])} · {units % {'count': style.count(removal['quantity'])}}",
        }
    if remedy := case.summary.get("remedy"):
        yield gettext("Another remedy: %(remedy)s") % {"remedy": remedy}


def edited_fields(case: ResolutionCase) -> list[str]:
    """The fields of the listing that the case changed."""
    fields: list[str] = (case.summary.get("listing") or {}).get("fields", [])
    return fields
