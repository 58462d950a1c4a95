"""The offers grid as a django-tables2 table: its columns, what they sort by, and its body.

The body is drawn by `cells`, row by row, because the library's own way of rendering a cell costs more than
all queries of the page together.
"""

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Final

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from vocdash.pages.cells import GridLinks
from vocdash.pages.grid_state import GridState
from vocdash.pages.icons import icon


class GridColumn(tables.Column):  # type: ignore[misc]  # the library ships no types
    """A column whose cells are drawn by `cells`.

    `kind` ends the class of its <col> and head, `below` is what stands under the label, `first` the
    direction of the first click ("" or "-").
    """

    def __init__(self, label: Any, kind: str, *, below: Any = "", first: str = "-", **options: Any) -> None:
        super().__init__(verbose_name=label, **options)
        self.kind = kind
        self.below = below
        self.first = first


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column, as the template shows it. `sorted` is the value of aria-sort, "" for none."""

    kind: str
    label: str
    below: SafeString
    address: str = ""
    sorted: str = ""
    mark: str = ""
    hidden: bool = False


class OffersTable(tables.Table):  # type: ignore[misc]  # the library ships no types
    """The columns of the grid (PRODUCT B2). Their names are the keys of the address's `sort`."""

    caption = _("Offers and their customer experience health")
    product = GridColumn(_("Product"), "prod", below=_("SKU · product id · condition · fulfilment"), first="")
    health = GridColumn(_("CX health"), "cx", first="")
    rate = GridColumn(_("NCX rate"), "rate")
    orders = GridColumn(_("NCX / total orders"), "ord")
    trend = GridColumn(_("12 weeks"), "trend", orderable=False)
    stars = GridColumn(_("Star rating"), "star")
    reason = GridColumn(_("Top reason"), "reason", first="")
    updated = GridColumn(_("Last updated"), "upd")
    closed = GridColumn(_("Last offer closed date"), "closed")

    class Meta:
        template_name = "offers/table.html"


@lru_cache(maxsize=8)
def _layout(table: Any) -> dict[str, GridColumn]:
    """The columns by name, of a table that is made once, without rows.

    The library binds all columns anew for every table. That costs as much as a query of the page, and what
    it binds is the same each time.
    """
    return {name: bound.column for name, bound in table([]).columns.items()}


@lru_cache(maxsize=16)
def _labels(table: Any, language: str) -> dict[str, tuple[str, SafeString]]:
    """What stands in the head of each column, in the active language."""
    del language
    return {
        name: (str(column.verbose_name), _below(name, str(column.below)))
        for name, column in _layout(table).items()
    }


@dataclass(frozen=True, slots=True)
class GridTable:
    """One page of a grid as the template shows it: its columns, and the rows, drawn."""

    body: SafeString
    state: GridState
    links: GridLinks
    columns: Any = OffersTable

    @property
    def caption(self) -> str:
        """What the table is, for those who can't see it."""
        return str(self.columns.caption)

    @property
    def heads(self) -> list[Head]:
        """The heads of all columns, and of the row menu where there is one."""
        labels = _labels(self.columns, get_language() or "en")
        layout = _layout(self.columns)
        heads = [self._head(name, column, *labels[name]) for name, column in layout.items()]
        if self.links.menu:
            heads.append(Head("menu", gettext("More actions"), SafeString(""), hidden=True))
        return heads

    def _head(self, name: str, column: GridColumn, label: str, below: SafeString) -> Head:
        if column.orderable is False:
            return Head(column.kind, label, below)
        first, second = f"{column.first}{name}", f"{'' if column.first else '-'}{name}"
        # The third click clears, and the list is in its own order again.
        following = {first: second, second: ""}.get(self.state.sort, first)
        is_sorted = self.state.sort.removeprefix("-") == name
        direction = ("descending" if self.state.sort.startswith("-") else "ascending") if is_sorted else ""
        return Head(
            column.kind, label, below, self.state.address(sort=following), direction, _MARKS[direction]
        )


_MARKS: Final = {"": icon("updown"), "ascending": icon("up"), "descending": icon("down")}
_SCALE: Final = SafeString(
    '<span class="scale" aria-hidden="true"><span>0%</span><span>10%</span><span>20%+</span></span>'
)


def _below(name: str, words: str) -> SafeString:
    if name == "rate":
        return _SCALE
    return SafeString(f'<div class="meta">{escape(words)}</div>' if words else "")
