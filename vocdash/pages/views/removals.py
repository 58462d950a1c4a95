"""Removal orders: the list, one order with its steps, asking for one, cancelling one (PRODUCT D7)."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from offers.lifecycle import Status
from offers.models import Fulfillment, Offer, RemovalOrder
from offers.removal_actions import RemovalRefused, cancel_removal, request_removal
from offers.removals import available_units, with_shortfall
from vocdash.pages.access import NoSeller, Standing, stand
from vocdash.pages.acting import may_act, refuse_readers
from vocdash.pages.offer_data import open_offer
from vocdash.pages.removal_choice import choice_page
from vocdash.pages.removal_form import RemovalForm, fresh_form, seen_stock, seller_fulfilled_words
from vocdash.pages.removal_list import build_removals, read_asked, removals_csv
from vocdash.pages.removal_page import build_removal, can_cancel
from vocdash.pages.removal_words import brief

UNPROCESSABLE = 422


@require_GET
def removals(request: HttpRequest) -> HttpResponse:
    """The removal orders of one seller."""
    try:
        standing = stand(request)
    except NoSeller:
        return _without_seller(request)
    page = build_removals(standing, read_asked(request.GET))
    return render(request, "removals/list.html", {"page": page})


def _without_seller(request: HttpRequest) -> HttpResponse:
    staff = cast(User, request.user).is_staff
    return redirect("switch") if staff else render(request, "no_seller.html")


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The chosen orders as CSV."""
    try:
        standing = stand(request)
    except NoSeller as error:
        raise Http404("Nothing to export") from error
    return removals_csv(standing, read_asked(request.GET))


@require_GET
def removal(request: HttpRequest, removal_id: int) -> HttpResponse:
    """One order, and what became of it."""
    order, role = _open_removal(request, removal_id)
    return render(request, "removals/order.html", {"page": build_removal(order, acting=may_act(role))})


def _open_removal(request: HttpRequest, removal_id: int) -> tuple[RemovalOrder, str | None]:
    """The order for somebody who may see its offer, and their role there. Raises Http404 for others."""
    found = with_shortfall(RemovalOrder.objects.filter(pk=removal_id))
    order = found.select_related("offer__category", "offer__marketplace", "case").first()
    if order is None:
        raise Http404("No such removal order")
    _, role, _ = open_offer(request, order.offer_id)
    return order, role


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, removal_id: int) -> HttpResponse:
    """Ask once, then cancel an order with which the marketplace has not begun."""
    order, role = _open_removal(request, removal_id)
    refuse_readers(request, role)
    if request.method == "POST":
        _cancel(request, order)
        return redirect("removal", order.pk)
    if not can_cancel(order):
        messages.info(request, _too_late())
        return redirect("removal", order.pk)
    context = {"order": order, "offer": brief(order.offer), "acting": may_act(role)}
    return render(request, "removals/cancel.html", context)


def _cancel(request: HttpRequest, order: RemovalOrder) -> None:
    try:
        cancel_removal(removal_id=order.pk, by=cast(User, request.user))
    except RemovalRefused:
        messages.warning(request, _too_late())
        return
    words = ngettext(
        "Order cancelled. %(count)s unit is available again.",
        "Order cancelled. %(count)s units are available again.",
        order.quantity,
    )
    messages.success(request, words % {"count": order.quantity})


def _too_late() -> str:
    return gettext("This order can't be cancelled any more: the marketplace has begun with it, or it ended.")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a removal order of one offer; without one, choose it first."""
    wanted = request.POST.get("offer", "") if request.method == "POST" else request.GET.get("offer", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        return _ask(request, int(wanted))
    if request.method == "POST" or wanted:
        raise Http404("No such offer")
    try:
        standing = stand(request)
    except NoSeller:
        return _without_seller(request)
    return _choose(request, standing)


def _choose(request: HttpRequest, standing: Standing) -> HttpResponse:
    refuse_readers(request, standing.role)
    page = choice_page(standing, request.GET.dict())
    return render(request, "removals/choose.html", {"page": page, "acting": may_act(standing.role)})


def _ask(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The form, and what came of it."""
    offer, role, _ = open_offer(request, offer_id)
    refuse_readers(request, role)
    form = fresh_form(available_units(offer))
    if request.method == "POST":
        form = RemovalForm(request.POST, available=available_units(offer))
        order = _request(request, form, offer)
        if order is not None:
            words = gettext("Removal order %(reference)s created.") % {"reference": order.reference}
            messages.success(request, words)
            return redirect("removal", order.pk)
    context = {
        "offer": brief(offer),
        "offer_id": offer.pk,
        "form": form,
        "seen": seen_stock(offer),
        "impossible": _impossible(offer),
        "acting": may_act(role),
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "removals/new.html", context, status=status)


def _impossible(offer: Offer) -> str:
    """Why nothing of this offer can be removed; "" where it can."""
    if offer.status == Status.LISTING_DELETED:
        return gettext("This listing was deleted.")
    if offer.fulfillment != Fulfillment.MARKETPLACE:
        return seller_fulfilled_words()
    return gettext("No units are left to remove") if available_units(offer) == 0 else ""


def _request(request: HttpRequest, form: RemovalForm, offer: Offer) -> RemovalOrder | None:
    """The order that was asked for; None where the form says why not."""
    if not form.is_valid():
        return None
    try:
        return request_removal(
            offer_id=offer.pk,
            kind=form.cleaned_data["kind"],
            quantity=form.cleaned_data["quantity"],
            note=form.cleaned_data["note"],
            form_key=form.cleaned_data["key"],
            by=cast(User, request.user),
        )
    except RemovalRefused as refused:
        offer.refresh_from_db(fields=["quantity", "status", "fulfillment"])
        form.explain(refused, offer)
        return None
