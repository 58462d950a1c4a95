"""Offers, with what an operator can do to them: close, lift, delete."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from health.actions import close_by_hand, delete_listing, lift_closure, sync_offers
from offers.admin.asking import Question, SureForm, ask_then_act
from offers.admin.offers import OfferAdmin
from offers.models import Offer


@admin.register(Offer)
class OfferWithHealthAdmin(OfferAdmin):
    """The offers' page of the lower floor; a new offer is on its seller's dashboard at once."""

    actions = ("lift", "close", "delete_listings")
    related = (
        *OfferAdmin.related,
        ("feedback_feedbackevent", gettext_lazy("Feedback")),
        ("health_offerhealth", gettext_lazy("Health")),
        ("health_healthchange", gettext_lazy("Changes of health")),
        ("health_closurehold", gettext_lazy("Held closures")),
        ("health_notification", gettext_lazy("Notifications")),
    )

    def save_model(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save as the lower floor does, and give a new offer its row in the grid."""
        super().save_model(request, obj, form, change)
        if not change:
            sync_offers(obj.marketplace)

    def has_delete_listing_permission(self, request: HttpRequest) -> bool:
        """Whoever may delete offers may delete their listings: the rows stay."""
        return request.user.has_perm("offers.delete_offer")

    @admin.action(description=gettext_lazy("Lift the closure…"), permissions=["change"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Offer]) -> HttpResponse | None:
        """Undo closures that were errors, with a reason (PRODUCT D10)."""
        question = Question(
            action="lift",
            title=_("Lift the closure of these offers"),
            explanation=_(
                "The offers can be bought again. Their closure is marked as an error and no longer gives the "
                "Last offer closed date; old orders keep their full weight. Sellers read the reason."
            ),
            button=_("Lift the closure"),
            details=_state,
        )
        return ask_then_act(
            self,
            request,
            queryset,
            question,
            lambda offer, reason: _done(lift_closure(offer_id=offer.pk, by=_actor(request), reason=reason)),
        )

    @admin.action(description=gettext_lazy("Close by hand…"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Offer]) -> HttpResponse | None:
        """Close offers, with a reason (PRODUCT D10)."""
        question = Question(
            action="close",
            title=_("Close these offers by hand"),
            explanation=_(
                "The offers can't be bought until their sellers relist them. Nothing else of the seller's "
                "account is touched. Sellers are told, and read the reason."
            ),
            button=_("Close"),
            details=_state,
        )
        return ask_then_act(
            self,
            request,
            queryset,
            question,
            lambda offer, reason: _done(close_by_hand(offer_id=offer.pk, by=_actor(request), reason=reason)),
        )

    @admin.action(description=gettext_lazy("Delete the listing…"), permissions=["delete_listing"])
    def delete_listings(self, request: HttpRequest, queryset: QuerySet[Offer]) -> HttpResponse | None:
        """Delete listings for ever; their feedback stays (PRODUCT B7)."""
        question = Question(
            action="delete_listings",
            title=_("Delete these listings"),
            explanation=_(
                "They can't be bought, edited or brought back any more. Their last health and their feedback "
                "are kept. The same SKU can be listed again as a new offer."
            ),
            button=_("Delete the listings"),
            form=SureForm,
            details=_state,
        )
        return ask_then_act(
            self,
            request,
            queryset,
            question,
            lambda offer, _reason: _done(delete_listing(offer_id=offer.pk, by=_actor(request))),
        )


def _state(offer: Offer) -> list[str]:
    """Whose it is and whether it is open, for a person who decides on it."""
    return [f"{offer.seller} · {offer.marketplace} · {offer.get_status_display()}"]


def _done(_change: object) -> None:
    """Nothing to be said of an offer but that it is done."""


def _actor(request: HttpRequest) -> Any:
    return request.user
