"""The dashboard put together: what the address asks for and what the database says, as view models."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.urls import get_urlconf
from django.utils import timezone
from django.utils.translation import get_language

from health.grid import GridFilter, for_seller, tile_counts
from health.grid_orders import Known
from health.grid_page import Row, page_rows
from health.lateness import due_date, hour_of
from health.models import RecomputeRun, SavedView, Tile
from health.policy import Policy
from health.runs import LEASE
from offers.models import Marketplace
from vocdash.pages import components as parts
from vocdash.pages.access import Nights, Standing
from vocdash.pages.drawn_rows import drawn_rows
from vocdash.pages.filter_words import FilterWords, filter_words
from vocdash.pages.freshness import Freshness, NightReport, freshness
from vocdash.pages.grid_state import PAGE_SIZES, GridState
from vocdash.pages.phrases import change_since_last_week
from vocdash.pages.shell import address_of
from vocdash.pages.states import BANDS, OTHERS, POOR, STATE_OF_KEY, VERY_POOR, HealthState, state_glyph
from vocdash.pages.tables import GridTable

_ENDED_BADLY: Final = {RecomputeRun.State.FAILED, RecomputeRun.State.ABANDONED}


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """Everything that the dashboard's templates show."""

    state: GridState
    standing: Standing
    freshness: list[Freshness]
    closed: int
    at_risk: int
    has_offers: bool
    tiles: str
    views: str
    saved: Sequence[SavedView]
    menus: str
    chips: str
    sorts: str
    table: GridTable
    pages: parts.Pages

    @property
    def pager(self) -> str:
        """Which rows are shown, links to other pages, rows per page."""
        return parts.pager(self.pages)


@dataclass(frozen=True, slots=True)
class Totals:
    """The seller's summaries of the shown marketplaces, newest night first: sums per week."""

    weeks: list[dict[str, int]]

    def now(self, name: str) -> int:
        """The present count."""
        return self.weeks[0].get(name, 0) if self.weeks else 0

    def trend(self, tile: Tile) -> list[int]:
        """The counts of the last twelve weeks, oldest first."""
        return [week.get(str(tile.value), 0) for week in reversed(self.weeks[:12])]

    def last_week(self, tile: Tile) -> int | None:
        """The count a week ago, None where nothing was computed then."""
        return self.weeks[1].get(str(tile.value), 0) if len(self.weeks) > 1 else None


def totals(standing: Standing, marketplace_ids: list[int]) -> Totals:
    """Add marketplaces up, week by week: one summary a week is kept of each.

    What was not computed in a week is as in the week before: the marketplaces' nights do not come at the
    same hour, so on a Monday one of them is a week ahead of the other.
    """
    known: dict[int, dict[str, int]] = {}
    weeks: dict[int, dict[str, int]] = {}
    for marketplace_id, as_of, counts in reversed(standing.summaries):
        if marketplace_id in marketplace_ids:
            known[marketplace_id] = counts
            weeks[(as_of.toordinal() - 1) // 7] = _added(known.values())
    found: list[dict[str, int]] = []
    for week in range(min(weeks, default=0), max(weeks, default=-1) + 1):
        found.append(weeks[week] if week in weeks else found[-1])
    return Totals(found[::-1])


def _added(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


@dataclass(frozen=True, slots=True)
class Found:
    """All that was read for a page. `total`: of the shown marketplaces, `everywhere`: whatever the filter."""

    state: GridState
    standing: Standing
    policy: Policy
    total: Totals
    everywhere: Totals
    counts: dict[int, int]
    chosen: GridFilter
    pages: parts.Pages
    rows: list[Row]
    freshness: list[Freshness]

    @property
    def shows(self) -> Hashable:
        """What tells pages apart that show different things, besides their frame."""
        standing, policy = self.standing, self.policy
        return (
            *(standing.seller.pk, standing.reading_only, standing.chosen and standing.chosen.pk),
            *(self.state, *self.freshness, *self.rows),
            *((one.pk, one.code, one.name) for one in standing.marketplaces),
            *((pk, as_of, *counts.items()) for pk, as_of, counts in standing.summaries),
            *((view.pk, view.name, view.query) for view in standing.saved),
            *self.counts.items(),
            *(policy.wilson_z, policy.relist_weight, *settings.IMAGE_HOSTS),
        )


def read(standing: Standing, state: GridState, policy: Policy) -> Found:
    """Two queries: the rows, and the counts where the summaries do not hold."""
    ids = chosen_ids(standing, state)
    chosen = state.grid_filter(newest_night(standing))
    total = totals(standing, ids)
    # The saved views, and the note on closed offers, lead out of the marketplace filter.
    everywhere = total if ids == standing.shown_ids else totals(standing, standing.shown_ids)
    counts = _counts(total)
    if chosen.narrows or total is not everywhere:
        counts = tile_counts(for_seller(standing.seller.pk, ids), chosen)
    matching = sum(number for tile, number in counts.items() if not chosen.tiles or tile in chosen.tiles)
    pages = pages_of(state, matching)
    known = _known(standing, ids, matching)
    start = (pages.number - 1) * pages.per_page
    rows = page_rows(
        standing.seller.pk, ids, chosen, state.sort, start=start, size=pages.per_page, known=known
    )
    fresh = [freshness(report) for report in night_reports(standing)]
    return Found(state, standing, policy, total, everywhere, counts, chosen, pages, rows, fresh)


def _known(standing: Standing, ids: list[int], matching: int) -> Known:
    """By what orders of rows are kept: on all marketplaces of the seller, whichever are shown."""
    nights = tuple((pk, nights.as_of, nights.computed_at) for pk, nights in standing.nights.items())
    return Known(matching, nights, standing.nights[ids[0]].computed_at if len(ids) == 1 else None)


def draw(found: Found) -> DashboardPage:
    """The whole page of what was read."""
    state, standing, everywhere = found.state, found.standing, found.everywhere
    language = get_language() or "en"
    words = filter_words(language, get_urlconf() or settings.ROOT_URLCONF)
    several_shown = len(chosen_ids(standing, state)) > 1
    codes = {m.pk: m.code for m in standing.marketplaces} if several_shown else {}
    body = drawn_rows(found.rows, policy=found.policy, codes=codes, language=language, links=words.links)
    return DashboardPage(
        state=state,
        standing=standing,
        freshness=found.freshness,
        closed=everywhere.now("closed"),
        at_risk=everywhere.now("at_risk"),
        has_offers=bool(everywhere.weeks),
        tiles=_tiles(state, found.counts, found.total, found.chosen),
        views=parts.views(_views(state, everywhere, standing.saved, words)),
        saved=standing.saved,
        menus=parts.filters(_menus(standing, state, found.counts, words)),
        chips=parts.chips(chips_of(standing, state, words), state.address(**NO_FILTER)),
        sorts=parts.sort_menu(_sorts(state, words)),
        table=GridTable(body, state, words.links),
        pages=found.pages,
    )


NO_FILTER: Final[dict[str, object]] = {
    "q": "",
    "band": (),
    "status": (),
    "ch": (),
    "mp": (),
    "reason": (),
    "updated": "",
}


def chosen_ids(standing: Standing, state: GridState) -> list[int]:
    """The marketplaces of the grid: the header's, narrowed by the filter where the header says all."""
    if standing.chosen or not state.marketplaces:
        return standing.shown_ids
    return [m.pk for m in standing.marketplaces if m.code in state.marketplaces]


def newest_night(standing: Standing) -> date | None:
    """The newest of the shown nights, from which "last updated" looks back."""
    nights = [standing.nights[pk].as_of for pk in standing.shown_ids]
    return max((night for night in nights if night), default=None)


def _counts(total: Totals) -> dict[int, int]:
    return {tile.value: total.now(str(tile.value)) for tile in Tile}


def pages_of(state: GridState, matching: int) -> parts.Pages:
    """The pages; a number past the last one means the last one."""
    return parts.pages_of(matching, state.page, state.per_page, lambda page: state.address(page=page))


def _tiles(state: GridState, counts: dict[int, int], total: Totals, chosen: GridFilter) -> str:
    def view(shown: HealthState, *, line: bool) -> parts.TileView:
        only = state.bands == (shown.key,)
        number = counts.get(shown.tile, 0)
        trend = total.trend(shown.tile) if line and not chosen.narrows else ()
        change = change_since_last_week(number, total.last_week(shown.tile)) if trend else ""
        address = state.address(band=() if only else (shown.key,))
        return parts.TileView(shown, number, address, only, trend if len(trend) > 1 else (), change)

    both = (POOR.key, VERY_POOR.key)
    is_both = set(state.bands) == set(both)
    worst = parts.TileView(
        VERY_POOR,
        counts.get(Tile.POOR, 0) + counts.get(Tile.VERY_POOR, 0),
        state.address(band=() if is_both else both),
        is_both,
    )
    return parts.tiles(
        [view(band, line=True) for band in BANDS], [view(other, line=False) for other in OTHERS], worst
    )


def _views(
    state: GridState, total: Totals, saved: Sequence[SavedView], words: FilterWords
) -> list[parts.SavedView]:
    here = state.query(page=1, sort="", per_page=PAGE_SIZES[0])
    everything = sum(total.now(str(tile.value)) for tile in Tile)
    counts = {"": everything, **{key: total.now(name) for key, name in _COUNT_OF_VIEW.items()}}
    shown = []
    for key, label in words.views.items():
        query = f"status={key}" if key else ""
        shown.append(parts.SavedView(label, f"?{query}", here == query, counts[key]))
    return shown + [
        parts.SavedView(view.name, f"?{view.query}", state.query() == view.query) for view in saved
    ]


_COUNT_OF_VIEW: Final = {"action": "closed", "at-risk": "at_risk", "recovering": "recovering"}


def _menus(
    standing: Standing, state: GridState, counts: dict[int, int], words: FilterWords
) -> list[parts.FilterMenu]:
    def menu(name: str, label: str, chosen: Sequence[str], options: dict[str, str]) -> parts.FilterMenu:
        listed = [parts.Option(value, words, value in chosen) for value, words in options.items()]
        return parts.FilterMenu(name, label, listed, state.address(**{name: ()}))

    bands = [
        parts.Option(s.key, str(s.label), s.key in state.bands, counts.get(s.tile, 0), state_glyph(s))
        for s in (*BANDS, *OTHERS)
    ]
    since = [parts.Option(days, label, days == state.updated) for days, label in words.updated.items()]
    menus = [
        parts.FilterMenu("band", words.health, bands, state.address(band=())),
        menu("status", words.status, state.statuses, words.statuses),
        menu("ch", words.fulfillment, state.fulfillments, words.fulfillments),
        menu("reason", words.reason, state.reasons, words.reasons),
        parts.FilterMenu("updated", words.last_updated, since, state.address(updated=""), single=True),
    ]
    if several(standing):
        names = {marketplace.code: marketplace.name for marketplace in standing.marketplaces}
        menus.append(menu("mp", words.marketplace, state.marketplaces, names))
    return menus


def several(standing: Standing) -> bool:
    """Whether the grid mixes marketplaces: only then is there something to filter."""
    return standing.chosen is None and len(standing.marketplaces) > 1


def chips_of(standing: Standing, state: GridState, words: FilterWords) -> list[parts.Chip]:
    """The active filters."""
    found = [parts.Chip(words.search % {"q": state.q}, state.address(q=""))] if state.q else []
    names = {marketplace.code: marketplace.name for marketplace in standing.marketplaces}
    for name, chosen, labels in (
        ("band", state.bands, {key: str(STATE_OF_KEY[key].label) for key in state.bands}),
        ("status", state.statuses, words.statuses),
        ("ch", state.fulfillments, words.fulfillments),
        ("mp", state.marketplaces if several(standing) else (), names),
        ("reason", state.reasons, words.reasons),
    ):
        for value in chosen:
            rest = tuple(other for other in chosen if other != value)
            found.append(parts.Chip(labels[value], state.address(**{name: rest})))
    if state.updated:
        found.append(parts.Chip(words.updated[state.updated], state.address(updated="")))
    return found


def _sorts(state: GridState, words: FilterWords) -> list[parts.SortChoice]:
    return [
        parts.SortChoice(label, state.address(sort=key), state.sort == key)
        for key, label in words.sorts.items()
    ]


def night_reports(standing: Standing) -> list[NightReport]:
    """What is known of the nights of the shown marketplaces, each in its own zone."""
    many = len(standing.shown) > 1
    reports = [_report(marketplace, standing.nights[marketplace.pk], many) for marketplace in standing.shown]
    if standing.role:
        return reports
    # An operator is led to the run, where its error stands.
    page = "admin:health_recomputerun_change"
    return [replace(report, run_address=address_of(page, report.run)) for report in reports]


def _report(marketplace: Marketplace, night: Nights, many: bool) -> NightReport:  # noqa: FBT001 - private
    now = timezone.now().astimezone(marketplace.zone)
    today_at = hour_of(marketplace, now)
    passed = now >= today_at
    alive = night.run_seen_at is not None and night.run_seen_at >= now - LEASE
    running = night.run_state == RecomputeRun.State.RUNNING
    return NightReport(
        as_of=night.as_of,
        finished_at=night.computed_at.astimezone(marketplace.zone) if night.computed_at else None,
        due=due_date(marketplace, now),
        next_at=today_at + timedelta(days=1) if passed else today_at,
        now=now,
        failed=night.run_state in _ENDED_BADLY or (running and not alive),
        running=running and alive,
        marketplace=marketplace.name if many else "",
        run=night.run_id,
    )
