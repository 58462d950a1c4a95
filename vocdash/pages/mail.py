"""A notice as an e-mail to one member: subject, HTML, and a text twin that says the same (PRODUCT D3).

`settings.NOTICE_WRITER` names `write`: the outbox in health calls it and knows nothing of pages.
"""

import textwrap
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_supported_language_variant, override

from health.mailing import Mail
from health.models import Notification, NotificationEmail, NotificationKind
from offers.models import Marketplace, Membership
from vocdash.pages.notice_lines import short_line
from vocdash.pages.notice_parts import Story
from vocdash.pages.notice_story import story_of
from vocdash.pages.shell import address_of
from vocdash.pages.unsubscribing import Wish, make_token

_TEXT_WIDTH: Final = 92
CAN_LEAVE: Final = frozenset({NotificationKind.WEEKLY})
"""Kinds that are sent because of the calendar and not of what happened: their e-mails carry the way out."""


@dataclass(frozen=True, slots=True)
class Tone:
    """The colours of the box with the numbers, light and dark: background and ink."""

    background: str
    ink: str
    dark_background: str
    dark_ink: str


_TONES: Final = {
    "vp": Tone("#FBE4E2", "#8B1717", "#3E1715", "#FFB6AE"),
    "po": Tone("#FDEBDD", "#7F3609", "#3A2114", "#F7B995"),
    "ok": Tone("#DDF1EA", "#0B5340", "#12332A", "#8ED9BF"),
    "": Tone("#EEF1F3", "#15202B", "#222B33", "#E8EDF1"),
}


def write(row: NotificationEmail, member: Membership) -> Mail:
    """Put a notice into words for its recipient, in their language."""
    notice = row.notification
    with override(language_for(row, notice.marketplace)):
        story = story_of(notice)
        context = _context(notice, story, member)
        return Mail(
            subject=story.subject,
            text=wrapped(render_to_string("mail/notice.txt", context)),
            html=render_to_string("mail/notice.html", context),
            headers=_headers(context["leave"]),
        )


def language_for(row: NotificationEmail, marketplace: Marketplace | None) -> str:
    """What the recipient chose, else what the marketplace speaks; the site's own where it is not known."""
    chosen = getattr(row.user, "preferences", None)
    for language in (chosen.language if chosen else "", marketplace.language if marketplace else ""):
        try:
            return get_supported_language_variant(language)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def absolute(path: str) -> str:
    """The address of a page as an e-mail needs it."""
    return settings.SITE_URL + path if path else ""


def _context(notice: Notification, story: Story, member: Membership) -> dict[str, object]:
    label, path = story.button
    leave = NotificationKind(notice.kind) in CAN_LEAVE
    token = make_token(Wish(member.pk, notice.kind)) if leave else ""
    return {
        "story": story,
        "table": _in_columns([*story.facts, *story.more]),
        "brief": short_line(notice),
        "tone": _TONES.get(story.tone, _TONES[""]),
        "notice": notice,
        "label": label,
        "address": absolute(path),
        "sections": [
            (section.heading, [(item.label, absolute(item.path), item.note) for item in section.items])
            for section in story.sections
        ],
        "settings_address": absolute(address_of("settings-notifications")),
        "leave": absolute(address_of("unsubscribe", token)) if leave else "",
    }


def _in_columns(rows: list[tuple[str, str]]) -> list[str]:
    """Names and values of the text twin, one below the other."""
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{name:<{width}}  {value}" for name, value in rows]


def _headers(leave: object) -> dict[str, str]:
    if not leave:
        return {}
    return {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def wrapped(text: str) -> str:
    """Plain text with lines of a readable length and single empty lines; addresses are never broken."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        pieces = textwrap.wrap(
            line.strip(),
            _TEXT_WIDTH,
            initial_indent=indent,
            subsequent_indent=f"{indent}  " if line.lstrip().startswith("- ") else indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        if pieces or (lines and lines[-1]):
            lines += pieces or [""]
    return "\n".join(lines) + "\n"
