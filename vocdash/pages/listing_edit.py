"""Editing a listing outside Resolve issue: the same fields, what would change, what others changed (UX 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext

from offers.listing_actions import content_of
from offers.models import Offer
from vocdash.pages.access import Nights
from vocdash.pages.listing_changes import Change, changes
from vocdash.pages.listing_fields import ListingFields, build_fields
from vocdash.pages.listing_form import Problem, Typed, content_of_form
from vocdash.pages.listing_merge import Side
from vocdash.pages.offer_data import read_computed
from vocdash.pages.offer_listing import hits_of
from vocdash.pages.offer_reasons import reasons_of
from vocdash.pages.resolve_fix import edits_counted
from vocdash.pages.resolve_flow import Head, crumbs_to, offer_picture
from vocdash.pages.shell import address_of


@dataclass(frozen=True, slots=True)
class EditPage:
    """The page. `clash`: in words that the listing changed meanwhile, with both sides by field."""

    head: Head
    fields: ListingFields
    edits: list[Change]
    edits_counted: str
    seen_revision: int
    problems: list[Problem] = field(default_factory=list)
    clash: str = ""
    sides: Sequence[Side] = ()


def build_edit(
    offer: Offer,
    nights: Nights,
    typed: Typed,
    *,
    problems: Sequence[Problem] = (),
    clash: str = "",
    sides: Sequence[Side] = (),
) -> EditPage:
    """The page as typed, on the listing as it is now."""
    base = content_of(offer)
    found = changes(base, {**base, **content_of_form(typed)})
    return EditPage(
        head=_head(offer),
        fields=build_fields(base, typed, hits_of(offer, _reasons(offer, nights), base), problems),
        edits=found,
        edits_counted=edits_counted(len(found)),
        seen_revision=offer.revision,
        problems=list(problems),
        clash=clash,
        sides=sides,
    )


def _head(offer: Offer) -> Head:
    heading = gettext("Edit listing")
    return Head(
        heading=heading,
        title=gettext("%(heading)s: %(title)s") % {"heading": heading, "title": offer.title},
        about=" · ".join(part for part in (offer.title, offer.sku, offer.marketplace.name) if part),
        picture=offer_picture(offer),
        crumbs=crumbs_to(offer, heading),
        back=address_of("offer", offer.pk),
    )


def _reasons(offer: Offer, nights: Nights) -> Mapping[str, int]:
    """Complaints of the present window by reason."""
    computed = read_computed(offer, nights)
    return reasons_of(computed) if computed else {}
