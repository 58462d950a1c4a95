"""What happens to a form that could not be taken because of its token."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vocdash.pages.resolve_kept import keep


def token_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form with the token of an earlier sign-in. What was typed is kept where it can be."""
    del reason  # for developers, and the log has it
    kept = keep(request) and request.user.is_authenticated
    return render(request, "403_csrf.html", {"again": request.path if kept else ""}, status=403)
