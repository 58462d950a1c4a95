"""The state of the grid as its address says it: filters, order, page. Pure, but for Django's QueryDict."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote_plus

from django.http import QueryDict

from health.grid import SORT_FIELDS, STATUS_FILTERS, UPDATED_FILTERS, GridFilter
from health.models import Tile
from offers.models import Fulfillment, Marketplace
from vocdash.pages.states import STATE_OF_KEY

PAGE_SIZES: Final = (25, 50, 100)
_MOST_SEARCHED: Final = 200


@dataclass(frozen=True, slots=True)
class GridState:
    """What the address asks for. Unknown values are left out, so that no address is an error.

    `marketplaces` are codes; `sort` is a key of the grid's columns, "-" in front for descending.
    """

    q: str = ""
    bands: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    fulfillments: tuple[str, ...] = ()
    marketplaces: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    updated: str = ""
    sort: str = ""
    page: int = 1
    per_page: int = PAGE_SIZES[0]

    def query(self, **changes: object) -> str:
        """The query string of this state with `changes`; any change but of the page starts at page 1.

        Written for every link of the page, some fifty times: no QueryDict is made for it.
        """
        state = self.as_dict()
        if "page" not in changes:
            state["page"] = 1
        state |= changes
        return "&".join(_pairs(state))

    def address(self, **changes: object) -> str:
        """A relative address: the page itself with another query."""
        return f"?{self.query(**changes)}"

    def as_dict(self) -> dict[str, object]:
        """The state by the names of its parameters."""
        return {
            "q": self.q,
            "band": self.bands,
            "status": self.statuses,
            "ch": self.fulfillments,
            "mp": self.marketplaces,
            "reason": self.reasons,
            "updated": self.updated,
            "sort": self.sort,
            "page": self.page,
            "per_page": self.per_page,
        }

    def grid_filter(self, today: date | None) -> GridFilter:
        """The filter for the rows. `today`: the day from which "last updated" looks back."""
        return GridFilter(
            q=self.q,
            tiles=frozenset(int(STATE_OF_KEY[key].tile) for key in self.bands),
            statuses=frozenset(self.statuses),
            fulfillments=frozenset(self.fulfillments),
            reasons=frozenset(self.reasons),
            updated=self.updated,
            today=today,
        )

    @property
    def tiles(self) -> frozenset[Tile]:
        """The tiles that are chosen."""
        return frozenset(STATE_OF_KEY[key].tile for key in self.bands)


_DEFAULTS: Final = {"page": 1, "per_page": PAGE_SIZES[0]}


def _pairs(state: dict[str, object]) -> Iterator[str]:
    """The parameters that say something, each as name=value."""
    for name, value in state.items():
        if isinstance(value, tuple):
            for one in value:
                yield f"{name}={quote_plus(one)}"
        elif value and value != _DEFAULTS.get(name):
            yield f"{name}={quote_plus(str(value))}"


def read_state(
    query: QueryDict,
    marketplaces: Iterable[Marketplace],
    reasons: Iterable[str],
    sorts: Container[str] = SORT_FIELDS,
) -> GridState:
    """The state that a query string asks for; the others are what can be chosen."""
    sort = query.get("sort", "")
    return GridState(
        q=query.get("q", "").replace("\x00", "").strip()[:_MOST_SEARCHED].rstrip(),
        bands=_known(query, "band", STATE_OF_KEY),
        statuses=_known(query, "status", STATUS_FILTERS),
        fulfillments=_known(query, "ch", [str(value) for value in Fulfillment.values]),
        marketplaces=_known(query, "mp", [marketplace.code for marketplace in marketplaces]),
        reasons=_known(query, "reason", reasons),
        updated=query.get("updated", "") if query.get("updated") in UPDATED_FILTERS else "",
        sort=sort if sort.removeprefix("-") in sorts else "",
        page=_number(query.get("page"), 1),
        per_page=size if (size := _number(query.get("per_page"), 0)) in PAGE_SIZES else PAGE_SIZES[0],
    )


def _known(query: QueryDict, name: str, allowed: Iterable[str]) -> tuple[str, ...]:
    known = set(allowed)
    return tuple(dict.fromkeys(value for value in query.getlist(name) if value in known))


def _number(text: str | None, otherwise: int) -> int:
    """A positive whole number of at most nine digits."""
    if text and text.isascii() and text.isdigit() and len(text) <= 9:
        return max(int(text), 1)
    return otherwise
