"""Step 3 of Resolve issue: checking what will be done, and confirming it (UX 5c)."""

from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import get_language, gettext, ngettext

from health.cases import stock_left
from health.models import ResolutionCase
from offers.listing_actions import content_of
from offers.models import Fulfillment
from vocdash.pages.formats import locale
from vocdash.pages.listing_changes import Change, changes
from vocdash.pages.listing_form import Problem
from vocdash.pages.listing_merge import Side, both_sides, merge
from vocdash.pages.listing_versions import content_at
from vocdash.pages.phrases import account_untouched
from vocdash.pages.resolve_fix import LISTING, OTHER, REMOVAL, removal_words
from vocdash.pages.resolve_flow import Flow, Head, Step, build_head
from vocdash.pages.resolve_themes import causes_counted
from vocdash.pages.resolve_words import listing_changed

ATTESTATIONS: Final = ("reviewed", "accurate")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two people changed: `name` for the form, its label, both changes."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Clash:
    """The listing changed since it was edited here: in words, both sides by field, what must be chosen."""

    words: str
    sides: list[Side]
    conflicts: list[Conflict]
    revision: int


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """The page. `clash` is there while the edits have to be put on top of another's first."""

    head: Head
    reviewed: str
    causes: str
    edits: list[Change]
    removal: str
    disposal: bool
    remedy: str
    left: str
    nothing_left: bool
    after: list[tuple[str, str]]
    account: str
    relists: bool
    case_id: int
    version: int
    clash: Clash | None
    checked: frozenset[str]
    problems: list[Problem] = field(default_factory=list)


def build_confirm(
    flow: Flow,
    case: ResolutionCase,
    checked: frozenset[str] = frozenset(),
    problems: list[Problem] | None = None,
) -> ConfirmPage:
    """The page for a draft whose second step is done."""
    units = case.removal_quantity if REMOVAL in case.fixes else None
    left = stock_left(case) if flow.offer.fulfillment == Fulfillment.MARKETPLACE else None
    return ConfirmPage(
        head=build_head(flow, Step.CONFIRM),
        reviewed=_reviewed(case),
        causes=causes_counted(case.themes),
        edits=_edits(case),
        removal=removal_words(case.removal_kind, units),
        disposal=bool(units) and case.removal_kind == "disposal",
        remedy=case.remedy if OTHER in case.fixes else "",
        left=_left(left),
        nothing_left=left == 0,
        after=_what_happens(flow, case, left),
        account=account_untouched(),
        relists=flow.relists,
        case_id=case.pk,
        version=case.version,
        clash=_clash(flow, case),
        checked=checked,
        problems=problems or [],
    )


def not_attested(checked: frozenset[str]) -> list[Problem]:
    """What is not ticked yet."""
    words = {
        "reviewed": gettext("Confirm that you've reviewed the customer feedback"),
        "accurate": gettext("Confirm that the listing is accurate and that you've acted on the problems"),
    }
    return [Problem(name, words[name]) for name in ATTESTATIONS if name not in checked]


def _reviewed(case: ResolutionCase) -> str:
    style = locale(get_language())
    number, orders = len(case.themes), sum(int(theme.get("orders", 0)) for theme in case.themes)
    themes = ngettext("%(count)s theme", "%(count)s themes", number) % {"count": style.count(number)}
    return f"{themes}, " + ngettext("%(count)s order", "%(count)s orders", orders) % {
        "count": style.count(orders)
    }


def _edits(case: ResolutionCase) -> list[Change]:
    if LISTING not in case.fixes:
        return []
    base = seen_content(case)
    return changes(base, {**base, **case.listing}, cut=True)


def seen_content(case: ResolutionCase) -> dict[str, Any]:
    """The listing on which the draft's edits were made."""
    return content_at(case.offer, case.seen_revision)


def _clash(flow: Flow, case: ResolutionCase) -> Clash | None:
    if LISTING not in case.fixes or case.seen_revision == flow.offer.revision:
        return None
    base, now = seen_content(case), content_of(flow.offer)
    merged = merge(base, case.listing, now)
    mine = {**base, **case.listing}
    labels = {change.field: change.label for change in [*changes(base, now), *changes(base, mine)]}
    return Clash(
        words=listing_changed(flow.offer),
        sides=both_sides(base, case.listing, now),
        conflicts=[Conflict(name, _label(name, labels)) for name in merged.conflicts],
        revision=flow.offer.revision,
    )


def _label(conflict: str, labels: dict[str, str]) -> str:
    """What a field that two changed is called; bullets and images are chosen as a whole."""
    whole = {"bullets": gettext("Bullets"), "images": gettext("Images")}
    return whole.get(conflict) or labels.get(conflict, conflict)


def _left(units: int | None) -> str:
    if units is None:
        return ""
    words = ngettext("%(count)s unit", "%(count)s units", units)
    return words % {"count": locale(get_language()).count(units)}


def _what_happens(flow: Flow, case: ResolutionCase, left: int | None) -> list[tuple[str, str]]:
    """What happens next: when, and what."""
    steps = [(gettext("Right away"), _right_away(flow, case, left))]
    if REMOVAL in case.fixes and case.removal_kind == "return":
        units = case.removal_quantity or 0
        words = ngettext("%(count)s unit reaches you.", "%(count)s units reach you.", units)
        steps.append(
            (
                gettext("In about 10 to 14 business days"),
                words % {"count": locale(get_language()).count(units)},
            )
        )
    steps.append((gettext("Over several weeks"), _several_weeks(flow)))
    if flow.relists:
        steps.append((gettext("If problems continue"), grace_words(flow)))
    return steps


def _right_away(flow: Flow, case: ResolutionCase, left: int | None) -> str:
    listing = LISTING in case.fixes
    if flow.relists and left == 0:
        opens = gettext("This leaves no stock. The offer opens when new stock arrives.")
    elif flow.relists:
        opens = (
            gettext("The offer opens again with the new listing.")
            if listing
            else gettext("The offer opens again.")
        )
    else:
        opens = gettext("The new listing goes live.") if listing else ""
    removal = gettext("The removal order is submitted.") if REMOVAL in case.fixes else ""
    kept = gettext("What you have done is noted on the offer.") if OTHER in case.fixes else ""
    return " ".join(part for part in (opens, removal, kept) if part)


def _several_weeks(flow: Flow) -> str:
    days = flow.nights.policy.long_window_days
    evidence = flow.closure.evidence if flow.closure else {}
    words = gettext(
        "The NCX rate looks back over %(days)s days. It may take several weeks for your actions to show, "
        "depending on your order volume."
    )
    return words % {"days": locale(get_language()).count(int(evidence.get("window_days", days)))}


def grace_words(flow: Flow) -> str:
    """The time after a relist in which the offer can't be closed (METHOD 6)."""
    style, policy = locale(get_language()), flow.nights.policy
    words = gettext(
        "The offer can't be closed again before %(days)s days have passed and %(orders)s orders have come "
        "in. After that the usual rules apply."
    )
    return words % {"days": style.count(policy.grace_days), "orders": style.count(policy.grace_orders)}
