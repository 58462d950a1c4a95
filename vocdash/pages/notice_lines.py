"""A notice in one line, as the list of the inbox shows it, and what stands before it."""

from collections.abc import Callable
from datetime import date
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from health.models import Notification, NotificationKind, Tile
from offers.models import RemovalKind, RemovalState
from vocdash.pages.icons import icon
from vocdash.pages.notice_numbers import has_numbers, rate_then, state_then, typical_then
from vocdash.pages.notice_parts import day_of, style, title_of
from vocdash.pages.phrases import offers_counted
from vocdash.pages.states import state_glyph

_ICONS: Final = {
    NotificationKind.CLOSED: ("stop", "i c-vp"),
    NotificationKind.LIFTED: ("relist", "i"),
    NotificationKind.WEEKLY: ("clock", "i"),
    NotificationKind.REMOVAL: ("box", "i"),
}


def mark_of(notice: Notification) -> SafeString:
    """The shape of the state it is about, else the icon of its kind."""
    state = state_then(notice)
    if state is not None:
        return state_glyph(state)
    return icon(*_ICONS.get(NotificationKind(notice.kind), ("bell", "i")))


def title_line(notice: Notification) -> str:
    """Its name in the list."""
    kind = NotificationKind(notice.kind)
    if kind == NotificationKind.WEEKLY:
        return gettext("Weekly summary, %(marketplace)s: %(offers)s") % week_values(notice)
    if kind == NotificationKind.REMOVAL:
        return gettext("Removal order %(reference)s: %(state)s") % _removal_values(notice)
    about = {
        NotificationKind.CLOSED: gettext("Offer closed: %(title)s"),
        NotificationKind.LIFTED: gettext("Closed in error: %(title)s"),
        NotificationKind.AT_RISK: gettext("At risk: %(title)s"),
        NotificationKind.RECOVERING: gettext("Recovering: %(title)s"),
    }.get(kind)
    return about % {"title": title_of(notice)} if about else str(kind.label)


def short_line(notice: Notification) -> str:
    """What it says, in short."""
    make = _SHORT.get(NotificationKind(notice.kind))
    return make(notice) if make else ""


def week_values(notice: Notification) -> dict[str, str]:
    """Where a summary is of, and how many offers it is about."""
    tiles = notice.evidence.get("tiles", {})
    offers = sum(int(tiles.get(str(tile.value), 0)) for tile in Tile if tile is not Tile.DELETED)
    place = notice.marketplace.name if notice.marketplace else notice.seller.name
    return {"marketplace": place, "offers": offers_counted(offers)}


def _closed(notice: Notification) -> str:
    if not has_numbers(notice):
        return gettext("By an operator: %(reason)s") % {"reason": notice.evidence.get("reason", "")}
    return gettext("%(rates)s Review the feedback and relist.") % {"rates": _rates(notice)}


def _rates(notice: Notification) -> str:
    return gettext("NCX rate %(rate)s, similar offers %(typical)s.") % {
        "rate": rate_then(notice),
        "typical": typical_then(notice),
    }


def _lifted(notice: Notification) -> str:
    return gettext("It is open again. %(reason)s") % {"reason": notice.evidence.get("reason", "")}


def _at_risk(notice: Notification) -> str:
    return nights_at_risk(notice) + " " + (_rates(notice) if has_numbers(notice) else "")


def nights_at_risk(notice: Notification) -> str:
    """For how long it has been at risk."""
    nights = int(notice.evidence.get("nights", 0))
    words = ngettext(
        "Poor or Very poor for %(count)s night.", "Poor or Very poor for %(count)s nights running.", nights
    )
    return words % {"count": style().count(nights)}


def _recovering(notice: Notification) -> str:
    state, since = state_then(notice), day_of(notice.evidence, "relisted_on")
    if state is None or since is None:
        return ""
    return gettext("CX health is %(band)s, %(weeks)s after the relist.") % {
        "band": str(state.label),
        "weeks": _weeks(since, notice.on),
    }


def _weeks(since: date, upto: date) -> str:
    days = (upto - since).days
    if days < 14:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": style().count(days)}
    weeks = round(days / 7)
    return ngettext("%(count)s week", "%(count)s weeks", weeks) % {"count": style().count(weeks)}


def _weekly(notice: Notification) -> str:
    tiles = notice.evidence.get("tiles", {})
    counts = {"very_poor": str(Tile.VERY_POOR.value), "poor": str(Tile.POOR.value), "closed": "closed"}
    values = {name: style().count(int(tiles.get(key, 0))) for name, key in counts.items()}
    return gettext("Closed: %(closed)s. Very poor: %(very_poor)s. Poor: %(poor)s.") % values


def _removal(notice: Notification) -> str:
    values = _removal_values(notice)
    if notice.evidence.get("state") == RemovalState.CANCELLED:
        return gettext("%(cancelled)s of %(quantity)s units stay in stock. %(title)s") % values
    return gettext("%(done)s of %(quantity)s units. %(kind)s. %(title)s") % values


def _removal_values(notice: Notification) -> dict[str, str]:
    evidence = notice.evidence
    numbers = {name: style().count(int(evidence.get(name, 0))) for name in ("quantity", "done", "cancelled")}
    return {
        **numbers,
        "reference": str(evidence.get("reference", "")),
        "state": str(RemovalState(evidence["state"]).label) if evidence.get("state") else "",
        "kind": str(RemovalKind(evidence["kind"]).label) if evidence.get("kind") else "",
        "title": title_of(notice),
    }


_SHORT: Final[dict[NotificationKind, Callable[[Notification], str]]] = {
    NotificationKind.CLOSED: _closed,
    NotificationKind.LIFTED: _lifted,
    NotificationKind.AT_RISK: _at_risk,
    NotificationKind.RECOVERING: _recovering,
    NotificationKind.WEEKLY: _weekly,
    NotificationKind.REMOVAL: _removal,
}
