"""Help pages: public, about one marketplace, without any seller's data (PRODUCT A1)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vocdash.pages.help_pages import BY_NAME, build_centre, build_page


@login_not_required
@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One help page, by the name of its address."""
    made, texts = build_page(request, name)
    return render(request, BY_NAME[name].template, {"page": made, **texts})


@login_not_required
@require_safe
def centre(request: HttpRequest) -> HttpResponse:
    """All help pages."""
    return render(request, "help/centre.html", {"page": build_centre(request)})
