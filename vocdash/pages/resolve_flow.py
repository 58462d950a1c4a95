"""The three steps of Resolve issue: who may take them, which one is due, what stands above them (PRODUCT D4).

A closed offer is resolved and relisted; an open one that is shown Poor or Very poor goes through the same
steps and is improved. A draft belongs to one person and is made by the first form that they send.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from health.cases import AT_RISK, current_case, present_closure
from health.models import ResolutionCase
from offers.lifecycle import Status
from offers.models import Offer, OfferStatusChange
from vocdash.pages.access import Nights
from vocdash.pages.acting import may_act, refuse_readers
from vocdash.pages.formats import locale
from vocdash.pages.offer_data import health_of, open_offer
from vocdash.pages.pictures import picture_for
from vocdash.pages.shell import address_of


class Step(StrEnum):
    """A step; its value is the name of its URL pattern."""

    REVIEW = "resolve-review"
    FIX = "resolve-fix"
    CONFIRM = "resolve-confirm"


STEPS: Final = (Step.REVIEW, Step.FIX, Step.CONFIRM)


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a person is with an offer. `case` is their draft; `closure` what is resolved, None to improve."""

    offer: Offer
    role: str | None
    nights: Nights
    case: ResolutionCase | None
    closure: OfferStatusChange | None

    @property
    def relists(self) -> bool:
        """Whether the last step opens a closed offer."""
        return self.offer.status == Status.CLOSED

    @property
    def may_act(self) -> bool:
        """Whether this person acts for the seller; an operator only reads."""
        return may_act(self.role)

    @property
    def due(self) -> Step:
        """The step to go on with."""
        if self.case is None or self.case.reviewed_at is None:
            return Step.REVIEW
        return Step.FIX if self.case.fixed_at is None else Step.CONFIRM

    def reached(self, step: Step) -> bool:
        """Whether the steps before this one are done."""
        return STEPS.index(step) <= STEPS.index(self.due)

    def address(self, step: Step) -> str:
        """Where a step is."""
        return address_of(step.value, self.offer.pk)


class NothingToResolve(Exception):
    """The offer is open and well, or deleted: there is no step to take."""

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow.offer.status)
        self.flow = flow


def open_flow(request: HttpRequest, offer_id: int) -> Flow:
    """The flow for somebody who may see it.

    Raises Http404 for a stranger, PermissionDenied for a viewer and for an operator who sends a form,
    NothingToResolve where the offer is neither closed nor at risk.
    """
    offer, role, nights = open_offer(request, offer_id)
    refuse_readers(request, role)
    case = current_case(offer_id=offer.pk, by=cast(User, request.user)) if role else None
    flow = Flow(offer, role, nights, case, present_closure(offer))
    if not _resolvable(flow):
        raise NothingToResolve(flow)
    return flow


def _resolvable(flow: Flow) -> bool:
    """Closed; or open and at risk, or with a draft to improve it. A draft to relist an open one is over."""
    if flow.offer.status != Status.LIVE:
        return flow.relists
    if flow.case is None:
        return _at_risk(flow.offer)
    return flow.case.kind == ResolutionCase.Kind.IMPROVE


def _at_risk(offer: Offer) -> bool:
    health = health_of(offer)
    return health is not None and health.band in AT_RISK


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a step."""

    heading: str
    title: str
    about: str
    picture: SafeString
    crumbs: list[tuple[str, str]]
    back: str
    steps: list[dict[str, Any]] = field(default_factory=list)


def heading_of(*, relists: bool) -> str:
    """What the flow is called."""
    return gettext("Resolve issue") if relists else gettext("Improve this offer")


def build_head(flow: Flow, step: Step) -> Head:
    """The head of a step."""
    heading = heading_of(relists=flow.relists)
    values = {"heading": heading, "step": _labels(flow)[step][0], "number": STEPS.index(step) + 1}
    return Head(
        heading=heading,
        title=gettext("%(heading)s: %(step)s (step %(number)s of 3)") % values,
        about=_about(flow),
        picture=offer_picture(flow.offer),
        crumbs=crumbs_to(flow.offer, heading),
        back=address_of("offer", flow.offer.pk),
        steps=[_step(flow, one, step) for one in STEPS],
    )


def offer_picture(offer: Offer) -> SafeString:
    """The offer's picture, small."""
    return picture_for(offer.image_url, offer.category.path if offer.category else "")


def crumbs_to(offer: Offer, here: str) -> list[tuple[str, str]]:
    """The way from the dashboard to a page of the offer."""
    return [
        (gettext("Voice of the Customer"), address_of("dashboard")),
        (offer.title, address_of("offer", offer.pk)),
        (here, ""),
    ]


def _about(flow: Flow) -> str:
    """Which offer, when it was closed, and its numbers then."""
    style, parts = locale(get_language()), [flow.offer.title]
    if flow.closure:
        parts.append(gettext("closed %(day)s") % {"day": style.day(flow.closure.on)})
    rate, typical = _rates(flow)
    if rate is not None and typical is not None:
        words = gettext("NCX rate %(rate)s, similar offers %(typical)s")
        parts.append(words % {"rate": style.percent(rate), "typical": style.percent(typical)})
    return " · ".join(parts)


def _rates(flow: Flow) -> tuple[float | None, float | None]:
    """The offer's rate and that of similar offers: when it was closed, else now."""
    evidence = flow.closure.evidence if flow.closure else {}
    if evidence.get("orders"):
        return evidence["ncx_orders"] / evidence["orders"], evidence.get("m")
    health = health_of(flow.offer)
    return (health.rate, health.m) if health else (None, None)


def _labels(flow: Flow) -> dict[Step, tuple[str, str]]:
    last = gettext("Confirm and relist") if flow.relists else gettext("Confirm")
    stock = flow.offer.fulfillment == "marketplace"
    fix = (
        gettext("Edit the listing, remove stock, or both") if stock else gettext("Edit the listing, or more")
    )
    return {
        Step.REVIEW: (gettext("Review feedback"), gettext("Read what customers reported")),
        Step.FIX: (gettext("Fix the cause"), fix),
        Step.CONFIRM: (last, gettext("Check and confirm")),
    }


def _step(flow: Flow, step: Step, current: Step) -> dict[str, Any]:
    label, hint = _labels(flow)[step]
    state = "current" if step == current else "done" if _done(flow, step) else "next"
    return {"label": label, "hint": hint, "state": state, "address": flow.address(step)}


def _done(flow: Flow, step: Step) -> bool:
    return STEPS.index(step) < STEPS.index(flow.due)
