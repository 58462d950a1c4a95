"""Codes of health in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from health.bands import Band
from health.grouping import Level
from health.models import Tile

_BANDS: Final = {
    Band.NONE: _("None"),
    Band.EXCELLENT: _("Excellent"),
    Band.GOOD: _("Good"),
    Band.FAIR: _("Fair"),
    Band.INSUFFICIENT: _("Insufficient Feedback"),
    Band.POOR: _("Poor"),
    Band.VERY_POOR: _("Very poor"),
}
_LEVELS: Final = {
    Level.MARKETPLACE: _("The whole marketplace"),
    Level.TOP_CATEGORY: _("Top category"),
    Level.CATEGORY: _("Category"),
    Level.PEER_GROUP: _("Peer group"),
}
_OTHER_TILES: Final = {
    Tile.NO_RECENT_ORDERS: _("No recent orders"),
    Tile.DELETED: _("Listing deleted"),
}


def band_label(code: int) -> str:
    """A shown or proposed band."""
    return str(_BANDS[Band(code)])


def level_label(code: int) -> str:
    """How wide the group was that an offer was compared with."""
    return str(_LEVELS[Level(code)])


def tile_label(code: int) -> str:
    """Where an offer is counted: its band, or why it has none."""
    return str(_OTHER_TILES.get(Tile(code)) or _BANDS[Band(code)])


def tiles_in_words(counts: Mapping[str, int]) -> str:
    """Offers per tile, those that have any."""
    known = {tile: counts.get(str(tile.value), 0) for tile in Tile}
    return ", ".join(f"{tile_label(tile)} {number}" for tile, number in known.items() if number)
