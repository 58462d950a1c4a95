"""The insights page put together (UX 5e)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, isnan
from statistics import median
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from health.insights import Named, Scope, read_kinds, read_worklist, totals
from health.insights_orders import by_reason, read_reported
from offers.models import Fulfillment
from vocdash.pages import charts
from vocdash.pages.access import Standing
from vocdash.pages.dashboard import night_reports
from vocdash.pages.downloads import csv_lines
from vocdash.pages.formats import Locale, locale
from vocdash.pages.freshness import Freshness, freshness
from vocdash.pages.insights_data import InsightsData, longest_window, read_insights, scope_of
from vocdash.pages.insights_funnel import FunnelPanel, build_funnel
from vocdash.pages.insights_patterns import (
    ReasonPanel,
    TrendPanel,
    WeeksPanel,
    build_reasons,
    build_trend,
    build_weeks,
    reason_rows,
)
from vocdash.pages.insights_relists import RelistPanel, build_relists, recovery_of
from vocdash.pages.insights_state import PERIODS, InsightsState, several
from vocdash.pages.phrases import weeks_to_fair
from vocdash.pages.shell import address_of
from vocdash.pages.states import STATE_OF_TILE, HealthState


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A select of the page's form."""

    name: str
    label: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the four numbers and what it is out of; `address` leads to the offers behind it, "" to none."""

    label: str
    value: str
    note: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A line of the worklist."""

    title: str
    sku: str
    address: str
    state: HealthState
    rate: float | None
    ncx_orders: int
    orders: int
    similar: str
    bar: SafeString
    extra: str


@dataclass(frozen=True, slots=True)
class InsightsPage:
    """Everything that the page shows; without a computed night only its head."""

    state: InsightsState
    freshness: list[Freshness]
    selects: list[Select]
    has_offers: bool
    subtitle: str
    figures: list[Figure]
    reasons: ReasonPanel | None
    funnel: FunnelPanel | None
    trend: TrendPanel | None
    weeks: WeeksPanel | None
    worklist: list[WorkRow]
    relists: RelistPanel | None
    reasons_csv: str
    worklist_csv: str


def build_page(standing: Standing, state: InsightsState) -> InsightsPage:
    """The whole page, in the active language."""
    data = read_insights(standing, state)
    return InsightsPage(
        state=state,
        freshness=[freshness(report) for report in night_reports(standing)],
        selects=_selects(standing, state),
        has_offers=bool(standing.summaries) and data is not None,
        subtitle=_subtitle(data) if data else "",
        figures=_figures(data) if data else [],
        reasons=build_reasons(data) if data else None,
        funnel=build_funnel(data.plotted, data.named, state) if data else None,
        trend=build_trend(data) if data else None,
        weeks=build_weeks(data) if data else None,
        worklist=_worklist(data.worklist) if data else [],
        relists=build_relists(data) if data else None,
        reasons_csv=_download("insights-reasons-csv", state),
        worklist_csv=_download("insights-worklist-csv", state),
    )


def _download(name: str, state: InsightsState) -> str:
    query = state.query()
    return f"{address_of(name)}?{query}" if query else address_of(name)


def _selects(standing: Standing, state: InsightsState) -> list[Select]:
    def select(name: str, label: str, chosen: str, options: dict[str, str]) -> Select:
        return Select(
            name, label, [Choice(value, words, value == chosen) for value, words in options.items()]
        )

    days = {days: gettext("Last %(days)s days") % {"days": days} for days in PERIODS}
    found = [
        select("period", gettext("Period"), state.period, {"": gettext("Window of CX health"), **days}),
        select(
            "ch",
            gettext("Fulfilment"),
            state.fulfillment,
            {"": gettext("All fulfilment"), **{str(key): str(label) for key, label in Fulfillment.choices}},
        ),
    ]
    if several(standing):
        names = {marketplace.code: marketplace.name for marketplace in standing.marketplaces}
        everywhere = {"": gettext("All marketplaces"), **names}
        found.append(select("mp", gettext("Marketplace"), state.marketplace, everywhere))
    return found


def _subtitle(data: InsightsData) -> str:
    style = locale(get_language())
    shown = [m for m in data.standing.marketplaces if m.pk in data.scope.nights]
    values = {
        "count": style.count(data.totals.offers),
        "marketplace": shown[0].name if len(shown) == 1 else gettext("all marketplaces"),
        "day": style.day(data.scope.newest),
        "days": data.state.period,
    }
    offers = ngettext(
        "Patterns across %(count)s listed offer on %(marketplace)s.",
        "Patterns across all %(count)s listed offers on %(marketplace)s.",
        data.totals.offers,
    )
    if data.state.days is None:
        window = gettext("Each offer's own window, as in its CX health, up to %(day)s.")
    else:
        window = gettext(
            "Rate and reasons of the last %(days)s days up to %(day)s; offers' health as of that night."
        )
    return f"{offers % values} {window % values}"


def _figures(data: InsightsData) -> list[Figure]:
    style = locale(get_language())
    return [_rate(data, style), _avoidable(data, style), _closed(data, style), _recovery(data, style)]


def _rate(data: InsightsData, style: Locale) -> Figure:
    found = data.rate
    label = gettext("NCX rate, all offers")
    if found.rate is None:
        return Figure(label, "–", gettext("No orders in this time"))
    values = {
        "ncx": style.count(found.ncx_orders),
        "orders": style.count(found.orders),
        "similar": "–" if isnan(found.similar) else style.percent(found.similar),
    }
    note = gettext("%(ncx)s of %(orders)s orders. Similar offers: %(similar)s") % values
    return Figure(label, style.percent(found.rate), note)


def _avoidable(data: InsightsData, style: Locale) -> Figure:
    total = data.totals
    label = gettext("Avoidable NCX orders")
    if not total.flagged:
        return Figure(label, style.count(0), gettext("No offer is rated Poor or Very poor"))
    sentence = ngettext(
        "of %(ncx)s, if the %(count)s Poor or Very poor offer matched similar offers",
        "of %(ncx)s, if the %(count)s Poor or Very poor offers matched similar offers",
        total.flagged,
    )
    note = sentence % {"ncx": style.count(total.ncx_orders), "count": style.count(total.flagged)}
    address = data.state.dashboard(band=["poor", "very-poor"])
    return Figure(label, style.count(round(total.avoidable)), note, address)


def _closed(data: InsightsData, style: Locale) -> Figure:
    days = data.totals.closed_days
    values = {
        "offers": style.count(data.totals.offers),
        "closures": style.count(data.closures),
        "days": style.count(data.closure_days),
    }
    parts = [ngettext("of %(offers)s offer", "of %(offers)s offers", data.totals.offers) % values]
    if days:
        middle = ceil(median(days))
        closed = ngettext("median %(days)s day closed", "median %(days)s days closed", middle)
        parts.append(closed % {"days": style.count(middle)})
    made = ngettext(
        "%(closures)s closure in %(days)s days", "%(closures)s closures in %(days)s days", data.closures
    )
    parts.append(made % values)
    address = data.state.dashboard(status="action") if days else ""
    return Figure(gettext("Offers closed now"), style.count(len(days)), " · ".join(parts), address)


def _recovery(data: InsightsData, style: Locale) -> Figure:
    found = recovery_of(data.relists.rows)
    label = gettext("Back to Fair after relisting")
    if not data.relists.rows:
        return Figure(label, "–", gettext("No offer was relisted in the last year"))
    parts = []
    if found.recovered:
        words = ngettext(
            "median of %(count)s relist that got there",
            "median of %(count)s relists that got there",
            found.recovered,
        )
        parts.append(words % {"count": style.count(found.recovered)})
    if found.recovering:
        words = ngettext("%(count)s still recovering", "%(count)s still recovering", found.recovering)
        parts.append(words % {"count": style.count(found.recovering)})
    if found.closed_again:
        words = ngettext("%(count)s closed again", "%(count)s closed again", found.closed_again)
        parts.append(words % {"count": style.count(found.closed_again)})
    value = "–" if found.weeks is None else weeks_to_fair(found.weeks, 0)
    return Figure(label, value, " · ".join(parts))


def _worklist(named: Sequence[Named]) -> list[WorkRow]:
    style = locale(get_language())
    most = max((one.excess for one in named), default=0.0)
    return [
        WorkRow(
            title=one.title,
            sku=one.sku,
            address=address_of("offer", one.offer_id),
            state=STATE_OF_TILE[one.tile],
            rate=one.rate,
            ncx_orders=one.ncx_orders,
            orders=one.orders,
            similar=gettext("similar offers %(typical)s") % {"typical": style.percent(one.m or 0.0)},
            bar=SafeString(charts.hbar(one.excess / most, 90)),
            extra=style.decimals(one.excess),
        )
        for one in named
    ]


def reasons_csv(standing: Standing, state: InsightsState) -> StreamingHttpResponse:
    """The reasons of the period as CSV."""
    scope = scope_of(standing, state)
    rows = []
    if scope:
        found = by_reason(read_reported(scope, longest_window(standing, scope)), state.days)
        rows = reason_rows(found, totals(read_kinds(scope), scope).top_reasons, state)

    def lines() -> Iterator[list[Any]]:
        yield [
            *(gettext("Reason"), gettext("NCX orders"), gettext("Share"), gettext("Running total")),
            gettext("Offers with this top reason"),
        ]
        for row in rows:
            yield [row.label, row.orders, row.share, row.running, row.offers]

    return _csv(lines(), "reasons.csv")


def worklist_csv(standing: Standing, state: InsightsState) -> StreamingHttpResponse:
    """All offers with more NCX orders than similar offers would have had, most first, as CSV."""
    scope = scope_of(standing, state)
    codes = {marketplace.pk: marketplace.code for marketplace in standing.marketplaces}

    def lines() -> Iterator[list[Any]]:
        yield [
            *(gettext("Marketplace"), gettext("SKU"), gettext("Title"), gettext("CX health")),
            *(gettext("NCX rate"), gettext("NCX orders"), gettext("Total orders"), gettext("Similar offers")),
            gettext("NCX orders above similar offers"),
        ]
        for one in _work(scope):
            health = str(STATE_OF_TILE[one.tile].label)
            yield [
                *(codes.get(one.marketplace_id, ""), one.sku, one.title, health),
                *(one.rate, one.ncx_orders, one.orders, one.m, one.excess),
            ]

    return _csv(lines(), "worklist.csv")


def _work(scope: Scope | None) -> Iterator[Named]:
    if scope:
        yield from read_worklist(scope)


def _csv(lines: Iterator[list[Any]], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
