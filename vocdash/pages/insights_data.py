"""What is read for the insights page: once, by few queries, before anything is put into words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from health.insights import (
    Named,
    Scope,
    Totals,
    read_closures,
    read_kinds,
    read_named,
    read_places,
    totals,
)
from health.insights_orders import Rate, Reported, by_reason, rate_on, read_reported, weekly_nights
from health.insights_relists import (
    Outcome,
    Sold,
    earliest_needed,
    outcome,
    read_relisted,
    read_sold,
    read_weeks,
)
from health.models import OfferHealth
from health.offer_history import WeekPoint
from health.policy import Policy
from vocdash.pages.access import Standing
from vocdash.pages.insights_funnel import Plotted, plot_places
from vocdash.pages.insights_state import InsightsState

WORKLIST: Final = 10
"""Lines of the worklist on the page; the file has them all."""
RELISTS: Final = 10
"""Lines of the list of relists."""


@dataclass(frozen=True, slots=True)
class Relists:
    """The relisted offers, latest first; `listed` are shown, `chosen` is drawn, with its weekly points."""

    rows: Sequence[OfferHealth]
    listed: Sequence[OfferHealth]
    sold: Mapping[int, Sold]
    chosen: OfferHealth | None
    points: Sequence[WeekPoint]


@dataclass(frozen=True, slots=True)
class InsightsData:
    """Everything that the page shows. Numbers are as of the last night.

    rate: of the chosen period. reasons: its NCX orders by reason. closures: within closure_days.
    """

    standing: Standing
    state: InsightsState
    scope: Scope
    longest_window: int
    totals: Totals
    rate: Rate
    reasons: Counter[str]
    reported: Reported
    weeks: Sequence[Mapping[int, date]]
    closures: int
    closure_days: int
    plotted: Plotted | None
    named: Mapping[int, Named]
    worklist: Sequence[Named]
    relists: Relists

    def policy_of(self, marketplace_id: int) -> Policy:
        """The policy of a marketplace."""
        return self.standing.nights[marketplace_id].policy


def scope_of(standing: Standing, state: InsightsState) -> Scope | None:
    """Whose offers are shown; None before the first night."""
    nights = {pk: standing.nights[pk].as_of for pk in state.ids(standing)}
    computed = {pk: night for pk, night in nights.items() if night}
    return Scope(standing.seller.pk, computed, state.fulfillment) if computed else None


def longest_window(standing: Standing, scope: Scope) -> int:
    """The longest window of the marketplaces' policies, in days."""
    return max(standing.nights[pk].policy.long_window_days for pk in scope.nights)


def read_insights(standing: Standing, state: InsightsState) -> InsightsData | None:
    """Read everything for the page; None before the first night."""
    scope = scope_of(standing, state)
    if scope is None:
        return None
    window = longest_window(standing, scope)
    total = totals(read_kinds(scope), scope)
    reported = read_reported(scope, window)
    typical = total.expected / total.orders if total.orders else 0.0
    plotted = plot_places(read_places(scope), typical)
    named, worklist = read_named(scope, plotted.single_offers if plotted else (), WORKLIST)
    days = state.days or window
    return InsightsData(
        standing=standing,
        state=state,
        scope=scope,
        longest_window=window,
        totals=total,
        rate=chosen_rate(total, reported, state),
        reasons=by_reason(reported, state.days),
        reported=reported,
        weeks=weekly_nights(standing.summaries, list(scope.nights)),
        closures=read_closures(scope, days),
        closure_days=days,
        plotted=plotted,
        named=named,
        worklist=worklist,
        relists=_read_relists(standing, scope, state, window),
    )


def chosen_rate(total: Totals, reported: Reported, state: InsightsState) -> Rate:
    """The rate of the period; of each offer's own window as the night computed it."""
    if state.days is not None:
        return rate_on(reported, reported.scope.nights, state.days)
    similar = total.expected / total.orders if total.orders else float("nan")
    return Rate(total.orders, total.ncx_orders, similar)


def _read_relists(standing: Standing, scope: Scope, state: InsightsState, window: int) -> Relists:
    rows = read_relisted(scope)
    chosen = _chosen(rows, state)
    if chosen is None:
        return Relists([], [], {}, None, [])
    listed = rows[:RELISTS] if chosen in rows[:RELISTS] else [*rows[:RELISTS], chosen]
    nights = sorted(night for pk, night, _ in standing.summaries if pk == chosen.marketplace_id)
    since = earliest_needed(listed, nights, window)
    sold = read_sold(listed, since, scope.newest)
    policy = standing.nights[chosen.marketplace_id].policy
    return Relists(rows, listed, sold, chosen, read_weeks(chosen, sold[chosen.offer_id], nights, policy))


def _chosen(rows: Sequence[OfferHealth], state: InsightsState) -> OfferHealth | None:
    """The relisted offer that the address asks for, else the latest one that is still on its way."""
    recovering = (row for row in rows if outcome(row) is Outcome.RECOVERING)
    latest = next(recovering, rows[0] if rows else None)
    return next((row for row in rows if row.offer_id == state.relisted), latest)
