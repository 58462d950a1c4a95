"""Trends of the grid: one point a week, moved on by many at once as if each were moved alone."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from health.trend import POINTS, Point, advance, parse, week_of

MONDAY = date(2025, 12, 15)


def moved(trend: str, day: date, rate: float | None) -> str:
    """One trend alone."""
    told = np.array([np.nan if rate is None else rate])
    return str(advance(np.array([trend.encode()]), day, told)[0].decode())


def by_hand(trend: str, day: date, rate: float | None) -> str:
    kept = [item for item in trend.split() if int(item.partition(":")[0]) < week_of(day)]
    kept += [] if rate is None else [f"{week_of(day)}:{rate:.4f}"]
    return " ".join(kept[-POINTS:])


def test_a_night_replaces_its_own_weeks_point_and_later_ones() -> None:
    trend = moved(moved("", MONDAY, 0.04), MONDAY + timedelta(days=7), 0.05)
    assert trend == "202551:0.0400 202552:0.0500"
    assert moved(trend, MONDAY + timedelta(days=13), 0.25) == "202551:0.0400 202552:0.2500"
    assert moved(trend, MONDAY, 1.0) == "202551:1.0000"
    assert moved(trend, MONDAY, None) == ""


def test_a_trend_keeps_its_newest_points_across_a_new_year() -> None:
    trend = ""
    for week in range(POINTS + 3):
        trend = moved(trend, MONDAY + timedelta(days=7 * week), week / 100)
    assert len(parse(trend)) == POINTS
    assert parse(trend)[-1] == Point(202613, 0.14)


rates = st.none() | st.tuples(st.integers(0, 400), st.integers(1, 400)).map(lambda kn: min(kn) / kn[1])


@given(st.lists(st.lists(st.tuples(st.integers(0, 20), rates), max_size=16), max_size=12), st.integers(0, 20))
def test_many_at_once_are_as_each_alone(histories: list[list[tuple[int, float | None]]], week: int) -> None:
    trends = []
    for history in histories:
        trend = ""
        for weeks, rate in history:
            trend = by_hand(trend, MONDAY + timedelta(days=7 * weeks), rate)
        trends.append(trend)
    told = [None if number % 4 == 3 else number / 7 % 1 for number in range(len(trends))]
    day = MONDAY + timedelta(days=7 * week + 2)
    many = advance(
        np.array([trend.encode() for trend in trends], dtype=np.bytes_),
        day,
        np.array([np.nan if rate is None else rate for rate in told]),
    )
    expected = [by_hand(trend, day, rate) for trend, rate in zip(trends, told, strict=True)]
    assert [trend.decode() for trend in many.tolist()] == expected


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_a_rate_is_written_as_python_rounds_it(k: int, n: int) -> None:
    rate = min(k, n) / n
    assert moved("", MONDAY, rate).partition(":")[2] == f"{rate:.4f}"
