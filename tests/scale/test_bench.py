"""The bench itself: turns, ratios, goals, the table."""

import json
from datetime import date
from importlib import import_module
from pathlib import Path
from threading import Timer

import pytest
from django.db import connection

from health import generations
from offers.models import Marketplace
from tests.scale.__main__ import SCALES, main
from tests.scale.equality import WAYS, differing
from tests.scale.night import LAST_DAY, Market, days, first_measured
from tests.scale.pages import bare_cursor
from tests.scale.readers import LISTEN, Watch
from tests.scale.report import Figure, Report, against
from tests.scale.site import set_numbers
from tests.scale.timing import interleaved, ratio, spread
from tests.scale.workers import NightTaken
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


def test_waits_for_locks_are_heard_from_postgresql() -> None:
    watch = Watch()
    notices = [
        "LOG:  process 12 still waiting for AccessShareLock on relation 16999 of database 5 after 1.004 ms",
        "LOG:  process 12 acquired AccessShareLock on relation 16999 of database 5 after 41.125 ms",
    ]
    watch.hear(notices)
    assert (watch.waits, notices) == ([41.125], [])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no locks that a reader waits for")
@pytest.mark.django_db
def test_postgresql_tells_a_reader_how_long_it_waited() -> None:
    watch = Watch()
    with bare_cursor() as publisher, bare_cursor() as reader:
        reader.execute(LISTEN)
        publisher.execute("BEGIN; LOCK TABLE health_night IN ACCESS EXCLUSIVE MODE")
        ending = Timer(0.03, publisher.execute, ["COMMIT"])
        ending.start()
        watch.look(reader, 1, 1)
        ending.join()
        watch.hear(reader.connection.notices)
    (waited,) = watch.waits
    assert waited > 10


def test_a_part_that_breaks_stands_in_the_report_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("no more paper")

    report = Report("tiny")
    with report.part("night", tmp_path):
        report.add(Figure("night", "before it broke", "", 1.0))
        broken()
    with report.part("pages", tmp_path):
        report.add(Figure("pages", "after it", "", 2.0))
    (path,) = tmp_path.glob("*.md")
    written = path.read_text()
    assert "- **failed**: night: RuntimeError: no more paper" in written
    assert "before it broke" in written
    assert "after it" in written
    assert "no more paper" in capsys.readouterr().err
    assert list(report.raw["seconds of the parts"]) == ["night", "pages"]


def test_nights_that_refreshed_their_benchmark_are_told_apart() -> None:
    nights = [NightTaken(seconds, seconds > 5, 0, {}, [1.0]) for seconds in (9.0, 4.0, 3.0)]
    market = Market(Size(), Marketplace(), "name", nights, duck=[1.0, 2.0, 3.0])
    assert market.taken(refreshed=True) == ([9.0], [1.0])
    assert market.taken(refreshed=False) == ([4.0, 3.0], [2.0, 3.0])
    assert market.frozen == [4.0, 3.0]


@pytest.mark.parametrize("weeks", [1, 3])
def test_so_many_weeks_have_as_many_mondays(weeks: int) -> None:
    measured = days(first_measured(weeks), LAST_DAY)
    assert [day.weekday() for day in (measured[0], measured[-1])] == [0, 1]
    assert sum(day.weekday() == 0 for day in measured) == weeks


def test_exports_that_differ_are_named() -> None:
    same, other = {"Monday": "1f", "Tuesday": "2e"}, {"Monday": "1f", "Tuesday": "3d"}
    assert differing({"SQLite": same, "one": same, "two": other}) == ["two on Tuesday"]
    assert differing({"SQLite": same, "none": {}}) == ["none on Monday", "none on Tuesday"]


def test_numbers_of_the_workers_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "WORTH_IT", 20_000)
    set_numbers("health.generations:WORTH_IT=7")
    assert vars(generations)["WORTH_IT"] == 7
    with pytest.raises(AttributeError):
        set_numbers("health.generations:NOTHING=7")


def test_every_way_of_computing_sets_numbers_that_there_are() -> None:
    for _, numbers in WAYS.values():
        for place in numbers:
            module, _, name = place.partition("=")[0].partition(":")
            assert isinstance(getattr(import_module(module), name), int)


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "night,breakfast"]) == 2
    assert "Unknown: breakfast" in capsys.readouterr().err


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_can_be_made(scale: str) -> None:
    markets = SCALES[scale].markets
    assert list(markets) == sorted(markets)
    assert [Size().scaled(factor).offers for factor in markets][-1] >= SCALES[scale].plain_offers
