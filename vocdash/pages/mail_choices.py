"""The choices on the page of e-mail settings."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from health.mailing import CHOICES
from health.models import NotificationKind


@dataclass(frozen=True, slots=True)
class EmailChoice:
    """One kind of notice: what it is, when it comes, and whether the member wants it."""

    value: str
    label: str
    hint: str
    wanted: bool


_HINTS: Final = {
    NotificationKind.AT_RISK: _("When an offer has been Poor or Very poor for three nights running."),
    NotificationKind.RECOVERING: _("When an offer is Fair or better for the first time since its relist."),
    NotificationKind.WEEKLY: _("Once a week: where your offers stand, and where fixing helps most."),
    NotificationKind.REMOVAL: _("When a removal or disposal order is completed or cancelled."),
}


def choices_of(wanted: Collection[str]) -> list[EmailChoice]:
    """What a member may choose, in the active language."""
    return [
        EmailChoice(kind.value, str(kind.label), str(_HINTS[kind]), kind.value in wanted) for kind in CHOICES
    ]
