"""The dashboard of the largest seller against the barest thing that could show the same rows."""

from typing import Any, Final

from offers.models import Offer, Seller
from tests.scale.databases import Databases
from tests.scale.night import Market
from tests.scale.pages import Reader, bare_cursor
from tests.scale.report import Figure, Report, against
from tests.scale.timing import Seconds, interleaved, ratio
from vocdash.pages.drawn_rows import _kept
from vocdash.pages.kept_pages import forget_pages

PART: Final = "dashboard"
_BARE: Final = "bare psycopg2 and f-strings, same rows"
_ROW: Final = b'class="micro'
_SORTS: Final = (
    "product",
    "-product",
    "rate",
    "-rate",
    "-orders",
    "-ncx",
    "stars",
    "reason",
    "-updated",
    "-closed",
)
BAREST: Final = """
    SELECT h.offer_id, o.title, o.sku, o.product_id, o.condition, o.fulfillment, o.manufacturer_barcode,
           o.status, o.last_closed_on, o.relisted_on, h.tile, h.window_days, h.orders, h.ncx_orders, h.rate,
           h.m, h.peer_p10, h.peer_p90, h.stars_mean, h.stars_count, h.top_reason, h.top_reason_orders,
           h.trend, h.last_updated_on
      FROM health_offerhealth h JOIN offers_offer o ON o.id = h.offer_id
     WHERE h.seller_id = %s AND h.marketplace_id = %s
     ORDER BY h.urgency, h.closed_rank, h.excess DESC, h.offer_id
     LIMIT %s
"""


def _bare_page(cursor: Any, seller_id: int, marketplace_id: int, rows: int) -> str:
    """One query, and an f-string table of the same text cells."""
    cursor.execute(BAREST, (seller_id, marketplace_id, rows))
    cells = "".join(
        f"<tr><td>{r[1]}<br>{r[2]} {r[3]} {r[4]} {r[5]}</td><td>{r[10]}</td>"
        f"<td>{r[14] or 0:.1%} {r[15] or 0:.1%}</td>"
        f"<td>{r[13]} / {r[12]}</td><td>{r[22]}</td><td>{r[18]} {r[19]}</td><td>{r[20]} {r[21]}</td>"
        f"<td>{r[23]}</td><td>{r[8]}</td></tr>"
        for r in cursor.fetchall()
    )
    return f"<table>{cells}</table>"


def measure_dashboard(report: Report, databases: Databases, market: Market, *, rounds: int) -> None:
    """All figures of the dashboard, for the seller with most offers of the market."""
    databases.use(market.database)
    seller = Seller.objects.get(code="V000000")
    offers = Offer.objects.filter(seller=seller).count()
    reader = Reader(seller)
    whose = f"seller with {offers:,} of {market.size.offers:,}"
    for rows, goal in ((25, 4.5), (50, 7.0)):
        _add_rows(report, reader, market, seller, rounds, rows=rows, goal=goal, whose=whose)
    _add_undrawn(report, reader, market, seller, rounds)
    _add_last_page(report, reader, offers, rounds)
    _add_sorts(report, reader, rounds)
    asked = reader.queries("/voc/")
    report.raw["queries"] = asked
    report.add(Figure(PART, "queries besides session and user", "", len(asked), "queries", goal=6))


def _add_rows(
    report: Report,
    reader: Reader,
    market: Market,
    seller: Seller,
    rounds: int,
    *,
    rows: int,
    goal: float,
    whose: str,
) -> None:
    address = f"/voc/?per_page={rows}"
    assert reader.page(address).count(_ROW) == rows
    with bare_cursor() as cursor:
        works = {
            "bare": lambda: _bare_page(cursor, seller.pk, market.marketplace.pk, rows),
            "page": lambda: reader.page(address),
        }
        took = interleaved(rounds, works, warm_up=20)
    report.add(against(PART, f"{rows} rows, {whose}", took["page"], _BARE, took["bare"], goal=goal))


def _add_undrawn(report: Report, reader: Reader, market: Market, seller: Seller, rounds: int) -> None:
    """Rows that nobody has looked at since they changed are drawn first."""

    def undrawn() -> None:
        _kept.clear()
        forget_pages()
        reader.page("/voc/")

    with bare_cursor() as cursor:
        works = {"bare": lambda: _bare_page(cursor, seller.pk, market.marketplace.pk, 25), "page": undrawn}
        took = interleaved(max(rounds // 4, 5), works, warm_up=5)
    report.add(against(PART, "25 rows, none drawn before", took["page"], _BARE, took["bare"]))


def _add_last_page(report: Report, reader: Reader, offers: int, rounds: int) -> None:
    last = f"/voc/?page={-(-offers // 25)}"
    took = interleaved(
        rounds, {"first": lambda: reader.page("/voc/?page=1"), "last": lambda: reader.page(last)}, warm_up=5
    )
    report.add(against(PART, "last page", took["last"], "first page", took["first"], goal=2.0))


def _add_sorts(report: Report, reader: Reader, rounds: int) -> None:
    """The slowest of the other orders."""
    works = {sort: lambda sort=sort: reader.page(f"/voc/?sort={sort}") for sort in _SORTS}
    took = interleaved(max(rounds // 10, 3), {"default": lambda: reader.page("/voc/"), **works}, warm_up=2)
    default: Seconds = took.pop("default")
    slowest = max(took, key=lambda sort: ratio(took[sort], default))
    report.raw["sorts"] = {sort: ratio(seconds, default) for sort, seconds in took.items()}
    report.add(
        against(PART, f"slowest other order ({slowest})", took[slowest], "default order", default, goal=3.0)
    )
