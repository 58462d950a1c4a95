"""Measure the night, the pages and the import: `make bench`, or `python -m tests.scale --scale small`.

Every figure is a ratio to a reference that ran in turns with it in the same run. JSON and a Markdown table go
to var/bench.
"""

import argparse
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.scale.databases import ROOT, Databases, server

if TYPE_CHECKING:
    from tests.scale.report import Report

MOST_READ: Final = 100_000  # twenty nights of a larger one take too long
PARTS: Final = ("night", "growth", "dashboard", "offer-page", "readers", "import", "sqlite")


@dataclass(frozen=True)
class Scale:
    """How large everything is. `markets`: factors of a million offers, rising."""

    markets: tuple[float, ...]
    plain_offers: int
    night_rounds: int
    page_rounds: int
    import_rows: int
    sqlite: tuple[int, int]


SCALES: Final = {
    "tiny": Scale((0.001, 0.002), 200, 1, 10, 2_000, (500, 20_000)),
    "small": Scale((0.01, 0.1), 2_000, 3, 200, 100_000, (10_000, 400_000)),
    "full": Scale((0.01, 0.1, 1.0), 10_000, 3, 300, 1_000_000, (50_000, 2_000_000)),
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
            path = _measure(databases, asked.scale, _scale(asked), parts, asked.output)
        finally:
            databases.drop_all()
    print(f"\n{path.read_text(encoding='utf-8')}\nWritten to {path} and .json")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument(
        "--scale",
        choices=SCALES,
        default=os.environ.get("SCALE") or "small",
        help="default: SCALE, else small",
    )
    parser.add_argument("--only", metavar="PART,PART", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, metavar="N", help="weeks of nights, and rounds of the import")
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
    return replace(
        scale, markets=asked.markets or scale.markets, night_rounds=asked.rounds or scale.night_rounds
    )


def _measure(databases: Databases, name: str, scale: Scale, parts: set[str], output: Path) -> Path:
    """Measure, and write the report as far as it got even when something breaks off."""
    from tests.scale.report import Report, machine_facts

    report = Report(name, machine_facts())
    try:
        _measure_markets(report, databases, scale, parts)
        _measure_others(report, databases, scale, parts)
    finally:
        report.machine["load when it ended"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
        path = report.write(output)
    return path


def _measure_markets(report: "Report", databases: Databases, scale: Scale, parts: set[str]) -> None:
    """What needs marketplaces with nights in them."""
    from tests.scale.dashboard import measure_dashboard
    from tests.scale.night import add_growth, add_nights, compute_last_night, make_market, measure_nights
    from tests.scale.offer_page import measure_offer_page
    from tests.scale.readers import measure_readers
    from vocdash.scale.sizes import Size

    if not parts & {"night", "growth", "dashboard", "offer-page", "readers"}:
        return
    markets = []
    for factor in scale.markets:
        market, largest = make_market(databases, Size().scaled(factor)), factor == scale.markets[-1]
        markets.append(market)
        if not parts & {"night", "growth"}:
            compute_last_night(databases, market)
            continue
        plain = scale.plain_offers if largest else 0
        measure_nights(databases, market, rounds=scale.night_rounds, plain_offers=plain)
        add_nights(report, market, largest=largest)
    if "growth" in parts:
        add_growth(report, markets)
    if "dashboard" in parts:
        measure_dashboard(report, databases, markets[-1], rounds=scale.page_rounds)
    if "offer-page" in parts:
        measure_offer_page(report, databases, markets[0], rounds=scale.page_rounds // 3)
    if "readers" in parts:
        # A small and a large marketplace are published in different ways.
        readable = [market for market in markets if market.size.offers <= MOST_READ]
        for market in [*readable[:1], *readable[1:][-1:]]:
            measure_readers(report, databases, market)


def _measure_others(report: "Report", databases: Databases, scale: Scale, parts: set[str]) -> None:
    """What brings data of its own."""
    from tests.scale.imports import measure_import
    from tests.scale.sqlite_night import measure_sqlite
    from vocdash.scale.sizes import Size

    if "import" in parts:
        size = Size().scaled(scale.markets[0])
        measure_import(report, databases, size, rows=scale.import_rows, rounds=scale.night_rounds)
    if "sqlite" in parts:
        measure_sqlite(report, *scale.sqlite)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # DuckDB's binding ends with pages about leaks of its own types
