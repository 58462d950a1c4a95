"""The dashboard of the largest seller against the barest thing that could show the same rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from health.models import OfferHealth
from offers.models import Seller
from tests.scale.databases import Databases
from tests.scale.night import Market
from tests.scale.pages import Reader, bare_cursor, forget_what_is_kept, operator, owner_of
from tests.scale.report import Figure, Report, against
from tests.scale.timing import Seconds, interleaved, ratio

PART: Final = "dashboard"
_BARE: Final = "bare psycopg2 and f-strings, same rows"
_ROW: Final = b'class="micro'
_SORTS: Final = (
    *("product", "-product", "rate", "-rate", "-orders", "-ncx", "stars", "reason", "-updated", "-closed"),
)
_COMMON: Final = "kettle"  # a twelfth of all titles
_COLUMNS: Final = """
    SELECT h.offer_id, o.title, o.sku, o.product_id, o.condition, o.fulfillment, o.manufacturer_barcode,
           o.status, o.last_closed_on, o.relisted_on, h.tile, h.window_days, h.orders, h.ncx_orders, h.rate,
           h.m, h.peer_p10, h.peer_p90, h.stars_mean, h.stars_count, h.top_reason, h.top_reason_orders,
           h.trend, h.last_updated_on
      FROM health_offerhealth h JOIN offers_offer o ON o.id = h.offer_id
     WHERE h.seller_id = %s AND h.marketplace_id = %s
"""
_ORDER: Final = " ORDER BY h.urgency, h.closed_rank, h.excess DESC, h.offer_id LIMIT %s"
BAREST: Final = _COLUMNS + _ORDER
_FOUND: Final = " AND (o.title ILIKE %s OR o.sku ILIKE %s OR o.product_id ILIKE %s)"


def _bare_page(cursor: Any, sql: str, *params: object) -> str:
    """One query, and an f-string table of the same text cells."""
    cursor.execute(sql, params)
    cells = "".join(
        f"<tr><td>{r[1]}<br>{r[2]} {r[3]} {r[4]} {r[5]}</td><td>{r[10]}</td>"
        f"<td>{r[14] or 0:.1%} {r[15] or 0:.1%}</td>"
        f"<td>{r[13]} / {r[12]}</td><td>{r[22]}</td><td>{r[18]} {r[19]}</td><td>{r[20]} {r[21]}</td>"
        f"<td>{r[23]}</td><td>{r[8]}</td></tr>"
        for r in cursor.fetchall()
    )
    return f"<table>{cells}</table>"


@dataclass
class _Dashboard:
    """The dashboard of one seller, and where its figures go."""

    report: Report
    market: Market
    seller: Seller
    rounds: int
    offers: int = 0

    def __post_init__(self) -> None:
        mine = OfferHealth.objects.filter(seller=self.seller, marketplace=self.market.marketplace)
        self.offers = mine.count()
        self.middle = mine.order_by("offer_id").select_related("offer")[self.offers // 2].offer
        self.reader = Reader(owner_of(self.seller))

    def page(self, address: str) -> Callable[[], object]:
        """Asking for an address."""
        return partial(self.reader.page, address)

    def anew(self, address: str) -> Callable[[], object]:
        """Asking for an address in a process that has kept nothing."""

        def work() -> None:
            forget_what_is_kept()
            self.reader.page(address)

        return work

    def rows(self, rows: int, goal: float) -> None:
        """The first page against the bare query: asked for again, and for the first time since a night."""
        address = f"/voc/?per_page={rows}"
        assert self.reader.page(address).count(_ROW) == rows
        whose = f"{rows} rows, seller with {self.offers:,} of {self.market.size.offers:,}"
        for what, page in (("seen before", self.page(address)), ("drawn anew", self.anew(address))):
            self._beside_bare(f"{whose}, {what}", page, BAREST, (rows,), goal=goal)

    def search(self) -> None:
        """A word of many titles, and the number of one."""
        for what, word in (("common", _COMMON), ("rare", self.middle.sku)):
            like = (f"%{word}%",) * 3
            page, sql = self.anew(f"/voc/?q={word}"), _COLUMNS + _FOUND + _ORDER
            self._beside_bare(f"search for a {what} word", page, sql, (*like, 25), share=5)

    def places(self) -> None:
        """The middle and the last page against the first, all drawn anew."""
        last = -(-self.offers // 25)
        pages = {"middle page": last // 2, "last page": last}
        works = {what: self.anew(f"/voc/?page={page}") for what, page in pages.items()}
        took = interleaved(self.rounds, {"first": self.anew("/voc/?page=1"), **works}, warm_up=5)
        for what in works:
            self.report.add(against(PART, what, took[what], "first page", took["first"], goal=2.0))

    def sorts(self) -> None:
        """The slowest of the other orders: sorted before, and for the first time since a night."""
        for what, ask, share in (("seen before", self.page, 5), ("sorted and drawn anew", self.anew, 10)):
            works = {sort: ask(f"/voc/?sort={sort}") for sort in ("", *_SORTS)}
            took = interleaved(max(self.rounds // share, 3), works, warm_up=2)
            default: Seconds = took.pop("")
            ratios = {sort: ratio(seconds, default) for sort, seconds in took.items()}
            slowest = max(ratios, key=ratios.__getitem__)
            self.report.raw[f"sorts, {what}"] = ratios
            name = f"slowest other order ({slowest}), {what}"
            self.report.add(against(PART, name, took[slowest], "default order", default, goal=3.0))

    def others(self) -> None:
        """Pages of more than one seller's rows, and of all of one seller's."""
        admin = Reader(operator())
        works: Mapping[str, Callable[[], object]] = {
            "insights of the same seller": self.page("/insights/"),
            "an operator's list of all offers": partial(admin.page, "/admin/offers/offer/"),
            "the same, a SKU searched for": partial(admin.page, f"/admin/offers/offer/?q={self.middle.sku}"),
        }
        took = interleaved(max(self.rounds // 40, 3), {"first": self.page("/voc/"), **works}, warm_up=1)
        for what in works:
            self.report.add(against(PART, what, took[what], "first page of the dashboard", took["first"]))

    def queries(self) -> None:
        """How many queries the first page makes."""
        asked = self.reader.queries("/voc/")
        self.report.raw["queries"] = asked
        self.report.add(Figure(PART, "queries besides session and user", "", len(asked), "queries", goal=6))

    def _beside_bare(
        self,
        what: str,
        page: Callable[[], object],
        sql: str,
        params: tuple[object, ...],
        *,
        goal: float | None = None,
        share: int = 1,
    ) -> None:
        whose = (self.seller.pk, self.market.marketplace.pk)
        with bare_cursor() as cursor:
            works: dict[str, Callable[[], object]] = {
                "bare": partial(_bare_page, cursor, sql, *whose, *params),
                "page": page,
            }
            took = interleaved(max(self.rounds // share, 3), works, warm_up=5)
        self.report.add(against(PART, what, took["page"], _BARE, took["bare"], goal=goal))


def measure_dashboard(report: Report, databases: Databases, market: Market, *, rounds: int) -> None:
    """All figures of the dashboard, for the seller with most offers of the market."""
    databases.use(market.database)
    board = _Dashboard(report, market, Seller.objects.get(code="V000000"), rounds)
    board.rows(25, 4.5)
    board.rows(50, 7.0)
    board.queries()
    board.places()
    board.sorts()
    board.search()
    board.others()
