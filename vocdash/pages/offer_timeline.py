"""Everything that happened to an offer, newest first, with who and when (PRODUCT C8)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from health.bands import Band
from health.models import HealthChange, Notification, ResolutionCase
from offers.lifecycle import Move
from offers.models import ListingRevision, OfferStatusChange, RemovalChange
from vocdash.pages.formats import Locale, locale
from vocdash.pages.icons import icon
from vocdash.pages.offer_cases import case_details, edited_fields
from vocdash.pages.offer_data import OfferData
from vocdash.pages.phrases import closing_evidence
from vocdash.pages.removal_words import kind_words, state_icon, state_words
from vocdash.pages.states import STATE_OF_TILE, state_glyph

_SHOWN: Final = 8
_BY_OPERATOR: Final = frozenset({Move.LIFT, Move.CLOSE_BY_HAND})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what happened, details, when and by whom. `minor` ones are numbers behind a band."""

    at: datetime
    mark: SafeString
    words: str
    details: list[str]
    when: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The newest entries that matter, and everything."""

    newest: list[Entry]
    everything: list[Entry]


def build_timeline(data: OfferData) -> Timeline:
    """The timeline in the active language and the marketplace's zone."""
    style = locale(get_language())
    kinds = (_moves, _improvements, _revisions, _notices, _removals, _changes)
    entries = [entry for kind in kinds for entry in kind(data, style)]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    newest = [entry for entry in entries if not entry.minor][:_SHOWN]
    return Timeline(newest, entries if len(entries) > len(newest) else [])


def person(by: Any) -> str:
    """How a person is named to the members of a seller; staff are operators."""
    if by is None:
        return gettext("automatic")
    return gettext("an operator") if by.is_staff else (by.get_full_name() or by.get_username())


def _when(data: OfferData, at: datetime, style: Locale, who: str = "") -> str:
    return " · ".join(part for part in (style.moment(data.local(at)), who) if part)


def _moves(data: OfferData, style: Locale) -> Iterator[Entry]:
    cases = {case.relist_id: case for case in data.cases}
    for change in data.moves:
        made = Move(change.move)
        who = gettext("an operator") if made in _BY_OPERATOR else person(change.by)
        yield Entry(
            at=change.at,
            mark=_mark(made),
            words=_move_words(change, made),
            details=[
                *_move_details(data, change, style),
                *(_case_details(cases[change.pk], style) if change.pk in cases else ()),
            ],
            when=_when(data, change.at, style, who),
        )


def _improvements(data: OfferData, style: Locale) -> Iterator[Entry]:
    """What was done for an offer that was open: a case without a relist (PRODUCT C7)."""
    for case in data.cases:
        if case.relist_id is None and case.confirmed_at:
            yield Entry(
                at=case.confirmed_at,
                mark=icon("edit"),
                words=gettext("Offer improved"),
                details=list(_case_details(case, style)),
                when=_when(data, case.confirmed_at, style, person(case.by)),
            )


def _case_details(case: ResolutionCase, style: Locale) -> Iterator[str]:
    return case_details(case, field_names(edited_fields(case)), style)


def _mark(made: Move) -> SafeString:
    names = {Move.RELIST: "relist", Move.LIFT: "relist", Move.DELETE: "trash"}
    return icon(names[made]) if made in names else icon("stop", "i c-vp")


def _move_words(change: OfferStatusChange, made: Move) -> str:
    if change.in_error:
        return gettext("Offer closed, in error")
    return {
        Move.CLOSE: gettext("Offer closed because of its NCX rate"),
        Move.CLOSE_BY_HAND: gettext("Offer closed by an operator"),
        Move.RELIST: gettext("Offer relisted"),
        Move.LIFT: gettext("Closure lifted: it was closed in error"),
        Move.DELETE: gettext("Listing deleted"),
    }[made]


def _move_details(data: OfferData, change: OfferStatusChange, style: Locale) -> Iterator[str]:
    """The frozen evidence of a closure in short, and the reason that a person gave."""
    if change.reason:
        yield change.reason
    evidence = change.evidence
    if change.move != Move.CLOSE or not {"orders", "ncx_orders", "m"} <= set(evidence):
        return
    orders, ncx_orders = int(evidence["orders"]), int(evidence["ncx_orders"])
    yield gettext(
        "%(k)s of %(n)s orders (%(rate)s) against %(typical)s for similar offers, on %(nights)s nights "
        "running. Policy v%(version)s, data up to %(day)s."
    ) % {
        "k": style.count(ncx_orders),
        "n": style.count(orders),
        "rate": style.percent(ncx_orders / orders if orders else 0.0),
        "typical": style.percent(float(evidence["m"])),
        "nights": style.count(int(evidence.get("nights", 0))),
        "version": evidence.get("policy_version", "–"),
        "day": style.day(date.fromisoformat(evidence["as_of"])) if evidence.get("as_of") else "–",
    }
    if evidence.get("tests"):
        yield closing_evidence(*_evidence_days(data, evidence))


def _evidence_days(data: OfferData, evidence: dict[str, Any]) -> tuple[int, int, int]:
    """Days left out by orders and by complaints, and the newest days (METHOD 6)."""
    policy = data.computed.policy if data.computed else data.nights.policy
    newest = int(evidence.get("window_days", policy.long_window_days)) // policy.cluster_newest_divisor
    return policy.cluster_order_days, policy.cluster_event_days, newest


_FIELDS: Final = {
    "product_id": lambda: gettext("Product id"),
    "title": lambda: gettext("Title"),
    "category": lambda: gettext("Category"),
    "brand": lambda: gettext("Brand"),
    "condition": lambda: gettext("Condition"),
    "fulfillment": lambda: gettext("Fulfilment"),
    "manufacturer_barcode": lambda: gettext("Manufacturer barcode"),
    "description": lambda: gettext("Description"),
    "bullets": lambda: gettext("Bullets"),
    "attributes": lambda: gettext("Attributes"),
    "image_url": lambda: gettext("Images"),
    "images": lambda: gettext("Images"),
}


def _revisions(data: OfferData, style: Locale) -> Iterator[Entry]:
    for revision in data.revisions:
        yield Entry(
            at=revision.at,
            mark=icon("edit"),
            words=_revision_words(revision),
            details=[],
            when=_when(data, revision.at, style, _editor(revision)),
        )


def _revision_words(revision: ListingRevision) -> str:
    if revision.number == 1:
        return gettext("Listing first seen")
    return gettext("Listing edited: %(fields)s") % {"fields": field_names(revision.changed_fields)}


def field_names(fields: Sequence[str]) -> str:
    """The listing's fields by name, each once."""
    names = [_FIELDS[name]() if name in _FIELDS else str(name) for name in fields]
    return ", ".join(dict.fromkeys(names))


def _editor(revision: ListingRevision) -> str:
    if revision.source == ListingRevision.Source.IMPORT:
        return gettext("by import")
    return person(revision.by)


def _notices(data: OfferData, style: Locale) -> Iterator[Entry]:
    for notice in data.notices:
        emailed = notice.email == Notification.Email.SENT
        yield Entry(
            at=notice.created_at if notice.status_change_id is None else _after_its_move(data, notice),
            mark=icon("mail"),
            words=gettext("Notice: %(kind)s") % {"kind": notice.get_kind_display()},
            details=[gettext("Also sent by e-mail.")] if emailed else [],
            when=style.day(notice.on),
        )


def _after_its_move(data: OfferData, notice: Notification) -> datetime:
    """A notice stands right above the move that it tells of, also when that night was computed later."""
    moments = {change.pk: change.at for change in data.moves}
    return moments.get(notice.status_change_id or 0, notice.created_at) + timedelta(seconds=1)


def _removals(data: OfferData, style: Locale) -> Iterator[Entry]:
    """Every step of the removal orders of this offer (PRODUCT D7)."""
    for change in data.removals:
        order = change.order
        state = state_words(
            change.state, change.done, order.quantity, by_marketplace=change.source != change.Source.SELLER
        )
        units = ngettext("%(count)s unit", "%(count)s units", order.quantity)
        yield Entry(
            at=change.at,
            mark=state_icon(change.state),
            words=gettext("Removal order %(reference)s: %(state)s")
            % {"reference": order.reference, "state": state},
            details=[f"{kind_words(order.kind)} · {units % {'count': style.count(order.quantity)}}"],
            when=_when(data, change.at, style, who_moved(change)),
        )


def who_moved(change: RemovalChange) -> str:
    """Who made a step of a removal order."""
    if change.source == RemovalChange.Source.IMPORT:
        return gettext("by import")
    return gettext("an operator") if change.source == RemovalChange.Source.OPERATOR else person(change.by)


def _changes(data: OfferData, style: Locale) -> Iterator[Entry]:
    """Every change that a night made: of the band, and, as minor ones, of what stands behind it."""
    changes = data.computed.log.changes if data.computed else []
    for before, change in pairwise([None, *changes]):
        if change is not None:
            yield from _change(data, before, change, style)


def _change(
    data: OfferData, before: HealthChange | None, change: HealthChange, style: Locale
) -> Iterator[Entry]:
    zone = data.offer.marketplace.zone
    at = datetime.combine(change.as_of + timedelta(days=1), time(data.offer.marketplace.recompute_hour), zone)
    moved = before is None or before.band != change.band
    words = _band_words(before.band if before else 0, change.band) if moved else ""
    details = list(_numbers(before, change, style))
    when = gettext("%(day)s · automatic, data up to %(upto)s, policy v%(version)s") % {
        "day": style.day(at.date()),
        "upto": style.day(change.as_of),
        "version": change.policy_version,
    }
    mark = state_glyph(STATE_OF_TILE[change.band])
    if words:
        yield Entry(at, mark, words, details, when)
    elif details:
        yield Entry(at, icon("clock"), gettext("Recomputed"), details, when, minor=True)


def _band_words(before: int, after: int) -> str:
    values = {"before": _label(before), "after": _label(after)}
    if before == Band.NONE and after == Band.NONE:
        return ""
    if before == Band.NONE:
        return gettext("CX health is %(after)s") % values
    if after == Band.NONE:
        return gettext("No recent orders: no CX health any more, it was %(before)s") % values
    return gettext("CX health changed from %(before)s to %(after)s") % values


def _label(band: int) -> str:
    return str(STATE_OF_TILE[band].label)


def _numbers(before: HealthChange | None, change: HealthChange, style: Locale) -> Iterator[str]:
    """What else the night changed, with its numbers."""
    if change.n:
        yield gettext("%(k)s of %(n)s orders counted, similar offers %(typical)s") % {
            "k": _count(change.k, style),
            "n": _count(change.n, style),
            "typical": style.percent(change.m or 0.0),
        }
    if change.proposed != change.band and change.proposed:
        yield gettext("The night's numbers point to %(band)s.") % {"band": _label(change.proposed)}
    if before and before.window_days != change.window_days:
        words = ngettext(
            "Orders of the last %(days)s day count now.",
            "Orders of the last %(days)s days count now.",
            change.window_days,
        )
        yield words % {"days": style.count(change.window_days)}
    if change.closable:
        yield gettext("A night that counts towards closing the offer.")


def _count(value: float, style: Locale) -> str:
    return style.count(int(value)) if value == int(value) else style.decimals(value, 2)
