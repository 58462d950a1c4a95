"""What became of relisted offers, on the insights page: before, since, and what is ahead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil
from statistics import median
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from health.insights_relists import (
    Outcome,
    Outlook,
    fair_limit,
    outcome,
    outlook,
    relisted_on,
    sold_until,
    weeks_taken,
)
from health.models import OfferHealth
from health.offer_history import WeekPoint
from vocdash.pages import charts
from vocdash.pages.charts import RecoveryWords
from vocdash.pages.formats import Locale, locale
from vocdash.pages.insights_data import InsightsData
from vocdash.pages.phrases import weeks_to_fair
from vocdash.pages.shell import address_of
from vocdash.pages.states import STATE_OF_TILE, HealthState

_ONE_DAY: Final = timedelta(days=1)
# Words closer together than this many weeks would cover one another.
_ROOM: Final = 2


@dataclass(frozen=True, slots=True)
class Before:
    """NCX orders of orders, and the rate; None without orders."""

    ncx_orders: int
    orders: int

    @property
    def rate(self) -> float | None:
        """The NCX rate."""
        return self.ncx_orders / self.orders if self.orders else None


@dataclass(frozen=True, slots=True)
class RelistRow:
    """A relisted offer: its rates before the closure and since the relist, and what became of it."""

    offer_id: int
    title: str
    sku: str
    address: str
    on: date
    before: Before
    since: Before
    state: HealthState
    outcome: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class RelistPanel:
    """The relists: one drawn week by week, all listed. chart: "" before its first night since."""

    title: str
    chart: SafeString
    words: str
    weeks: list[WeekPoint]
    rows: list[RelistRow]
    more: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """How long relists took: the median weeks of those that got to Fair, and the numbers of all."""

    weeks: int | None
    recovered: int
    recovering: int
    closed_again: int


def recovery_of(rows: Sequence[OfferHealth]) -> Recovery:
    """The median of the weeks to Fair or better, begun ones too, and what became of the others."""
    found = [outcome(row) for row in rows]
    weeks = [weeks_taken(row) for row, one in zip(rows, found, strict=True) if one is Outcome.RECOVERED]
    return Recovery(
        weeks=ceil(median(weeks)) if weeks else None,
        recovered=len(weeks),
        recovering=found.count(Outcome.RECOVERING),
        closed_again=found.count(Outcome.CLOSED_AGAIN),
    )


def build_relists(data: InsightsData) -> RelistPanel | None:
    """The panel; None where nothing was relisted."""
    relists = data.relists
    chosen = relists.chosen
    if chosen is None:
        return None
    style = locale(get_language())
    ahead = outlook(chosen, relists.sold[chosen.offer_id], data.policy_of(chosen.marketplace_id))
    points = _as_computed(relists.points, chosen)
    return RelistPanel(
        title=chosen.offer.title,
        chart=SafeString(_chart(data, chosen, points, ahead, style)),
        words=_words(chosen, ahead, style),
        weeks=list(reversed(points)),
        rows=[_row(data, row) for row in relists.listed],
        more=len(relists.rows) - len(relists.listed),
    )


def _as_computed(points: Sequence[WeekPoint], row: OfferHealth) -> list[WeekPoint]:
    """Weeks up to the last night, which is told as it was computed."""
    kept = [point for point in points if point.on != row.as_of]
    if row.as_of is None or len(kept) == len(points):
        return kept
    return [*kept, replace(points[-1], orders=row.orders, ncx_orders=row.ncx_orders, rate=row.rate)]


def _row(data: InsightsData, row: OfferHealth) -> RelistRow:
    sold = data.relists.sold[row.offer_id]
    stop, relisted = sold_until(row), relisted_on(row)
    before = sold.between(stop - timedelta(days=row.window_days + 1), stop - _ONE_DAY)
    since = sold.between(relisted - _ONE_DAY, row.as_of or relisted)
    return RelistRow(
        offer_id=row.offer_id,
        title=row.offer.title,
        sku=row.offer.sku,
        address=address_of("offer", row.offer_id),
        on=relisted,
        before=Before(before[1], before[0]),
        since=Before(since[1], since[0]),
        state=STATE_OF_TILE[row.tile],
        outcome=_outcome(row),
        chosen=row == data.relists.chosen,
    )


def _outcome(row: OfferHealth) -> str:
    became = outcome(row)
    if became is Outcome.RECOVERED:
        weeks = weeks_taken(row)
        words = ngettext("Fair or better after %(count)s week", "Fair or better after %(count)s weeks", weeks)
        return words % {"count": locale(get_language()).count(weeks)}
    return gettext("Recovering") if became is Outcome.RECOVERING else gettext("Closed again")


def _known_run(points: Sequence[WeekPoint]) -> list[WeekPoint]:
    """The last weeks without a gap: a chart of one line has no place for one."""
    start = max((place + 1 for place, point in enumerate(points) if point.rate is None), default=0)
    return list(points[start:])


def _chart(
    data: InsightsData, row: OfferHealth, points: Sequence[WeekPoint], ahead: Outlook | None, style: Locale
) -> str:
    past = _known_run(points)
    limit = fair_limit(row, data.policy_of(row.marketplace_id))
    if not past or limit is None or row.as_of is None:
        return ""
    weeks = ahead.weeks if ahead else []
    at = next((place for place, point in enumerate(past) if point.on >= relisted_on(row)), None)
    # Relisted before the first of these weeks: the moment itself is not in the picture.
    at = None if at == 0 and past[0].on > relisted_on(row) + timedelta(days=6) else at
    return charts.recovery(
        [point.rate or 0.0 for point in past],
        weeks,
        target=limit,
        relisted_at=at,
        labels=_labels(past, at, len(weeks), relisted_on(row)),
        words=RecoveryWords(
            title=gettext("NCX rate before and after relisting, with a forecast"),
            description=_finding(row, past, ahead, limit, style),
            target=gettext("Fair: %(limit)s") % {"limit": style.percent(limit)},
            forecast=gettext("Forecast %(rate)s") % {"rate": style.percent(weeks[-1][1])} if weeks else "",
            relisted=gettext("Relisted"),
            today=gettext("Last night"),
        ),
        percent=style.percent,
        uid="relist",
        tone=STATE_OF_TILE[row.tile].tone,
    )


def _labels(past: Sequence[WeekPoint], at: int | None, weeks: int, relisted: date) -> list[tuple[int, str]]:
    """The first week, the relist and the end, where they stand apart from one another."""
    style, today = locale(get_language()), len(past) - 1
    found = []
    if today > _ROOM:
        found.append((0, style.day_short(past[0].on)))
    if at is not None and _ROOM < at < today - _ROOM:
        found.append((at, style.day_short(relisted)))
    if weeks > _ROOM:
        found.append((today + weeks, style.day_short(past[-1].on + timedelta(weeks=weeks))))
    return found


def _finding(
    row: OfferHealth, past: Sequence[WeekPoint], ahead: Outlook | None, limit: float, style: Locale
) -> str:
    values = {
        "first": style.percent(past[0].rate or 0.0),
        "from": style.day(past[0].on),
        "last": style.percent(past[-1].rate or 0.0),
        "to": style.day(past[-1].on),
        "limit": style.percent(limit),
    }
    finding = gettext("The NCX rate went from %(first)s on %(from)s to %(last)s on %(to)s.") % values
    fair = gettext("An offer like this is Fair up to %(limit)s.") % values
    return f"{finding} {fair} {_words(row, ahead, style)}"


def _words(row: OfferHealth, ahead: Outlook | None, style: Locale) -> str:
    """What is ahead; for an offer that needs no forecast, what became of it."""
    if ahead is None:
        return _outcome(row) + "."
    low, middle, high = ahead.until_fair
    if not ahead.orders:
        since = gettext("It has had no orders since the relist.")
    else:
        since = gettext("Since the relist %(ncx)s of %(orders)s orders had a problem.") % {
            "ncx": style.count(ahead.ncx_orders),
            "orders": style.count(ahead.orders),
        }
    values = {
        "weeks": weeks_to_fair(middle, row.window_days),
        "low": weeks_to_fair(low, row.window_days),
        "high": weeks_to_fair(high, row.window_days),
    }
    if low is not None and high is None:
        until = (
            gettext("If new orders go like that, it is Fair in %(weeks)s (likely %(low)s or more).") % values
        )
    elif low == high:
        until = gettext("If new orders go like that, it is Fair in %(weeks)s.") % values
    else:
        until = (
            gettext("If new orders go like that, it is Fair in %(weeks)s (likely %(low)s to %(high)s).")
            % values
        )
    return f"{since} {until} {gettext('It may take several weeks.')}"
