"""A seller's offers as a catalogue: what is for sale, at which price, and how much of it (PRODUCT D8)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet

from health.grid import GridFilter, filtered, for_seller, ordered
from health.grid_page import ROW_FIELDS, Row, nearest
from health.models import OfferHealth
from offers import bulk
from offers.models import Fulfillment
from offers.removals import reserved_units

SORTS: Final[dict[str, str]] = {
    "product": "offer__title",
    "sku": "offer__sku",
    "price": "offer__price",
    "stock": "offer__quantity",
    "health": "urgency",
    "status": "offer__status",
    "listed": "offer__listed_on",
}
_OF_CATALOGUE: Final = (
    "offer__price",
    "offer__currency",
    "offer__quantity",
    "offer__listed_on",
    "offer__deleted_on",
)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One offer of the catalogue. `row` is that of the dashboard's grid.

    quantity: the stock, None where it is unknown; reserved: its units that open removal orders take.
    """

    row: Row
    price: Decimal | None
    currency: str
    quantity: int | None
    listed_on: date | None
    deleted_on: date | None
    reserved: int

    @property
    def available(self) -> int | None:
        """What of the stock is not reserved."""
        return None if self.quantity is None else max(0, self.quantity - self.reserved)

    @property
    def removable(self) -> bool:
        """Whether the marketplace has it in stock, so that a removal order is possible."""
        return self.row.fulfillment == Fulfillment.MARKETPLACE and self.deleted_on is None


def offers_of(
    seller_id: int, marketplace_ids: Sequence[int], chosen: GridFilter, sort: str
) -> QuerySet[OfferHealth]:
    """The seller's offers that match, by SKU unless `sort` is a key of SORTS."""
    rows = filtered(for_seller(seller_id, list(marketplace_ids)), chosen)
    if len(marketplace_ids) == 1:
        # Nothing new, but indexes of the offers hold their order.
        rows = rows.filter(offer__seller=seller_id, offer__marketplace=marketplace_ids[0])
    return ordered(rows, sort, SORTS) if sort else rows.order_by("offer__sku", "offer_id")


def page_of(rows: QuerySet[OfferHealth], start: int, size: int, total: int) -> list[Item]:
    """Rows `start` to `start + size` of `total`, from the nearer end, the others passed over by their ids."""
    piece = nearest("", start, size, total)
    turned = rows.reverse() if piece.turned else rows
    ids = turned[piece.start : piece.start + piece.size].values("pk")
    return list(items(OfferHealth.objects.filter(pk__in=ids).order_by(*rows.query.order_by), one_page=True))


def items(rows: QuerySet[OfferHealth], *, one_page: bool = False) -> Iterator[Item]:
    """The catalogue's items of these rows, read in pieces of 500, or at once where they are few."""
    values = rows.values_list(*ROW_FIELDS, *_OF_CATALOGUE)
    for piece in bulk.in_pieces(values if one_page else values.iterator(chunk_size=_AT_ONCE), _AT_ONCE):
        reserved = reserved_units(line[0] for line in piece)
        yield from (_item(line, reserved) for line in piece)


def _item(line: Sequence[Any], reserved: dict[int, int]) -> Item:
    row = Row._make(line[: len(ROW_FIELDS)])
    price, currency, quantity, listed_on, deleted_on = line[len(ROW_FIELDS) :]
    return Item(row, price, currency, quantity, listed_on, deleted_on, reserved.get(row.offer_id, 0))
