"""The page of one offer, its feedback, and both as CSV."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from feedback.comments import Window, read_filter
from health.offer_detail import read_complaints
from offers.models import Offer
from vocdash.pages.offer_comments import ON_OWN_PAGE, Source, build_comments, feedback_csv
from vocdash.pages.offer_data import health_of, open_offer, read_offer
from vocdash.pages.offer_page import build_header, build_page, history_csv


@require_GET
def offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Why an offer's health is what it is, and what customers said (PRODUCT C1-C8)."""
    found, role, nights = open_offer(request, offer_id)
    return render(request, "offer/page.html", {"page": build_page(read_offer(found, role, nights))})


@require_GET
@vary_on_headers("HX-Request")
def feedback(request: HttpRequest, offer_id: int) -> HttpResponse:
    """All feedback on an offer, filtered. Answers htmx with the list alone."""
    found, _, _ = open_offer(request, offer_id)
    page = request.GET.get("page", "")
    comments = build_comments(
        _source(request, found), page=int(page) if page.isdecimal() and len(page) < 9 else 1, size=ON_OWN_PAGE
    )
    part = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    if part:
        return render(request, "offer/comments.html", {"comments": comments})
    return render(request, "offer/feedback.html", {"header": build_header(found), "comments": comments})


@require_GET
def feedback_file(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """The feedback as filtered, as CSV."""
    found, _, _ = open_offer(request, offer_id)
    return feedback_csv(_source(request, found))


@require_GET
def history_file(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """The weekly history as CSV."""
    found, _, nights = open_offer(request, offer_id)
    return history_csv(found, nights)


def _source(request: HttpRequest, found: Offer) -> Source:
    health = health_of(found)
    window = Window(health.as_of, health.window_days) if health else Window(None, 0)
    complaints = read_complaints(found.pk, window.as_of) if window.as_of else None
    return Source(found, window, complaints, read_filter(request.GET.dict()))
