"""Where Resolve issue ends without a step: the offer is open already, or gone. The draft is kept."""

from typing import Any

from health.cases import is_at_risk
from health.models import ResolutionCase
from offers.lifecycle import Status
from offers.models import Offer
from vocdash.pages.listing_changes import changes
from vocdash.pages.resolve_confirm import seen_content
from vocdash.pages.resolve_fix import removal_words
from vocdash.pages.resolve_flow import crumbs_to, heading_of
from vocdash.pages.resolve_words import not_resolvable
from vocdash.pages.shell import address_of


def build_stopped(offer: Offer, draft: ResolutionCase | None) -> dict[str, Any]:
    """What resolve/stopped.html shows. `draft` is the reader's own, whatever it was about."""
    headline, detail = not_resolvable(offer)
    heading = heading_of(relists=True)
    base = seen_content(draft) if draft else {}
    improvable = draft is not None and draft.kind == ResolutionCase.Kind.RELIST and is_at_risk(offer)
    return {
        "heading": heading,
        "crumbs": crumbs_to(offer, heading),
        "headline": headline,
        "detail": detail,
        "offer_address": address_of("offer", offer.pk),
        "draft": draft,
        "edits": changes(base, {**base, **draft.listing}) if draft else [],
        "removal": removal_words(draft.removal_kind, draft.removal_quantity) if draft else "",
        "can_improve": improvable,
        "can_edit": offer.status != Status.LISTING_DELETED,
    }
