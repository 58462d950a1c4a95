"""The charts of an offer's page: distribution, history, lines, recovery (UX 5b)."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocdash.pages.charts import (
    ClosedSpan,
    DistributionWords,
    Estimate,
    HistoryEvent,
    HistoryPoint,
    Line,
    RecoveryWords,
    Zone,
    axis_end,
    beta_curve,
    distribution,
    history,
    lines,
    recovery,
    spread_curve,
)
from vocdash.pages.charts.frame import nice_end, ticks
from vocdash.pages.formats import ENGLISH

NAMESPACE = "{http://www.w3.org/2000/svg}"
NASTY = "<script>&\"'"
START = date(2026, 4, 5)


def svg(markup: str) -> ET.Element:
    return ET.fromstring(markup)


def words_of(markup: str) -> list[str]:
    return [element.text or "" for element in svg(markup).iter("text")]


def a_distribution(
    estimate: Estimate = Estimate(0.124, 0.094, 0.162, "vp"),  # noqa: B008 - frozen
    title: str = "Title",
    cutoffs: tuple[float, ...] = (0.031, 0.041, 0.0615, 0.082),
) -> str:
    labels = ("Excellent", "Good", "Fair", "Poor", "Very poor")
    tones = ("ex", "go", "fa", "po", "vp")
    zones = [
        Zone(label, tone, "<path/>", upto)
        for label, tone, upto in zip(labels, tones, (*cutoffs, None), strict=True)
    ]
    end = axis_end(estimate, cutoffs[-1])
    return distribution(
        beta_curve(0.041, 60, end),
        estimate,
        0.041,
        zones,
        end=end,
        words=DistributionWords(
            title, "The finding.", "Typical 4.1%", "This offer 12.4%", "likely 9.4% to 16.2%"
        ),
        percent=ENGLISH.percent,
        uid="d1",
    )


def a_history(
    rates: list[float | None], events: list[HistoryEvent] | None = None, title: str = "Title"
) -> str:
    points = [
        HistoryPoint(
            START + timedelta(weeks=i),
            rate,
            rate and rate * 0.8,
            rate and rate * 1.2,
            0.02,
            0.04,
            0.07,
            "fa",
            7,
        )
        for i, rate in enumerate(rates)
    ]
    return history(
        points,
        events or [],
        [ClosedSpan(START + timedelta(weeks=1), None)],
        labels=[(START, "5 Apr")],
        title=title,
        description="The finding.",
        percent=ENGLISH.percent,
        uid="h1",
    )


def some_lines(*rates: list[float | None], title: str = "Title") -> str:
    return lines(
        [Line(f"Line {i}", values) for i, values in enumerate(rates)],
        labels=[(0, "Sep"), (3, "Nov")],
        title=title,
        description="The finding.",
        percent=ENGLISH.percent,
        uid="l1",
    )


def a_recovery(past: list[float], forecast: list[tuple[float, float, float]], title: str = "Title") -> str:
    return recovery(
        past,
        forecast,
        target=0.056,
        relisted_at=0,
        labels=[(0, "2 Nov")],
        words=RecoveryWords(title, "The finding.", "Fair: 5.6%", "Forecast 6.6%", "Relisted", "Today"),
        percent=ENGLISH.percent,
        uid="r1",
        tone="vp",
    )


CHARTS: list[Callable[[str], str]] = [
    lambda title: a_distribution(title=title),
    lambda title: a_history([0.04, 0.05, 0.12], title=title),
    lambda title: some_lines([0.1, 0.2, 0.1, 0.1], title=title),
    lambda title: a_recovery([0.12, 0.1], [(0.05, 0.07, 0.09)], title=title),
]


@pytest.mark.parametrize("draw", CHARTS)
def test_every_chart_is_an_image_with_a_name_and_its_finding(draw: Callable[[str], str]) -> None:
    picture = svg(draw("Name"))
    assert picture.attrib["role"] == "img"
    title, description = picture.find("title"), picture.find("desc")
    assert title is not None
    assert description is not None
    assert (title.text, description.text) == ("Name", "The finding.")
    assert picture.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]


@pytest.mark.parametrize("draw", CHARTS)
def test_every_chart_escapes_its_words(draw: Callable[[str], str]) -> None:
    markup = draw(NASTY)
    assert "<script>" not in markup
    title = svg(markup).find("title")
    assert title is not None
    assert title.text == NASTY


@pytest.mark.parametrize("draw", CHARTS)
def test_no_chart_has_styles_or_numbers_that_are_none(draw: Callable[[str], str]) -> None:
    markup = draw("Name")
    assert "style=" not in markup
    assert "nan" not in markup
    assert "inf" not in markup


def test_distribution_shows_the_offer_the_typical_one_and_five_zones() -> None:
    markup = a_distribution()
    assert {"Typical 4.1%", "This offer 12.4%", "likely 9.4% to 16.2%", "Very poor"} <= set(words_of(markup))
    assert len(re.findall(r'<rect [^>]*class="f-(?:ex|go|fa|po|vp)"', markup)) == 5


def test_distribution_keeps_its_words_inside_the_picture_at_both_ends() -> None:
    for estimate in (Estimate(0.0, 0.0, 0.01, "ex"), Estimate(1.0, 0.7, 1.0, "ne")):
        xs = [float(x) for x in re.findall(r'<text x="(-?[\d.]+)"', a_distribution(estimate))]
        assert all(0 <= x <= 560 for x in xs)


def test_distribution_leaves_words_out_of_zones_that_are_too_narrow() -> None:
    words = words_of(a_distribution(Estimate(0.9, 0.6, 1.0, "vp"), cutoffs=(0.001, 0.002, 0.01, 0.02)))
    assert "Very poor" in words
    assert "Good" not in words


def test_distribution_without_similar_offers_still_shows_the_offer() -> None:
    markup = distribution(
        [],
        Estimate(0.1, 0.05, 0.2, "ne"),
        0.05,
        [],
        end=0.25,
        words=DistributionWords("t", "d", "typical", "offer", "likely"),
        percent=ENGLISH.percent,
        uid="d",
    )
    assert "peerband" not in markup
    assert "offer" in words_of(markup)


def test_beta_curve_has_its_weight_around_the_mean() -> None:
    curve = beta_curve(0.04, 60, 0.2)
    total = sum(density for _, density in curve)
    assert sum(rate * density for rate, density in curve) / total == pytest.approx(0.04, rel=0.02)


@given(st.floats(0.001, 0.6), st.floats(10, 200), st.floats(0.05, 1))
def test_beta_curve_is_finite_for_every_benchmark(m: float, s: float, end: float) -> None:
    assert all(0 <= density < 1e6 for _, density in beta_curve(m, s, end))


def test_spread_curve_has_a_hill_at_each_cluster_of_offers() -> None:
    curve = dict(spread_curve([0.02] * 100 + [0.15] * 100, 0.2))
    at = sorted(curve)
    middle = min(at, key=lambda rate: abs(rate - 0.085))
    near = min(at, key=lambda rate: abs(rate - 0.02))
    assert curve[near] > 3 * curve[middle]


def test_spread_curve_takes_rates_beyond_the_axis_and_equal_rates() -> None:
    assert spread_curve([], 0.2) == []
    assert max(density for _, density in spread_curve([0.5] * 30, 0.2)) > 0
    assert max(density for _, density in spread_curve([0.05], 0.2)) > 0


def test_history_breaks_the_line_where_there_was_no_rate() -> None:
    assert a_history([0.04, 0.05, None, 0.06, 0.07]).count('class="ln"') == 2


def test_history_of_a_single_week_draws_a_dot() -> None:
    assert 'h0" class="ln"' in a_history([0.04])


def test_history_of_nothing_is_nothing_and_without_rates_shows_similar_offers() -> None:
    assert a_history([]) == ""
    assert 'class="peerband"' in a_history([None, None])


def test_history_marks_closures_and_edits_with_shapes_and_words() -> None:
    events = [
        HistoryEvent(START + timedelta(weeks=1), "closed", "Closed 12 Apr"),
        HistoryEvent(START + timedelta(weeks=1, days=1), "edited", "Listing edited 13 Apr"),
        HistoryEvent(START + timedelta(weeks=2), "relisted", "Relisted 19 Apr"),
    ]
    markup = a_history([0.04, 0.12, 0.1, 0.05], events)
    assert {event.words for event in events} <= set(words_of(markup))
    assert 'class="hatch"' in markup


def test_history_never_prints_one_label_over_another() -> None:
    events = [HistoryEvent(START + timedelta(weeks=1, days=i), "edited", f"Edit {i}") for i in range(4)]
    found = re.findall(r'<text x="([\d.]+)" y="(-?[\d.]+)"[^>]*class="k sm"', a_history([0.04] * 30, events))
    rows = [y for _, y in found]
    assert len(set(rows)) == 4


def test_history_keeps_a_label_off_the_words_that_stand_left_of_a_mark_at_the_edge() -> None:
    """Ten days apart, of 29 weeks: the words of the last one reach back to the mark before it."""
    last = START + timedelta(weeks=29)
    events = [
        HistoryEvent(last - timedelta(days=10), "closed", "Closed"),
        HistoryEvent(last, "relisted", "Relisted, in many words of another language"),
    ]
    found = re.findall(r'y="(-?[\d.]+)"[^>]*class="k sm"', a_history([0.04] * 30, events))
    assert len(set(found)) == 2


def test_history_level_strip_is_taller_for_worse() -> None:
    worse = HistoryPoint(START + timedelta(weeks=1), 0.2, 0.1, 0.3, 0.02, 0.04, 0.07, "vp", 11)
    better = HistoryPoint(START, 0.02, 0.01, 0.03, 0.02, 0.04, 0.07, "ex", 3)
    markup = history(
        [better, worse], [], [], labels=[], title="t", description="d", percent=ENGLISH.percent, uid="h"
    )
    found = re.findall(r'height="(\d+)" class="f-(ex|vp)"', markup)
    heights = {tone: float(height) for height, tone in found}
    assert heights == {"ex": 3, "vp": 11}


def test_lines_leave_gaps_and_take_lines_of_nothing() -> None:
    markup = some_lines([0.1, None, 0.1, 0.2], [None, None, None, None])
    assert markup.count('class="ln"') == 2
    assert "Line 1" not in words_of(markup)
    assert some_lines([None]) == ""
    assert some_lines() == ""


def test_lines_keep_their_words_apart_where_they_end_together() -> None:
    markup = some_lines([0.1, 0.1], [0.1, 0.1], [0.1, 0.1])
    ys = sorted(float(y) for y in re.findall(r'y="([\d.]+)" text-anchor="start" class="k"', markup))
    assert min(b - a for a, b in pairwise(ys)) >= 15


def test_recovery_shows_target_forecast_and_today() -> None:
    words = words_of(a_recovery([0.12, 0.1], [(0.05, 0.07, 0.09)]))
    assert {"Fair: 5.6%", "Forecast 6.6%", "Relisted", "Today"} <= set(words)


def test_recovery_draws_without_a_forecast_and_not_without_a_past() -> None:
    assert "fan2" not in a_recovery([0.12], [])
    assert a_recovery([], []) == ""


@given(st.floats(0, 1))
def test_axes_hold_their_highest_value_and_have_few_round_ticks(highest: float) -> None:
    end = nice_end(highest)
    assert end >= min(highest, 1.0) - 1e-9
    assert 2 <= len(ticks(end)) <= 6
    assert ticks(end)[-1] == pytest.approx(end)
