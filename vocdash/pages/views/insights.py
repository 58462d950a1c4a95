"""Patterns across a seller's offers, and the tables behind them as CSV."""

from typing import cast

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from vocdash.pages.access import NoSeller, Standing, stand
from vocdash.pages.insights_page import build_page, reasons_csv, worklist_csv
from vocdash.pages.insights_state import read_state


@require_GET
def insights(request: HttpRequest) -> HttpResponse:
    """What goes wrong most, which offers stand out, and where fixing helps (UX 5e)."""
    try:
        standing = stand(request)
    except NoSeller:
        staff = cast(User, request.user).is_staff  # who reads every seller's pages, but has to choose one
        return redirect("switch") if staff else render(request, "no_seller.html")
    page = build_page(standing, read_state(request.GET, standing))
    return render(request, "insights/page.html", {"page": page})


@require_GET
def reasons_file(request: HttpRequest) -> HttpResponseBase:
    """The reasons as CSV."""
    standing = _standing_or_404(request)
    return reasons_csv(standing, read_state(request.GET, standing))


@require_GET
def worklist_file(request: HttpRequest) -> HttpResponseBase:
    """The whole worklist as CSV."""
    standing = _standing_or_404(request)
    return worklist_csv(standing, read_state(request.GET, standing))


def _standing_or_404(request: HttpRequest) -> Standing:
    try:
        return stand(request)
    except NoSeller as error:
        raise Http404("Nothing to export") from error
