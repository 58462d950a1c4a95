"""The history of an offer: its rate against similar offers, with what happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal

from vocdash.pages.charts.frame import Percent, Plot, area, figure, nice_end, path, rate_grid, runs, text

_WIDTH: Final = 1350
_HEIGHT: Final = 300
_PER_LETTER: Final = 6.6  # of a label, in a wide font
_STRIP: Final = 11
"""Height of the tallest bar of the level strip."""

_MARKS: Final = {
    "closed": '<path d="M-4.5 -3h9l-4.5 7z" class="f-vp"/>',
    "relisted": '<path d="M-4.5 4h9L0 -3z" class="f-ex"/>',
    "edited": '<path d="M0 -4.5 4.5 0 0 4.5-4.5 0z" class="dot"/>',
}


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """One week's last computed night. Without orders there is no rate and no range; tone "" is no band.

    `height` of the level strip grows with worse, 1 to 11, so that it can be read without color.
    """

    on: date
    rate: float | None
    low: float | None
    high: float | None
    peer_low: float
    peer_mid: float
    peer_high: float
    tone: str
    height: int


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """Something that happened, with its words: Closed 18 Nov."""

    on: date
    kind: Literal["closed", "relisted", "edited"]
    words: str


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """A time in which the offer was closed; until None it still is."""

    since: date
    until: date | None


def history(
    points: Sequence[HistoryPoint],
    events: Sequence[HistoryEvent],
    closed: Sequence[ClosedSpan],
    *,
    labels: Sequence[tuple[date, str]],
    title: str,
    description: str,
    percent: Percent,
    uid: str,
) -> str:
    """Draw the weeks of `points`, oldest first; "" for none. `labels` are the words of the time axis."""
    if not points:
        return ""
    plot = _plot(points, _rows_of(points, events))
    content = (
        rate_grid(plot, percent)
        + _closed(plot, closed)
        + _peers(plot, points)
        + _rates(plot, points)
        + _events(plot, events)
        + _strip(plot, points)
        + _labels(plot, labels)
    )
    return figure(plot.width, plot.height, content, title=title, description=description, uid=uid)


def _plot(points: Sequence[HistoryPoint], rows: int) -> Plot:
    highest = max(max(point.high or 0.0, point.peer_high) for point in points)
    first, last = points[0].on.toordinal(), points[-1].on.toordinal()
    top = 22 + 15 * rows
    return Plot(_WIDTH, _HEIGHT, 44, 10, top, 52, first, max(last, first + 1), nice_end(highest))


def _at(plot: Plot, on: date) -> float:
    """The x of a date; what lies outside the weeks is drawn at their edge."""
    return plot.x(min(max(on.toordinal(), plot.x_from), plot.x_to))


def _closed(plot: Plot, closed: Sequence[ClosedSpan]) -> str:
    pieces = ""
    for span in closed:
        left = _at(plot, span.since)
        right = plot.edge if span.until is None else _at(plot, span.until)
        pieces += (
            f'<rect x="{left:.1f}" y="{plot.top:g}" width="{max(right - left, 1):.1f}" '
            f'height="{plot.floor - plot.top:g}" class="hatch"/>'
        )
    return pieces


def _peers(plot: Plot, points: Sequence[HistoryPoint]) -> str:
    upper = [(_at(plot, point.on), plot.y(point.peer_high)) for point in points]
    lower = [(_at(plot, point.on), plot.y(point.peer_low)) for point in points]
    middle = [(_at(plot, point.on), plot.y(point.peer_mid)) for point in points]
    return f'<path d="{area(upper, lower)}" class="peerband"/><path d="{path(middle)}" class="peerline"/>'


def _rates(plot: Plot, points: Sequence[HistoryPoint]) -> str:
    drawn = ""
    last = ""
    for run in runs([point.rate for point in points]):
        weeks = [points[position] for position in run]
        xs = [_at(plot, week.on) for week in weeks]
        line = [(x, plot.y(week.rate or 0.0)) for x, week in zip(xs, weeks, strict=True)]
        upper = [(x, plot.y(week.high or 0.0)) for x, week in zip(xs, weeks, strict=True)]
        lower = [(x, plot.y(week.low or 0.0)) for x, week in zip(xs, weeks, strict=True)]
        lonely = "h0" if len(line) == 1 else ""
        drawn += f'<path d="{area(upper, lower)}" class="fan"/><path d="{path(line)}{lonely}" class="ln"/>'
        (x, y), tone = line[-1], weeks[-1].tone or "ne"
        last = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="f-{tone} halo"/>'
    return drawn + last


def _room(event: HistoryEvent) -> float:
    return 14 + _PER_LETTER * len(event.words)


def _turned(plot: Plot, event: HistoryEvent) -> bool:
    """Near the right edge the words stand to the left of their mark."""
    return _at(plot, event.on) > plot.edge - _room(event)


def _placed(plot: Plot, ordered: Sequence[HistoryEvent]) -> list[int]:
    """The row of each label, so that neighbors do not overprint one another: the lowest that is free."""
    ends: list[float] = []
    rows = []
    for event in ordered:
        x, room = _at(plot, event.on), _room(event)
        left, right = (x - room, x + 8) if _turned(plot, event) else (x, x + room)
        row = next((row for row, end in enumerate(ends) if left >= end), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = right
        rows.append(row)
    return rows


def _rows_of(points: Sequence[HistoryPoint], events: Sequence[HistoryEvent]) -> int:
    frame = Plot(_WIDTH, _HEIGHT, 44, 10, 0, 0, points[0].on.toordinal(), points[-1].on.toordinal(), 1.0)
    placed = _placed(frame, sorted(events, key=lambda event: event.on))
    return max(placed, default=0) + 1


def _events(plot: Plot, events: Sequence[HistoryEvent]) -> str:
    ordered = sorted(events, key=lambda event: event.on)
    placed = zip(ordered, _placed(plot, ordered), strict=True)
    return "".join(_event(plot, event, row) for event, row in placed)


def _event(plot: Plot, event: HistoryEvent, row: int) -> str:
    x, y = _at(plot, event.on), plot.top - 12 - row * 15
    turned = _turned(plot, event)
    words = text(
        x - 8 if turned else x + 8, y + 4, event.words, anchor="end" if turned else "start", css_class="k sm"
    )
    return (
        f'<path d="M{x:.1f} {y + 5:g}V{plot.floor:g}" class="evt"/>'
        f'<g transform="translate({x:.1f} {y:g})">{_MARKS[event.kind]}</g>{words}'
    )


def _strip(plot: Plot, points: Sequence[HistoryPoint]) -> str:
    """One bar per week with a band, half a week to each side of its point."""
    xs = [_at(plot, point.on) for point in points]
    edges = [xs[0], *((a + b) / 2 for a, b in pairwise(xs)), xs[-1]]
    return "".join(
        f'<rect x="{left + 0.6:.1f}" y="{plot.floor + 9 + _STRIP - point.height:g}" '
        f'width="{max(right - left - 1.2, 1):.1f}" height="{point.height}" class="f-{point.tone}"/>'
        for point, (left, right) in zip(points, pairwise(edges), strict=True)
        if point.tone
    )


def _labels(plot: Plot, labels: Sequence[tuple[date, str]]) -> str:
    drawn = ""
    for on, words in labels:
        x = _at(plot, on)
        anchor = "start" if x <= plot.left else "end" if x >= plot.edge else "middle"
        drawn += text(x, plot.height - 6, words, anchor=anchor)
    return drawn
