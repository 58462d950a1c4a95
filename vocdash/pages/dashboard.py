"""The dashboard put together: what the address asks for and what the database says, as view models."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext

from feedback.reasons import Reason
from health.grid import GridFilter, for_seller, tile_counts
from health.grid_page import page_rows
from health.models import RecomputeRun, SavedView, Tile
from health.policy import Policy
from offers.models import Fulfillment, Marketplace
from vocdash.pages import components as parts
from vocdash.pages.access import Nights, Standing
from vocdash.pages.cells import GridLinks
from vocdash.pages.freshness import Freshness, NightReport, freshness
from vocdash.pages.grid_state import GridState
from vocdash.pages.phrases import change_since_last_week
from vocdash.pages.rows import grid_rows, reason_label
from vocdash.pages.shell import address_pattern
from vocdash.pages.states import BANDS, OTHERS, POOR, STATE_OF_KEY, VERY_POOR, HealthState, state_glyph
from vocdash.pages.tables import OffersTable

# What can be a top reason: those that count, and the one for events without any reason.
REASONS: Final = tuple(reason for reason in Reason if reason.cause.counts or reason is Reason.UNSPECIFIED)
STATUS_LABELS: Final = ("action", "open", "at-risk", "recovering", "new", "quiet", "deleted")


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
    saved: list[SavedView]
    menus: str
    chips: str
    sorts: str
    table: OffersTable
    pages: parts.Pages

    @property
    def page_links(self) -> str:
        """Links to other pages."""
        return parts.page_links(self.pages)

    @property
    def page_range(self) -> str:
        """Which rows are shown."""
        return parts.page_range(self.pages)


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


def totals(standing: Standing) -> Totals:
    """Add the shown marketplaces up, week by week: one summary a week is kept of each."""
    weeks: dict[int, dict[str, int]] = {}
    shown = set(standing.shown_ids)
    for marketplace_id, as_of, counts in standing.summaries:
        if marketplace_id in shown:
            week = weeks.setdefault((as_of.toordinal() - 1) // 7, {})
            for name, number in counts.items():
                week[name] = week.get(name, 0) + number
    return Totals([weeks[week] for week in sorted(weeks, reverse=True)])


def build(standing: Standing, state: GridState, saved: Sequence[SavedView], policy: Policy) -> DashboardPage:
    """The whole page. Two queries: the rows, and the counts where the summaries do not hold."""
    ids = chosen_ids(standing, state)
    rows = for_seller(standing.seller.pk, ids)
    chosen = state.grid_filter(newest_night(standing))
    total = totals(replace(standing, chosen=_only(standing, ids)))
    counts = (
        _counts(total, chosen)
        if not chosen.narrows and ids == standing.shown_ids
        else tile_counts(rows, chosen)
    )
    matching = sum(number for tile, number in counts.items() if not chosen.tiles or tile in chosen.tiles)
    pages = _pages(state, matching)
    start = (pages.number - 1) * pages.per_page
    read = page_rows(standing.seller.pk, ids, chosen, state.sort, start=start, size=pages.per_page)
    codes = {m.pk: m.code for m in standing.marketplaces} if len(ids) > 1 else {}
    table = OffersTable(grid_rows(read, policy, codes), state, links())
    return DashboardPage(
        state=state,
        standing=standing,
        freshness=[freshness(report) for report in night_reports(standing)],
        closed=total.now("closed"),
        at_risk=total.now("at_risk"),
        has_offers=bool(total.weeks),
        tiles=_tiles(state, counts, total, chosen),
        views=parts.views(_views(state, total, saved)),
        saved=list(saved),
        menus=parts.filters(_menus(standing, state, counts)),
        chips=parts.chips(_chips(standing, state), state.address(**_NO_FILTER)),
        sorts=parts.sort_menu(_sorts(state)),
        table=table,
        pages=pages,
    )


_NO_FILTER: Final[dict[str, object]] = {
    "q": "",
    "band": (),
    "status": (),
    "ch": (),
    "mp": (),
    "reason": (),
    "updated": "",
}


def links() -> GridLinks:
    """Where the grid's rows lead, as far as those pages exist. Resolving starts on the details page."""
    details = address_pattern("offer")
    comments = address_pattern("offer-feedback-csv")
    menu = ((gettext("Details"), details), (gettext("Download feedback (CSV)"), comments))
    return GridLinks(details=details, resolve=details, menu=tuple(entry for entry in menu if entry[1]))


def chosen_ids(standing: Standing, state: GridState) -> list[int]:
    """The marketplaces of the grid: the header's, narrowed by the filter where the header says all."""
    if standing.chosen or not state.marketplaces:
        return standing.shown_ids
    return [m.pk for m in standing.marketplaces if m.code in state.marketplaces]


def _only(standing: Standing, ids: list[int]) -> Marketplace | None:
    return next((m for m in standing.marketplaces if [m.pk] == ids), None)


def newest_night(standing: Standing) -> date | None:
    """The newest of the shown nights, from which "last updated" looks back."""
    nights = [standing.nights[pk].as_of for pk in standing.shown_ids]
    return max((night for night in nights if night), default=None)


def _counts(total: Totals, chosen: GridFilter) -> dict[int, int]:
    del chosen
    return {tile.value: total.now(str(tile.value)) for tile in Tile}


def _pages(state: GridState, matching: int) -> parts.Pages:
    """The pages; a number past the last one means the last one."""
    count = max(1, -(-matching // state.per_page))
    number = min(state.page, count)
    first = (number - 1) * state.per_page
    return parts.Pages(
        number=number,
        count=count,
        first=min(first + 1, matching),
        last=min(first + state.per_page, matching),
        total=matching,
        address=lambda page: state.address(page=page),
        per_page=state.per_page,
    )


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


def _views(state: GridState, total: Totals, saved: Sequence[SavedView]) -> list[parts.SavedView]:
    here = state.query(page=1, sort="", per_page=25)
    everything = sum(total.now(str(tile.value)) for tile in Tile)
    fixed = [
        (gettext("All offers"), "", everything),
        (gettext("Action required"), "status=action", total.now("closed")),
        (gettext("At risk of closure"), "status=at-risk", total.now("at_risk")),
        (gettext("Recovering"), "status=recovering", total.now("recovering")),
    ]
    shown = [parts.SavedView(label, f"?{query}", here == query, number) for label, query, number in fixed]
    own = [parts.SavedView(view.name, f"?{view.query}", state.query() == view.query) for view in saved]
    return [*shown, *own]


def status_labels() -> dict[str, str]:
    """The words of PRODUCT B4."""
    return {
        "action": gettext("Action required"),
        "open": gettext("Open"),
        "at-risk": gettext("At risk of closure"),
        "recovering": gettext("Recovering after relist"),
        "new": gettext("New: never ordered"),
        "quiet": gettext("No recent orders"),
        "deleted": gettext("Listing deleted"),
    }


def updated_labels() -> dict[str, str]:
    """The spans of the Last updated filter."""
    return {days: gettext("In the last %(days)s days") % {"days": days} for days in ("7", "30", "60")}


def _menus(standing: Standing, state: GridState, counts: dict[int, int]) -> list[parts.FilterMenu]:
    def menu(name: str, label: str, chosen: Sequence[str], options: dict[str, str]) -> parts.FilterMenu:
        listed = [parts.Option(value, words, value in chosen) for value, words in options.items()]
        return parts.FilterMenu(name, label, listed, state.address(**{name: ()}))

    bands = [
        parts.Option(s.key, str(s.label), s.key in state.bands, counts.get(s.tile, 0), state_glyph(s))
        for s in (*BANDS, *OTHERS)
    ]
    fulfillments = {str(value): str(label) for value, label in Fulfillment.choices}
    reasons = {str(reason): reason_label(reason) for reason in REASONS}
    menus = [
        parts.FilterMenu("band", gettext("CX health"), bands, state.address(band=())),
        menu("status", gettext("Status"), state.statuses, status_labels()),
        menu("ch", gettext("Fulfilment"), state.fulfillments, fulfillments),
        menu("reason", gettext("Reason"), state.reasons, reasons),
        replace(
            menu("updated", gettext("Last updated"), (state.updated,), updated_labels()),
            clear=state.address(updated=""),
            single=True,
        ),
    ]
    if standing.chosen is None and len(standing.marketplaces) > 1:
        menus.append(
            menu(
                "mp",
                gettext("Marketplace"),
                state.marketplaces,
                {m.code: m.name for m in standing.marketplaces},
            )
        )
    return menus


def _chips(standing: Standing, state: GridState) -> list[parts.Chip]:
    def chip(label: str, **changes: object) -> parts.Chip:
        return parts.Chip(label, state.address(**changes))

    names = {m.code: m.name for m in standing.marketplaces}
    fulfillments = {str(value): str(label) for value, label in Fulfillment.choices}
    found = [chip(gettext("Search: %(q)s") % {"q": state.q}, q="")] if state.q else []
    for name, chosen, words in (
        ("band", state.bands, {key: str(STATE_OF_KEY[key].label) for key in state.bands}),
        ("status", state.statuses, status_labels()),
        ("ch", state.fulfillments, fulfillments),
        ("mp", state.marketplaces if standing.chosen is None else (), names),
        ("reason", state.reasons, {reason: reason_label(reason) for reason in state.reasons}),
    ):
        rest = {value: tuple(other for other in chosen if other != value) for value in chosen}
        found += [chip(words[value], **{name: rest[value]}) for value in chosen]
    if state.updated:
        found.append(chip(updated_labels()[state.updated], updated=""))
    return found


def _sorts(state: GridState) -> list[parts.SortChoice]:
    choices = {
        "": gettext("Most urgent first"),
        "-rate": gettext("Highest NCX rate first"),
        "-orders": gettext("Most orders first"),
        "-updated": gettext("Last updated first"),
        "-closed": gettext("Last closed first"),
        "product": gettext("Title, A to Z"),
    }
    return [
        parts.SortChoice(label, state.address(sort=key), state.sort == key) for key, label in choices.items()
    ]


def night_reports(standing: Standing) -> list[NightReport]:
    """What is known of the nights of the shown marketplaces, each in its own zone."""
    many = len(standing.shown) > 1
    return [_report(marketplace, standing.nights[marketplace.pk], many) for marketplace in standing.shown]


def _report(marketplace: Marketplace, night: Nights, many: bool) -> NightReport:  # noqa: FBT001 - private
    now = timezone.now().astimezone(marketplace.zone)
    today_at = datetime.combine(now.date(), time(marketplace.recompute_hour), marketplace.zone)
    passed = now >= today_at
    return NightReport(
        as_of=night.as_of,
        finished_at=night.computed_at.astimezone(marketplace.zone) if night.computed_at else None,
        due=now.date() - timedelta(days=1 if passed else 2),
        next_at=today_at + timedelta(days=1) if passed else today_at,
        now=now,
        failed=night.run_state == RecomputeRun.State.FAILED,
        running=night.run_state == RecomputeRun.State.RUNNING,
        marketplace=marketplace.name if many else "",
    )
