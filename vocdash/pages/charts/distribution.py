"""An offer against the distribution of similar offers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from vocdash.pages.charts.frame import Percent, Plot, Point, area, figure, nice_end, path, text, ticks

_POINTS: Final = 160
_WIDTH: Final = 560
_HEIGHT: Final = 250
# A zone narrower than this, in pixels, is left to the description.
_ROOM_FOR_LABEL: Final = 48
_ROOM_FOR_SHAPE: Final = 14


@dataclass(frozen=True, slots=True)
class Estimate:
    """An offer's rate with its likely range, and the tone of its band."""

    rate: float
    low: float
    high: float
    tone: str


@dataclass(frozen=True, slots=True)
class Zone:
    """One band under the axis: it ends at `upto`, the last one nowhere."""

    label: str
    tone: str
    shape: str
    upto: float | None


@dataclass(frozen=True, slots=True)
class DistributionWords:
    """The words of the chart, ready to show."""

    title: str
    description: str
    typical: str
    offer: str
    likely: str


def axis_end(estimate: Estimate, very_poor_from: float) -> float:
    """The end of the rate axis: it holds the offer's range and a good piece of the last zone."""
    return nice_end(max(estimate.high * 1.02, very_poor_from * 1.3))


def beta_curve(m: float, s: float, end: float) -> list[Point]:
    """The density of Beta(m*s, (1-m)*s) from 0 to `end`, as (rate, density) points."""
    a, b = m * s, (1 - m) * s
    log_norm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    # A density without end at 0 or 1 is cut half a step away from there.
    rates = [min(max(i, 0.5) * end / _POINTS, 1 - 0.5 * end / _POINTS) for i in range(_POINTS + 1)]
    return [
        (rate, math.exp(log_norm + (a - 1) * math.log(rate) + (b - 1) * math.log1p(-rate))) for rate in rates
    ]


def spread_curve(rates: Sequence[float], end: float) -> list[Point]:
    """The density of the posterior means of similar offers, as (rate, density) points; [] for none.

    Counted into narrow bins first and smoothed then, so that the cost does not grow with the group.
    """
    if not rates:
        return []
    bins = [0] * (_POINTS + 1)
    for rate in rates:
        bins[min(_POINTS, round(rate / end * _POINTS))] += 1
    width = max(1.0, _bandwidth(rates) / end * _POINTS)
    reach = math.ceil(3 * width)
    kernel = [math.exp(-0.5 * (i / width) ** 2) for i in range(-reach, reach + 1)]
    return [
        (
            i * end / _POINTS,
            sum(
                bins[i + j - reach] * weight
                for j, weight in enumerate(kernel)
                if 0 <= i + j - reach <= _POINTS
            ),
        )
        for i in range(_POINTS + 1)
    ]


def _bandwidth(rates: Sequence[float]) -> float:
    """Silverman's rule."""
    mean = sum(rates) / len(rates)
    deviation = math.sqrt(sum((rate - mean) ** 2 for rate in rates) / len(rates))
    return 1.06 * deviation / math.pow(len(rates), 0.2)


def distribution(
    curve: Sequence[Point],
    estimate: Estimate,
    typical: float,
    zones: Sequence[Zone],
    *,
    end: float,
    words: DistributionWords,
    percent: Percent,
    uid: str,
) -> str:
    """Draw the curve, the typical similar offer, the offer with its range, and the bands under the axis."""
    plot = Plot(_WIDTH, _HEIGHT, 12, 12, 42, 74, 0.0, end, 1.0)
    content = _density(plot, curve) + _rate_axis(plot, percent) + _zones(plot, zones)
    content += _typical(plot, typical, words.typical) + _offer(plot, estimate, words)
    return figure(_WIDTH, _HEIGHT, content, title=words.title, description=words.description, uid=uid)


def _density(plot: Plot, curve: Sequence[Point]) -> str:
    top = max((density for _, density in curve), default=0.0)
    if not top:
        return ""
    upper = [(plot.x(rate), plot.y(density / top)) for rate, density in curve]
    floor = [(upper[0][0], plot.floor), (upper[-1][0], plot.floor)]
    return f'<path d="{area(upper, floor)}" class="peerband"/>'


def _rate_axis(plot: Plot, percent: Percent) -> str:
    marks = ticks(plot.x_to)
    digits = 0 if all(round(value * 100, 6).is_integer() for value in marks) else 1
    return f'<path d="M{plot.left:g} {plot.floor:g}H{plot.edge:g}" class="ax"/>' + "".join(
        text(plot.x(value), plot.floor + 16, percent(value, digits), anchor=_anchor(value, plot.x_to))
        + f'<path d="M{plot.x(value):.1f} {plot.floor:g}v4" class="ax"/>'
        for value in marks
    )


def _anchor(value: float, end: float) -> str:
    if value == 0:
        return "start"
    return "end" if value >= end else "middle"


def _zones(plot: Plot, zones: Sequence[Zone]) -> str:
    edges = [0.0, *(plot.x_to if zone.upto is None else min(zone.upto, plot.x_to) for zone in zones)]
    return "".join(
        _zone(plot, zone, plot.x(start), plot.x(stop))
        for zone, (start, stop) in zip(zones, pairwise(edges), strict=True)
        if stop > start
    )


def _zone(plot: Plot, zone: Zone, left: float, right: float) -> str:
    middle, height, room = (left + right) / 2, plot.height, right - left
    shape = label = ""
    if room >= _ROOM_FOR_SHAPE:
        shape = (
            f'<svg x="{middle - 7:.1f}" y="{height - 34:g}" width="14" height="14" viewBox="0 0 16 16" '
            f'class="g c-{zone.tone}">{zone.shape}</svg>'
        )
    if room >= _ROOM_FOR_LABEL:
        label = text(middle, height - 8, zone.label, anchor="middle", css_class="sm")
    return (
        f'<rect x="{left + 0.75:.1f}" y="{height - 44:g}" width="{max(room - 1.5, 1):.1f}" height="6" '
        f'class="f-{zone.tone}"/>{shape}{label}'
    )


def _typical(plot: Plot, typical: float, words: str) -> str:
    x = plot.x(min(typical, plot.x_to))
    return f'<path d="M{x:.1f} {plot.top - 12:g}V{plot.floor:g}" class="peerline"/>' + text(
        x + 6, plot.top - 8, words
    )


def _offer(plot: Plot, estimate: Estimate, words: DistributionWords) -> str:
    y = plot.floor - 30
    low, high = (plot.x(min(rate, plot.x_to)) for rate in (estimate.low, estimate.high))
    x = plot.x(min(estimate.rate, plot.x_to))
    # Words that would run out of the picture are moved in.
    words_x = min(max(x, plot.left + 70), plot.edge - 70)
    span = path([(low, y), (high, y)]) + f"M{low:.1f} {y - 5:g}v10M{high:.1f} {y - 5:g}v10"
    return (
        f'<path d="{span}" class="s-{estimate.tone} w2"/>'
        f'<circle cx="{x:.1f}" cy="{y:g}" r="7" class="f-{estimate.tone} halo"/>'
        + text(words_x, y - 32, words.offer, anchor="middle", css_class="k")
        + text(words_x, y - 17, words.likely, anchor="middle")
    )
