"""The charts inside table rows and tiles: micro-plot, sparkline, bar.

They are drawn for every row of the grid, so each is one f-string over coordinates that were written out
beforehand: formatting a float costs more than all the rest. All are aria-hidden, because the text beside
them says the same.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

# The micro-plot's one scale for all rows, so that rows compare: 0 to 20 %.
FULL_SCALE: Final = 0.20
_STEPS: Final = 1000
_PER_RATE: Final = _STEPS / FULL_SCALE
_LEFT: Final = 2
_RIGHT: Final = 134
_X: Final = tuple(f"{_LEFT + (_RIGHT - _LEFT) * step / _STEPS:.1f}" for step in range(_STEPS + 1))
_EDGE: Final = _X[-1]
_OPEN: Final = (
    '<svg class="micro" viewBox="0 0 136 22" preserveAspectRatio="xMinYMid meet" aria-hidden="true">'
    '<path d="M2 18.5H134" class="ax"/>'
)


def _x(rate: float) -> str:
    return _X[int(rate * _PER_RATE)] if rate < FULL_SCALE else _EDGE


def micro(
    rate: float, likely: tuple[float, float], similar: tuple[float, float, float] | None, tone: str
) -> str:
    """Draw an offer (dot and likely range) against similar offers (band and tick).

    Rates are shares of one; `likely` is the range around `rate`, `similar` the low end, middle and high end
    of similar offers, where there are any. A dot or a range that runs past 20 % ends in an arrow at the edge.
    `tone` is the suffix of a color class.
    """
    low, high = likely
    peers = ""
    if similar is not None:
        peer_low, peer_mid, peer_high = similar
        left = _x(peer_low)
        peers = (
            f'<path d="M{left} 6H{_x(peer_high)}v10H{left}z" class="peerfill"/>'
            f'<path d="M{_x(peer_mid)} 4v14" class="peerline"/>'
        )
    if rate >= FULL_SCALE:
        mark = f'<path d="M124 4.5l11 6.5-11 6.5z" class="f-{tone}"/>'
    elif high > FULL_SCALE:
        mark = (
            f'<path d="M132 8l5 3-5 3z" class="f-{tone}"/>'
            f'<circle cx="{_x(rate)}" cy="11" r="4.2" class="f-{tone} halo"/>'
        )
    else:
        mark = f'<circle cx="{_x(rate)}" cy="11" r="4.2" class="f-{tone} halo"/>'
    return f'{_OPEN}{peers}<path d="M{_x(low)} 11H{_x(high)}" class="s-{tone} w2"/>{mark}</svg>'


def _sized(css_class: str, width: int, height: int) -> str:
    return (
        f'<svg class="{css_class}" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'aria-hidden="true">'
    )


class SparkBox(NamedTuple):
    """The coordinates of one size of sparkline, written out beforehand."""

    opening: str
    x: tuple[tuple[str, ...], ...]
    """By number of points: the x of each, followed by the blank before its y."""
    y: tuple[str, ...]
    """From the bottom up, in tenths of a pixel."""


def spark_box(width: int, height: int, most_points: int = 60) -> SparkBox:
    """Write out the coordinates of sparklines of `width` by `height` pixels."""
    right = width - 4
    return SparkBox(
        _sized("spark", width, height),
        (
            (),
            (f"{right:.1f} ",),
            *(
                tuple(f"{2 + i * (right - 2) / (count - 1):.1f} " for i in range(count))
                for count in range(2, most_points + 1)
            ),
        ),
        tuple(f"{height - 3 - step / 10:.1f}" for step in range((height - 7) * 10 + 1)),
    )


ROW_BOX: Final = spark_box(76, 26)
TILE_BOX: Final = spark_box(64, 22)


def spark(values: Sequence[float | None], box: SparkBox = ROW_BOX, min_span: float = 0.02) -> str:
    """Draw a series of at most 60 values, oldest first, with a dot on the latest; "" where there is none.

    None is a gap in the line. The scale is the series' own, but never finer than `min_span`, so that a quiet
    offer's line stays quiet, and never reaches below zero.
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low = min(known)
    span = max(known) - low
    if span < min_span:
        low = max(0.0, low - (min_span - span) / 2)
        span = min_span
    y = box.y
    scale = (len(y) - 1) / span
    points = [
        "" if value is None else x + y[int((value - low) * scale)]
        for x, value in zip(box.x[len(values)], values, strict=True)
    ]
    path = "L".join(points) if len(known) == len(points) else _with_gaps(points)
    last = points[-1] or [point for point in points if point][-1]
    return f'{box.opening}<path d="M{path}"/><path d="M{last}h0" class="end"/></svg>'


def _with_gaps(points: list[str]) -> str:
    """The path from its first point on; a run of one point is a dot, drawn as a line of no length."""
    runs = [list(run) for present, run in groupby(points, key=bool) if present]
    return "M".join("L".join(run) if len(run) > 1 else f"{run[0]}h0" for run in runs)


def hbar(share: float, width: int = 120, height: int = 8, tone: str = "barf") -> str:
    """Draw a horizontal bar of `share` (0 to 1) of its track; a sliver where the share is small."""
    filled = max(2.0, min(share, 1.0) * width) if share > 0 else 0.0
    return (
        f"{_sized('hb', width, height)}"
        f'<rect width="{width}" height="{height}" rx="2" class="bart"/>'
        f'<rect width="{filled:.1f}" height="{height}" rx="2" class="{tone}"/></svg>'
    )
