"""The offers grid: which offers, in which order, how many. Every query starts at one seller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, F, OrderBy, Q, QuerySet, Value
from django.db.models.functions import Left, NullIf

from health.models import OfferHealth, Tile, Urgency

STATUS_FILTERS: Final[dict[str, Q]] = {
    # PRODUCT B4 defines these words.
    "action": Q(urgency=Urgency.CLOSED),
    # The grid's own rows tell: no offer need be looked at to count those that are open.
    "open": ~Q(urgency__in=[Urgency.CLOSED, Urgency.DELETED]),
    "at-risk": Q(urgency__in=[Urgency.VERY_POOR, Urgency.POOR]),
    "recovering": Q(recovering=True),
    "new": Q(last_ordered_on__isnull=True) & ~Q(tile=Tile.DELETED),
    "quiet": Q(last_ordered_on__isnull=False, tile=Tile.NO_RECENT_ORDERS),
    "deleted": Q(tile=Tile.DELETED),
}
UPDATED_FILTERS: Final = {"7": 7, "30": 30, "60": 60}
# So much of a title is sorted by: as much as an index can hold in any script.
TITLE_SORTED: Final = 200
URGENCY_ORDER: Final = ("urgency", "closed_rank", "-excess", "offer_id")
SORT_FIELDS: Final[dict[str, str]] = {
    "product": "offer__title",
    "health": "urgency",
    "rate": "rate",
    "orders": "orders",
    "ncx": "ncx_orders",
    "stars": "stars_mean",
    "reason": "top_reason",
    "updated": "last_updated_on",
    "closed": "offer__last_closed_on",
}


@dataclass(frozen=True, slots=True)
class GridFilter:
    """What the grid is filtered by. Empty means all; `tiles` are numbers of `Tile`.

    `statuses` and `updated` are keys of the tables above; unknown ones match nothing by being left out
    before they come here. `today` is the day from which `updated` looks back.
    """

    q: str = ""
    tiles: frozenset[int] = frozenset()
    statuses: frozenset[str] = frozenset()
    fulfillments: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    updated: str = ""
    today: date | None = field(default=None, compare=False)

    @property
    def narrows(self) -> bool:
        """Whether anything but the tile filters: then the summary's counts do not hold."""
        return bool(self.q or self.statuses or self.fulfillments or self.reasons or self.updated)


def for_seller(seller_id: int, marketplace_ids: list[int]) -> QuerySet[OfferHealth]:
    """All rows of one seller on these marketplaces."""
    rows = OfferHealth.objects.filter(seller_id=seller_id)
    if len(marketplace_ids) == 1:
        return rows.filter(marketplace_id=marketplace_ids[0])
    # Not `in`, which would fold equal stand-ins of `grid_page` into one.
    any_of = Q(pk__in=[])
    for marketplace_id in marketplace_ids:
        any_of |= Q(marketplace_id=marketplace_id)
    return rows.filter(any_of)


def narrowed(rows: QuerySet[OfferHealth], chosen: GridFilter) -> QuerySet[OfferHealth]:
    """The rows that match everything but the tile."""
    if chosen.q:
        rows = rows.filter(
            Q(offer__title__icontains=chosen.q)
            | Q(offer__sku__icontains=chosen.q)
            | Q(offer__product_id__icontains=chosen.q)
        )
    if chosen.statuses:
        any_of = Q()
        for status in chosen.statuses:
            any_of |= STATUS_FILTERS[status]
        rows = rows.filter(any_of)
    if chosen.fulfillments:
        rows = rows.filter(offer__fulfillment__in=chosen.fulfillments)
    if chosen.reasons:
        rows = rows.filter(top_reason__in=chosen.reasons)
    if chosen.updated and chosen.today:
        rows = rows.filter(last_updated_on__gt=chosen.today - timedelta(days=UPDATED_FILTERS[chosen.updated]))
    return rows


def filtered(rows: QuerySet[OfferHealth], chosen: GridFilter) -> QuerySet[OfferHealth]:
    """The rows that match everything."""
    rows = narrowed(rows, chosen)
    return rows.filter(tile__in=chosen.tiles) if chosen.tiles else rows


def ordered(
    rows: QuerySet[OfferHealth], sort: str, columns: Mapping[str, str] = SORT_FIELDS
) -> QuerySet[OfferHealth]:
    """Sort by a key of `columns`, "-" in front for descending; "" is most urgent first.

    Missing values come last either way, and the id decides ties, so that pages never overlap.
    """
    column = columns.get(sort.removeprefix("-"))
    if column is None:
        return rows.order_by(*URGENCY_ORDER)
    if column == "urgency":
        keys = URGENCY_ORDER if not sort.startswith("-") else tuple(_flip(key) for key in URGENCY_ORDER)
        return rows.order_by(*keys)
    value = _sorted_by(column)
    if column == "offer__title":  # is never missing, and an index serves the plain order only
        return rows.order_by(value.desc() if sort.startswith("-") else value.asc(), "offer_id")
    first: OrderBy = value.desc(nulls_last=True) if sort.startswith("-") else value.asc(nulls_last=True)
    return rows.order_by(first, "offer_id")


def _sorted_by(column: str) -> Any:
    """What a column sorts by."""
    if column == "offer__title":
        return Left(column, TITLE_SORTED)
    # An offer without a reason has an empty text there, which would come first.
    return NullIf(column, Value("")) if column == "top_reason" else F(column)


def _flip(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def tile_counts(rows: QuerySet[OfferHealth], chosen: GridFilter) -> dict[int, int]:
    """Offers per tile under all filters but the tile's own, counted from the rows."""
    counted = narrowed(rows, chosen).values_list("tile").annotate(number=Count("pk")).order_by()
    return dict(counted)
