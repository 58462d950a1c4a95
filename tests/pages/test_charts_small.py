"""Micro-plots, sparklines and bars: what every row of the grid draws (UX 5a)."""

import re
import time
import timeit
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocdash.pages.charts import FULL_SCALE, TILE_BOX, hbar, micro, spark

SIMILAR = (0.018, 0.041, 0.074)
RATES = st.floats(0, 1)


def svg(markup: str) -> ET.Element:
    return ET.fromstring(markup)


def circle_x(markup: str) -> float:
    found = svg(markup).find("circle")
    assert found is not None
    return float(found.attrib["cx"])


def line_ends(markup: str) -> tuple[float, float]:
    found = re.search(r'd="M([\d.]+) 11H([\d.]+)" class="s-', markup)
    assert found
    return float(found[1]), float(found[2])


def test_micro_plot_puts_rate_range_and_similar_offers_on_one_scale() -> None:
    markup = micro(0.10, (0.05, 0.15), SIMILAR, "vp")
    assert circle_x(markup) == pytest.approx(68, abs=0.2)  # half of 0-20 %
    assert line_ends(markup) == pytest.approx((35, 101), abs=0.2)
    assert 'class="peerfill"' in markup
    assert 'class="peerline"' in markup
    assert 'class="f-vp halo"' in markup


def test_micro_plot_is_hidden_from_screen_readers_because_the_text_beside_it_says_the_same() -> None:
    assert svg(micro(0.1, (0.05, 0.15), SIMILAR, "vp")).attrib["aria-hidden"] == "true"


def test_a_rate_above_twenty_percent_is_an_arrow_at_the_edge_not_a_dot() -> None:
    markup = micro(0.27, (0.195, 0.36), SIMILAR, "vp")
    assert svg(markup).find("circle") is None
    assert "M124 4.5l11 6.5-11 6.5z" in markup
    assert line_ends(markup)[1] == 134.0


def test_a_range_that_runs_past_the_scale_ends_in_an_arrow_beside_the_dot() -> None:
    markup = micro(0.15, (0.08, 0.26), SIMILAR, "po")
    assert circle_x(markup) == pytest.approx(101, abs=0.2)
    assert 'class="f-po"/><circle' in markup


def test_one_clean_order_and_one_complaint_both_draw() -> None:
    assert circle_x(micro(0.0, (0.0, 0.73), SIMILAR, "ne")) == 2.0
    assert svg(micro(1.0, (0.27, 1.0), SIMILAR, "ne")).find("circle") is None


def test_without_similar_offers_only_the_offer_is_drawn() -> None:
    assert "peer" not in micro(0.1, (0.05, 0.15), None, "ne")


def test_similar_offers_beyond_the_scale_stay_inside_the_picture() -> None:
    assert "H134.0v10" in micro(0.1, (0.05, 0.15), (0.15, 0.3, 0.6), "fa")


@given(rate=RATES, low=RATES, high=RATES, similar=st.tuples(RATES, RATES, RATES))
def test_micro_plot_never_leaves_its_picture(
    rate: float, low: float, high: float, similar: tuple[float, float, float]
) -> None:
    markup = micro(rate, (min(low, rate), max(high, rate)), similar, "ne")
    svg(markup)
    coordinates = [float(x) for x in re.findall(r"[MH]([\d.]+)", markup)]
    assert all(2 <= x <= 134 for x in coordinates)


@given(st.floats(0, FULL_SCALE, exclude_max=True), st.floats(0, FULL_SCALE, exclude_max=True))
def test_a_higher_rate_is_never_drawn_further_left(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert circle_x(micro(low, (0, 0.1), None, "ne")) <= circle_x(micro(high, (0, 0.1), None, "ne"))


def spark_points(markup: str) -> list[tuple[float, float]]:
    path = svg(markup)[0].attrib["d"]
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]


def test_sparkline_runs_from_oldest_to_latest_and_higher_is_up() -> None:
    points = spark_points(spark([0.02, 0.04, 0.12]))
    assert [x for x, _ in points] == [2.0, 37.0, 72.0]
    assert points[0][1] > points[1][1] > points[2][1]


def test_sparkline_marks_the_latest_value() -> None:
    assert '<path d="M72.0 4.0h0" class="end"/>' in spark([0.02, 0.04, 0.12])


@pytest.mark.parametrize("values", [[], [None], [None, None]])
def test_sparkline_of_nothing_is_nothing(values: list[float | None]) -> None:
    assert spark(values) == ""


def test_sparkline_of_a_single_point_is_a_dot() -> None:
    assert 'h0" class="end"' in spark([0.1])


def test_sparkline_leaves_a_gap_where_a_week_has_no_rate() -> None:
    path = svg(spark([0.1, 0.2, None, 0.3, None]))[0].attrib["d"]
    assert path.count("M") == 2
    assert path.endswith("h0")  # the lonely week is a dot


def test_sparkline_dot_stands_at_the_last_known_value() -> None:
    assert '<path d="M2.0 ' in spark([0.1, None]).split("/>")[1]


def test_a_quiet_rate_stays_a_quiet_line() -> None:
    ys = [y for _, y in spark_points(spark([0.005, 0.003, 0.004]))]
    assert max(ys) - min(ys) < 3


def test_a_series_of_zeros_lies_on_the_ground() -> None:
    assert {y for _, y in spark_points(spark([0.0, 0.0, 0.0]))} == {23.0}


@given(st.lists(st.one_of(st.none(), RATES), max_size=60))
def test_sparkline_never_leaves_its_picture(values: list[float | None]) -> None:
    for box, width, height in ((None, 76, 26), (TILE_BOX, 64, 22)):
        markup = spark(values) if box is None else spark(values, box)
        if markup:
            assert all(0 <= x <= width and 0 <= y <= height for x, y in spark_points(markup))


def test_bar_is_filled_by_its_share() -> None:
    track, filled = svg(hbar(0.5, width=100))
    assert (track.attrib["width"], filled.attrib["width"]) == ("100", "50.0")


@pytest.mark.parametrize(("share", "width"), [(0.0, "0.0"), (0.001, "2.0"), (1.0, "120.0"), (1.7, "120.0")])
def test_bar_shows_a_sliver_for_little_and_nothing_for_nothing(share: float, width: str) -> None:
    assert svg(hbar(share))[1].attrib["width"] == width


def test_drawing_a_row_takes_microseconds() -> None:
    """A hundred rows must not be felt. Wide limits: the machine may be busy; the best of many runs counts."""
    trend = [0.05, 0.05, 0.06, 0.06, 0.07, 0.08, 0.09, 0.09, 0.11, 0.12, 0.12, 0.124]
    plot = (
        min(
            timeit.repeat(
                lambda: micro(0.124, (0.094, 0.162), SIMILAR, "vp"),
                timer=time.process_time,
                number=500,
                repeat=10,
            )
        )
        / 500
    )
    line = min(timeit.repeat(lambda: spark(trend), timer=time.process_time, number=500, repeat=10)) / 500
    assert plot < 10e-6
    assert line < 25e-6
