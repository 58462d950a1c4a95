"""Readers while nights are published: does any page show two nights, or none, and how long does one wait?

How long a reader waits for a lock says PostgreSQL itself, to the reader alone: with `log_lock_waits` and a
`deadlock_timeout` of one millisecond it tells every longer wait once it is over. What a page takes on a busy
machine is another matter: it is compared with the same readers while nothing is published.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import quantiles
from threading import Event, Thread
from time import perf_counter, sleep
from typing import Any, Final

from health.snapshots import BEGIN_READING
from offers.models import Seller
from tests.scale.databases import Databases
from tests.scale.night import LAST_DAY, Market, days
from tests.scale.pages import bare_cursor
from tests.scale.report import Figure, Report
from tests.scale.timing import Seconds
from tests.scale.workers import Workers

PART: Final = "readers"
PUBLISHINGS: Final = 20
READERS: Final = 2
_PAUSE: Final = 0.03  # readers that read all the time would only measure how two cores are shared
_ALONE: Final = 10.0  # seconds
LISTEN: Final = "SET deadlock_timeout = '1ms'; SET log_lock_waits = on; SET client_min_messages = log"
_WAITED: Final = re.compile(r"acquired \w+ on .* after ([0-9.]+) ms")

# As a page of the dashboard reads: one snapshot, in it the person first, the rows, and the tiles above them.
_PERSON: Final = "SELECT count(*) FROM auth_user"
_ROWS: Final = """
    SELECT as_of FROM health_offerhealth WHERE seller_id = %s AND marketplace_id = %s
     ORDER BY urgency, closed_rank, excess DESC, offer_id LIMIT 100
"""
_TILES: Final = "SELECT max(as_of) FROM health_sellersummary WHERE seller_id = %s AND marketplace_id = %s"


@dataclass
class Watch:
    """What a reader saw: how often two nights at once, how often nothing, how long each page took.

    waits: milliseconds of each wait for a lock that lasted more than one.
    """

    mixed: int = 0
    empty: int = 0
    nights: set[date] = field(default_factory=set)
    took: Seconds = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def look(self, cursor: Any, seller_id: int, marketplace_id: int) -> None:
        """Read one page."""
        began = perf_counter()
        cursor.execute(BEGIN_READING)
        cursor.execute(_PERSON)
        cursor.execute(_ROWS, (seller_id, marketplace_id))
        shown = {as_of for (as_of,) in cursor.fetchall()}
        cursor.execute(_TILES, (seller_id, marketplace_id))
        ((tiles,),) = cursor.fetchall()
        cursor.execute("COMMIT")
        self.took.append(perf_counter() - began)
        self.empty += not shown
        self.mixed += bool(shown) and shown != {tiles}
        self.nights |= shown

    def hear(self, notices: list[str]) -> None:
        """Take note of what PostgreSQL said about waits."""
        self.waits += [float(found[1]) for notice in notices if (found := _WAITED.search(notice))]
        notices.clear()


def measure_readers(report: Report, databases: Databases, market: Market) -> None:
    """Publish nights one after the other while readers read pages of the largest seller."""
    databases.use(market.database)
    seller = Seller.objects.get(code="V000000")
    with Workers(databases.url(market.database), market.marketplace) as workers:
        workers.night(LAST_DAY)
        with _Readers(seller.pk, market.marketplace.pk) as alone:
            sleep(_ALONE)
        with _Readers(seller.pk, market.marketplace.pk) as readers:
            for day in days(LAST_DAY + timedelta(1), LAST_DAY + timedelta(PUBLISHINGS)):
                workers.night(day)
    _add(report, market, alone.watches, readers.watches)


class _Readers:
    """Readers at work, in a `with` block."""

    def __init__(self, seller_id: int, marketplace_id: int) -> None:
        self.watches = [Watch() for _ in range(READERS)]
        self._done, self._whose = Event(), (seller_id, marketplace_id)
        self._broken: list[Exception] = []
        self._threads = [Thread(target=self._read, args=(watch,), daemon=True) for watch in self.watches]

    def __enter__(self) -> "_Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(60)
        if self._broken:
            raise self._broken[0]

    def _read(self, watch: Watch) -> None:
        try:
            with bare_cursor() as cursor:
                cursor.execute(LISTEN)
                while not self._done.is_set():
                    watch.look(cursor, *self._whose)
                    watch.hear(cursor.connection.notices)
                    sleep(_PAUSE)
        except Exception as error:  # noqa: BLE001 - raised where the readers are waited for
            self._broken.append(error)


def _add(report: Report, market: Market, alone: list[Watch], watches: list[Watch]) -> None:
    pages = sum(len(watch.took) for watch in watches)
    seen = len(set().union(*(watch.nights for watch in watches)))
    what = f"{PUBLISHINGS} nights of {market.name} published"
    note = f"of {pages:,} read by {len(watches)} readers, who saw {seen} nights"
    waits = sorted(wait for watch in watches for wait in watch.waits)
    waited = f"{len(waits)} waits of more than 1 ms"
    mixed, empty = (sum(getattr(watch, name) for watch in watches) for name in ("mixed", "empty"))
    report.add(
        Figure(PART, f"{what}: of two nights", "", mixed, "pages", goal=0, note=note),
        Figure(PART, f"{what}: empty", "", empty, "pages", goal=0, note=note),
        Figure(
            PART, f"{what}: longest wait for a lock", "", max(waits, default=0), "ms", goal=50, note=waited
        ),
    )
    report.raw[f"lock waits, {market.name}"] = waits
    for name, at in (("median", 49), ("99 %", 98)):
        ours, theirs = _quantile(watches, at), _quantile(alone, at)
        note = f"{ours:.3g} ms against {theirs:.3g} ms"
        against = "the same readers, nothing published"
        report.add(Figure(PART, f"{what}: page time, {name}", against, ours / theirs, note=note))


def _quantile(watches: Iterable[Watch], at: int) -> float:
    """Milliseconds that so many hundredths of the pages took at most, one hundredth more."""
    return quantiles([seconds * 1e3 for watch in watches for seconds in watch.took], n=100)[at]
