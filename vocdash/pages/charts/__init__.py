"""Charts as inline SVG, drawn on the server. Pure: numbers and finished words in, escaped markup out.

No Django, no translation, no clock: whoever asks for a chart brings its words in the reader's language.
Colors come from the classes of voc.css, so that a chart follows the theme.
"""

from vocdash.pages.charts.distribution import (
    DistributionWords,
    Estimate,
    Zone,
    axis_end,
    beta_curve,
    distribution,
    spread_curve,
)
from vocdash.pages.charts.funnel import (
    Frame,
    FunnelLimits,
    FunnelWords,
    Mark,
    Spot,
    frame_of,
    funnel,
    gather,
    shape,
    steps,
)
from vocdash.pages.charts.history import ClosedSpan, HistoryEvent, HistoryPoint, history
from vocdash.pages.charts.lines import Line, RecoveryWords, lines, recovery
from vocdash.pages.charts.multiples import small_area
from vocdash.pages.charts.small import FULL_SCALE, TILE_BOX, hbar, micro, spark

__all__ = [
    "FULL_SCALE",
    "TILE_BOX",
    "ClosedSpan",
    "DistributionWords",
    "Estimate",
    "Frame",
    "FunnelLimits",
    "FunnelWords",
    "HistoryEvent",
    "HistoryPoint",
    "Line",
    "Mark",
    "RecoveryWords",
    "Spot",
    "Zone",
    "axis_end",
    "beta_curve",
    "distribution",
    "frame_of",
    "funnel",
    "gather",
    "hbar",
    "history",
    "lines",
    "micro",
    "recovery",
    "shape",
    "small_area",
    "spark",
    "spread_curve",
    "steps",
]
