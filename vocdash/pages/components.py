"""The parts of the dashboard that are repeated many times over: tiles, views, filters, chips, pages.

Rendered by f-strings for the same reason as the grid's cells. The values are view models: finished words,
counts and addresses, nothing of the database. All text and addresses are escaped here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Protocol

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from vocdash.pages.charts import TILE_BOX, spark
from vocdash.pages.formats import locale
from vocdash.pages.icons import icon
from vocdash.pages.states import HealthState, state_glyph

# A tile's line never zooms in further than this many offers.
_TILE_SPAN: Final = 4.0


@dataclass(frozen=True, slots=True)
class TileView:
    """One tile: how many offers a state has, and the address that shows them (or clears the choice)."""

    state: HealthState
    count: int
    address: str
    chosen: bool = False
    trend: Sequence[int | None] = ()
    change: str = ""


@dataclass(frozen=True, slots=True)
class SavedView:
    """One tab above the filters. `count` None: not counted."""

    label: str
    address: str
    chosen: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One checkbox of a filter. `mark` is finished markup before the label, such as a state's shape."""

    value: str
    label: str
    chosen: bool = False
    count: int | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class FilterMenu:
    """One filter: a menu of checkboxes named `name`. `clear` is the address without this filter."""

    name: str
    label: str
    options: Sequence[Option]
    clear: str
    single: bool = False
    """Radio buttons instead of checkboxes."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter; `address` is the page without it."""

    label: str
    address: str


def _offers_shown(total: int) -> str:
    return ngettext("%(first)s–%(last)s of %(total)s offer", "%(first)s–%(last)s of %(total)s offers", total)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a list stands: page `number` of `count`, rows `first` to `last` of `total`."""

    number: int
    count: int
    first: int
    last: int
    total: int
    address: Callable[[int], str]
    per_page: int
    sizes: Sequence[int] = field(default=(25, 50, 100))
    words: Callable[[int], str] = field(default=_offers_shown)
    """The sentence that says which rows of how many are shown, with %(first)s, %(last)s and %(total)s."""


def pages_of(total: int, asked: int, per_page: int, address: Callable[[int], str], **words: Any) -> Pages:
    """The pages of a list of `total` rows; a number past the last one means the last one."""
    count = max(1, -(-total // per_page))
    number = min(asked, count)
    first = (number - 1) * per_page
    return Pages(
        number=number,
        count=count,
        first=min(first + 1, total),
        last=min(first + per_page, total),
        total=total,
        address=address,
        per_page=per_page,
        **words,
    )


@dataclass(frozen=True, slots=True)
class SortChoice:
    """One order of the list, for screens where the column heads are not shown."""

    label: str
    address: str
    chosen: bool = False


class Head(Protocol):
    """The head of a column, as tables.Head carries it."""

    @property
    def kind(self) -> str:
        """The end of its class."""

    @property
    def label(self) -> str:
        """Its words, not escaped."""

    @property
    def below(self) -> str:
        """Finished markup under the label."""

    @property
    def address(self) -> str:
        """Where a click leads, "" for a column that does not sort."""

    @property
    def sorted(self) -> str:
        """The value of aria-sort, "" for none."""

    @property
    def mark(self) -> str:
        """Finished markup behind the label: the direction."""

    @property
    def hidden(self) -> bool:
        """Whether the label is for screen readers only."""


def grid_heads(heads: Sequence[Head]) -> SafeString:
    """The columns and the head row of the offers grid."""
    columns = "".join(f'<col class="c-{head.kind}">' for head in heads)
    return SafeString(
        f'<colgroup>{columns}</colgroup><thead role="rowgroup"><tr role="row" hx-boost="true">'
        f"{''.join(_head(head) for head in heads)}</tr></thead>"
    )


def _head(head: Head) -> str:
    label = escape(head.label)
    if head.hidden:
        return f'<th scope="col" role="columnheader" class="td-menu"><span class="vh">{label}</span></th>'
    sorted_by = f' aria-sort="{head.sorted}"' if head.sorted else ""
    if head.address:
        label = f'<a class="sort" href="{escape(head.address)}">{label}{head.mark}</a>'
    return f'<th scope="col" role="columnheader" class="c-{head.kind}"{sorted_by}>{label}{head.below}</th>'


def tiles(bands: Sequence[TileView], others: Sequence[TileView], worst: TileView | None = None) -> SafeString:
    """The bands as tiles; beside them the other states. `worst` is Poor and Very poor together."""
    label = escape(gettext("Offers by CX health. Choose one to filter the table."))
    beside = ""
    if worst is not None:
        both = gettext("Poor and Very poor")
        beside = _beside(worst, both, state_glyph(worst.state))
    beside += "".join(_beside(view, str(view.state.label), state_glyph(view.state)) for view in others)
    return SafeString(
        f'<section class="tiles" aria-label="{label}">{"".join(_tile(view) for view in bands)}'
        f'<div class="tile-more">{beside}</div></section>'
    )


def _tile(view: TileView) -> str:
    line = spark(view.trend, TILE_BOX, _TILE_SPAN) if view.trend else ""
    change = f'<span class="sub">{escape(view.change)}</span>' if view.change else ""
    return (
        f'<a class="tile t-{view.state.tone}" href="{escape(view.address)}"{_current(chosen=view.chosen)}>'
        f'<span class="lab">{state_glyph(view.state)}{escape(str(view.state.label))}</span>'
        f'<span class="big">{_count(view.count)}</span>{line}{change}</a>'
    )


def _beside(view: TileView, label: str, mark: str) -> str:
    return (
        f'<a href="{escape(view.address)}"{_current(chosen=view.chosen)}><span>{mark}{escape(label)}</span>'
        f"<b>{_count(view.count)}</b></a>"
    )


def views(saved: Sequence[SavedView]) -> SafeString:
    """The saved views as links, to be placed in a nav."""
    return SafeString("".join(_view(view) for view in saved))


def _view(view: SavedView) -> str:
    count = "" if view.count is None else f" <i>{_count(view.count)}</i>"
    current = _current(chosen=view.chosen, value="page")
    return f'<a href="{escape(view.address)}"{current}>{escape(view.label)}{count}</a>'


def filters(menus: Sequence[FilterMenu]) -> SafeString:
    """The filter menus. Each works without scripts: a menu of checkboxes with Apply inside the form."""
    clear, apply = escape(gettext("Clear")), escape(gettext("Apply"))
    return SafeString("".join(_filter(menu, clear, apply) for menu in menus))


def _filter(menu: FilterMenu, clear: str, apply: str) -> str:
    label = escape(menu.label)
    chosen = [option for option in menu.options if option.chosen]
    summary = f"{label}: {_chosen_words(chosen)}" if chosen else label
    kind = "radio" if menu.single else "checkbox"
    options = "".join(_option(option, menu.name, kind) for option in menu.options)
    return (
        f'<details class="menu dd f{" set" if chosen else ""}"><summary>{summary}{_DOWN}</summary>'
        f'<div class="pop"><fieldset><legend>{label}</legend>{options}</fieldset><div class="apply">'
        f'<a class="btn ghost sm" href="{escape(menu.clear)}">{clear}</a>'
        f'<button class="btn primary sm">{apply}</button></div></div></details>'
    )


def _chosen_words(chosen: Sequence[Option]) -> str:
    return escape(chosen[0].label) if len(chosen) == 1 else _count(len(chosen))


def _option(option: Option, name: str, kind: str) -> str:
    count = "" if option.count is None else f'<span class="n">{_count(option.count)}</span>'
    return (
        f'<label class="opt"><input type="{kind}" name="{escape(name)}" value="{escape(option.value)}"'
        f"{' checked' if option.chosen else ''}>{option.mark}{escape(option.label)}{count}</label>"
    )


def chips(active: Sequence[Chip], clear_all: str) -> SafeString:
    """The active filters, each a link that removes it; "" for none."""
    if not active:
        return SafeString("")
    remove = escape(gettext("Remove filter: "))
    links = "".join(
        f'<a class="chip" href="{escape(chip.address)}"><span class="vh">{remove}</span>'
        f"{escape(chip.label)}{_X}</a>"
        for chip in active
    )
    clear = escape(gettext("Clear all"))
    return SafeString(f'{links}<a href="{escape(clear_all)}">{clear}</a>')


def sort_menu(choices: Sequence[SortChoice]) -> SafeString:
    """The orders of the list as a menu."""
    label = escape(gettext("Sort"))
    chosen = next((f": {escape(choice.label)}" for choice in choices if choice.chosen), "")
    links = "".join(
        f'<a href="{escape(choice.address)}"{_current(chosen=choice.chosen)}>{escape(choice.label)}</a>'
        for choice in choices
    )
    return SafeString(
        f'<details class="menu dd f only-m"><summary>{label}{chosen}{_DOWN}</summary>'
        f'<div class="pop">{links}</div></details>'
    )


def page_links(pages: Pages) -> SafeString:
    """Links to the pages around the present one, to the first and to the last; "" for a single page."""
    if pages.count <= 1:
        return SafeString("")
    numbers = "".join(_page(pages, number) for number in _around(pages.number, pages.count))
    back = _arrow(pages, pages.number - 1, _LEFT, gettext("Previous page"))
    on = _arrow(pages, pages.number + 1, _RIGHT, gettext("Next page"))
    label = escape(gettext("Pages"))
    return SafeString(f'<nav aria-label="{label}"><ul><li>{back}</li>{numbers}<li>{on}</li></ul></nav>')


def _around(number: int, count: int) -> list[int | None]:
    """The page numbers to show; None stands for those left out."""
    shown = sorted({1, count} | {n for n in range(number - 1, number + 2) if 1 <= n <= count})
    numbers: list[int | None] = []
    for before, page in zip([0, *shown], shown, strict=False):
        if page - before == 2:
            numbers.append(page - 1)  # a gap of one page is not worth an ellipsis
        elif page - before > 2:
            numbers.append(None)
        numbers.append(page)
    return numbers


def _page(pages: Pages, number: int | None) -> str:
    if number is None:
        return "<li><span>…</span></li>"
    current = _current(chosen=number == pages.number, value="page")
    return f'<li><a href="{escape(pages.address(number))}"{current}>{_count(number)}</a></li>'


def _arrow(pages: Pages, number: int, mark: str, label: str) -> str:
    if not 1 <= number <= pages.count:
        return f'<span class="dim" aria-hidden="true">{mark}</span>'
    return f'<a href="{escape(pages.address(number))}" aria-label="{escape(label)}">{mark}</a>'


def pager(pages: Pages) -> SafeString:
    """The foot of a list: which rows are shown, links to other pages, rows per page."""
    sizes = "".join(
        f'<option value="{size}"{" selected" if size == pages.per_page else ""}>{size}</option>'
        for size in pages.sizes
    )
    return SafeString(
        f'<div class="pager"><span>{escape(page_range(pages))}</span>{page_links(pages)}<span class="row">'
        f'<label for="per_page">{escape(gettext("Rows per page"))}</label>'
        f'<select class="input" id="per_page" name="per_page" data-auto>{sizes}</select>'
        f'<button class="btn sm" data-go>{escape(gettext("Go"))}</button></span></div>'
    )


def page_range(pages: Pages) -> str:
    """Which rows are shown: 1-25 of 259 offers."""
    values = {"first": _count(pages.first), "last": _count(pages.last), "total": _count(pages.total)}
    return pages.words(pages.total) % values


def _current(*, chosen: bool, value: str = "true") -> str:
    return f' aria-current="{value}"' if chosen else ""


def _count(number: int) -> str:
    return locale(get_language()).count(number)


_DOWN: Final = icon("down")
_X: Final = icon("x")
_LEFT: Final = icon("left")
_RIGHT: Final = icon("right")
