"""The weekly points of a trend, as the current row carries them: one per ISO week, its last computed night.

Pure. A trend is text such as "202612:0.0412 202613:0.0398", oldest first: the grid draws 25 of them
without a second query.
"""

from datetime import date
from typing import Final, NamedTuple

POINTS: Final = 12


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


def advance(trend: str, day: date, rate: float | None) -> str:
    """The trend with tonight's rate: it replaces its own week's point and all later ones.

    A night without a rate leaves no point for its week. At most `POINTS` points are kept.
    """
    week = week_of(day)
    kept = [item for item in trend.split() if int(item.partition(":")[0]) < week]
    if rate is not None:
        kept.append(f"{week}:{rate:.4f}")
    return " ".join(kept[-POINTS:])
