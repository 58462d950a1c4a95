"""The dashboard, its CSV, and the views of it that people save."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from health.policy import Policy
from health.saved_views import ViewRefused, delete_view, save_view
from vocdash.pages.access import NoSeller, Standing, stand
from vocdash.pages.dashboard import draw, read
from vocdash.pages.downloads import offers_csv
from vocdash.pages.filter_words import REASONS
from vocdash.pages.grid_state import GridState, read_state
from vocdash.pages.kept_pages import render_kept


def home(_request: HttpRequest) -> HttpResponseRedirect:
    """The dashboard is the hub."""
    return redirect("dashboard")


@require_GET
@vary_on_headers("HX-Request")
def dashboard(request: HttpRequest) -> HttpResponse:
    """The offers of one seller (PRODUCT B1-B9). Answers htmx with the part that changes."""
    try:
        standing = stand(request)
    except NoSeller:
        staff = cast(User, request.user).is_staff  # who reads every seller's pages, but has to choose one
        return redirect("switch") if staff else render(request, "no_seller.html")
    state = _state(request, standing)
    found = read(standing, state, policy_of(standing))
    part = bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]

    def context() -> dict[str, Any]:
        page = draw(found)
        return {"page": page, "table": page.table, "part": part}

    return render_kept(request, "offers/region.html" if part else "dashboard.html", found.shows, context)


def _state(request: HttpRequest, standing: Standing) -> GridState:
    return read_state(request.GET, standing.marketplaces, [str(reason) for reason in REASONS])


def policy_of(standing: Standing) -> Policy:
    """The numbers with which ranges are drawn: the marketplace's own, the defaults for several."""
    return standing.nights[standing.chosen.pk].policy if standing.chosen else Policy()


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered grid as CSV, all pages (PRODUCT B4)."""
    try:
        standing = stand(request)
    except NoSeller as error:
        raise Http404("Nothing to export") from error
    return offers_csv(standing, _state(request, standing))


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name."""
    standing = _standing_or_404(request)
    query = _state_of_text(request.POST.get("query", ""), standing).query()
    try:
        view = save_view(
            user=cast(User, request.user),
            seller=standing.seller,
            name=request.POST.get("name", ""),
            query=query,
        )
    except ViewRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("View “%(name)s” saved.") % {"name": view.name})
    return redirect(f"{reverse('dashboard')}?{query}")


def _state_of_text(query: str, standing: Standing) -> GridState:
    return read_state(QueryDict(query[:4000]), standing.marketplaces, [str(reason) for reason in REASONS])


@require_POST
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a saved view of one's own."""
    if not delete_view(user=cast(User, request.user), view_id=view_id):
        raise Http404("No such view")
    messages.success(request, gettext("View deleted."))
    return redirect("dashboard")


def _standing_or_404(request: HttpRequest) -> Standing:
    try:
        return stand(request)
    except NoSeller as error:
        raise Http404("Nothing here") from error
