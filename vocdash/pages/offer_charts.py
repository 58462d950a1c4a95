"""The charts of an offer's page: its history week by week, and where it stands among similar offers (C2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan
from typing import Final

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from health.bands import Band, Floats, cutoffs
from health.grouping import Level
from health.offer_history import WeekPoint, last_of_each_week, weekly_points
from health.offer_spread import similar_means
from offers.lifecycle import CLOSING_MOVES, OPENING_MOVES, Move
from offers.models import OfferStatusChange
from vocdash.pages import charts
from vocdash.pages.charts import ClosedSpan, Estimate, HistoryEvent, HistoryPoint, Zone
from vocdash.pages.formats import Locale, locale
from vocdash.pages.offer_data import Computed, OfferData
from vocdash.pages.offer_verdict import group_of, likely_range
from vocdash.pages.states import (
    EXCELLENT,
    FAIR,
    GOOD,
    POOR,
    STATE_OF_TILE,
    VERY_POOR,
    HealthState,
    zone_shape,
)

# A chart of 160 points says no more with more offers than this.
_MOST_MEANS: Final = 5000
# Taller is worse, so that the strip can be read without its colors.
_HEIGHT_OF: Final = {
    Band.EXCELLENT: 3,
    Band.GOOD: 5,
    Band.FAIR: 7,
    Band.INSUFFICIENT: 8,
    Band.POOR: 9,
    Band.VERY_POOR: 11,
}


@dataclass(frozen=True, slots=True)
class Week:
    """One row of the chart's table."""

    on: date
    rate: float | None
    likely: str
    ncx_orders: int
    orders: int
    typical: float | None
    state: HealthState | None


@dataclass(frozen=True, slots=True)
class History:
    """The chart with its table, newest week first."""

    chart: SafeString
    weeks: list[Week]


def points_of(computed: Computed) -> list[WeekPoint]:
    """One point per week, up to the last computed night."""
    nights = last_of_each_week(computed.nights)
    points = weekly_points(nights, computed.log, computed.orders, computed.complaints, computed.policy)
    if points and points[-1].on == computed.as_of:
        points[-1] = _as_computed(points[-1], computed)
    return points


def _as_computed(point: WeekPoint, computed: Computed) -> WeekPoint:
    """The last night as it was computed: an import since then waits for the next night, or came too late."""
    health = computed.health
    low, high = likely_range(computed) if health.orders else (0.0, 1.0)
    return replace(
        point,
        window_days=health.window_days,
        orders=health.orders,
        ncx_orders=health.ncx_orders,
        rate=health.rate,
        low=low,
        high=high,
    )


def build_history(data: OfferData) -> History | None:
    """The history; None before the first night that has something to tell."""
    points = points_of(data.computed) if data.computed else []
    drawn = [point for point in points if not isnan(point.m)]
    if not drawn:
        return None
    style = locale(get_language())
    svg = charts.history(
        [_drawn(point) for point in drawn],
        _events(data, drawn, style),
        closed_spans(data.moves),
        labels=_months(drawn, style),
        title=gettext("NCX rate by week, with offer closures and relists"),
        description=_finding(data, points, style),
        percent=style.percent,
        uid="history",
    )
    return History(SafeString(svg), [_week(point, style) for point in reversed(points)])


def _drawn(point: WeekPoint) -> HistoryPoint:
    told = point.rate is not None
    band = Band(point.band)
    return HistoryPoint(
        on=point.on,
        rate=point.rate,
        low=point.low if told else None,
        high=point.high if told else None,
        peer_low=point.typical_low,
        peer_mid=point.m,
        peer_high=point.typical_high,
        tone=STATE_OF_TILE[band].tone if band else "",
        height=_HEIGHT_OF.get(band, 1),
    )


def _week(point: WeekPoint, style: Locale) -> Week:
    likely = f"{style.percent(point.low)}–{style.percent(point.high)}" if point.rate is not None else ""
    return Week(
        on=point.on,
        rate=point.rate,
        likely=likely,
        ncx_orders=point.ncx_orders,
        orders=point.orders,
        typical=None if isnan(point.m) else point.m,
        state=STATE_OF_TILE[point.band] if point.band else None,
    )


def _events(data: OfferData, points: Sequence[HistoryPoint | WeekPoint], style: Locale) -> list[HistoryEvent]:
    """Closures, relists and edits of the weeks that are drawn."""
    first = points[0].on
    events = []
    for change in data.moves:
        day = {"day": style.day_short(change.on)}
        if change.on < first:
            continue
        if change.move in CLOSING_MOVES:
            events.append(HistoryEvent(change.on, "closed", gettext("Closed %(day)s") % day))
        elif change.move == Move.RELIST:
            events.append(HistoryEvent(change.on, "relisted", gettext("Relisted %(day)s") % day))
        elif change.move == Move.LIFT:
            events.append(HistoryEvent(change.on, "relisted", gettext("Closure lifted %(day)s") % day))
    for revision in data.revisions:
        on = data.local(revision.at).date()
        if revision.number > 1 and on >= first:
            words = gettext("Listing edited %(day)s") % {"day": style.day_short(on)}
            events.append(HistoryEvent(on, "edited", words))
    return events


def closed_spans(moves: Sequence[OfferStatusChange]) -> list[ClosedSpan]:
    """The times in which the offer could not be bought."""
    spans: list[ClosedSpan] = []
    for change in moves:
        if change.move in CLOSING_MOVES:
            spans.append(ClosedSpan(change.on, None))
        elif (
            spans and spans[-1].until is None and (change.move in OPENING_MOVES or change.move == Move.DELETE)
        ):
            spans[-1] = ClosedSpan(spans[-1].since, change.on)
    return spans


def _months(points: Sequence[WeekPoint], style: Locale) -> list[tuple[date, str]]:
    """The first of each month between the points; with few weeks every point's own day."""
    first, last = points[0].on, points[-1].on
    if (last - first).days < 70:
        return [(point.on, style.day_short(point.on)) for point in points[:: max(1, len(points) // 8)]]
    labels = []
    year, month = first.year, first.month
    while date(year, month, 1) <= last:
        on = date(year, month, 1)
        if on >= first:
            labels.append((on, style.months[month - 1] + (f" {year}" if month == 1 else "")))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return labels


def _finding(data: OfferData, points: Sequence[WeekPoint], style: Locale) -> str:
    """What the chart says, for those who don't see it."""
    told = [point for point in points if point.rate is not None]
    if not told:
        return gettext("There were no orders in these weeks.")
    values = {
        "first": style.percent(told[0].rate or 0.0),
        "last": style.percent(told[-1].rate or 0.0),
        "from": style.day(told[0].on),
        "to": style.day(told[-1].on),
    }
    finding = gettext("The NCX rate went from %(first)s on %(from)s to %(last)s on %(to)s.") % values
    closures = sum(change.move in CLOSING_MOVES and change.on >= points[0].on for change in data.moves)
    if not closures:
        return finding
    words = ngettext("The offer was closed once.", "The offer was closed %(count)s times.", closures)
    return f"{finding} {words % {'count': style.count(closures)}}"


@dataclass(frozen=True, slots=True)
class Distribution:
    """The offer among similar offers: the chart, and what its curve is."""

    chart: SafeString
    note: str
    group: str


def build_distribution(data: OfferData) -> Distribution | None:
    """The distribution; None without a rate or a benchmark."""
    computed = data.computed
    if computed is None or not computed.health.orders:
        return None
    health, compared = computed.health, computed.compared
    if health.m is None or health.s is None or health.level is None:
        return None
    style = locale(get_language())
    means = similar_means(compared, data.offer.seller_id, computed.policy) if compared else None
    estimate = _estimate(data, computed)
    cut = cutoffs(np.array([health.m]), computed.policy)
    end = charts.axis_end(estimate, float(cut.vp[0]))
    curve = charts.beta_curve(health.m, health.s, end)
    if means is not None:
        curve = charts.spread_curve(_thinned(means[means <= end]), end)
    svg = charts.distribution(
        curve,
        estimate,
        health.m,
        _zones([float(part[0]) for part in cut]),
        end=end,
        words=_words(estimate, health.m, style),
        percent=style.percent,
        uid="spread",
    )
    group = group_of(data.offer, Level(health.level))
    since = compared.since if compared else computed.as_of
    return Distribution(
        SafeString(svg), _spread_note(None if means is None else len(means), since, style), group
    )


def _thinned(means: Floats) -> list[float]:
    """Means enough to draw: of a great many, evenly many from each part of the distribution."""
    if len(means) > _MOST_MEANS:
        places = np.linspace(0, len(means) - 1, _MOST_MEANS).round().astype(np.int64)
        means = np.sort(means)[places]
    values: list[float] = means.tolist()
    return values


def _estimate(data: OfferData, computed: Computed) -> Estimate:
    low, high = likely_range(computed)
    return Estimate(computed.health.rate or 0.0, low, high, data.state.tone)


def _zones(cut: Sequence[float]) -> list[Zone]:
    ends: list[float | None] = [*cut, None]
    bands = (EXCELLENT, GOOD, FAIR, POOR, VERY_POOR)
    return [
        Zone(str(band.label), band.tone, zone_shape(band), end) for band, end in zip(bands, ends, strict=True)
    ]


def _words(estimate: Estimate, typical: float, style: Locale) -> charts.DistributionWords:
    percent = style.percent
    values = {
        "rate": percent(estimate.rate),
        "low": percent(estimate.low),
        "high": percent(estimate.high),
        "typical": percent(typical),
    }
    return charts.DistributionWords(
        title=gettext("The offer's NCX rate against similar offers"),
        description=gettext(
            "The NCX rate is %(rate)s, likely %(low)s to %(high)s. A typical similar offer has %(typical)s."
        )
        % values,
        typical=gettext("Typical similar offer %(typical)s") % values,
        offer=gettext("This offer %(rate)s") % values,
        likely=gettext("likely %(low)s to %(high)s") % values,
    )


def _spread_note(offers: int | None, since: date, style: Locale) -> str:
    values = {"day": style.day(since), "count": style.count(offers or 0)}
    if offers is None:
        return (
            gettext(
                "Too few similar offers have orders enough to draw each: the curve is the one that they are "
                "estimated to follow, as of %(day)s."
            )
            % values
        )
    return gettext("The curve shows %(count)s similar offers with orders enough, as of %(day)s.") % values
