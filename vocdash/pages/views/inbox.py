"""The inbox of notices: the list, one notice, and marking them read or unread."""

from contextlib import suppress
from typing import cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from health.inbox import mark_all_read, mark_read, mark_unread
from health.models import Notification
from health.snapshots import one_snapshot
from vocdash.pages.access import NoSeller, stand
from vocdash.pages.inbox_page import (
    ACTING,
    alone,
    build_inbox,
    open_notice,
    place_of,
    read_asked,
    visible_notice,
)


@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """The seller's notices on all marketplaces: what the bell counts."""
    try:
        standing = stand(request)
    except NoSeller:
        staff = cast(User, request.user).is_staff
        return redirect("switch") if staff else render(request, "no_seller.html")
    page = build_inbox(standing, read_asked(request.GET), today=timezone.localdate())
    return render(request, "inbox/page.html", {"page": page})


# A page that reads can't write (vocdash.middleware): this one marks the notice first, and then reads.
@transaction.non_atomic_requests
@require_GET
def notification(request: HttpRequest, notice_id: int) -> HttpResponse:
    """One notice, with the list beside it. To open it is to have read it: see `inbox_page`."""
    notice, role = visible_notice(request, notice_id)
    open_notice(notice, role, cast(User, request.user))
    with one_snapshot():
        return _with_list(request, notice, role)


def _with_list(request: HttpRequest, notice: Notification, role: str | None) -> HttpResponse:
    standing = None
    with suppress(NoSeller, Http404):
        standing = stand(request)
    if standing is None or standing.seller.pk != notice.seller_id:
        request.place = place_of(notice, role)  # type: ignore[attr-defined]  # read by shell.Shell
        page = alone(notice, role)
    else:
        page = build_inbox(standing, read_asked(request.GET), notice, today=timezone.localdate())
    return render(request, "inbox/page.html", {"page": page})


@require_POST
def mark(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one notice as read or as unread, then show the list: opening it again would mark it read."""
    notice, role = visible_notice(request, notice_id)
    _may_mark(role)
    if request.POST.get("read") == "1":
        mark_read(notice_id=notice.pk, by=cast(User, request.user))
    else:
        mark_unread(notice_id=notice.pk)
    return redirect(read_asked(request.POST).address())


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read that was there when the list was shown."""
    try:
        standing = stand(request)
    except NoSeller as error:
        raise Http404("Nothing here") from error
    _may_mark(standing.role)
    upto = request.POST.get("upto", "")
    if upto.isdecimal() and len(upto) < 19:
        mark_all_read(seller_id=standing.seller.pk, upto=int(upto), by=cast(User, request.user))
    return redirect("notifications")


def _may_mark(role: str | None) -> None:
    """Raises PermissionDenied for those who read and do not act: viewers and operators."""
    if role not in ACTING:
        raise PermissionDenied
