"""Resolve issue, step by step: review the feedback, fix the cause, confirm and relist (PRODUCT D4-D6, C7).

Everything stands in a draft of one person's until it is confirmed; confirming does all of it or nothing. Each
verb is atomic and belongs to the person whose draft it is: for everybody else the case does not exist. A form
sends the version that it was drawn from; where the draft was saved since, nothing is changed.

**Locks.** The offer's row first, then the case, as whoever moves an offer locks it before anything else; a
removal, a revision, the row in the grid and the tiles follow.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from health.actions import relist
from health.case_summary import removal_facts, summarize
from health.cases import (
    EDITABLE,
    FIXES,
    MOST_REMEDY,
    CaseRefused,
    Fix,
    current_case,
    draft_of,
    is_at_risk,
    last_opening,
    next_closed,
    present_closure,
    refuse_empty,
    refuse_listing,
    refuse_offer,
    refuse_removal,
    stock_left,
)
from health.models import ResolutionCase
from health.themes import Theme, read_themes
from offers.image_actions import check_references, discard_unused_images, references_in
from offers.lifecycle import Status
from offers.listing_actions import edit_listing
from offers.models import (
    Fulfillment,
    ListingRevision,
    Offer,
    OfferStatusChange,
    RemovalKind,
    RemovalOrder,
)
from offers.removal_actions import request_removal

__all__ = [
    "LIKELY_CAUSES",
    "CaseRefused",
    "Fix",
    "confirm",
    "current_case",
    "discard_unused_pictures",
    "drop_case",
    "next_closed",
    "open_case",
    "save_fix",
    "save_review",
    "stock_left",
]

# So long an upload that nothing names is kept: its form may still be open.
PICTURES_KEPT: Final = timedelta(days=7)
# What a person may say about a theme; "" for nothing.
LIKELY_CAUSES: Final = ("", "product", "listing", "packaging", "use", "unsure")
_DRAFT, _DONE, _DROPPED = (
    ResolutionCase.State.DRAFT,
    ResolutionCase.State.DONE,
    ResolutionCase.State.DROPPED,
)
_RELIST, _IMPROVE = ResolutionCase.Kind.RELIST, ResolutionCase.Kind.IMPROVE
_FIX_FIELDS: Final = ("fixes", "listing", "removal_kind", "removal_quantity", "remedy", "seen_revision")


@transaction.atomic
def open_case(*, offer_id: int, by: AbstractBaseUser, improve: bool = False) -> ResolutionCase:
    """The person's draft for what the offer needs now, made where there is none.

    To resolve and relist a closed offer, or to improve one that is open and shown Poor or Very poor. A draft
    about an earlier closure, or one from before the offer was closed, is dropped and its edits and words go
    into the new one; what was reviewed must be reviewed anew. A draft to relist an offer that is open again
    stays as it is: not_closed, unless `improve` says to go on by improving. Raises CaseRefused: deleted,
    not_closed, nothing_to_resolve.
    """
    offer = _locked_offer(offer_id)
    closure, draft = present_closure(offer), draft_of(offer_id, by)
    _refuse_opening(offer, draft, improve=improve)
    if draft and draft.closure_id == (closure.pk if closure else None):
        return draft
    case = ResolutionCase(
        offer=offer,
        seller_id=offer.seller_id,
        kind=_RELIST if closure else _IMPROVE,
        closure=closure,
        by=by,  # type: ignore[misc]  # the settings name the user model
        version=_version_after(offer, by),
        seen_revision=offer.revision,
    )
    if draft:
        for name in _FIX_FIELDS:
            setattr(case, name, getattr(draft, name))
        _drop(draft)
    case.save(force_insert=True)
    return case


def _version_after(offer: Offer, by: AbstractBaseUser) -> int:
    """Versions go on from draft to draft: no form of an earlier one passes for one of the next."""
    earlier = ResolutionCase.objects.filter(offer=offer, by_id=by.pk)
    return 1 + (earlier.aggregate(last=Max("version"))["last"] or 0)


def _refuse_opening(offer: Offer, draft: ResolutionCase | None, *, improve: bool) -> None:
    if offer.status == Status.CLOSED:
        return
    if offer.status == Status.LIVE:
        if draft and draft.kind == _RELIST and not improve:
            raise CaseRefused("not_closed", **last_opening(offer)._asdict())
        if (draft and draft.kind == _IMPROVE) or is_at_risk(offer):
            return
        raise CaseRefused("nothing_to_resolve", **last_opening(offer)._asdict())
    refuse_offer(draft or ResolutionCase(offer=offer), offer)


@transaction.atomic
def drop_case(*, case_id: int, by: AbstractBaseUser) -> None:
    """Throw the draft away. Doing it twice does it once; a case that is done stays done."""
    case = ResolutionCase.objects.filter(pk=case_id, by_id=by.pk, state=_DRAFT).first()
    if case:
        _drop(case)


def _drop(case: ResolutionCase) -> None:
    drafts = ResolutionCase.objects.filter(pk=case.pk, state=_DRAFT)
    drafts.update(state=_DROPPED, version=case.version + 1, updated_at=timezone.now())


def save_review(
    *, case_id: int, by: AbstractBaseUser, seen_version: int, themes: Iterable[Mapping[str, Any]]
) -> ResolutionCase:
    """Keep that every theme was read, and the likely cause of each: dicts of key and cause.

    How many orders a theme has is ours to say. Raises CaseRefused: other_version, not_reviewed (missing: the
    keys of the themes that are not there); not_closed and deleted after the review was kept. ValueError for
    a cause that is none of LIKELY_CAUSES.
    """
    causes = {str(theme["key"]): str(theme.get("cause") or "") for theme in themes}
    if unknown := set(causes.values()) - set(LIKELY_CAUSES):
        raise ValueError(f"no likely cause: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        case, offer = _open_draft(case_id, by, seen_version)
        found = read_themes(offer, case.closure).themes
        missing = [theme.key for theme in found if theme.key not in causes]
        if missing:
            raise CaseRefused("not_reviewed", missing=missing)
        case.themes = [_kept(theme, causes[theme.key]) for theme in found]
        case.reviewed_at = timezone.now()
        _save(case, "themes", "reviewed_at")
    refuse_offer(case, offer)
    return case


def _kept(theme: Theme, cause: str) -> dict[str, Any]:
    """A theme as a case keeps it."""
    return {
        "key": theme.key,
        "reason": theme.reason,
        "words": theme.words,
        "orders": theme.orders,
        "cause": cause,
    }


def save_fix(*, case_id: int, by: AbstractBaseUser, seen_version: int, fix: Fix) -> ResolutionCase:
    """Keep what the person wants to do. A complete one has to be a real change; a draft may be anything.

    Raises CaseRefused with nothing kept: other_version, seller_fulfilled, and for a complete one
    not_reviewed, no_change, stock_changed, no_stock; with everything kept: not_closed, deleted. ImageRefused
    for a picture that is not this offer's; ValueError and KeyError for what no form can send.
    """
    _refuse_unknown(fix)
    with transaction.atomic():
        case, offer = _open_draft(case_id, by, seen_version)
        ours = offer.fulfillment == Fulfillment.MARKETPLACE
        if "removal" in fix.fixes and not ours:
            raise CaseRefused("seller_fulfilled")
        check_references(offer_id=offer.pk, values=fix.listing)
        case.fixes = [name for name in FIXES if name in fix.fixes]
        case.listing = dict(fix.listing)
        case.removal_kind = fix.removal_kind if ours else ""
        case.removal_quantity = fix.removal_quantity or None if ours else None
        case.remedy = fix.remedy.replace("\x00", "").strip()
        case.seen_revision = fix.seen_revision or offer.revision
        case.fixed_at = timezone.now() if fix.complete else None
        if fix.complete:
            _refuse_incomplete(case, offer)
        _save(case, *_FIX_FIELDS, "fixed_at")
    refuse_offer(case, offer)
    return case


def _refuse_unknown(fix: Fix) -> None:
    if unknown := set(fix.listing) - set(EDITABLE):
        raise KeyError(*sorted(unknown))
    if unknown := set(fix.fixes) - set(FIXES):
        raise ValueError(f"no way to fix anything: {', '.join(sorted(unknown))}")
    if fix.removal_kind not in {"", *RemovalKind.values} or (fix.removal_quantity or 0) < 0:
        raise ValueError(f"no removal: {fix.removal_kind} {fix.removal_quantity}")
    if len(fix.remedy) > MOST_REMEDY:
        raise ValueError(f"a remedy has {MOST_REMEDY} characters at most")


def _refuse_incomplete(case: ResolutionCase, offer: Offer) -> None:
    if case.reviewed_at is None:
        raise CaseRefused("not_reviewed", missing=[])
    refuse_empty(case, offer)
    refuse_removal(case, offer)


@transaction.atomic
def confirm(
    *, case_id: int, by: AbstractBaseUser, seen_version: int, attested: bool, at: datetime | None = None
) -> ResolutionCase:
    """Do what the draft says, all of it or nothing: ask for the removal, edit the listing, relist.

    To improve is the same without the relist. A case that is done already is given back as it is: a second
    click does nothing. Stock that is 0, or that the removal takes to 0, is no obstacle: the relist is the
    seller's own act, and the summary says that there is nothing to sell until stock arrives. Raises
    CaseRefused with nothing changed and the draft kept: every code but nothing_to_resolve. `at` is the
    moment, by default now; a replay of past nights gives the moment in its own time.
    """
    case, offer = _locked(case_id, by)
    if case.state == _DONE:
        return case
    _refuse_confirming(case, offer, seen_version, attested=attested)
    at = at or timezone.now()
    summary = summarize(case, offer)
    case.removal = _remove(case, by, at)
    case.revision = _edit(case, by, at)
    case.relist = _relist(case, by, at)
    case.summary = {**summary, "removal": removal_facts(case.removal)}
    case.state, case.confirmed_at = _DONE, at
    case.reference = _reference(case, at)
    done = ("removal", "revision", "relist", "summary", "state", "confirmed_at", "reference")
    _save(case, *done)
    return case


def _refuse_confirming(case: ResolutionCase, offer: Offer, seen_version: int, *, attested: bool) -> None:
    """Everything once more: hours can lie between the steps, and other people."""
    if case.state != _DRAFT:
        raise CaseRefused("other_version")
    refuse_offer(case, offer)
    if case.version != seen_version:
        raise CaseRefused("other_version")
    if case.reviewed_at is None:
        raise CaseRefused("not_reviewed", missing=[])
    refuse_listing(case, offer)
    refuse_empty(case, offer)
    refuse_removal(case, offer)
    if not attested:
        raise CaseRefused("not_attested")


def _remove(case: ResolutionCase, by: AbstractBaseUser, at: datetime) -> RemovalOrder | None:
    """Ask for the removal, before the edit: it is about the offer as it is."""
    if "removal" not in case.fixes:
        return None
    quantity = case.removal_quantity or 0
    return request_removal(offer_id=case.offer_id, kind=case.removal_kind, quantity=quantity, by=by, at=at)


def _edit(case: ResolutionCase, by: AbstractBaseUser, at: datetime) -> ListingRevision | None:
    if "listing" not in case.fixes:
        return None
    edit_listing(
        offer_id=case.offer_id,
        values=case.listing,
        seen_revision=case.seen_revision,
        by=by,
        source=ListingRevision.Source.SELLER,
        at=at,
    )
    return ListingRevision.objects.filter(offer=case.offer_id).order_by("-number").first()


def _relist(case: ResolutionCase, by: AbstractBaseUser, at: datetime) -> OfferStatusChange | None:
    return relist(offer_id=case.offer_id, by=by, at=at) if case.kind == _RELIST else None


def _reference(case: ResolutionCase, at: datetime) -> str:
    """What the case is called: by its own number, so that no two that are confirmed at once are alike."""
    kind = "RL" if case.kind == _RELIST else "IM"
    return f"{kind}-{at.astimezone(case.offer.marketplace.zone):%Y%m%d}-{case.pk:04d}"


def _locked_offer(offer_id: int) -> Offer:
    offers = Offer.objects.select_for_update(of=("self",), no_key=True)
    return offers.select_related("marketplace", "category").get(pk=offer_id)


def _locked(case_id: int, by: AbstractBaseUser) -> tuple[ResolutionCase, Offer]:
    """The case and its offer, both held. Raises ResolutionCase.DoesNotExist for another person's."""
    mine = ResolutionCase.objects.filter(pk=case_id, by_id=by.pk)
    offer = _locked_offer(mine.values_list("offer", flat=True).get())
    case = mine.select_for_update(of=("self",), no_key=True).select_related("closure").get()
    case.offer = offer
    return case, offer


def _open_draft(case_id: int, by: AbstractBaseUser, seen_version: int) -> tuple[ResolutionCase, Offer]:
    """The draft and its offer, both held, if the form was drawn from the draft as it is."""
    case, offer = _locked(case_id, by)
    if case.state == _DONE and case.kind == _RELIST:
        raise CaseRefused("not_closed", **last_opening(offer)._asdict())
    if case.state != _DRAFT or case.version != seen_version:
        raise CaseRefused("other_version")
    return case, offer


def _save(case: ResolutionCase, *fields: str) -> None:
    """Keep these fields; every save makes a new version."""
    case.version += 1
    case.save(update_fields=[*fields, "version", "updated_at"])


def discard_unused_pictures(older_than: timedelta = PICTURES_KEPT) -> int:
    """Take away uploads that no listing, no revision and no draft names; returns how many."""
    return discard_unused_images(older_than, also_named=_in_drafts)


def _in_drafts(offer_id: int) -> Iterator[str]:
    drafts = ResolutionCase.objects.filter(offer=offer_id, state=_DRAFT)
    for listing in drafts.values_list("listing", flat=True):
        yield from references_in(listing)
