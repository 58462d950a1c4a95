"""The weekly summary in words: tiles now and a week ago, what happened, where fixing helps most."""

from typing import Any

from django.utils.translation import gettext, ngettext

from health.models import Notification
from vocdash.pages.notice_parts import Item, Section, style
from vocdash.pages.phrases import change_since_last_week
from vocdash.pages.shell import address_of
from vocdash.pages.states import BANDS, OTHERS

_CLOSED = "closed"


def week_in_numbers(notice: Notification) -> list[tuple[str, str]]:
    """Closed offers and each tile that has or had any: name, and count with its change."""
    now, before = notice.evidence.get("tiles", {}), notice.evidence.get("tiles_before", {})
    rows = [(gettext("Closed"), _CLOSED), *((str(s.label), str(s.tile.value)) for s in (*BANDS, *OTHERS))]
    return [
        (label, _with_change(int(now.get(key, 0)), int(before.get(key, 0)) if before else None))
        for label, key in rows
        if now.get(key) or before.get(key) or key == _CLOSED
    ]


def _with_change(now: int, before: int | None) -> str:
    change = change_since_last_week(now, before)
    return f"{style().count(now)} · {change[0].lower()}{change[1:]}" if change else style().count(now)


def week_in_sections(notice: Notification) -> list[Section]:
    """What happened to which offers, and which to look at first. Lists without an offer are left out."""
    evidence = notice.evidence
    found = [
        _named(gettext("Closed this week"), evidence.get("closed", {})),
        _named(gettext("Newly at risk"), evidence.get("at_risk", {})),
        _named(gettext("Recovering: Fair or better again"), evidence.get("recovered", {})),
        Section(gettext("Where fixing helps most"), [_to_fix(row) for row in evidence.get("fix_first", [])]),
    ]
    return [section for section in found if section.items]


def _named(heading: str, happened: dict[str, Any]) -> Section:
    offers = happened.get("offers", [])
    items = [Item(row["title"], address_of("offer", row["offer"])) for row in offers]
    others = int(happened.get("count", 0)) - len(offers)
    if others > 0:
        words = ngettext("and %(count)s other", "and %(count)s others", others)
        items.append(Item(words % {"count": style().count(others)}, ""))
    return Section(heading, items)


def _to_fix(row: dict[str, Any]) -> Item:
    excess = round(float(row["excess"]))
    words = ngettext(
        "%(count)s NCX order more than usual for similar offers",
        "%(count)s NCX orders more than usual for similar offers",
        excess,
    )
    return Item(row["title"], address_of("offer", row["offer"]), words % {"count": style().count(excess)})
