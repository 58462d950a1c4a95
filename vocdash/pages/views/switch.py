"""Choosing the seller and the marketplace whose offers are shown (PRODUCT A4, F6)."""

from contextlib import suppress
from typing import cast

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from vocdash.pages.access import MARKETPLACE_KEY, SELLER_KEY, NoSeller, stand
from vocdash.pages.switching import chosen, read_asked, switch_page


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """List what can be chosen; a POST keeps the choice in the session and goes on."""
    if request.method == "POST":
        return _choose(request)
    user, standing = cast(User, request.user), None
    # The seller that an operator had chosen may be gone since: this is the page to choose another.
    with suppress(NoSeller, Http404):
        standing = stand(request)
    page = switch_page(user, read_asked(request.GET))
    if standing is None and not user.is_staff:
        return render(request, "no_seller.html")
    here = (standing.seller.pk, standing.chosen.code if standing.chosen else "") if standing else None
    return render(request, "switch.html", {"page": page, "here": here})


def _choose(request: HttpRequest) -> HttpResponse:
    made = chosen(
        cast(User, request.user), request.POST.get("seller", ""), request.POST.get("marketplace", "")
    )
    if made is None:
        raise Http404("No such seller or marketplace")
    request.session[SELLER_KEY], request.session[MARKETPLACE_KEY] = made
    onward = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        onward, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(onward if safe else reverse("dashboard"))
