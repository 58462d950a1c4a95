"""The history of one offer: a point per week, drawn from its orders, its complaints and what was stored.

The rate of a past night follows from the orders and the counted events that were known on that date, in the
window that was in force; the band from the log of changes; what it was compared with from the refreshes.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from health.benchmark_store import OfferRows, piece_of
from health.forecast import typical_range, wilson
from health.grouping import Level
from health.models import BenchmarkPiece, BenchmarkPlacement, HealthChange, Night, Part
from health.offer_detail import Complaints, OrderDays
from health.policy import Policy
from offers.models import Offer

# A page shows a year; benchmarks are kept for two.
WEEKS_SHOWN: Final = 53
WEEKS_KEPT: Final = 105


@dataclass(frozen=True, slots=True)
class ComputedNight:
    """A night that was computed, and by which policy."""

    as_of: date
    policy_id: int
    policy_version: int


def read_nights(marketplace_id: int, upto: date, weeks: int) -> list[ComputedNight]:
    """The computed nights of the last `weeks` weeks up to a date, oldest first."""
    nights = Night.objects.filter(
        marketplace_id=marketplace_id, as_of__lte=upto, as_of__gt=upto - timedelta(weeks=weeks)
    )
    rows = nights.order_by("as_of").values_list("as_of", "policy_id", "policy__version")
    return [ComputedNight(*row) for row in rows]


def last_of_each_week(nights: Sequence[ComputedNight]) -> list[date]:
    """The last computed night of each ISO week."""
    last: dict[tuple[int, int], date] = {}
    for night in nights:
        year, week, _ = night.as_of.isocalendar()
        last[year, week] = night.as_of
    return list(last.values())


@dataclass(frozen=True, slots=True)
class Compared:
    """What the offer was compared with from a night on.

    refresh_id, level, group: where the spread of the similar offers lies. similar: N. nearest: other
    sellers' offers with orders in the closest group.
    """

    since: date
    m: float
    s: float
    w: float
    level: Level
    group: int
    similar: int
    nearest: int
    refresh_id: int


def read_compared(offer: Offer, upto: date, weeks: int, first_band: date | None) -> list[Compared]:
    """What the offer was compared with, oldest first: the refreshes, and how it was placed between two.

    first_band: the first night on which it had a band. Only an offer that had one before its first refresh
    of these weeks was placed, and only then the placements are read.
    """
    start = upto - timedelta(weeks=weeks)
    pieces = BenchmarkPiece.objects.filter(
        part=Part.OFFERS,
        number=piece_of(offer.pk),
        refresh__marketplace_id=offer.marketplace_id,
        refresh__as_of__gt=start,
        refresh__as_of__lte=upto,
    ).order_by("refresh__as_of")
    found = []
    missed = False
    for since, refresh_id, body in pieces.values_list("refresh__as_of", "refresh_id", "body"):
        compared = _in_piece(offer.pk, since, refresh_id, bytes(body))
        missed |= compared is None
        if compared:
            found.append(compared)
    before_all = first_band is not None and first_band > start and (not found or first_band < found[0].since)
    if missed or before_all:
        found += _placed(offer, start, upto)
    return sorted(found, key=lambda compared: compared.since)


def _in_piece(offer_id: int, since: date, refresh_id: int, body: bytes) -> Compared | None:
    rows = OfferRows.read([body])
    at = int(np.searchsorted(rows.offer_id, offer_id))
    if at == len(rows.offer_id) or rows.offer_id[at] != offer_id:
        return None
    level = Level(int(rows.level[at]))
    return Compared(
        since=since,
        m=float(rows.m[at]),
        s=float(rows.s[at]),
        w=float(rows.w[at]),
        level=level,
        group=int(rows.groups[at, level]),
        similar=int(rows.similar[at]),
        nearest=int(rows.nearest[at]),
        refresh_id=refresh_id,
    )


def _placed(offer: Offer, start: date, upto: date) -> list[Compared]:
    rows = BenchmarkPlacement.objects.filter(offer=offer, since__gt=start, since__lte=upto)
    columns = ("since", "m", "s", "w", "level", "group", "similar_offers", "nearest", "refresh_id")
    return [
        Compared(since, m, s, w, Level(level), group, similar, nearest, refresh_id)
        for since, m, s, w, level, group, similar, nearest, refresh_id in rows.values_list(*columns)
    ]


@dataclass(frozen=True, slots=True)
class WeekPoint:
    """A week's last computed night. Counts and rate are the plain ones; rate None without orders.

    low, high: the likely range. m, s and the typical range are NaN while it was not compared.
    """

    on: date
    band: int
    window_days: int
    orders: int
    ncx_orders: int
    rate: float | None
    low: float
    high: float
    m: float
    s: float
    typical_low: float
    typical_high: float


@dataclass(frozen=True, slots=True)
class Log:
    """What is stored of the past: the log of changes and what the offer was compared with, oldest first."""

    changes: Sequence[HealthChange]
    compared: Sequence[Compared]

    def change_on(self, night: date) -> HealthChange | None:
        """The change in force on a night."""
        place = bisect_right(self.changes, night, key=lambda change: change.as_of)
        return self.changes[place - 1] if place else None

    def compared_on(self, night: date) -> Compared | None:
        """What it was compared with on a night."""
        place = bisect_right(self.compared, night, key=lambda compared: compared.since)
        return self.compared[place - 1] if place else None


def weekly_points(
    nights: Sequence[date], log: Log, orders: OrderDays, complaints: Complaints, policy: Policy
) -> list[WeekPoint]:
    """One point for each of these nights from the first on which there is anything to tell."""
    counted = [_counts(night, log, orders, complaints, policy) for night in nights]
    known = [log.compared_on(night) for night in nights]
    n = np.array([row[1] for row in counted], dtype=np.float64)
    k = np.array([row[2] for row in counted], dtype=np.float64)
    m = np.array([one.m if one else np.nan for one in known])
    s = np.array([one.s if one else np.nan for one in known])
    ranges = (*wilson(k, n, policy.wilson_z), m, s, *typical_range(m, s, policy))
    points = [
        _point(night, log, count, [float(values[place]) for values in ranges])
        for place, (night, count) in enumerate(zip(nights, counted, strict=True))
    ]
    first = next((place for place, point in enumerate(points) if _tells(point)), len(points))
    return points[first:]


def _counts(
    night: date, log: Log, orders: OrderDays, complaints: Complaints, policy: Policy
) -> tuple[int, int, int]:
    """Window, orders and NCX orders of a night."""
    change, day = log.change_on(night), night.toordinal()
    window = change.window_days if change else policy.long_window_days
    return window, orders.between(day - window, day), len(complaints.known_on(day, window).line)


def _point(night: date, log: Log, counts: tuple[int, int, int], ranges: Sequence[float]) -> WeekPoint:
    window, orders, ncx_orders = counts
    change = log.change_on(night)
    rate = ncx_orders / orders if orders else None
    band = change.band if change else 0
    return WeekPoint(night, band, window, orders, ncx_orders, rate, *ranges)


def _tells(point: WeekPoint) -> bool:
    """Whether the night knew the offer: orders alone can have been imported since."""
    return point.band > 0 or (point.orders > 0 and not np.isnan(point.m))
