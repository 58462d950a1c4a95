"""Two sellers' files imported at once, and a file imported while a night is computed."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from feedback.models import FeedbackEvent
from health.recompute import last_night
from offers.models import OrderLine
from tests.scale.databases import ROOT, Databases
from tests.scale.duck import Counted, Duck, refuse_other_counts
from tests.scale.night import LAST_DAY, Market
from tests.scale.report import Figure, Report, against
from tests.scale.rows import EVENT_SHARE, Writer
from tests.scale.timing import Seconds, timed
from tests.scale.workers import Workers

PART: Final = "at once"
SELLERS: Final = ("V000000", "V000001")
ROUNDS: Final = 2
_SECONDS: Final = 900


def measure_at_once(report: Report, databases: Databases, market: Market, *, rows: int) -> None:
    """Both, on a marketplace with nights. `rows`: order rows of a file."""
    databases.use(market.database)
    with tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as folder:
        _two_sellers(report, databases, market, Path(folder), rows)
        _during_a_night(report, databases, market, Path(folder), rows)


def _importing(databases: Databases, market: Market, files: Iterable[Path]) -> "subprocess.Popen[bytes]":
    """A process that imports files, as an operator starts it."""
    command = [sys.executable, "manage.py", "import_data", "--marketplace", market.marketplace.code]
    environment = os.environ | {"DATABASE_URL": databases.url(market.database)}
    return subprocess.Popen(
        [*command, *map(str, files)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _ended(process: "subprocess.Popen[bytes]") -> None:
    _, said = process.communicate(timeout=_SECONDS)
    assert process.returncode == 0, said.decode()[-1000:]


def _in_turn(makers: "Sequence[Callable[[], subprocess.Popen[bytes]]]") -> None:
    for make in makers:
        _ended(make())


def _together(makers: "Sequence[Callable[[], subprocess.Popen[bytes]]]") -> None:
    for process in [make() for make in makers]:
        _ended(process)


def _two_sellers(report: Report, databases: Databases, market: Market, folder: Path, rows: int) -> None:
    """New files of both sellers one after the other, then others at once. Every row must be there then."""
    writers = [Writer(market.marketplace, folder, seller=seller, name=seller) for seller in SELLERS]
    took: dict[str, Seconds] = {"in turn": [], "together": []}
    before = _rows_there(market)
    for _ in range(ROUNDS):
        for name, how in (("in turn", _in_turn), ("together", _together)):
            files = [writer.write(rows) for writer in writers]
            makers = [partial(_importing, databases, market, pair) for pair in files]
            took[name].append(timed(partial(how, makers)))
    said, number = -(-rows // EVENT_SHARE), 2 * len(SELLERS) * ROUNDS
    wanted = (number * rows, number * said)
    lost = sum(wanted) - sum(now - then for now, then in zip(_rows_there(market), before, strict=True))
    what = f"two sellers' files, {rows:,} order and {said:,} feedback rows each, at once"
    note = f"of {sum(wanted):,} in {2 * number} files"
    report.add(
        against(PART, what, took["together"], "one after the other", took["in turn"]),
        Figure(PART, f"{what}: speed", "", 2 * (rows + said) / median(took["together"]), "rows/s"),
        Figure(PART, f"{what}: rows lost or double", "", abs(lost), "rows", goal=0, note=note),
    )


def _rows_there(market: Market) -> tuple[int, int]:
    lines = OrderLine.objects.filter(offer__marketplace=market.marketplace, offer__seller__code__in=SELLERS)
    events = FeedbackEvent.objects.filter(marketplace=market.marketplace, seller__code__in=SELLERS)
    return lines.count(), events.count()


def _during_a_night(report: Report, databases: Databases, market: Market, folder: Path, rows: int) -> None:
    """The night and the import alone, then at once; the night must see the whole file or nothing of it."""
    writer, place = Writer(market.marketplace, folder, name="D"), market.marketplace
    day = last_night(place) or LAST_DAY
    names = ("night alone", "import alone", "both", "night beside")
    took: dict[str, Seconds] = {name: [] for name in names}
    torn = 0
    with Workers(databases.url(market.database), place) as workers:
        workers.night(day)
        for _ in range(ROUNDS):
            took["night alone"].append(workers.night(day).seconds)
            alone = writer.write(rows)
            took["import alone"].append(
                timed(partial(_in_turn, [partial(_importing, databases, market, alone)]))
            )
            before = _counted(market, day)
            files = writer.write(rows)
            process = _importing(databases, market, files)
            took["night beside"].append(workers.night(day).seconds)
            took["both"].append(timed(partial(_ended, process)) + took["night beside"][-1])
            torn += not any(_same(market, day, counted) for counted in (before, _counted(market, day)))
        workers.night(day)
        torn += not _same(market, day, _counted(market, day))
    sums = [sum(pair) for pair in zip(took["night alone"], took["import alone"], strict=True)]
    what = f"a night of {market.name} while {rows:,} order rows are imported"
    note = f"of {ROUNDS} nights beside an import and one after them"
    report.add(
        against(PART, what, took["night beside"], "the night alone", took["night alone"]),
        against(PART, f"{what}: until both have ended", took["both"], "one after the other", sums),
        Figure(PART, f"{what}: results of half a file", "", torn, "nights", goal=0, note=note),
    )


def _counted(market: Market, day: date) -> Counted:
    """What DuckDB counts of what is there now."""
    with (
        tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as folder,
        closing(Duck(market.marketplace, Path(folder))) as duck,
    ):
        return duck.count(day)


def _same(market: Market, day: date, counted: Counted) -> bool:
    try:
        refuse_other_counts(market.marketplace, day, counted)
    except AssertionError:
        return False
    return True
