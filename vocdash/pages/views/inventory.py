"""Manage Inventory: the seller's offers as a catalogue, its CSV, and the end of a listing."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from health.actions import delete_listing
from offers.actions import MoveRefused
from offers.lifecycle import Status
from offers.removals import open_removals
from vocdash.pages.access import NoSeller, stand
from vocdash.pages.acting import may_act, refuse_readers
from vocdash.pages.inventory_page import build_inventory, inventory_csv, state_of_query
from vocdash.pages.offer_data import open_offer
from vocdash.pages.removal_words import brief
from vocdash.pages.views.dashboard import policy_of


@require_GET
def inventory(request: HttpRequest) -> HttpResponse:
    """The offers of one seller with price, stock and status (PRODUCT D8)."""
    try:
        standing = stand(request)
    except NoSeller:
        staff = cast(User, request.user).is_staff
        return redirect("switch") if staff else render(request, "no_seller.html")
    page = build_inventory(standing, state_of_query(request.GET, standing), policy_of(standing))
    return render(request, "inventory/page.html", {"page": page, "table": page.table})


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered catalogue as CSV, all pages."""
    try:
        standing = stand(request)
    except NoSeller as error:
        raise Http404("Nothing to export") from error
    return inventory_csv(standing, state_of_query(request.GET, standing))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Ask once, then delete a listing for ever (PRODUCT B7, D8)."""
    offer, role, _ = open_offer(request, offer_id)
    refuse_readers(request, role)
    if request.method == "POST":
        try:
            delete_listing(offer_id=offer.pk, by=cast(User, request.user))
        except MoveRefused:
            messages.info(request, gettext("This listing was deleted already."))
        else:
            messages.success(request, gettext("Listing “%(title)s” deleted.") % {"title": offer.title})
        return redirect("inventory")
    if offer.status == Status.LISTING_DELETED:
        messages.info(request, gettext("This listing was deleted already."))
        return redirect("offer", offer.pk)
    context = {
        "brief": brief(offer),
        "open_removals": open_removals(offer.pk),
        "acting": may_act(role),
    }
    return render(request, "inventory/delete.html", context)
