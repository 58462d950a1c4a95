"""The eight states of health as people see them: label, tone, shape and meaning in one place.

Templates and cells take a `HealthState` and never switch on status strings. Meanings are PRODUCT B8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from health.models import Tile
from vocdash.pages.icons import SHAPES, glyph


@dataclass(frozen=True, slots=True, eq=False)
class HealthState:
    """How one state of health is shown.

    `key` stands in addresses (?band=very-poor), `tone` ends color classes, `shape` names the glyph.
    """

    key: str
    tile: Tile
    label: str | Promise
    meaning: str | Promise
    tone: str
    shape: str
    outlined: bool = False

    @property
    def is_band(self) -> bool:
        """Whether it is one of the five bands."""
        return not self.outlined


VERY_POOR: Final = HealthState(
    "very-poor",
    Tile.VERY_POOR,
    _("Very poor"),
    _("Customers experience this offer significantly worse than similar offers. It may already be closed."),
    "vp",
    "very-poor",
)
POOR: Final = HealthState(
    "poor",
    Tile.POOR,
    _("Poor"),
    _("Customers experience this offer worse than similar offers. It may be at risk of closure."),
    "po",
    "poor",
)
FAIR: Final = HealthState(
    "fair",
    Tile.FAIR,
    _("Fair"),
    _("Customers experience this offer comparably to similar offers."),
    "fa",
    "fair",
)
GOOD: Final = HealthState(
    "good",
    Tile.GOOD,
    _("Good"),
    _("Customers experience this offer as well as or better than similar offers."),
    "go",
    "good",
)
EXCELLENT: Final = HealthState(
    "excellent",
    Tile.EXCELLENT,
    _("Excellent"),
    _("Customers experience this offer significantly better than similar offers."),
    "ex",
    "excellent",
)
INSUFFICIENT: Final = HealthState(
    "insufficient",
    Tile.INSUFFICIENT,
    _("Insufficient Feedback"),
    _("The rate looks high, but there is too little feedback to rate the offer Poor or Very poor."),
    "ne",
    "insufficient",
    outlined=True,
)
QUIET: Final = HealthState(
    "no-orders",
    Tile.NO_RECENT_ORDERS,
    _("No recent orders"),
    _("The offer was ordered before, but not lately, so it has no NCX rate and no CX health."),
    "ne",
    "no-orders",
    outlined=True,
)
NEW: Final = HealthState(
    "no-orders",
    Tile.NO_RECENT_ORDERS,
    _("No orders yet"),
    _("The offer was never ordered, so it has no NCX rate and no CX health yet."),
    "ne",
    "no-orders",
    outlined=True,
)
DELETED: Final = HealthState(
    "deleted",
    Tile.DELETED,
    _("Listing deleted"),
    _("The listing was deleted. Its last health and feedback are kept."),
    "ne",
    "deleted",
    outlined=True,
)

BANDS: Final = (VERY_POOR, POOR, FAIR, GOOD, EXCELLENT)
OTHERS: Final = (INSUFFICIENT, QUIET, DELETED)
STATE_OF_TILE: Final[Mapping[int, HealthState]] = {state.tile: state for state in (*BANDS, *OTHERS)}
STATE_OF_KEY: Final[Mapping[str, HealthState]] = {state.key: state for state in (*BANDS, *OTHERS)}


def state_of(tile: int, *, ordered_before: bool) -> HealthState:
    """Return the state of an offer by its tile's number; a new offer and a quiet one share a tile."""
    if tile == Tile.NO_RECENT_ORDERS and not ordered_before:
        return NEW
    return STATE_OF_TILE[tile]


def state_glyph(state: HealthState) -> SafeString:
    """The shape of a state in its color."""
    return glyph(state.shape, f"g c-{state.tone}")


def badge(state: HealthState, *, large: bool = False) -> SafeString:
    """The badge of a state in the active language: shape, label and color say the same thing."""
    return _badge(state, str(state.label), large=large)


@lru_cache(maxsize=256)
def _badge(state: HealthState, label: str, *, large: bool) -> SafeString:
    classes = f"badge b-{state.tone}{' b-dash' if state.outlined else ''}{' lg' if large else ''}"
    return SafeString(f'<span class="{classes}">{glyph(state.shape)}{escape(label)}</span>')


def zone_shape(state: HealthState) -> str:
    """The drawing of a state's shape, to be placed inside another drawing."""
    return SHAPES[state.shape]
