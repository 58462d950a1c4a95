"""Rates over time: a few lines on one scale, and the way back after a relist."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from vocdash.pages.charts.frame import (
    Percent,
    Plot,
    Point,
    area,
    figure,
    nice_end,
    path,
    rate_grid,
    runs,
    text,
)

_LEAST_GAP: Final = 15
"""Between two words beside a chart, in pixels."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its words, its rates (None is a gap) and the color classes of line and dot."""

    words: str
    rates: Sequence[float | None]
    css_class: str = "ln"
    dot_class: str = "dot"


def lines(
    series: Sequence[Line],
    *,
    labels: Sequence[tuple[int, str]],
    title: str,
    description: str,
    percent: Percent,
    uid: str,
    width: int = 560,
    height: int = 220,
) -> str:
    """Draw lines with their words at their ends; "" where no rate is known. `labels` go by position."""
    known = [rate for line in series for rate in line.rates if rate is not None]
    if not known:
        return ""
    most = max(len(line.rates) for line in series)
    plot = Plot(width, height, 44, 110, 12, 26, 0, max(most - 1, 1), nice_end(max(known)))
    ends = [_last(plot, line) for line in series]
    word_ys = _apart([y for _, y in ends])
    content = rate_grid(plot, percent) + "".join(
        _line(plot, line, end, word_y) for line, end, word_y in zip(series, ends, word_ys, strict=True)
    )
    return figure(width, height, content + _time(plot, labels), title=title, description=description, uid=uid)


def _last(plot: Plot, line: Line) -> Point:
    """The last known point of a line; a line that knows nothing ends at the axis."""
    for position in reversed(range(len(line.rates))):
        if (rate := line.rates[position]) is not None:
            return plot.x(position), plot.y(rate)
    return plot.left, plot.floor


def _apart(ys: Sequence[float]) -> list[float]:
    """Move words that stand beside one another apart, in their order from top to bottom."""
    order = sorted(range(len(ys)), key=lambda i: ys[i])
    moved = list(ys)
    for upper, lower in pairwise(order):
        moved[lower] = max(moved[lower], moved[upper] + _LEAST_GAP)
    return moved


def _line(plot: Plot, line: Line, end: Point, word_y: float) -> str:
    drawn = "".join(
        f'<path d="{path([(plot.x(i), plot.y(line.rates[i] or 0.0)) for i in run])}'
        f'{"h0" if len(run) == 1 else ""}" class="{line.css_class}"/>'
        for run in runs(line.rates)
    )
    if not drawn:
        return ""
    dot = f'<circle cx="{end[0]:.1f}" cy="{end[1]:.1f}" r="3.5" class="{line.dot_class}"/>'
    return drawn + dot + text(plot.edge + 9, word_y + 4, line.words, css_class="k")


def _time(plot: Plot, labels: Sequence[tuple[int, str]]) -> str:
    drawn = ""
    for position, words in labels:
        anchor = "start" if position == 0 else "end" if position >= plot.x_to else "middle"
        drawn += text(plot.x(position), plot.height - 6, words, anchor=anchor)
    return drawn


@dataclass(frozen=True, slots=True)
class RecoveryWords:
    """The words of the recovery chart, ready to show."""

    title: str
    description: str
    target: str
    forecast: str
    relisted: str
    today: str


def recovery(
    past: Sequence[float],
    forecast: Sequence[tuple[float, float, float]],
    *,
    target: float,
    relisted_at: int | None,
    labels: Sequence[tuple[int, str]],
    words: RecoveryWords,
    percent: Percent,
    uid: str,
    tone: str,
) -> str:
    """Draw weekly rates up to today, then (low, middle, high) of each week to come, against the target.

    "" without a past. `relisted_at` and `labels` are positions in past + forecast; `tone` is today's band's.
    """
    if not past:
        return ""
    today = len(past) - 1
    highest = max([target, *past, *(high for _, _, high in forecast)])
    plot = Plot(640, 270, 44, 104, 26, 30, 0, max(today + len(forecast), 1), nice_end(highest * 1.05))
    content = rate_grid(plot, percent) + _target(plot, target) + _fan(plot, past[-1], forecast, today)
    content += f'<path d="{path([(plot.x(i), plot.y(rate)) for i, rate in enumerate(past)])}" class="ln"/>'
    content += _moments(plot, past, relisted_at, words, tone) + _time(plot, labels)
    content += _side_words(plot, target, forecast, words)
    return figure(640, 270, content, title=words.title, description=words.description, uid=uid)


def _target(plot: Plot, target: float) -> str:
    return f'<path d="M{plot.left:g} {plot.y(target):.1f}H{plot.edge:g}" class="s-fa w2"/>'


def _fan(plot: Plot, now: float, forecast: Sequence[tuple[float, float, float]], today: int) -> str:
    if not forecast:
        return ""
    weeks = [(today, (now, now, now)), *((today + 1 + i, week) for i, week in enumerate(forecast))]
    low, middle, high = ([(plot.x(i), plot.y(week[part])) for i, week in weeks] for part in range(3))
    return f'<path d="{area(high, low)}" class="fan2"/><path d="{path(middle)}" class="ln dash"/>'


def _moments(
    plot: Plot, past: Sequence[float], relisted_at: int | None, words: RecoveryWords, tone: str
) -> str:
    drawn = ""
    if relisted_at is not None:
        x = plot.x(relisted_at)
        drawn = (
            f'<path d="M{x:.1f} {plot.top - 6:g}V{plot.floor:g}" class="evt"/>'
            f'<g transform="translate({x:.1f} {plot.top - 8:g})"><path d="M-4.5 4h9L0 -3z" class="f-ex"/></g>'
        ) + text(x + 9, plot.top - 4, words.relisted, css_class="k sm")
    x, y = plot.x(len(past) - 1), plot.y(past[-1])
    return (
        f'{drawn}<path d="M{x:.1f} {y + 8:.1f}V{plot.floor:g}" class="evt"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="f-{tone} halo"/>'
    ) + text(x, plot.height - 6, words.today, anchor="middle", css_class="k")


def _side_words(
    plot: Plot, target: float, forecast: Sequence[tuple[float, float, float]], words: RecoveryWords
) -> str:
    """What the two lines are, at their right ends, moved apart where they meet."""
    if not forecast:
        return text(plot.edge + 8, plot.y(target) + 4, words.target, css_class="k")
    target_y, forecast_y = _apart([plot.y(target), plot.y(forecast[-1][1])])
    return text(plot.edge + 8, target_y + 4, words.target, css_class="k") + text(
        plot.edge + 8, forecast_y + 4, words.forecast
    )
