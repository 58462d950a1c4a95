"""The weekly points of a trend, as the current row carries them: one per ISO week, its last computed night.

Pure. A trend is text such as "202612:0.0412 202613:0.0398", oldest first: the grid draws 25 of them
without a second query. The night moves many trends at once, as arrays of bytes.
"""

from datetime import date
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

POINTS: Final = 12
_POINT: Final = len("202612:0.0412 ")
_WEEK: Final = len("202612")
LONGEST: Final = POINTS * _POINT - 1
"""Characters of a trend with all its points."""


class Point(NamedTuple):
    """The rate of one week; week = ISO year * 100 + ISO week."""

    week: int
    rate: float


def week_of(day: date) -> int:
    """The ISO week of a date as one number that sorts."""
    year, week, _ = day.isocalendar()
    return year * 100 + week


def parse(trend: str) -> list[Point]:
    """The points of a stored trend."""
    pairs = (item.split(":") for item in trend.split())
    return [Point(int(week), float(rate)) for week, rate in pairs]


def advance(trends: NDArray[np.bytes_], day: date, rates: NDArray[np.float64]) -> NDArray[np.bytes_]:
    """The trends with tonight's rates: each replaces its own week's point and all later ones.

    A night without a rate (NaN) leaves no point for its week. At most `POINTS` points are kept.
    """
    week = week_of(day)
    made = np.zeros((len(trends), POINTS * _POINT), np.uint8)
    before = _characters(trends)
    kept = _before(week, before)
    told = ~np.isnan(rates)
    tonight = _point(week, rates)
    for count in np.unique(kept).tolist():
        rows = np.flatnonzero(kept == count)
        made[rows, : count * _POINT] = before[rows, : count * _POINT]
        rows = rows[told[rows]]
        if count == POINTS:  # the oldest one goes
            made[rows, :-_POINT] = made[rows, _POINT:]
        first = min(count, POINTS - 1) * _POINT
        made[rows, first : first + _POINT] = tonight[rows]
    return _joined(made, np.minimum(kept + told, POINTS))


def _characters(trends: NDArray[np.bytes_]) -> NDArray[np.uint8]:
    """Shape (trends, POINTS * _POINT), with a space behind the last point too; zero where no point is."""
    cells = trends.astype(f"S{POINTS * _POINT}").view(np.uint8).reshape(len(trends), POINTS * _POINT)
    ends = cells[:, _POINT - 1 :: _POINT]
    ends[cells[:, ::_POINT] > 0] = ord(" ")
    return cells


def _before(week: int, cells: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many points each trend has from before the week."""
    kept: NDArray[np.int64] = (cells[:, ::_POINT] > 0).sum(axis=1)
    rows = np.flatnonzero(kept > 0)
    powers = 10 ** np.arange(_WEEK - 1, -1, -1)
    while len(rows):  # a second time only where the week is told already
        digits = cells[rows[:, None], (kept[rows] - 1)[:, None] * _POINT + np.arange(_WEEK)]
        rows = rows[(digits.astype(np.int64) - ord("0")) @ powers >= week]
        kept[rows] -= 1
        rows = rows[kept[rows] > 0]
    return kept


def _point(week: int, rates: NDArray[np.float64]) -> NDArray[np.uint8]:
    """One point per rate, as characters. Few rates differ, so each is written once, and exactly."""
    different, which = np.unique(rates, return_inverse=True)
    texts = np.array([f"{week}:{rate:.4f} ".encode() for rate in different.tolist()], dtype=f"S{_POINT}")
    return texts.view(np.uint8).reshape(-1, _POINT)[which]


def _joined(cells: NDArray[np.uint8], points: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """The trends as text, without a space at the end."""
    some = np.flatnonzero(points > 0)
    cells[some, points[some] * _POINT - 1] = 0
    joined: NDArray[np.bytes_] = cells.view(f"S{POINTS * _POINT}")[:, 0]
    return joined
