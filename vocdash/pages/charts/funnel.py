"""The funnel plot: every offer's rate against its number of orders, and where chance alone would leave it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import exp, log
from typing import Final

from vocdash.pages.charts.frame import Percent, Plot, Point, area, nice_end, rate_grid, text

_WIDTH: Final = 640
_HEIGHT: Final = 330
_TICKS: Final = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
_STEPS: Final = 90
# So many cells, across and up, into which marks are gathered until they are few enough.
_CELLS: Final = ((64, 40), (44, 28), (30, 19), (21, 13), (14, 9), (10, 6), (7, 4))
_REACH: Final = 5
"""How far a mark reaches to each side, in pixels."""
_LABEL_HEIGHT: Final = 12
_LABEL_LETTER: Final = 6.2

SHAPES: Final[dict[str, str]] = {
    "vp": '<path d="M-6.5 -5h13L0 6.5z" class="f-vp halo"/>',
    "po": '<path d="M-4.2 -3.2h8.4L0 4z" class="f-sf s-po w2"/>',
    "fa": '<path d="M-3.4 -3.4h6.8v6.8h-6.8z" class="f-fa halo"/>',
    "go": '<path d="M-4.4 3.6h8.8L0 -4.4z" class="f-go halo"/>',
    "ex": '<path d="M0 -4.9 4.9 0 0 4.9-4.9 0z" class="f-ex halo"/>',
    "ne": '<circle r="3.4" class="f-sf s-ne w2"/>',
}
"""A mark for each tone, around the point 0, 0: they differ in shape, not in color alone."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Offers that stand at one place: how many, their orders and rate, and the tone of their band.

    offer: the id of one of them.
    """

    orders: float
    rate: float
    tone: str
    offers: int
    offer: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A spot as it is drawn: where it leads, what it says when pointed at, and a label beside it."""

    spot: Spot
    address: str
    words: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class FunnelLimits:
    """The limits of one width, as (orders, low, high)."""

    points: Sequence[tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class FunnelWords:
    """The words of the chart, ready to show."""

    title: str
    description: str
    axis: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the plot's edges stand for: numbers of orders, and the highest rate."""

    fewest: int
    most: int
    top: float

    def column(self, orders: float) -> float:
        """Where so many orders lie between the edges, 0 to 1."""
        return (log(orders) - log(self.fewest)) / (log(self.most) - log(self.fewest))


def frame_of(spots: Iterable[Spot], typical: float) -> Frame:
    """Edges that hold the spots. A few orders with problems would need 100 %: they lie on the upper edge."""
    known = [(spot.orders, spot.rate) for spot in spots]
    fewest, most = min(orders for orders, _ in known), max(orders for orders, _ in known)
    low = max(tick for tick in _TICKS if tick <= max(fewest, 1))
    high = next((tick for tick in _TICKS if tick >= most and tick > low), _TICKS[-1])
    highest = max((rate for orders, rate in known if orders >= 10), default=0.0)
    return Frame(low, high, nice_end(min(max(3 * typical, highest), max(0.3, 8 * typical))))


def steps(frame: Frame) -> list[int]:
    """Whole numbers of orders from edge to edge, at which limits are drawn."""
    ratio = log(frame.most / frame.fewest)
    return sorted({round(frame.fewest * exp(ratio * i / _STEPS)) for i in range(_STEPS + 1)})


def gather(spots: Sequence[Spot], frame: Frame, most: int) -> list[Spot]:
    """At most about `most` spots: of a great many, those of one band that lie close together become one."""
    if len(spots) <= most:
        return list(spots)
    found: list[Spot] = []
    for cells in _CELLS:
        found = _gathered(spots, frame, *cells)
        if len(found) <= most:
            break
    return found


def _gathered(spots: Sequence[Spot], frame: Frame, across: int, up: int) -> list[Spot]:
    cells: dict[tuple[str, int, int], list[Spot]] = {}
    for spot in spots:
        column = int(frame.column(spot.orders) * across)
        row = int(min(spot.rate / frame.top, 1.0) * up)
        cells.setdefault((spot.tone, column, row), []).append(spot)
    return [_together(cell) for cell in cells.values()]


def _together(cell: Sequence[Spot]) -> Spot:
    offers = sum(spot.offers for spot in cell)
    orders = exp(sum(log(spot.orders) * spot.offers for spot in cell) / offers)
    rate = sum(spot.rate * spot.offers for spot in cell) / offers
    return Spot(orders, rate, cell[0].tone, offers, cell[0].offer)


def shape(tone: str) -> str:
    """The mark of a tone for the legend."""
    return f'<svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">{SHAPES[tone]}</svg>'


def funnel(
    marks: Sequence[Mark],
    limits: Sequence[FunnelLimits],
    typical: float,
    frame: Frame,
    *,
    words: FunnelWords,
    percent: Percent,
    count: Callable[[int], str],
    uid: str,
) -> str:
    """Draw marks over the limits (widest first) and the typical rate.

    Marks are links for those who point; the keyboard's way to the same offers is the table beside the chart,
    so they are no stops of it.
    """
    plot = Plot(_WIDTH, _HEIGHT, 44, 24, 14, 42, log(frame.fewest), log(frame.most), frame.top)
    picture = rate_grid(plot, percent) + _areas(plot, limits)
    picture += f'<path d="M{plot.left:g} {plot.y(typical):.1f}H{plot.edge:g}" class="peerline"/>'
    picture += _orders_axis(plot, frame, words.axis, count)
    used = {mark.spot.tone for mark in marks}
    shapes = "".join(f'<g id="{uid}-{tone}">{SHAPES[tone]}</g>' for tone in SHAPES if tone in used)
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}"><defs>{shapes}</defs>'
        f'<g role="img" aria-labelledby="{uid}-t {uid}-d"><title id="{uid}-t">{escape(words.title)}</title>'
        f'<desc id="{uid}-d">{escape(words.description)}</desc>{picture}</g>'
        f'<g aria-hidden="true">{_marks(plot, marks, uid)}{_labels(plot, marks)}</g></svg>'
    )


def _areas(plot: Plot, limits: Sequence[FunnelLimits]) -> str:
    drawn = ""
    for css_class, found in zip(("peerband", "peerfill"), limits, strict=False):
        upper = [(plot.x(log(orders)), plot.y(high)) for orders, _, high in found.points]
        lower = [(plot.x(log(orders)), plot.y(low)) for orders, low, _ in found.points]
        drawn += f'<path d="{area(upper, lower)}" class="{css_class}"/>'
    return drawn


def _orders_axis(plot: Plot, frame: Frame, words: str, count: Callable[[int], str]) -> str:
    drawn = "".join(
        f'<path d="M{plot.x(log(tick)):.1f} {plot.floor:g}v4" class="ax"/>'
        + text(plot.x(log(tick)), plot.floor + 17, count(tick), anchor="middle")
        for tick in _TICKS
        if frame.fewest <= tick <= frame.most
    )
    return drawn + text((plot.left + plot.edge) / 2, plot.height - 5, words, anchor="middle")


def _at(plot: Plot, spot: Spot) -> Point:
    return plot.x(log(spot.orders)), plot.y(spot.rate)


def _marks(plot: Plot, marks: Sequence[Mark], uid: str) -> str:
    """The worst come first and are drawn last, on top."""
    return "".join(_mark(plot, mark, uid) for mark in reversed(marks))


def _mark(plot: Plot, mark: Mark, uid: str) -> str:
    x, y = _at(plot, mark.spot)
    # A mark of many offers is larger, up to twice.
    scale = min(1 + log(mark.spot.offers) / 8, 2)
    larger = f" scale({scale:.2f})" if mark.spot.offers > 1 else ""
    return (
        f'<a href="{escape(mark.address)}" tabindex="-1"><title>{escape(mark.words)}</title>'
        f'<use href="#{uid}-{mark.spot.tone}" transform="translate({x:.1f} {y:.1f}){larger}"/></a>'
    )


def _labels(plot: Plot, marks: Sequence[Mark]) -> str:
    """Labels of the worst, each where it covers nothing; one that finds no room is left out."""
    taken = [(x - _REACH, y - _REACH, x + _REACH, y + _REACH) for x, y in (_at(plot, m.spot) for m in marks)]
    drawn = ""
    for mark in marks:
        if not mark.label:
            continue
        x, y = _at(plot, mark.spot)
        width = len(mark.label) * _LABEL_LETTER
        for anchor, left in (("start", x + 9), ("end", x - 9 - width)):
            box = (left, y - _LABEL_HEIGHT / 2, left + width, y + _LABEL_HEIGHT / 2)
            inside = plot.left <= box[0] and box[2] <= plot.width
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                beside = x + 9 if anchor == "start" else x - 9
                drawn += text(beside, y + 4, mark.label, anchor=anchor, css_class="sm k")
                break
    return drawn


def _meet(box: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
