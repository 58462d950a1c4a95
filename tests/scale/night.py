"""The night against DuckDB and against the plain way; how it grows, and the memory it takes."""

import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from django.db import transaction

from health.actions import release_hold
from health.models import ClosureHold
from health.recompute import recompute_night
from offers.models import Marketplace, Offer
from tests.scale.databases import Databases
from tests.scale.duck import Duck, refuse_other_counts
from tests.scale.pages import operator
from tests.scale.plain import plain_night
from tests.scale.report import Figure, Report, against, shown
from tests.scale.timing import Seconds, timed
from tests.scale.workers import NightTaken, Workers
from vocdash.scale.building import make_marketplace
from vocdash.scale.sizes import Size

LAST_DAY: Final = date(2026, 3, 31)  # a Tuesday: benchmarks are refreshed on Mondays
UNMEASURED: Final = (
    3  # nights before the first that is measured: an offer closes on its third at the earliest
)
PART: Final = "night"
_DUCK: Final = "DuckDB, same counts"
_PLAIN: Final = "ORM annotate and bulk_update, scaled"


@dataclass
class Market:
    """A marketplace made to measure with, and what its nights took. `plain` is for all offers, scaled."""

    size: Size
    marketplace: Marketplace
    database: str
    nights: list[NightTaken] = field(default_factory=list)
    duck: Seconds = field(default_factory=list)
    plain: Seconds = field(default_factory=list)
    made_in: float = 0.0

    @property
    def name(self) -> str:
        """Its size, to read."""
        return f"{self.size.offers:,} offers"

    def taken(self, *, refreshed: bool) -> tuple[Seconds, Seconds]:
        """Seconds of the nights that refreshed their benchmark, or of the others, and of DuckDB beside."""
        both = zip(self.nights, self.duck, strict=True)
        taken = [(night.seconds, duck) for night, duck in both if night.refreshed is refreshed]
        return [ours for ours, _ in taken], [theirs for _, theirs in taken]

    @property
    def frozen(self) -> Seconds:
        """Seconds of the nights that kept their benchmark."""
        return self.taken(refreshed=False)[0]


def make_market(databases: Databases, size: Size) -> Market:
    """A new database with a marketplace in it."""
    database = databases.make(f"{size.offers}")
    made = make_marketplace(size, LAST_DAY, progress=lambda _name, _share: None)
    print("\n".join(made.lines_of_text()), flush=True)
    return Market(size, made.marketplace, database, made_in=made.seconds)


def measure_nights(databases: Databases, market: Market, *, weeks: int, plain_offers: int = 0) -> None:
    """Compute all nights of some weeks up to a Tuesday, and the same counts by DuckDB in turns.

    Three nights are computed before and not measured. What these want to close is more than one night may:
    an operator releases it. Every night is compared with DuckDB, offer by offer.
    """
    databases.use(market.database)
    first = first_measured(weeks)
    with (
        tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as folder,
        closing(Duck(market.marketplace, Path(folder))) as duck,
        Workers(databases.url(market.database), market.marketplace) as workers,
    ):
        for day in days(first - timedelta(days=UNMEASURED), first - timedelta(days=1)):
            workers.night(day)
            duck.count(day)
        release_holds(market.marketplace)
        for day in days(first, LAST_DAY):
            _one_night(market, duck, workers, day)
            if plain_offers and day.weekday() == LAST_DAY.weekday():
                market.plain.append(_plain(market, day, plain_offers))


def first_measured(weeks: int) -> date:
    """The Monday from which nights are measured, so that there are `weeks` Mondays."""
    return LAST_DAY - timedelta(days=7 * weeks - 6)


def days(first: date, last: date) -> list[date]:
    """All days from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def release_holds(marketplace: Marketplace) -> int:
    """Let an operator release every closure that waits. Returns how many there were."""
    waiting = ClosureHold.objects.filter(marketplace=marketplace, state=ClosureHold.State.OPEN)
    holds = list(waiting.values_list("pk", flat=True))
    for hold in holds:
        release_hold(hold_id=hold, by=operator())
    return len(holds)


def compute_last_night(databases: Databases, market: Market) -> None:
    """One night, unmeasured: what is shown on the pages that are measured."""
    databases.use(market.database)
    recompute_night(market.marketplace, LAST_DAY, trigger="command")


def _one_night(market: Market, duck: Duck, workers: Workers, day: date) -> None:
    began = perf_counter()
    counted = duck.count(day)
    seconds = perf_counter() - began
    night = workers.night(day)
    refuse_other_counts(market.marketplace, day, counted)
    market.duck.append(seconds)
    market.nights.append(night)


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
    if not market.nights:
        return
    goal = 4.0 if largest else None
    for kind, refreshed in (("frozen", False), ("refreshed", True)):
        ours, theirs = market.taken(refreshed=refreshed)
        if not ours:
            continue
        what = f"{market.name}, {kind} benchmark"
        report.add(against(PART, what, ours, _DUCK, theirs, goal=goal))
        _add_phases(report, what, [night.phases for night in market.nights if night.refreshed is refreshed])
    peaks = [max(night.peak_mb) for night in market.nights]
    each = " and ".join(
        f"{max(peak):.0f}" for peak in zip(*(sorted(night.peak_mb) for night in market.nights), strict=True)
    )
    closures = sum(night.closures for night in market.nights)
    report.add(
        Figure(
            PART,
            f"{market.name}, peak memory of a worker process",
            "",
            max(peaks),
            "MB",
            goal=300,
            note=f"each: {each} MB; {closures} closures in {len(peaks)} nights",
        )
    )
    if market.plain:
        frozen = market.frozen[-len(market.plain) :]
        what = f"{market.name}, frozen benchmark"
        report.add(against(PART, what, frozen, _PLAIN, market.plain, goal=100, faster=True))
    report.raw[f"nights of {market.name}"] = [asdict(night) for night in market.nights]


def _add_phases(report: Report, what: str, phases: list[dict[str, float]]) -> None:
    """Where the time goes, by medians of the phases that the run told."""
    names = list(dict.fromkeys(name for night in phases for name in night))
    spent = {name: median(night.get(name, 0.0) for night in phases) for name in names}
    note = ", ".join(f"{name or 'ending'} {shown(seconds)}" for name, seconds in spent.items())
    report.add(Figure(PART, f"{what}, by phases", "", sum(spent.values()), "s", note=note))


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
