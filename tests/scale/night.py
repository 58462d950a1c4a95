"""The night against DuckDB and against the plain way; how it grows, and the memory it takes."""

import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Final

from django.db import transaction

from health.recompute import recompute_night
from offers.models import Marketplace, Offer
from tests.scale.databases import Databases, NightProcess
from tests.scale.duck import Duck, refuse_other_counts
from tests.scale.plain import plain_night
from tests.scale.report import Figure, Report, against, shown
from tests.scale.timing import Seconds, timed
from vocdash.scale.building import make_marketplace
from vocdash.scale.sizes import Size

LAST_DAY: Final = date(2026, 3, 31)  # a Tuesday: benchmarks are refreshed on Mondays
PART: Final = "night"
_DUCK: Final = "DuckDB, same counts"
_PLAIN: Final = "ORM annotate and bulk_update, scaled"


@dataclass
class Market:
    """A marketplace made to measure with, and what its nights took. `plain` is for all offers, scaled."""

    size: Size
    marketplace: Marketplace
    database: str
    frozen: Seconds = field(default_factory=list)
    refreshed: Seconds = field(default_factory=list)
    duck_frozen: Seconds = field(default_factory=list)
    duck_refreshed: Seconds = field(default_factory=list)
    plain: Seconds = field(default_factory=list)
    peak_mb: float = 0.0

    @property
    def name(self) -> str:
        """Its size, to read."""
        return f"{self.size.offers:,} offers"


def make_market(databases: Databases, size: Size) -> Market:
    """A new database with a marketplace in it."""
    database = databases.make(f"{size.offers}")
    made = make_marketplace(size, LAST_DAY, progress=lambda _name, _share: None)
    print("\n".join(made.lines_of_text()), flush=True)
    return Market(size, made.marketplace, database)


def measure_nights(databases: Databases, market: Market, *, rounds: int, plain_offers: int = 0) -> None:
    """Compute `rounds` weeks' Sunday, Monday and Tuesday nights, and the same counts by DuckDB in turns.

    A Sunday is computed so that Monday follows a night. Every night is compared with DuckDB, offer by offer.
    """
    databases.use(market.database)
    with tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as folder:
        duck = Duck(market.marketplace, Path(folder))
        worker = NightProcess(databases.url(market.database), market.marketplace.code)
        duck.count(LAST_DAY)
        for week in range(rounds - 1, -1, -1):
            tuesday = LAST_DAY - timedelta(weeks=week)
            worker.night(tuesday - timedelta(days=2))
            _one_night(market, duck, worker, tuesday - timedelta(days=1))
            _one_night(market, duck, worker, tuesday)
            if plain_offers:
                market.plain.append(_plain(market, tuesday, plain_offers))
        worker.close()
        duck.close()


def compute_last_night(databases: Databases, market: Market) -> None:
    """One night, unmeasured: what is shown on the pages that are measured."""
    databases.use(market.database)
    recompute_night(market.marketplace, LAST_DAY, trigger="command")


def _one_night(market: Market, duck: Duck, worker: NightProcess, day: date) -> None:
    theirs = timed(lambda: duck.count(day))
    answer = worker.night(day)
    refuse_other_counts(market.marketplace, day, duck.count(day))
    market.peak_mb = max(market.peak_mb, answer["peak_mb"])
    ours, reference = (
        (market.refreshed, market.duck_refreshed)
        if answer["refreshed"]
        else (market.frozen, market.duck_frozen)
    )
    ours.append(answer["seconds"])
    reference.append(theirs)


def _plain(market: Market, day: date, offers: int) -> float:
    """Seconds that the plain way would take for all offers."""
    last = Offer.objects.order_by("pk").values_list("pk", flat=True)[offers - 1 : offers].get()
    some = Offer.objects.filter(marketplace=market.marketplace, pk__lte=last)
    with transaction.atomic():
        seconds = timed(lambda: plain_night(some, day))
        transaction.set_rollback(True)
    return seconds * market.size.offers / offers


def add_nights(report: Report, market: Market, *, largest: bool) -> None:
    """The figures of one market. What is asked for holds for the largest."""
    goal = 4.0 if largest else None
    report.add(
        against(
            PART, f"{market.name}, frozen benchmark", market.frozen, _DUCK, market.duck_frozen, goal=goal
        ),
        against(
            PART,
            f"{market.name}, refreshed benchmark",
            market.refreshed,
            _DUCK,
            market.duck_refreshed,
            goal=goal,
        ),
        Figure(PART, f"{market.name}, peak memory of the process", "", market.peak_mb, "MB", goal=300),
    )
    if market.plain:
        report.add(
            against(
                PART,
                f"{market.name}, frozen benchmark",
                market.frozen,
                _PLAIN,
                market.plain,
                goal=100,
                faster=True,
            )
        )


def add_growth(report: Report, markets: list[Market]) -> None:
    """How much more than in proportion a larger market costs."""
    for small, large in pairwise(markets):
        times = large.size.offers / small.size.offers
        grown = median(large.frozen) / median(small.frozen)
        report.add(
            Figure(
                "growth",
                f"night of {large.name} against {small.name}",
                "linear",
                grown / times,
                goal=1.15,
                note=f"{grown:.2f} × for {times:.0f} × the data: {shown(median(large.frozen))}",
            )
        )
