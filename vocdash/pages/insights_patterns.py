"""Reasons and weeks of the insights page: the most common reasons, the trend, each reason week by week."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from health.insights_orders import WEEKS, by_week, rate_on
from vocdash.pages import charts
from vocdash.pages.charts import Line
from vocdash.pages.filter_words import REASONS
from vocdash.pages.formats import Locale, locale
from vocdash.pages.insights_data import InsightsData
from vocdash.pages.insights_state import InsightsState
from vocdash.pages.rows import reason_label

# The note names how many reasons make up at least this share.
_MOST: Final = 0.6
_MULTIPLES: Final = 6


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A line of the Pareto table. offers: those whose top reason it is, and the grid that lists them."""

    reason: str
    label: str
    orders: int
    share: float
    running: float
    bar: SafeString
    offers: int
    address: str


@dataclass(frozen=True, slots=True)
class ReasonPanel:
    """The most common reasons, most first. orders: their sum. note: how few make up most of them."""

    rows: list[ReasonRow]
    orders: int
    note: str
    newer: bool


def reason_rows(found: Counter[str], offers: Mapping[str, int], state: InsightsState) -> list[ReasonRow]:
    """The reasons, most common first, ties by name, with their running total."""
    total, running, rows = sum(found.values()), 0, []
    most = max(found.values(), default=0)
    for reason in sorted(found, key=lambda reason: (-found[reason], reason)):
        running += found[reason]
        rows.append(
            ReasonRow(
                reason=reason,
                label=reason_label(reason),
                orders=found[reason],
                share=found[reason] / total,
                running=running / total,
                bar=SafeString(charts.hbar(found[reason] / most, 190)),
                offers=offers.get(reason, 0),
                address=state.dashboard(reason=reason) if offers.get(reason) and reason in REASONS else "",
            )
        )
    return rows


def build_reasons(data: InsightsData) -> ReasonPanel:
    """The Pareto table of the period."""
    rows = reason_rows(data.reasons, data.totals.top_reasons, data.state)
    orders = sum(row.orders for row in rows)
    return ReasonPanel(rows, orders, _note(rows), newer=orders != data.rate.ncx_orders)


def _note(rows: Sequence[ReasonRow]) -> str:
    if not rows:
        return ""
    number = next(place for place, row in enumerate(rows, 1) if row.running >= _MOST)
    sentence = ngettext(
        "The first reason makes up %(share)s of NCX orders.",
        "The first %(count)s reasons make up %(share)s of NCX orders.",
        number,
    )
    style = locale(get_language())
    return sentence % {"count": style.count(number), "share": style.percent(rows[number - 1].running, 0)}


@dataclass(frozen=True, slots=True)
class TrendWeek:
    """A row of the trend's table: a week's last night."""

    on: date
    ncx_orders: int
    orders: int
    rate: float | None
    similar: float | None


@dataclass(frozen=True, slots=True)
class TrendPanel:
    """The rate of all offers against similar offers, with its table, newest week first."""

    chart: SafeString
    weeks: list[TrendWeek]


def build_trend(data: InsightsData) -> TrendPanel | None:
    """The trend; None without a night that had orders."""
    weeks = [_week(data, nights) for nights in data.weeks]
    told = [week for week in weeks if week.rate is not None]
    if not told:
        return None
    style = locale(get_language())
    svg = charts.lines(
        _lines(weeks, style),
        labels=_dates(weeks, style),
        title=gettext("NCX rate of all offers and of similar offers, week by week"),
        description=_trend_finding(told, style),
        percent=style.percent,
        uid="trend",
        width=600,
        height=226,
    )
    return TrendPanel(SafeString(svg), weeks[::-1])


def _week(data: InsightsData, nights: Mapping[int, date]) -> TrendWeek:
    """The last night is told as it was computed: what was imported since waits for the next one."""
    found = rate_on(data.reported, nights)
    if nights == data.scope.nights:
        total = data.totals
        similar = total.expected / total.orders if total.orders else None
        rate = total.ncx_orders / total.orders if total.orders else None
        return TrendWeek(max(nights.values()), total.ncx_orders, total.orders, rate, similar)
    similar = None if isnan(found.similar) else found.similar
    return TrendWeek(max(nights.values()), found.ncx_orders, found.orders, found.rate, similar)


def _lines(weeks: Sequence[TrendWeek], style: Locale) -> list[Line]:
    def said(words: str, rates: Sequence[float | None]) -> str:
        return words % {"rate": style.percent(next(rate for rate in reversed(rates) if rate is not None))}

    rates = [week.rate for week in weeks]
    similar = [week.similar for week in weeks]
    found = [Line(said(gettext("You %(rate)s"), rates), rates)]
    if any(rate is not None for rate in similar):
        found.append(Line(said(gettext("Similar %(rate)s"), similar), similar, "peerline", "f-ne"))
    return found


def _dates(weeks: Sequence[TrendWeek], style: Locale) -> list[tuple[int, str]]:
    """Every fourth week's night counted back from the last one."""
    last = len(weeks) - 1
    return [(place, style.day_short(weeks[place].on)) for place in range(last, -1, -4)][::-1]


def _trend_finding(told: Sequence[TrendWeek], style: Locale) -> str:
    first, last = told[0], told[-1]
    values = {
        "first": style.percent(first.rate or 0.0),
        "last": style.percent(last.rate or 0.0),
        "from": style.day(first.on),
        "to": style.day(last.on),
    }
    finding = gettext("The NCX rate went from %(first)s on %(from)s to %(last)s on %(to)s.") % values
    if last.similar is None:
        return finding
    similar = gettext("Similar offers average %(typical)s.") % {"typical": style.percent(last.similar)}
    return f"{finding} {similar}"


@dataclass(frozen=True, slots=True)
class Multiple:
    """One reason week by week."""

    label: str
    latest: str
    chart: SafeString


@dataclass(frozen=True, slots=True)
class WeeksPanel:
    """The most common reasons week by week on one scale, and all of them as a table."""

    multiples: list[Multiple]
    ends: list[date]
    rows: list[tuple[str, list[int]]]


def build_weeks(data: InsightsData) -> WeeksPanel | None:
    """Reasons by week; None without NCX orders."""
    found = by_week(data.reported, data.longest_window)
    if not found:
        return None
    style = locale(get_language())
    ordered = sorted(found, key=lambda reason: (-sum(found[reason]), reason))
    top = max(max(values) for values in found.values())
    ends = [data.scope.newest - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    multiples = [_multiple(reason, found[reason], top, style) for reason in ordered[:_MULTIPLES]]
    return WeeksPanel(multiples, ends, [(reason_label(reason), found[reason]) for reason in ordered])


def _multiple(reason: str, values: Sequence[int], top: int, style: Locale) -> Multiple:
    label = reason_label(reason)
    latest = gettext("%(count)s last week") % {"count": style.count(values[-1])}
    finding = gettext(
        "%(first)s in the first of %(weeks)s weeks, at most %(most)s, %(last)s in the last."
    ) % {
        "first": style.count(values[0]),
        "weeks": style.count(len(values)),
        "most": style.count(max(values)),
        "last": style.count(values[-1]),
    }
    svg = charts.small_area(values, top, title=label, description=finding, uid=f"week-{reason}")
    return Multiple(label, latest, SafeString(svg))
