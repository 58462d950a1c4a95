"""The bench itself: turns, ratios, goals, the table."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.scale.__main__ import SCALES, main
from tests.scale.readers import Watch
from tests.scale.report import Figure, Report, against
from tests.scale.timing import interleaved, ratio, spread
from vocdash.scale.sizes import Size


def test_works_are_timed_in_turns_and_the_first_rounds_are_thrown_away() -> None:
    said: list[str] = []
    took = interleaved(2, {"a": lambda: said.append("a"), "b": lambda: said.append("b")}, warm_up=1)
    assert said == ["a", "b"] * 3
    assert {name: len(seconds) for name, seconds in took.items()} == {"a": 2, "b": 2}


def test_a_ratio_is_of_medians_and_its_range_of_rounds() -> None:
    assert ratio([2.0, 4.0, 90.0], [1.0, 2.0, 2.0]) == 2.0
    assert spread([2.0, 4.0, 90.0], [1.0, 2.0, 2.0]) == (2.0, 45.0)
    assert spread([900.0, *[3.0] * 18, 0.1], [1.0] * 20) == (3.0, 3.0)


@pytest.mark.parametrize(
    ("value", "goal", "bound", "met"),
    [
        (4.0, 4.0, "most", True),
        (4.1, 4.0, "most", False),
        (3.0, 3.0, "least", True),
        (2.9, 3.0, "least", False),
    ],
)
def test_a_goal_is_met_or_not(value: float, goal: float, bound: str, *, met: bool) -> None:
    assert Figure("night", "x", "y", value, goal=goal, bound=bound).met is met  # type: ignore[arg-type]


def test_slower_and_faster_are_told_apart() -> None:
    slower = against("night", "ours", [6.0], "DuckDB", [2.0], goal=4)
    faster = against("night", "ours", [2.0], "the ORM", [6.0], goal=4, faster=True)
    assert slower.cells()[3:6] == ["3 × (3–3)", "≤ 4 ×", "yes"]
    assert faster.cells()[3:6] == ["3 × faster (3–3)", "≥ 4 × faster", "**no**"]


def test_the_report_is_written_as_a_table_and_as_json(tmp_path: Path) -> None:
    report = Report("tiny", {"processor": "2 cores"})
    report.add(Figure("night", "peak | memory", "", 151.7, "MB", goal=300))
    path = report.write(tmp_path)
    assert "- processor: 2 cores" in path.read_text()
    assert "| night | peak / memory |  | 152 MB | ≤ 300 MB | yes |  |" in path.read_text()
    (figure,) = json.loads(path.with_suffix(".json").read_text())["figures"]
    assert (figure["value"], figure["met"]) == (151.7, True)


class FakeCursor:
    """Answers the two questions of a page."""

    def __init__(self, rows: list[date], tiles: date) -> None:
        self._answers: list[list[tuple[date]]] = [[(row,) for row in rows], [(tiles,)]]

    def execute(self, *_: object) -> None:
        """Nothing to do."""

    def fetchall(self) -> list[tuple[date]]:
        return self._answers.pop(0)


def test_a_page_of_two_nights_and_one_of_none_are_seen() -> None:
    monday, tuesday = date(2026, 3, 30), date(2026, 3, 31)
    watch = Watch()
    watch.look(FakeCursor([monday], monday), 1, 1)
    assert (watch.mixed, watch.empty, watch.nights) == (0, 0, {monday})
    watch.look(FakeCursor([monday, tuesday], tuesday), 1, 1)
    watch.look(FakeCursor([monday], tuesday), 1, 1)
    assert (watch.mixed, watch.empty) == (2, 0)
    watch.look(FakeCursor([], tuesday), 1, 1)
    assert (watch.mixed, watch.empty, len(watch.took)) == (2, 1, 4)


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "night,breakfast"]) == 2
    assert "Unknown: breakfast" in capsys.readouterr().err


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_can_be_made(scale: str) -> None:
    markets = SCALES[scale].markets
    assert list(markets) == sorted(markets)
    assert [Size().scaled(factor).offers for factor in markets][-1] >= SCALES[scale].plain_offers
