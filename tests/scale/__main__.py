"""Measure the night, the pages and the import: `make bench`, or `python -m tests.scale --scale small`.

Every figure is a ratio to a reference that ran in turns with it in the same run. JSON and a Markdown table go
to var/bench.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.scale.databases import ROOT, Databases, server

if TYPE_CHECKING:
    from tests.scale.night import Market
    from tests.scale.report import Report

PARTS: Final = (
    *("night", "growth", "dashboard", "offer-page", "readers", "import", "at-once", "sqlite", "equality"),
)
_OF_MARKETS: Final = {"night", "growth", "dashboard", "offer-page", "readers", "import", "at-once"}


@dataclass(frozen=True)
class Scale:
    """How large everything is. `markets`: factors of a million offers, rising.

    weeks: of nights. page_rounds, import_rounds: how often each page is asked for, each file imported.
    equality: offers of the marketplace that is computed in several ways.
    """

    markets: tuple[float, ...]
    plain_offers: int
    weeks: int
    page_rounds: int
    import_rows: int
    import_rounds: int
    sqlite: tuple[int, int]
    equality: int


SCALES: Final = {
    "tiny": Scale((0.001, 0.002), 200, 1, 10, 2_000, 1, (500, 20_000), 300),
    "small": Scale((0.01, 0.1), 2_000, 2, 200, 100_000, 3, (10_000, 400_000), 3_000),
    "full": Scale((0.01, 0.1, 1.0), 20_000, 3, 200, 1_000_000, 3, (50_000, 2_000_000), 10_000),
}


def main(arguments: list[str]) -> int:
    """Run what is asked for; print the table and where it was written."""
    asked = _parser().parse_args(arguments)
    parts = set(asked.only.split(",")) if asked.only else set(PARTS)
    if asked.scale not in SCALES:
        print(f"SCALE is {asked.scale!r}: set it to {', '.join(SCALES)}.", file=sys.stderr)
        return 2
    if unknown := parts - set(PARTS):
        print(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    with server() as url:
        import django

        django.setup()
        databases = Databases(url)
        try:
            run = _Run(databases, _scale(asked), parts, asked.output)
            report = run.measure(asked.scale)
        finally:
            databases.drop_all()
    path = report.write(asked.output)
    print(f"\n{path.read_text(encoding='utf-8')}\nWritten to {path} and .json")
    return 1 if report.failed else 0


_NUMBERS: Final = {
    "weeks": "weeks of nights",
    "plain_offers": "offers that the plain way computes",
    "page_rounds": "how often each page is asked for",
    "import_rows": "order rows in a file",
    "import_rounds": "how often files are imported",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument(
        "--scale",
        choices=SCALES,
        default=os.environ.get("SCALE") or "small",
        help="default: SCALE, else small",
    )
    parser.add_argument("--only", metavar="PART,PART", help=f"some of: {', '.join(PARTS)}")
    for name, what in _NUMBERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=what)
    parser.add_argument(
        "--markets",
        type=_factors,
        metavar="F,F",
        help="sizes of the marketplaces, as parts of a million offers",
    )
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "bench", help="default var/bench")
    return parser


def _factors(text: str) -> tuple[float, ...]:
    return tuple(sorted(float(factor) for factor in text.split(",")))


def _scale(asked: argparse.Namespace) -> Scale:
    """The scale asked for, with what was given besides."""
    scale = SCALES[asked.scale]
    given = {name: getattr(asked, name) or getattr(scale, name) for name in (*_NUMBERS, "markets")}
    return replace(scale, **given)


class _Run:
    """All parts that are asked for, one after the other. A part that breaks keeps none of the others back."""

    def __init__(self, databases: Databases, scale: Scale, parts: set[str], output: Path) -> None:
        self._databases, self._scale, self._parts, self._output = databases, scale, parts, output

    def measure(self, name: str) -> "Report":
        """Measure; the report is written after every part."""
        from tests.scale.report import Report, machine_facts

        self._report = Report(name, machine_facts())
        self._markets: list[Market] = []
        if self._parts & _OF_MARKETS:
            for factor in self._scale.markets:
                self._make_market(factor)
        for part, work in self._works().items():
            if part in self._parts:
                with self._report.part(part, self._output):
                    work()
        return self._report

    def _make_market(self, factor: float) -> None:
        """A marketplace with nights in it."""
        from tests.scale.night import add_nights, compute_last_night, make_market, measure_nights
        from vocdash.scale.sizes import Size

        size = Size().scaled(factor)
        largest = factor == self._scale.markets[-1]
        with self._report.part(f"{size.offers:,} offers", self._output):
            market = make_market(self._databases, size)
            self._report.raw[f"seconds of making {market.name}"] = market.made_in
            self._markets.append(market)
            if not self._parts & {"night", "growth"}:
                compute_last_night(self._databases, market)
                return
            plain = self._scale.plain_offers if largest else 0
            try:
                measure_nights(self._databases, market, weeks=self._scale.weeks, plain_offers=plain)
            finally:
                add_nights(self._report, market, largest=largest)

    def _works(self) -> dict[str, Callable[[], None]]:
        """What each part does, in the order in which they may follow: imports change their marketplace."""
        from tests.scale.at_once import measure_at_once
        from tests.scale.dashboard import measure_dashboard
        from tests.scale.equality import measure_equality
        from tests.scale.imports import measure_import
        from tests.scale.night import add_growth
        from tests.scale.offer_page import measure_offer_page
        from tests.scale.sqlite_night import measure_sqlite

        report, databases, markets, scale = self._report, self._databases, self._markets, self._scale
        pages, rows = scale.page_rounds, scale.import_rows
        return {
            "growth": lambda: add_growth(report, markets),
            "dashboard": lambda: measure_dashboard(report, databases, markets[-1], rounds=pages),
            "readers": self._readers,
            "import": lambda: measure_import(
                report, databases, markets[-1], rows=rows, rounds=scale.import_rounds
            ),
            "equality": lambda: measure_equality(report, databases, offers=scale.equality),
            "at-once": lambda: measure_at_once(report, databases, markets[-2:][0], rows=rows // 5),
            "offer-page": lambda: measure_offer_page(report, databases, markets[0], rounds=pages // 3),
            "sqlite": lambda: measure_sqlite(report, *scale.sqlite),
        }

    def _readers(self) -> None:
        """A small and a large marketplace are published in different ways."""
        from tests.scale.readers import measure_readers

        for market in {market.name: market for market in (self._markets[0], self._markets[-1])}.values():
            measure_readers(self._report, self._databases, market)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # DuckDB's binding ends with pages about leaks of its own types
