"""Offers and their listings."""
# ruff: noqa: ARG002 - the signatures are Django's

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from offers.admin.base import BigAdmin, shortened
from offers.admin.listing_form import OfferForm
from offers.lifecycle import Status
from offers.listing_actions import ListingRefused, create_offer, edit_listing
from offers.models import ListingRevision, Offer
from offers.selectors import NEWEST, has_word_index, titled

_KEY = ("marketplace", "seller", "sku")
_STATE = ("status", "last_closed_on", "relisted_on", "lifted_on", "deleted_on", "created_at", "updated_at")
_PAGE = ("title", "description", "bullets", "attributes", "image_url")
_CATALOG = ("product_id", "category", "brand", "condition", "fulfillment", "manufacturer_barcode")
_SELLING = ("price", "currency", "quantity", "listed_on")


class OfferAdmin(BigAdmin):
    """An offer's listing is edited here, each change a revision; its state only ever moves by actions.

    The floor of health registers it, with these actions.
    """

    form = OfferForm
    list_display = ("sku", "title_begins", "seller", "marketplace", "status", "last_closed_on")
    list_select_related = ("seller", "marketplace")
    list_filter = ("marketplace", "status")
    # As the index for words holds them: a SKU alone stands first in no other index.
    search_fields = ("sku__iexact", "product_id__iexact")
    autocomplete_fields = ("marketplace", "seller", "category")
    related: ClassVar[Sequence[tuple[str, Any]]] = (
        ("offers_listingrevision", _("Revisions of the listing")),
        ("offers_offerstatuschange", _("Closures, relists and deletion")),
        ("offers_orderline", _("Orders")),
    )

    @property
    def search_help_text(self) -> str:  # type: ignore[override]  # Django only reads it
        """What to type: it depends on whether there is an index of words."""
        if has_word_index():
            return gettext("The SKU or the product id in full, or three letters or more of the title.")
        return gettext(
            "The SKU or the product id in full, or three letters or more of the title of one of the newest "
            "%(offers)s offers."
        ) % {"offers": f"{NEWEST:,}"}

    def wanted(self, request: HttpRequest, term: str) -> Q:
        """Also by a part of the title."""
        return super().wanted(request, term) | titled(term)

    @admin.display(description=_("title"))
    def title_begins(self, offer: Offer) -> str:
        """The beginning of the title."""
        return shortened(offer.title)

    @admin.display(description=_("more"))
    def kept(self, offer: Offer) -> str:
        """Links to what is kept of the offer."""
        links = (
            (reverse(f"admin:{name}_changelist"), offer.pk, label) for name, label in self.related if offer.pk
        )
        items = format_html_join("", '<li><a href="{}?offer__id__exact={}">{}</a></li>', links)
        return format_html("<ul>{}</ul>", items)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The key, the listing and, for an offer that is there, its state."""
        listing = [(_("Listing"), {"fields": _PAGE}), (_("Catalog"), {"fields": _CATALOG})]
        listing.append((_("Selling"), {"fields": _SELLING}))
        if obj is None:
            return [(None, {"fields": _KEY}), *listing]
        seen = ("seen_revision",) if self.has_change_permission(request, obj) else ()
        return [(None, {"fields": (*_KEY, *seen, "kept")}), *listing, (_("State"), {"fields": _STATE})]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """State always; what an offer is called by, once it is there."""
        return (*_STATE, *((*_KEY, "kept") if obj else ()))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not a deleted listing: it is frozen."""
        deleted = isinstance(obj, Offer) and obj.status == Status.LISTING_DELETED
        return not deleted and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: a listing is deleted by an action, and its row stays."""
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; where an edit is refused at the last moment, the page again and why."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ListingRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write through the actions, and only what was edited: never the state that the page had read."""
        source = ListingRevision.Source.OPERATOR
        if not change:
            create_offer(offer=obj, by=request.user, source=source)  # type: ignore[arg-type]  # is signed in
            return
        edited = {name: getattr(obj, name) for name in form.changed_data if name != "seen_revision"}
        edit_listing(
            offer_id=obj.pk,
            values=edited,
            seen_revision=form.cleaned_data["seen_revision"],
            by=request.user,  # type: ignore[arg-type]  # is signed in
            source=source,
        )
