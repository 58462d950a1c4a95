"""Step 2 of Resolve issue: editing the listing, removing stock, or another remedy (UX 5c)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import get_language, gettext, ngettext

from feedback.reasons import Cause, Reason
from health.cases import LEAST_REMEDY, MOST_REMEDY, Fix
from health.models import ResolutionCase
from health.themes import Theme, Themes
from offers.listing_actions import content_of
from offers.models import Fulfillment, RemovalKind
from offers.removals import available_units
from vocdash.pages.formats import locale
from vocdash.pages.listing_changes import Change, changes
from vocdash.pages.listing_fields import ListingFields, build_fields
from vocdash.pages.listing_form import (
    Problem,
    Typed,
    content_of_form,
    edits,
    problems_of,
    read_typed,
    too_long,
    typed_of,
    whole,
)
from vocdash.pages.listing_merge import merge
from vocdash.pages.listing_versions import content_at
from vocdash.pages.resolve_flow import Flow, Head, Step, build_head
from vocdash.pages.resolve_themes import about_the, fields_of, listing_hits, theme_name

LISTING: Final = "listing"
REMOVAL: Final = "removal"
OTHER: Final = "other"
# A number of units has no more digits.
_MOST_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class FixTyped:
    """The form of step 2 as it stands. `quantity` is what was typed, number or not."""

    fixes: frozenset[str]
    listing: Typed
    removal_kind: str
    quantity: str
    remedy: str
    seen_revision: int

    @property
    def units(self) -> int | None:
        """The units to remove, if a whole number was typed: thousands may be grouped."""
        digits = "".join(self.quantity.split()).replace(",", "")
        return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def saved_fix(case: ResolutionCase) -> FixTyped:
    """The form as the draft keeps it; its edits on top of the listing as it is now."""
    now = content_of(case.offer)
    merged = merge(content_at(case.offer, case.seen_revision), case.listing, now)
    return FixTyped(
        fixes=frozenset(case.fixes),
        listing=typed_of({**now, **merged.edits}),
        removal_kind=case.removal_kind,
        quantity=str(case.removal_quantity or ""),
        remedy=case.remedy,
        seen_revision=case.offer.revision,
    )


def read_fix(post: QueryDict, allowed: Collection[str], *, stock: bool) -> FixTyped:
    """The form as it was sent. `allowed`: the pictures that it may name; `stock`: whether there is any."""
    kind = post.get("removal_kind", "")
    chosen = frozenset(post.getlist("fix")) & {LISTING, OTHER, *([REMOVAL] if stock else [])}
    return FixTyped(
        fixes=chosen,
        listing=read_typed(post, allowed),
        removal_kind=kind if stock and kind in RemovalKind.values else "",
        quantity=post.get("quantity", "").strip()[:20] if stock else "",
        remedy=post.get("remedy", "").replace("\r\n", "\n").replace("\x00", "").strip(),
        seen_revision=whole(post.get("seen_revision", "")),
    )


def as_fix(typed: FixTyped, base: Mapping[str, Any], *, complete: bool) -> Fix:
    """What the draft is to keep. Edits stay with it even while Edit the listing is not ticked."""
    return Fix(
        fixes=typed.fixes,
        listing=edits(base, typed.listing),
        removal_kind=typed.removal_kind,
        removal_quantity=typed.units,
        remedy=typed.remedy[:MOST_REMEDY],
        complete=complete,
        seen_revision=typed.seen_revision or None,
    )


def fix_problems(typed: FixTyped, base: Mapping[str, Any], available: int | None) -> list[Problem]:
    """What keeps the form from going on to step 3. Only what is ticked is looked at."""
    if not typed.fixes:
        return [Problem("fix-listing", gettext("Choose how you'll fix it"))]
    return [
        *(_listing_problems(typed, base) if LISTING in typed.fixes else []),
        *(_removal_problems(typed, available) if REMOVAL in typed.fixes else []),
        *(_remedy_problems(typed) if OTHER in typed.fixes else []),
    ]


def draft_problems(typed: FixTyped, base: Mapping[str, Any]) -> list[Problem]:
    """What can't even be kept as a draft."""
    return [*problems_of(base, typed.listing), *(_remedy_length(typed))]


def _listing_problems(typed: FixTyped, base: Mapping[str, Any]) -> list[Problem]:
    found = problems_of(base, typed.listing)
    if not found and not edits(base, typed.listing):
        words = gettext("You haven't changed the listing. Make a change, or untick Edit the listing")
        return [Problem("title", words)]
    return found


def _removal_problems(typed: FixTyped, available: int | None) -> Iterator[Problem]:
    style, units = locale(get_language()), typed.units
    if available == 0:
        yield Problem("quantity", gettext("No units are left to remove. Untick the removal order"))
    elif not units or (available is not None and units > available):
        most = gettext("Units to remove: enter a number from 1 to %(most)s")
        some = gettext("Units to remove: enter a whole number from 1")
        yield Problem("quantity", most % {"most": style.count(available)} if available else some)
    if not typed.removal_kind:
        yield Problem("removal-return", gettext("Choose what should happen to these units"))


def _remedy_problems(typed: FixTyped) -> list[Problem]:
    if len("".join(typed.remedy.split())) < LEAST_REMEDY:
        return [Problem("remedy", gettext("Describe in a few words what you have done"))]
    return _remedy_length(typed)


def _remedy_length(typed: FixTyped) -> list[Problem]:
    if len(typed.remedy) <= MOST_REMEDY:
        return []
    return [Problem("remedy", too_long(gettext("What you have done"), len(typed.remedy), MOST_REMEDY))]


@dataclass(frozen=True, slots=True)
class Covered:
    """A theme and what is done about it, "" for nothing yet."""

    theme: str
    by: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way to fix it: its value, label, note, and whether it is ticked."""

    value: str
    label: str
    note: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Stock:
    """The removal order: what is in stock in words, and what was typed."""

    units: str
    note: str
    quantity: str
    kind: str
    problem: str
    kind_problem: str


@dataclass(frozen=True, slots=True)
class FixPage:
    """The page. `stock` is None for an offer that its seller ships: no form, no way to post one."""

    head: Head
    ways: list[Way]
    choice_problem: str
    fields: ListingFields
    stock: Stock | None
    remedy: str
    remedy_problem: str
    edits: list[Change]
    edits_counted: str
    removal: str
    covered: list[Covered]
    version: int
    seen_revision: int
    relists: bool
    problems: list[Problem] = field(default_factory=list)


def build_fix(
    flow: Flow,
    themes: Themes,
    typed: FixTyped,
    base: Mapping[str, Any],
    *,
    version: int,
    problems: Sequence[Problem] = (),
) -> FixPage:
    """The page as saved or as typed, on the listing `base`."""
    said = {problem.control: problem.words for problem in problems}
    found = changes(base, {**base, **content_of_form(typed.listing)})
    return FixPage(
        head=build_head(flow, Step.FIX),
        ways=list(_ways(flow, themes, typed)),
        choice_problem=said.get("fix-listing", ""),
        fields=build_fields(base, typed.listing, listing_hits(flow.offer, themes, base), problems),
        stock=_stock(flow, typed, said) if sells_from_stock(flow) else None,
        remedy=typed.remedy,
        remedy_problem=said.get("remedy", ""),
        edits=found,
        edits_counted=edits_counted(len(found)),
        removal=removal_words(typed.removal_kind, typed.units) if REMOVAL in typed.fixes else "",
        covered=[
            Covered(theme_name(theme), _covered_by(theme, base, typed, found)) for theme in themes.themes
        ],
        version=version,
        seen_revision=typed.seen_revision,
        relists=flow.relists,
        problems=list(problems),
    )


def sells_from_stock(flow: Flow) -> bool:
    """Whether the marketplace has stock of it."""
    return flow.offer.fulfillment == Fulfillment.MARKETPLACE


def edits_counted(number: int) -> str:
    """How many fields changed."""
    words = ngettext("%(count)s edit", "%(count)s edits", number)
    return words % {"count": locale(get_language()).count(number)} if number else ""


def _ways(flow: Flow, themes: Themes, typed: FixTyped) -> Iterator[Way]:
    listing, product = about_the(Cause.LISTING, themes), about_the(Cause.PRODUCT, themes)
    yield Way(LISTING, gettext("Edit the listing"), _about_listing(listing), LISTING in typed.fixes)
    if sells_from_stock(flow):
        label = gettext("Remove or dispose of stock in fulfilment centres")
        yield Way(REMOVAL, label, _about_product(product), REMOVAL in typed.fixes)
    note = gettext("For example a supplier change or a new quality check. You'll describe it.")
    yield Way(OTHER, gettext("Something else"), note, OTHER in typed.fixes)


def _about_listing(orders: int) -> str:
    if not orders:
        return gettext("No report is about the listing itself, but a clearer page can still help.")
    words = ngettext(
        "%(count)s customer reports a problem with what the page says",
        "%(count)s customers report a problem with what the page says",
        orders,
    )
    return words % {"count": locale(get_language()).count(orders)}


def _about_product(orders: int) -> str:
    if not orders:
        return gettext("No report is about the product itself.")
    words = ngettext(
        "%(count)s customer reports a fault in the product",
        "%(count)s customers report a fault in the product",
        orders,
    )
    return words % {"count": locale(get_language()).count(orders)}


def _stock(flow: Flow, typed: FixTyped, said: Mapping[str, str]) -> Stock:
    available = available_units(flow.offer)
    return Stock(
        units=units_left(available),
        note=gettext("The stock is not known. You can ask for any number; what isn't there can't be removed.")
        if available is None
        else "",
        quantity=typed.quantity,
        kind=typed.removal_kind,
        problem=said.get("quantity", ""),
        kind_problem=said.get("removal-return", ""),
    )


def units_left(available: int | None) -> str:
    """The stock in words, "" where it is not known."""
    if available is None:
        return ""
    words = ngettext(
        "%(count)s unit in fulfilment centres", "%(count)s units in fulfilment centres", available
    )
    return words % {"count": locale(get_language()).count(available)}


def removal_words(kind: str, units: int | None) -> str:
    """A removal order in words; "" while it isn't complete."""
    if not kind or not units:
        return ""
    values = {"count": locale(get_language()).count(units)}
    if kind == RemovalKind.RETURN:
        return ngettext("Return %(count)s unit to you", "Return %(count)s units to you", units) % values
    return ngettext("Dispose of %(count)s unit", "Dispose of %(count)s units", units) % values


def _covered_by(theme: Theme, base: Mapping[str, Any], typed: FixTyped, found: Sequence[Change]) -> str:
    """What the form does about a theme, by what the theme points to. It informs and decides nothing."""
    pointed, parts = set(fields_of(theme, base)), []
    if LISTING in typed.fixes:
        parts += [change.label for change in found if change.field in pointed]
    of_product = theme.reason in set(Reason) and Reason(theme.reason).cause == Cause.PRODUCT
    if REMOVAL in typed.fixes and typed.units and of_product:
        parts.append(gettext("removal order"))
    if OTHER in typed.fixes and typed.remedy:
        parts.append(gettext("another remedy"))
    return ", ".join(parts)
