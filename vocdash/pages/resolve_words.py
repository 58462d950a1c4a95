"""What stands in the way of resolving, in plain words: who did what, when, and what to do now (UX 6)."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext

from health.cases import CaseRefused, last_opening
from offers.lifecycle import Move, Status
from offers.models import ListingRevision, Offer, OfferStatusChange
from vocdash.pages.formats import locale
from vocdash.pages.offer_timeline import person


def moment_words(at: datetime, offer: Offer) -> str:
    """A moment in the marketplace's zone: of today its time alone."""
    style, zone = locale(get_language()), offer.marketplace.zone
    local = at.astimezone(zone)
    today = timezone.now().astimezone(zone).date()
    return style.time(local) if local.date() == today else style.moment(local)


def listing_changed(offer: Offer) -> str:
    """Who changed the listing last, and when."""
    newest = ListingRevision.objects.filter(offer=offer).select_related("by").order_by("-number").first()
    if newest is None:
        return gettext("The listing changed meanwhile. Check your edits again.")
    by_import = newest.source == ListingRevision.Source.IMPORT
    values = {
        "at": moment_words(newest.at, offer),
        "who": gettext("by import") if by_import else person(newest.by),
    }
    return gettext("The listing changed at %(at)s (%(who)s). Check your edits again.") % values


def already_open(offer: Offer) -> str:
    """That an offer can be bought, and since whose act."""
    how, who, at = last_opening(offer)
    if at is None:
        return gettext("This offer is open: customers can buy it.")
    values = {"who": person(who), "at": moment_words(at, offer)}
    if how == Move.LIFT:
        return (
            gettext("This offer is already open. The closure was lifted by an operator at %(at)s.") % values
        )
    if who is None:
        return gettext("This offer is already open. It was relisted at %(at)s.") % values
    return gettext("This offer is already open. It was relisted by %(who)s at %(at)s.") % values


def not_resolvable(offer: Offer) -> tuple[str, str]:
    """Why there is nothing to resolve: a headline and what follows from it."""
    if offer.status == Status.LISTING_DELETED:
        moves = OfferStatusChange.objects.filter(offer=offer, move=Move.DELETE.value).select_related("by")
        gone = moves.order_by("-at", "-pk").first()
        headline = gettext("The listing was deleted.")
        if gone:
            values = {"who": person(gone.by), "at": moment_words(gone.at, offer)}
            headline = gettext("The listing was deleted by %(who)s at %(at)s.") % values
        return headline, gettext(
            "Its health and its feedback stay as they are. Nothing more can be done with it."
        )
    return already_open(offer), gettext("There is nothing to resolve now. Nothing was changed.")


def refused(error: CaseRefused, offer: Offer) -> str:
    """A refusal of health.resolving as a message above the step to which it leads back."""
    said: dict[str, Any] = error.said
    style = locale(get_language())
    if error.code in {"stock_changed", "no_stock"}:
        return gettext("Units were sold or reserved since you started. You can remove up to %(units)s.") % {
            "units": style.count(int(said.get("available") or 0))
        }
    if error.code == "listing_changed":
        return listing_changed(offer)
    return {
        "other_version": gettext("This draft was saved in another window. Check it again before you go on."),
        "not_reviewed": gettext("Read the feedback first: it changed, or the offer was closed again since."),
        "no_change": gettext("Nothing would change any more. Make a change, or describe another remedy."),
        "seller_fulfilled": gettext("You ship this offer yourself, so there is no stock to remove."),
        "not_attested": gettext("Confirm that the listing is accurate and that you've acted on the problems"),
    }.get(error.code, already_open(offer))
