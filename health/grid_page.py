"""Reading one page of the grid, by queries that are kept by the shape of the question.

However far a page is from the first, few wide rows are read for it: a page behind the middle from the
other end; a page far from both ends by its ids, which an index alone holds; and by a column that only nights
change, a large seller's pages are cut out of an order that is kept (docs/adr/0009).
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from health import grid_orders
from health.grid import SORT_FIELDS, URGENCY_ORDER, GridFilter, filtered, for_seller, ordered
from health.grid_orders import UNKNOWN, Known
from health.models import OfferHealth
from offers.prepared import Prepared


class Row(NamedTuple):
    """One row of the grid as it is read: fields of the health row and, from title on, of its offer."""

    offer_id: int
    title: str
    sku: str
    product_id: str
    condition: str
    fulfillment: str
    manufacturer_barcode: bool
    image_url: str
    status: str
    last_closed_on: date | None
    relisted_on: date | None
    category: str | None
    marketplace_id: int
    tile: int
    band: int
    last_ordered_on: date | None
    window_days: int
    n: float
    orders: int
    ncx_orders: int
    rate: float | None
    m: float | None
    peer_p10: float | None
    peer_p90: float | None
    stars_mean: float | None
    stars_count: int
    top_reason: str
    top_reason_orders: int
    trend: str
    last_updated_on: date | None
    recovering: bool


_OF_OFFER: Final = frozenset(Row._fields[1:11])
ROW_FIELDS: Final = tuple(
    "offer__category__path" if name == "category" else f"offer__{name}" if name in _OF_OFFER else name
    for name in Row._fields
)


DEEP: Final = 200
"""From so many rows on those before a page are passed over by their ids alone."""


class Piece(NamedTuple):
    """Rows `start` to `start + size` of an order, counted from its end where it is turned round."""

    sort: str
    start: int
    size: int
    turned: bool = False


def page_rows(
    seller_id: int,
    marketplace_ids: Sequence[int],
    chosen: GridFilter,
    sort: str,
    *,
    start: int,
    size: int,
    known: Known = UNKNOWN,
) -> list[Row]:
    """Rows `start` to `start + size` of the seller's grid in the order of `sort`. One query.

    The first page of a large seller's rows after a night, by a column that only nights change, takes one more
    for the order's ends; further in two or three.
    """
    if not marketplace_ids:
        return []  # a seller without offers
    if _is_kept(chosen, sort, known):
        return _kept_rows(seller_id, marketplace_ids, sort, known, start=start, size=size)
    piece = nearest(sort, start, size, known.total)
    read = _query(chosen, chosen.today, piece).rows(seller_id, *marketplace_ids)
    return [Row._make(values) for values in (reversed(read) if piece.turned else read)]


def nearest(sort: str, start: int, size: int, total: int) -> Piece:
    """The piece from whichever end is nearer."""
    size_left = min(size, total - start)
    if size_left <= 0 or start <= total - start - size_left:
        return Piece(sort, start, size)
    return Piece(sort, total - start - size_left, size_left, turned=True)


@lru_cache(maxsize=512)
def _query(chosen: GridFilter, today: date | None, piece: Piece) -> Prepared:
    del today  # two filters that differ in their day alone are equal, and must not share a query

    def build(seller_id: int, *marketplace_ids: int) -> Any:
        rows = _rows(seller_id, marketplace_ids, chosen, piece)
        if piece.start < DEEP and not _by_parts(piece, marketplace_ids):
            return rows[piece.start : piece.start + piece.size].values_list(*ROW_FIELDS)
        ids = _ids(seller_id, marketplace_ids, chosen, piece)
        return _in_order(OfferHealth.objects.filter(pk__in=ids), piece).values_list(*ROW_FIELDS)

    along_index = _column(piece) == "urgency" and not (chosen.narrows or chosen.tiles)
    return Prepared(build, plan=along_index)


def _rows(
    seller_id: int, marketplace_ids: Sequence[int], chosen: GridFilter, piece: Piece
) -> QuerySet[OfferHealth]:
    """All rows that match, in their order."""
    rows = filtered(for_seller(seller_id, list(marketplace_ids)), chosen)
    if _column(piece).startswith("offer__") and len(marketplace_ids) == 1:
        # Nothing new, but an index of the offers holds their order.
        rows = rows.filter(offer__seller=seller_id, offer__marketplace=marketplace_ids[0])
    return _in_order(rows, piece)


def _in_order(rows: QuerySet[OfferHealth], piece: Piece) -> QuerySet[OfferHealth]:
    in_order = ordered(rows, piece.sort)
    return in_order.reverse() if piece.turned else in_order


def _column(piece: Piece) -> str:
    return SORT_FIELDS.get(piece.sort.removeprefix("-"), "urgency")


def _by_parts(piece: Piece, marketplace_ids: Sequence[int]) -> bool:
    """Whether each marketplace's rows lie in order, but those of all together don't."""
    return len(marketplace_ids) > 1 and _column(piece) == "urgency"


def _ids(seller_id: int, marketplace_ids: Sequence[int], chosen: GridFilter, piece: Piece) -> Any:
    """The ids of the piece's rows, as a query inside another."""
    end = piece.start + piece.size
    if not _by_parts(piece, marketplace_ids):
        return _rows(seller_id, marketplace_ids, chosen, piece)[piece.start : end].values("pk")
    parts: list[str] = []
    params: list[Any] = []
    for marketplace_id in marketplace_ids:
        rows = _rows(seller_id, [marketplace_id], chosen, piece)[:end].values_list(*_URGENCY_COLUMNS)
        sql, given = rows.query.sql_with_params()
        parts.append(f"SELECT * FROM ({sql}) AS part")  # noqa: S608
        params += given
    falling = piece.sort.startswith("-") != piece.turned
    order = ", ".join(_direction(key, falling=falling) for key in URGENCY_ORDER)
    together = " UNION ALL ".join(parts)
    # Names of columns and whole numbers of our own.
    sql = (
        f"SELECT offer_id FROM ({together}) AS parts "  # noqa: S608
        f"ORDER BY {order} LIMIT {piece.size} OFFSET {piece.start}"
    )
    return RawSQL(sql, params)  # noqa: S611


_URGENCY_COLUMNS: Final = tuple(key.removeprefix("-") for key in URGENCY_ORDER)


def _direction(key: str, *, falling: bool) -> str:
    return f"{key.removeprefix('-')} {'DESC' if falling != key.startswith('-') else 'ASC'}"


def _is_kept(chosen: GridFilter, sort: str, known: Known) -> bool:
    """Whether the rows are cut out of an order that is kept."""
    nightly = sort.removeprefix("-") in grid_orders.NIGHTLY
    plain = not (chosen.narrows or chosen.tiles)
    return nightly and plain and known.nights is not None and known.total >= grid_orders.LARGE


def _kept_rows(
    seller_id: int, marketplace_ids: Sequence[int], sort: str, known: Known, *, start: int, size: int
) -> list[Row]:
    wanted = grid_orders.Wanted(seller_id, tuple(marketplace_ids), sort)
    ids = grid_orders.ids_at(wanted, known, start, size).tolist()
    read = {values[0]: Row._make(values) for values in (_BY_ID.rows(*ids) if ids else ())}
    return [read[offer_id] for offer_id in ids]


_BY_ID: Final = Prepared(lambda *ids: OfferHealth.objects.filter(pk__in=ids).values_list(*ROW_FIELDS))
