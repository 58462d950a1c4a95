"""The page to which the link of an invitation leads (PRODUCT F6): public, and only as good as its token."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from offers.members import (
    MemberRefused,
    Refusal,
    accept,
    accept_as_new,
    account_of,
    normal_address,
    read_invitation,
)
from offers.models import Invitation
from vocdash.pages.access import SELLER_KEY
from vocdash.pages.account_forms import JoinForm
from vocdash.pages.member_list import words_of

_BACKEND = "vocdash.signing_in.AccountBackend"
_ENDED = frozenset({Refusal.USED, Refusal.REVOKED, Refusal.EXPIRED})


@login_not_required
@sensitive_post_parameters("password1", "password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Join the seller: as the person who is signed in, after signing in, or with a new account."""
    try:
        found = read_invitation(token)
        if request.user.is_authenticated:
            return _as_member(request, token, found)
        if account_of(found.email) is not None:
            return _page(request, "members/sign_in_first.html", found)
        return _as_new(request, token, found)
    except MemberRefused as refused:
        return _refused(request, refused.why)


def _page(request: HttpRequest, template: str, found: Invitation, **more: object) -> HttpResponse:
    form = more.get("form")
    status = 422 if isinstance(form, JoinForm) and form.errors else 200
    return render(request, template, {"invitation": found, "next": request.path, **more}, status=status)


def _as_member(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    user = cast(User, request.user)
    if found.email not in {normal_address(user.email), normal_address(user.username)}:
        return _page(request, "members/other_address.html", found)
    if request.method != "POST":
        return _page(request, "members/accept.html", found)
    accept(token=token, by=user)
    return _joined(request, found)


def _as_new(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    form = JoinForm(request.POST if request.method == "POST" else None, email=found.email)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "members/join.html", found, form=form)
    given = form.cleaned_data
    user = accept_as_new(token=token, name=given["name"], password=given["password1"])
    login(request, user, backend=_BACKEND)
    return _joined(request, found)


def _joined(request: HttpRequest, found: Invitation) -> HttpResponse:
    request.session[SELLER_KEY] = found.seller_id
    messages.success(request, gettext("You are now a member of %(seller)s.") % {"seller": found.seller.name})
    return redirect("dashboard")


def _refused(request: HttpRequest, why: Refusal) -> HttpResponse:
    """Say what is wrong with the link, in plain words."""
    if why is Refusal.HAS_ACCOUNT:  # made a moment ago, in another window
        return redirect(request.path)
    status = {Refusal.UNKNOWN: 404, Refusal.OPERATOR: 403}.get(why, 410 if why in _ENDED else 403)
    return render(request, "members/no_invitation.html", {"problem": words_of(why)}, status=status)
