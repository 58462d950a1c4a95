"""Resolve issue: review, confirm, and what comes after them (PRODUCT D4, D5, C7). A GET never writes."""

from contextlib import suppress
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from health.cases import CaseRefused, Fix
from health.models import ResolutionCase
from health.resolving import confirm as confirm_case
from health.resolving import drop_case, open_case, save_fix, save_review
from offers.listing_actions import content_of
from vocdash.pages.acting import refuse_all_but_members
from vocdash.pages.listing_form import whole
from vocdash.pages.listing_merge import merge
from vocdash.pages.offer_data import open_offer
from vocdash.pages.resolve_confirm import build_confirm, not_attested, seen_content
from vocdash.pages.resolve_done import build_done
from vocdash.pages.resolve_flow import Flow, Step
from vocdash.pages.resolve_kept import forget, kept, mark_of
from vocdash.pages.resolve_review import build_review, read_review, themes_of
from vocdash.pages.views.resolve_steps import due_first, sent_back, step_view


@step_view
def _due(_request: HttpRequest, flow: Flow) -> HttpResponse:
    return redirect(flow.address(flow.due))


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, offer_id: int) -> HttpResponse:
    """To the step that is due; a POST says what becomes of a draft whose offer somebody else has opened."""
    return _settle_draft(request, offer_id) if request.method == "POST" else _due(request, offer_id)


def _settle_draft(request: HttpRequest, offer_id: int) -> HttpResponse:
    offer, role, _ = open_offer(request, offer_id)
    refuse_all_but_members(role)
    by = cast(User, request.user)
    if "drop" in request.POST:
        drop_case(case_id=whole(request.POST.get("case", "")), by=by)
        messages.success(request, gettext("The draft was thrown away."))
        return redirect("offer", offer.pk)
    with suppress(CaseRefused):  # the page that follows says why
        open_case(offer_id=offer.pk, by=by, improve="improve" in request.POST)
    return redirect("resolve-review", offer.pk)


@step_view
def review(request: HttpRequest, flow: Flow) -> HttpResponse:
    """Step 1: read what customers reported. Its form makes the draft."""
    themes = themes_of(flow)
    context = {"whose": mark_of(request)}
    if request.method != "POST":
        restored = kept(request)
        page = build_review(flow, themes, read_review(restored) if restored else None)
        return render(request, "resolve/review.html", {**context, "page": page, "restored": restored})
    sent = read_review(request.POST)
    problems = sent.missing(themes)
    if problems:
        page = build_review(flow, themes, sent, problems)
        return render(request, "resolve/review.html", {**context, "page": page}, status=422)
    by = cast(User, request.user)
    try:
        case = open_case(offer_id=flow.offer.pk, by=by)
        save_review(case_id=case.pk, by=by, seen_version=case.version, themes=sent.as_saved(themes))
    except CaseRefused as error:
        return sent_back(request, flow, error)
    forget(request)
    return redirect(flow.address(Step.FIX))


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Step 3: check and confirm. A form that comes twice leads to what the first one did."""
    if request.method == "POST":
        mine = ResolutionCase.objects.filter(pk=_case_sent(request), by=cast(User, request.user))
        done = mine.filter(state=ResolutionCase.State.DONE).first()
        if done and done.offer_id == offer_id:
            return redirect("resolve-done", offer_id, done.reference)
    return _confirm(request, offer_id)


def _case_sent(request: HttpRequest) -> int:
    """The case whose form this is."""
    return whole(request.POST.get("case", ""))


@step_view
def _confirm(request: HttpRequest, flow: Flow) -> HttpResponse:
    case = flow.case
    first = due_first(request, flow, Step.CONFIRM)
    if first or case is None:
        return first or redirect(flow.address(flow.due))
    if request.method != "POST":
        return _confirm_page(request, flow, case)
    if _case_sent(request) != case.pk:  # of a draft that was thrown away: this one says something else
        return sent_back(request, flow, CaseRefused("other_version"))
    return _merge(request, flow, case) if "merge" in request.POST else _do(request, flow, case)


def _do(request: HttpRequest, flow: Flow, case: ResolutionCase) -> HttpResponse:
    checked = frozenset(request.POST.getlist("attest"))
    problems = not_attested(checked)
    if problems:
        page = build_confirm(flow, case, checked, problems)
        return render(request, "resolve/confirm.html", {"page": page, "whose": mark_of(request)}, status=422)
    try:
        done = confirm_case(
            case_id=case.pk,
            by=cast(User, request.user),
            seen_version=whole(request.POST.get("seen_version", "")),
            attested=True,
        )
    except CaseRefused as error:
        return sent_back(request, flow, error)
    forget(request)
    return redirect("resolve-done", flow.offer.pk, done.reference)


def _confirm_page(request: HttpRequest, flow: Flow, case: ResolutionCase) -> HttpResponse:
    page = build_confirm(flow, case)
    return render(request, "resolve/confirm.html", {"page": page, "whose": mark_of(request)})


def _merge(request: HttpRequest, flow: Flow, case: ResolutionCase) -> HttpResponse:
    """Put the draft's edits on top of what somebody else changed meanwhile, if that is what was shown."""
    if whole(request.POST.get("revision", "")) == flow.offer.revision != case.seen_revision:
        theirs = [str(value) for name, value in request.POST.items() if name.startswith("side-") and value]
        merged = merge(seen_content(case), case.listing, content_of(flow.offer), theirs=theirs)
        fix = Fix(
            fixes=frozenset(case.fixes),
            listing=merged.edits,
            removal_kind=case.removal_kind,
            removal_quantity=case.removal_quantity,
            remedy=case.remedy,
            seen_revision=flow.offer.revision,
        )
        version = whole(request.POST.get("seen_version", ""))
        try:
            save_fix(case_id=case.pk, by=cast(User, request.user), seen_version=version, fix=fix)
        except CaseRefused as error:
            return sent_back(request, flow, error)
        messages.success(
            request, gettext("Your edits are now on top of the other changes. Check them once more.")
        )
    return redirect(flow.address(Step.CONFIRM))


@require_safe
def done(request: HttpRequest, offer_id: int, reference: str) -> HttpResponse:
    """What was done, and what to expect: for everybody who may see the offer."""
    offer, _, nights = open_offer(request, offer_id)
    cases = ResolutionCase.objects.filter(offer=offer, reference=reference, state=ResolutionCase.State.DONE)
    case = cases.first()
    if case is None:
        raise Http404("No such case")
    return render(request, "resolve/done.html", {"page": build_done(offer, nights, case)})
