"""Readers while nights are published: does any page show two nights, or none, and how long does one wait?"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Event, Thread
from time import perf_counter, sleep
from typing import Any, Final

from health.snapshots import BEGIN_READING
from offers.models import Seller
from tests.scale.databases import Databases, NightProcess
from tests.scale.night import LAST_DAY, Market
from tests.scale.pages import bare_cursor
from tests.scale.report import Figure, Report
from tests.scale.timing import Seconds

PART: Final = "readers"
PUBLISHINGS: Final = 20
_READERS: Final = 2
_PAUSE: Final = 0.002  # readers that read all the time would only measure how two cores are shared

# What every page of the dashboard reads, in one snapshot as pages do: the rows, and the tiles above them.
_ROWS: Final = "SELECT DISTINCT as_of FROM health_offerhealth WHERE seller_id = %s AND marketplace_id = %s"
_TILES: Final = "SELECT max(as_of) FROM health_sellersummary WHERE seller_id = %s AND marketplace_id = %s"


@dataclass
class Watch:
    """What a reader saw: how often two nights at once, how often nothing, and how long each page took."""

    mixed: int = 0
    empty: int = 0
    nights: set[date] = field(default_factory=set)
    took: Seconds = field(default_factory=list)

    def look(self, cursor: Any, seller_id: int, marketplace_id: int) -> None:
        """Read one page."""
        began = perf_counter()
        cursor.execute(BEGIN_READING)
        cursor.execute(_ROWS, (seller_id, marketplace_id))
        shown = {as_of for (as_of,) in cursor.fetchall()}
        cursor.execute(_TILES, (seller_id, marketplace_id))
        ((tiles,),) = cursor.fetchall()
        cursor.execute("COMMIT")
        self.took.append(perf_counter() - began)
        self.empty += not shown
        self.mixed += bool(shown) and shown != {tiles}
        self.nights |= shown


def measure_readers(report: Report, databases: Databases, market: Market) -> None:
    """Publish nights one after the other while readers read pages of the largest seller."""
    databases.use(market.database)
    seller = Seller.objects.get(code="V000000")
    worker = NightProcess(databases.url(market.database), market.marketplace.code)
    worker.night(LAST_DAY)
    alone, done = Watch(), Event()
    with bare_cursor() as cursor:
        for _ in range(200):
            alone.look(cursor, seller.pk, market.marketplace.pk)
    watches = [Watch() for _ in range(_READERS)]
    readers = [
        Thread(target=_read, args=(watch, done, seller.pk, market.marketplace.pk)) for watch in watches
    ]
    for reader in readers:
        reader.start()
    for number in range(1, PUBLISHINGS + 1):
        worker.night(LAST_DAY + timedelta(days=number))
    done.set()
    for reader in readers:
        reader.join()
    worker.close()
    _add(report, market, alone, watches)


def _read(watch: Watch, done: Event, seller_id: int, marketplace_id: int) -> None:
    with bare_cursor() as cursor:
        while not done.is_set():
            watch.look(cursor, seller_id, marketplace_id)
            sleep(_PAUSE)


def _add(report: Report, market: Market, alone: Watch, watches: list[Watch]) -> None:
    pages = sum(len(watch.took) for watch in watches)
    seen = len(set().union(*(watch.nights for watch in watches)))
    what = f"{PUBLISHINGS} nights of {market.name} published"
    note = f"of {pages:,} read by {len(watches)} readers, who saw {seen} nights"
    longest = max(max(watch.took) for watch in watches) * 1e3
    report.add(
        Figure(
            PART,
            f"{what}: of two nights",
            "",
            sum(watch.mixed for watch in watches),
            "pages",
            goal=0,
            note=note,
        ),
        Figure(PART, f"{what}: empty", "", sum(watch.empty for watch in watches), "pages", goal=0, note=note),
        Figure(
            PART,
            f"{what}: longest wait",
            "",
            longest,
            "ms",
            goal=50,
            note=f"alone {max(alone.took) * 1e3:.3g} ms",
        ),
    )
