"""Editing a listing outside Resolve issue, and the pictures of listings."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from offers.lifecycle import Status
from offers.listing_actions import ListingRefused, content_of, edit_listing
from offers.models import ListingImage, ListingRevision, Offer
from vocdash.pages.access import Nights
from vocdash.pages.acting import refuse_all_but_members
from vocdash.pages.listing_edit import build_edit
from vocdash.pages.listing_form import (
    Problem,
    Typed,
    edits,
    problems_of,
    read_typed,
    typed_of,
    whole,
    with_uploads,
)
from vocdash.pages.listing_merge import both_sides, merge
from vocdash.pages.listing_versions import content_at
from vocdash.pages.offer_data import open_offer
from vocdash.pages.offer_timeline import field_names
from vocdash.pages.resolve_kept import forget, kept, mark_of
from vocdash.pages.resolve_words import listing_changed
from vocdash.pages.uploads import allowed_pictures, take_uploads


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The listing's fields; "Preview" shows what would change, "Save" changes it."""
    offer, role, nights = open_offer(request, offer_id)
    refuse_all_but_members(role)
    if offer.status == Status.LISTING_DELETED:
        messages.warning(request, gettext("The listing was deleted, so it can't be edited any more."))
        return redirect("offer", offer.pk)
    if request.method == "POST":
        return _sent(request, offer, nights)
    restored = kept(request)
    if not restored:
        return _shown(request, offer, nights, typed_of(content_of(offer)))
    typed, seen = _read(offer, restored), _seen(restored)
    if seen != offer.revision:
        return _clash(request, offer, nights, typed, seen, restored=True, status=200)
    return _shown(request, offer, nights, typed, restored=True)


def _seen(post: QueryDict) -> int:
    """The revision of the listing that the form showed."""
    return whole(post.get("seen_revision", ""))


def _read(offer: Offer, post: QueryDict) -> Typed:
    seen = content_at(offer, _seen(post))
    return read_typed(post, allowed_pictures(offer, content_of(offer), seen))


def _shown(
    request: HttpRequest, offer: Offer, nights: Nights, typed: Typed, *, status: int = 200, **what: Any
) -> HttpResponse:
    restored = what.pop("restored", False)
    page = build_edit(offer, nights, typed, **what)
    context = {"page": page, "whose": mark_of(request), "restored": restored}
    return render(request, "resolve/edit.html", context, status=status)


def _sent(request: HttpRequest, offer: Offer, nights: Nights) -> HttpResponse:
    stored, problems = take_uploads(request, offer)
    typed = with_uploads(_read(offer, request.POST), stored)
    seen = _seen(request.POST)
    if seen != offer.revision:
        return _clash(request, offer, nights, typed, seen)
    base = content_of(offer)
    problems += problems_of(base, typed)
    if "preview" in request.POST and not problems:
        return _shown(request, offer, nights, typed)
    changed = edits(base, typed)
    if not problems and not changed:
        problems = [Problem("title", gettext("You haven't changed the listing. Make a change, or go back"))]
    if problems:
        return _shown(request, offer, nights, typed, problems=problems, status=422)
    return _save(request, offer, nights, typed, changed)


def _save(
    request: HttpRequest, offer: Offer, nights: Nights, typed: Typed, changed: dict[str, Any]
) -> HttpResponse:
    seen = offer.revision
    try:
        fields = edit_listing(
            offer_id=offer.pk,
            values=changed,
            seen_revision=seen,
            by=cast(User, request.user),
            source=ListingRevision.Source.SELLER,
        )
    except ListingRefused:  # somebody was faster by the blink of an eye
        newest, _, _ = open_offer(request, offer.pk)
        if newest.status == Status.LISTING_DELETED:
            return redirect("offer", offer.pk)
        return _clash(request, newest, nights, typed, seen)
    forget(request)
    messages.success(request, gettext("Listing saved: %(fields)s.") % {"fields": field_names(fields)})
    return redirect("offer", offer.pk)


def _clash(
    request: HttpRequest,
    offer: Offer,
    nights: Nights,
    typed: Typed,
    seen: int,
    *,
    status: int = 409,
    restored: bool = False,
) -> HttpResponse:
    """Somebody else changed the listing meanwhile: both changes, and mine on top of theirs to go on with."""
    base, now = content_at(offer, seen), content_of(offer)
    mine = edits(base, typed)
    merged = merge(base, mine, now)
    return _shown(
        request,
        offer,
        nights,
        typed_of({**now, **merged.edits}),
        clash=listing_changed(offer),
        sides=both_sides(base, mine, now),
        status=status,
        restored=restored,
    )


@require_safe
def image(request: HttpRequest, image_id: UUID) -> HttpResponseBase:
    """An uploaded picture, for people of its seller and operators. It can do nothing but be looked at."""
    user = cast(User, request.user)
    found = ListingImage.objects.filter(pk=image_id)
    if not user.is_staff:
        found = found.filter(offer__seller__memberships__user=user)
    picture = found.first()
    if picture is None:
        raise Http404("No such picture")
    try:
        body = picture.file.open()
    except FileNotFoundError as error:
        raise Http404("No such picture") from error
    answer = FileResponse(body, content_type=picture.content_type)
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Content-Length"] = str(picture.file.size)
    # What a reference names never changes; who may see it can, so it is asked for again after a day.
    answer.headers["Cache-Control"] = "private, max-age=86400"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
