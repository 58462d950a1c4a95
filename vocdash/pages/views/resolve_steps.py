"""What the steps of Resolve issue have in common: getting in, being sent back, being told that it is over."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from health.cases import CaseRefused, draft_of
from offers.models import Offer
from vocdash.pages.resolve_flow import Flow, NothingToResolve, Step, open_flow
from vocdash.pages.resolve_stopped import build_stopped
from vocdash.pages.resolve_words import refused

StepView = Callable[[HttpRequest, Flow], HttpResponse]
# Where a refusal leads, besides those after which there is nothing to resolve.
_LEADS_TO = {
    "not_reviewed": Step.REVIEW,
    "no_change": Step.FIX,
    "stock_changed": Step.FIX,
    "no_stock": Step.FIX,
    "seller_fulfilled": Step.FIX,
    "other_version": Step.CONFIRM,
    "listing_changed": Step.CONFIRM,
    "not_attested": Step.CONFIRM,
}


def step_view(view: StepView) -> Callable[[HttpRequest, int], HttpResponse]:
    """A step, for a person who may take it; else the page that says why there is nothing to do."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answered(request: HttpRequest, offer_id: int) -> HttpResponse:
        try:
            flow = open_flow(request, offer_id)
        except NothingToResolve as over:
            return stopped(request, over.flow.offer)
        return view(request, flow)

    return answered


def stopped(request: HttpRequest, offer: Offer) -> HttpResponse:
    """That there is nothing to resolve, with the draft that the person has."""
    draft = draft_of(offer.pk, cast(User, request.user))
    status = 409 if request.method == "POST" else 200
    return render(request, "resolve/stopped.html", build_stopped(offer, draft), status=status)


def due_first(request: HttpRequest, flow: Flow, step: Step) -> HttpResponse | None:
    """The way to the step that has to come first; None where this one is due or done."""
    if flow.reached(step):
        return None
    if flow.may_act:
        words = {
            Step.REVIEW: gettext("Read the feedback first: tick each theme, then continue."),
            Step.FIX: gettext("Choose how you'll fix it first. The last step needs a real change."),
        }
        messages.info(request, words[flow.due])
    return redirect(flow.address(flow.due))


def sent_back(request: HttpRequest, flow: Flow, error: CaseRefused) -> HttpResponse:
    """After a refusal: to the step where it can be mended, or to the page that says that it is over."""
    offer = Offer.objects.select_related("seller", "marketplace", "category", "health").get(pk=flow.offer.pk)
    if error.code not in _LEADS_TO:
        return stopped(request, offer)
    if error.code != "listing_changed":  # the step itself shows both sides
        messages.warning(request, refused(error, offer))
    return redirect(flow.address(_LEADS_TO[error.code]))
