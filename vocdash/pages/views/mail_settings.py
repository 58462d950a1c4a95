"""Which notices a member gets by e-mail, and the way out of summaries."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from health.mailing import choose_emails, unsubscribe, wanted_by
from offers.models import Membership
from vocdash.pages.access import NoSeller, stand
from vocdash.pages.mail import CAN_LEAVE
from vocdash.pages.mail_choices import choices_of
from vocdash.pages.unsubscribing import read_token


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """A member's choices for one seller. An operator on a seller's page has none to make."""
    user = cast(User, request.user)
    try:
        standing = stand(request)
    except NoSeller:
        return redirect("switch") if user.is_staff else render(request, "no_seller.html")
    member = Membership.objects.filter(user=user, seller=standing.seller).first()
    if member is None:
        if request.method == "POST":
            raise PermissionDenied
        return render(request, "inbox/settings.html", {"seller": standing.seller, "reading": True})
    if request.method == "POST":
        choose_emails(membership=member, wanted=request.POST.getlist("wanted"))
        messages.success(request, gettext("Your choices are saved."))
        return redirect("settings-notifications")
    page = {"seller": standing.seller, "address": user.email, "choices": choices_of(wanted_by(member))}
    return render(request, "inbox/settings.html", page)


@login_not_required
@csrf_exempt  # mail programs post here by themselves (RFC 8058); the signed token says who asks
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask with GET, because scanners follow links; stop the e-mails with POST, answered where it was sent."""
    wish = read_token(token)
    if wish is None or wish.kind not in CAN_LEAVE:
        raise Http404("No such link")
    done = request.method == "POST"
    if done:
        unsubscribe(membership_id=wish.membership_id, kind=wish.kind)
    seller = Membership.objects.filter(pk=wish.membership_id).values_list("seller__name", flat=True).first()
    return render(request, "inbox/unsubscribe.html", {"done": done, "seller": seller, "token": token})
