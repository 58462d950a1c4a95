"""What can be asked about Resolve issue: whose draft it is, whether it still fits, what is in its way."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Case, QuerySet, Value, When

from health.bands import Band
from health.models import OfferHealth, ResolutionCase
from offers.lifecycle import CLOSING_MOVES, OPENING_MOVES, Move, Status
from offers.listing import changed_fields
from offers.listing_actions import content_of
from offers.models import Fulfillment, ListingRevision, Offer, OfferStatusChange
from offers.removals import available_units
from offers.selectors import for_seller

# What a seller may change here: what the item is comes from the marketplace's catalogue.
EDITABLE: Final = ("title", "brand", "description", "bullets", "attributes", "image_url", "images")
FIXES: Final = ("listing", "removal", "other")
# A statement of another remedy says something.
LEAST_REMEDY: Final = 10
MOST_REMEDY: Final = 5_000
AT_RISK: Final = (Band.POOR, Band.VERY_POOR)


class CaseRefused(Exception):
    """What was asked for isn't possible; nothing was done, except where a verb says that words are kept.

    `code`, and what belongs to it in `said`:
    - not_closed: the offer is open already: who (a person or None), at, how ("relist", "lift", "live");
    - deleted: the listing is gone: who, at;
    - nothing_to_resolve: open, and neither Poor nor Very poor;
    - other_version: saved in another window, or dropped or done there;
    - not_reviewed: themes that were not read (missing: their keys), or of another closure than the present;
    - no_change: missing, a list of FIXES that are ticked and empty, or empty when nothing is ticked;
    - listing_changed: since it was seen: who, at, source, revision;
    - stock_changed: fewer units than asked for: available; no_stock: none left: available (0);
    - seller_fulfilled: no stock of the marketplace's to remove;
    - not_attested.
    """

    def __init__(self, code: str, **said: Any) -> None:
        super().__init__(code)
        self.code = code
        self.said = said


@dataclass(frozen=True, slots=True)
class Fix:
    """What a person wants to do. `listing` holds the edited fields alone, of EDITABLE.

    removal_quantity is None where nothing was typed. complete: whether it has to be a real change, or is kept
    as it is ("Save draft"). seen_revision: the revision of the listing that the form showed; None stands
    for the present one.
    """

    fixes: frozenset[str] = frozenset()
    listing: dict[str, Any] = field(default_factory=dict)
    removal_kind: str = ""
    removal_quantity: int | None = None
    remedy: str = ""
    complete: bool = True
    seen_revision: int | None = None


class Opened(NamedTuple):
    """How an offer came to be open, or deleted: the move, by whom and when."""

    how: str
    who: AbstractBaseUser | None
    at: datetime | None


def present_closure(offer: Offer) -> OfferStatusChange | None:
    """The closure by which the offer is closed now; None where it is not."""
    if offer.status != Status.CLOSED:
        return None
    closures = OfferStatusChange.objects.filter(offer=offer, move__in=CLOSING_MOVES)
    return closures.order_by("-at", "-pk").first()


def last_opening(offer: Offer) -> Opened:
    """The offer's last move to LIVE; ("live", None, None) for one that was never closed."""
    return _last(offer, [move.value for move in OPENING_MOVES])


def _last(offer: Offer, moves: list[str]) -> Opened:
    changes = OfferStatusChange.objects.filter(offer=offer, move__in=moves).select_related("by")
    change = changes.order_by("-at", "-pk").first()
    return Opened(change.move, change.by, change.at) if change else Opened("live", None, None)


def current_case(*, offer_id: int, by: AbstractBaseUser) -> ResolutionCase | None:
    """The person's draft, None where there is none.

    Neither where the offer was closed since for another reason: what was read then is not what must be read
    now. `open_case` takes that draft's edits and words into a new one. A draft for an offer that is open
    again is given: its owner should read who opened it, and lose nothing.
    """
    case = draft_of(offer_id, by)
    if case is None or outdated(case, present_closure(case.offer)):
        return None
    return case


def draft_of(offer_id: int, by: AbstractBaseUser) -> ResolutionCase | None:
    """The person's draft for this offer, whatever became of the offer."""
    drafts = ResolutionCase.objects.select_related("offer", "offer__category", "closure")
    return drafts.filter(offer_id=offer_id, by_id=by.pk, state=ResolutionCase.State.DRAFT).first()


def outdated(case: ResolutionCase, closure: OfferStatusChange | None) -> bool:
    """Whether the offer is closed now by another closure than the one that the case is about."""
    return closure is not None and case.closure_id != closure.pk


def is_at_risk(offer: Offer) -> bool:
    """Whether the offer is open and shown Poor or Very poor."""
    rows = OfferHealth.objects.filter(offer=offer, band__in=AT_RISK)
    return offer.status == Status.LIVE and rows.exists()


def next_closed(offer: Offer) -> tuple[Offer | None, int]:
    """The seller's closed offer to go on with, and how many are closed besides this one.

    On the same marketplace first, the newest closure first.
    """
    closed: QuerySet[Offer] = for_seller(offer.seller_id).filter(status=Status.CLOSED).exclude(pk=offer.pk)
    here = Case(When(marketplace=offer.marketplace_id, then=Value(0)), default=Value(1))
    following = closed.select_related("marketplace").order_by(here, "-last_closed_on", "pk").first()
    return following, closed.count() if following else 0


def stock_left(case: ResolutionCase) -> int | None:
    """Units that are left to sell once the case is done; None where the stock is unknown."""
    available = available_units(case.offer)
    if available is None:
        return None
    asked = case.removal_quantity or 0 if "removal" in case.fixes else 0
    return max(0, available - asked)


def refuse_offer(case: ResolutionCase, offer: Offer) -> None:
    """Refuse a case whose offer is gone, open already, or closed for another reason by now."""
    if offer.status == Status.LISTING_DELETED:
        gone = _last(offer, [Move.DELETE.value])
        raise CaseRefused("deleted", who=gone.who, at=gone.at)
    if outdated(case, present_closure(offer)):
        raise CaseRefused("not_reviewed", missing=[])
    if case.kind == ResolutionCase.Kind.RELIST and offer.status != Status.CLOSED:
        raise CaseRefused("not_closed", **last_opening(offer)._asdict())


def refuse_listing(case: ResolutionCase, offer: Offer) -> None:
    """Refuse a case that is based on an older listing than the present one."""
    if offer.revision == case.seen_revision:
        return
    revisions = ListingRevision.objects.filter(offer=offer).select_related("by").order_by("-number")
    newest = revisions.first()
    raise CaseRefused(
        "listing_changed",
        who=newest and newest.by,
        at=newest and newest.at,
        source=newest.source if newest else "",
        revision=offer.revision,
    )


def refuse_empty(case: ResolutionCase, offer: Offer) -> None:
    """Refuse a case that changes nothing, or in which something is ticked that has nothing to it."""
    changed = changed_fields(content_of(offer), {**content_of(offer), **case.listing})
    done = {
        "listing": bool(changed),
        "removal": bool(case.removal_kind and case.removal_quantity),
        "other": len("".join(case.remedy.split())) >= LEAST_REMEDY,
    }
    missing = [fix for fix in case.fixes if not done[fix]]
    if missing or not case.fixes:
        raise CaseRefused("no_change", missing=missing)


def refuse_removal(case: ResolutionCase, offer: Offer) -> None:
    """Refuse a removal that the offer can't have: units that are not there, or not the marketplace's."""
    if "removal" not in case.fixes:
        return
    if offer.fulfillment != Fulfillment.MARKETPLACE:
        raise CaseRefused("seller_fulfilled")
    available = available_units(offer)
    if available is not None and (case.removal_quantity or 0) > available:
        raise CaseRefused("stock_changed" if available else "no_stock", available=available)
