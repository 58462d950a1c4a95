"""What the larger charts share: the SVG element with its words, axes, paths."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from typing import Final

Point = tuple[float, float]
Percent = Callable[..., str]

_STEPS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)


@dataclass(frozen=True, slots=True)
class Plot:
    """The rectangle of a chart and what its edges stand for: x_from to x_to, 0 to y_to."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x_from: float
    x_to: float
    y_to: float

    @property
    def floor(self) -> float:
        """The y of the horizontal axis."""
        return self.height - self.bottom

    @property
    def edge(self) -> float:
        """The x of the right edge."""
        return self.width - self.right

    def x(self, value: float) -> float:
        """Where `value` lies; a span of nothing lies at the left."""
        span = self.x_to - self.x_from
        inside = (value - self.x_from) / span if span else 0.0
        return self.left + inside * (self.edge - self.left)

    def y(self, value: float) -> float:
        """Where `value` lies; values above the scale lie on its upper edge."""
        return self.floor - min(value, self.y_to) / self.y_to * (self.floor - self.top)


def figure(width: float, height: float, content: str, *, title: str, description: str, uid: str) -> str:
    """Wrap `content` as an image with a name and the finding in words. `uid` is unique on the page."""
    return (
        f'<svg class="chart" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="{uid}-t {uid}-d"><title id="{uid}-t">{escape(title)}</title>'
        f'<desc id="{uid}-d">{escape(description)}</desc>{content}</svg>'
    )


def path(points: Iterable[Point]) -> str:
    """Path data of a line through `points`."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def area(upper: Sequence[Point], lower: Sequence[Point]) -> str:
    """Path data of the area between two lines."""
    return f"{path([*upper, *reversed(lower)])}Z"


def text(x: float, y: float, words: str, *, anchor: str = "start", css_class: str = "") -> str:
    """Draw escaped words."""
    named = f' class="{css_class}"' if css_class else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(words)}</text>'


def nice_end(highest: float, lowest_end: float = 0.05) -> float:
    """The end of a percentage axis that holds `highest`: whole steps, at most 100 %."""
    wanted = max(highest, lowest_end)
    step = _step(wanted)
    return min(1.0, round(step * ceil(wanted / step - 1e-9), 6))


def ticks(end: float) -> list[float]:
    """Four to six round values from 0 up to `end`."""
    step = _step(end)
    return [round(i * step, 6) for i in range(int(end / step + 1e-9) + 1)]


def _step(end: float) -> float:
    return next((step for step in _STEPS if end / step <= 5), _STEPS[-1])


def rate_grid(plot: Plot, percent: Percent) -> str:
    """Horizontal lines of a rate axis with their percentages."""
    digits = 0 if all(round(value * 100, 6).is_integer() for value in ticks(plot.y_to)) else 1
    return "".join(
        f'<path d="M{plot.left:g} {plot.y(value):.1f}H{plot.edge:g}" class="gridl"/>'
        + text(plot.left - 7, plot.y(value) + 4, percent(value, digits), anchor="end")
        for value in ticks(plot.y_to)
    )


def runs(values: Sequence[float | None]) -> list[list[int]]:
    """The positions of neighboring values that are known: the unbroken pieces of a line."""
    pieces: list[list[int]] = []
    for position, value in enumerate(values):
        if value is None:
            continue
        if pieces and pieces[-1][-1] == position - 1:
            pieces[-1].append(position)
        else:
            pieces.append([position])
    return pieces
