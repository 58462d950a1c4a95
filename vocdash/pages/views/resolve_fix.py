"""Step 2 of Resolve issue: edit the listing, remove stock, or say what else was done (PRODUCT D4, D5)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from health.cases import CaseRefused, Fix, current_case
from health.models import ResolutionCase
from health.resolving import save_fix
from offers.image_actions import ImageRefused
from offers.listing_actions import content_of
from offers.removals import available_units
from vocdash.pages.listing_form import Problem, whole, with_uploads
from vocdash.pages.listing_versions import content_at
from vocdash.pages.resolve_fix import (
    FixTyped,
    as_fix,
    build_fix,
    draft_problems,
    fix_problems,
    read_fix,
    saved_fix,
    sells_from_stock,
)
from vocdash.pages.resolve_flow import Flow, Step
from vocdash.pages.resolve_kept import forget, keep, kept, mark_of
from vocdash.pages.resolve_review import themes_of
from vocdash.pages.resolve_words import listing_changed, moment_words
from vocdash.pages.uploads import allowed_pictures, take_uploads
from vocdash.pages.views.resolve_steps import due_first, sent_back, step_view


@step_view
def fix(request: HttpRequest, flow: Flow) -> HttpResponse:
    """The form; "Save draft" keeps it as it is, "Continue" once it is a real change."""
    case = flow.case
    first = due_first(request, flow, Step.FIX)
    if first or case is None:
        if request.method == "POST":
            keep(request)
        return first or redirect(flow.address(flow.due))
    if request.method == "POST":
        return _save(request, flow, case)
    restored = kept(request)
    if restored:
        return _shown(request, flow, _read(flow, case, restored), restored=True, version=_version(restored))
    note = listing_changed(flow.offer) if case.seen_revision != flow.offer.revision else ""
    return _shown(request, flow, saved_fix(case), version=case.version, note=note)


def _read(flow: Flow, case: ResolutionCase, post: QueryDict) -> FixTyped:
    contents = content_of(flow.offer), case.listing, content_at(flow.offer, _revision(post))
    return read_fix(post, allowed_pictures(flow.offer, *contents), stock=sells_from_stock(flow))


def _version(post: QueryDict) -> int:
    return whole(post.get("seen_version", ""))


def _revision(post: QueryDict) -> int:
    return whole(post.get("seen_revision", ""))


def _shown(
    request: HttpRequest,
    flow: Flow,
    typed: FixTyped,
    *,
    version: int,
    problems: Sequence[Problem] = (),
    note: str = "",
    restored: bool = False,
    status: int = 200,
) -> HttpResponse:
    base = content_at(flow.offer, typed.seen_revision)
    page = build_fix(flow, themes_of(flow), typed, base, version=version, problems=problems)
    context = {"page": page, "whose": mark_of(request), "note": note, "restored": restored}
    return render(request, "resolve/fix.html", context, status=status)


def _save(request: HttpRequest, flow: Flow, case: ResolutionCase) -> HttpResponse:
    typed = _read(flow, case, request.POST)
    stored, problems = take_uploads(request, flow.offer)
    typed = replace(typed, listing=with_uploads(typed.listing, stored))
    base, complete = content_at(flow.offer, typed.seen_revision), "save" not in request.POST
    if complete:
        problems += fix_problems(typed, base, available_units(flow.offer))
    else:
        problems += draft_problems(typed, base)
    version = _version(request.POST)
    if problems:
        return _shown(request, flow, typed, version=version, problems=problems, status=422)
    wanted = as_fix(typed, base, complete=complete)
    try:
        save_fix(case_id=case.pk, by=cast(User, request.user), seen_version=version, fix=wanted)
    except CaseRefused as error:
        return _refused(request, flow, typed, wanted, error)
    except ImageRefused as error:  # it went from the listing since the form was drawn
        problems = [Problem("upload", str(error))]
        return _shown(request, flow, typed, version=version, problems=problems, status=422)
    return _onward(request, flow, complete=complete)


def _onward(request: HttpRequest, flow: Flow, *, complete: bool) -> HttpResponse:
    forget(request)
    if complete:
        return redirect(flow.address(Step.CONFIRM))
    messages.success(request, gettext("Draft saved."))
    return redirect(flow.address(Step.FIX))


def _refused(
    request: HttpRequest, flow: Flow, typed: FixTyped, wanted: Fix, error: CaseRefused
) -> HttpResponse:
    """Sent twice, the same form has been saved by the first; another one is told, and loses nothing."""
    case = current_case(offer_id=flow.offer.pk, by=cast(User, request.user))
    if error.code != "other_version" or case is None:
        return sent_back(request, flow, error)
    if _says(case) == _wants(wanted, case):
        return _onward(request, flow, complete=wanted.complete)
    note = gettext(
        "This draft was saved in another window at %(at)s. What you typed here is still below: send it again "
        "to replace what was saved there."
    ) % {"at": moment_words(case.updated_at, flow.offer)}
    return _shown(request, flow, typed, version=case.version, note=note, status=409)


def _says(case: ResolutionCase) -> list[Any]:
    kept_now = [sorted(case.fixes), case.listing, case.removal_kind, case.removal_quantity, case.remedy]
    return [*kept_now, case.seen_revision, case.fixed_at is not None]


def _wants(wanted: Fix, case: ResolutionCase) -> list[Any]:
    asked = [
        sorted(wanted.fixes),
        wanted.listing,
        wanted.removal_kind,
        wanted.removal_quantity,
        wanted.remedy,
    ]
    return [*asked, wanted.seen_revision or case.offer.revision, wanted.complete]
