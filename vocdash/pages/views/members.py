"""Members of a seller: the list, and what its owners do with it (PRODUCT F6)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offers.members import (
    MemberRefused,
    Refusal,
    change_role,
    invite,
    invite_again,
    leave,
    remove_member,
    revoke,
)
from offers.models import Invitation, Membership, Role
from vocdash.pages.access import NoSeller, Standing, stand
from vocdash.pages.account_forms import InviteForm
from vocdash.pages.account_mail import invitation_address, invitation_letter, send
from vocdash.pages.member_list import members_page, name_of, words_of

P = ParamSpec("P")
_Verb = Callable[Concatenate[HttpRequest, Standing, P], HttpResponse]


def _by_owner(verb: _Verb[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only an owner of the seller may: 403 for its other members and for operators."""

    @wraps(verb)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        standing = _standing(request)
        if standing.role != Role.OWNER:
            raise PermissionDenied
        try:
            return verb(request, standing, *args, **kwargs)
        except MemberRefused as refused:
            if refused.why is Refusal.NOT_OWNER:  # not any more: somebody else was faster
                raise PermissionDenied from refused
            return _list(request, standing, problem=words_of(refused.why))

    return checked


def _standing(request: HttpRequest) -> Standing:
    try:
        return stand(request)
    except NoSeller as error:
        raise Http404("No seller") from error


def _list(
    request: HttpRequest, standing: Standing, *, form: Form | None = None, problem: str = ""
) -> HttpResponse:
    """The page, with the problems of a form or of an action."""
    context = {
        "page": members_page(standing, cast(User, request.user)),
        "form": form or InviteForm(),
        "problem": problem,
    }
    status = 422 if problem or (form is not None and form.errors) else 200
    return render(request, "members/list.html", context, status=status)


@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Who belongs to the seller. Every member and every operator may read it."""
    try:
        standing = stand(request)
    except NoSeller:
        staff = cast(User, request.user).is_staff  # who reads every seller's pages, but has to choose one
        return redirect("switch") if staff else render(request, "no_seller.html")
    return _list(request, standing)


# Outside the request's transaction: the invitation must be there before its letter goes out.
@transaction.non_atomic_requests
@require_POST
@_by_owner
def invite_member(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Invite an address."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _list(request, standing, form=form)
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    try:
        made = invite(seller_id=standing.seller.pk, email=email, role=role, by=cast(User, request.user))
    except MemberRefused as refused:
        if refused.why is Refusal.NOT_OWNER:
            raise
        form.add_error("email", words_of(refused.why))
        return _list(request, standing, form=form)
    return _sent(request, *made)


@transaction.non_atomic_requests
@require_POST
@_by_owner
def send_again(request: HttpRequest, standing: Standing, invitation_id: int) -> HttpResponse:
    """Send an open invitation once more, with another link."""
    _invitation(standing, invitation_id)
    by = cast(User, request.user)
    return _sent(request, *invite_again(seller_id=standing.seller.pk, invitation_id=invitation_id, by=by))


def _sent(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Send the letter. Where that fails the invitation stays, and its link is shown, this once."""
    if not send(invitation_letter(invitation, token, cast(User, request.user))):
        context = {"invitation": invitation, "link": invitation_address(token)}
        return render(request, "members/not_sent.html", context)
    words = gettext("An invitation is on its way to %(address)s.") % {"address": invitation.email}
    messages.success(request, words)
    return redirect("settings-members")


@require_POST
@_by_owner
def revoke_invitation(request: HttpRequest, standing: Standing, invitation_id: int) -> HttpResponse:
    """End an open invitation."""
    _invitation(standing, invitation_id)
    by = cast(User, request.user)
    ended = revoke(seller_id=standing.seller.pk, invitation_id=invitation_id, by=by)
    messages.success(
        request, gettext("The invitation of %(address)s was revoked.") % {"address": ended.email}
    )
    return redirect("settings-members")


def _invitation(standing: Standing, invitation_id: int) -> Invitation:
    return get_object_or_404(Invitation, pk=invitation_id, seller=standing.seller.pk)


@require_POST
@_by_owner
def give_role(request: HttpRequest, standing: Standing, membership_id: int) -> HttpResponse:
    """Give a member another role."""
    membership = _membership(standing, membership_id)
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise BadRequest("No such role")
    by = cast(User, request.user)
    changed = change_role(seller_id=standing.seller.pk, membership_id=membership.pk, role=Role(role), by=by)
    values = {"name": name_of(changed.user), "role": changed.get_role_display()}
    messages.success(request, gettext("%(name)s is now: %(role)s.") % values)
    return redirect("settings-members")


@require_http_methods(["GET", "HEAD", "POST"])
@_by_owner
def remove(request: HttpRequest, standing: Standing, membership_id: int) -> HttpResponse:
    """Ask once, then take a member out."""
    membership = _membership(standing, membership_id)
    name = name_of(membership.user)
    if request.method != "POST":
        return render(request, "members/remove.html", {"name": name, "seller": standing.seller.name})
    remove_member(seller_id=standing.seller.pk, membership_id=membership.pk, by=cast(User, request.user))
    messages.success(request, gettext("%(name)s is no longer a member.") % {"name": name})
    return redirect("dashboard" if membership.user_id == request.user.pk else "settings-members")


def _membership(standing: Standing, membership_id: int) -> Membership:
    rows = Membership.objects.select_related("user")
    return get_object_or_404(rows, pk=membership_id, seller=standing.seller.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def leave_seller(request: HttpRequest) -> HttpResponse:
    """Ask once, then leave the seller."""
    standing = _standing(request)
    if standing.role is None:
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "members/leave.html", {"seller": standing.seller.name})
    try:
        leave(seller_id=standing.seller.pk, by=cast(User, request.user))
    except MemberRefused as refused:
        return _list(request, standing, problem=words_of(refused.why))
    messages.success(request, gettext("You left %(seller)s.") % {"seller": standing.seller.name})
    return redirect("dashboard")
