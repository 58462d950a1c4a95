"""The grid as a file: what is filtered, in its order, all pages, safe in a spreadsheet (PRODUCT B4, B7)."""

import csv
from io import StringIO
from typing import Any

import pytest

from health.models import Tile
from tests.factories import SellerFactory
from tests.pages.people import Person, member, operator, owner, person, queries, stranger
from tests.pages.reading import dashboard
from tests.pages.shops import NIGHT, Shop, every_tile

pytestmark = pytest.mark.django_db
COLUMNS = [
    "Marketplace", "SKU", "Product id", "Title", "Condition", "Fulfilment", "Manufacturer barcode", "Status",
    "CX health", "NCX rate", "NCX orders", "Total orders", "Window in days", "Similar offers", "Star rating",
    "Reviews", "Top NCX reason", "Orders with the top reason", "Last updated", "Last offer closed date",
    "Relisted on",
]  # fmt: skip


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def rows_of(who: Person, query: str = "") -> list[dict[str, str]]:
    text = text_of(who.csv(query))
    assert text.startswith("\ufeff")  # spreadsheets read UTF-8 only with it
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def in_grid(who: Person, query: str) -> list[str]:
    """The SKUs of all pages of the grid."""
    found, page = [], dashboard(who.dashboard(query))
    while True:
        found += page.skus
        if page.following is None:
            return found
        page = dashboard(who.dashboard(page.following))


def test_b4_a_file_with_all_columns_and_a_name() -> None:
    answer = owner(every_tile().seller).csv()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="offers.csv"'
    assert next(csv.reader(StringIO(text_of(answer).removeprefix("\ufeff")))) == COLUMNS


@pytest.mark.parametrize(
    "query",
    [
        *("", "sort=-rate", "band=poor&band=very-poor", "status=open&sort=product", "q=1&sort=-updated"),
        *("per_page=100&page=2", "q=nothing+like+it", "ch=seller&reason=defective", "band=nonsense"),
    ],
)
def test_b4_the_file_holds_what_is_filtered_in_the_order_of_the_grid(query: str) -> None:
    who = owner(every_tile().seller)
    every_page = "&".join(pair for pair in query.split("&") if not pair.startswith("page="))
    assert [row["SKU"] for row in rows_of(who, query)] == in_grid(who, every_page)


def test_b4_what_a_row_says() -> None:
    shop = Shop()
    shop.closed(
        sku="KET-1", product_id="P-1", title='A "kettle", 1.7 L\nblack', condition="used",
        fulfillment="marketplace", manufacturer_barcode=True, orders=3, ncx_orders=1, rate=1 / 3, n=3,
        m=0.1 + 0.2, stars_mean=4.25,
        stars_count=8, top_reason="too_small", top_reason_orders=1, window_days=30, relisted_on=None,
    )  # fmt: skip
    shop.counted()
    (row,) = rows_of(owner(shop.seller))
    assert row == {
        "Marketplace": "US", "SKU": "KET-1", "Product id": "P-1", "Title": 'A "kettle", 1.7 L\nblack',
        "Condition": "used", "Fulfilment": "marketplace", "Manufacturer barcode": "true", "Status": "CLOSED",
        "CX health": "Very poor", "NCX rate": str(1 / 3), "NCX orders": "1", "Total orders": "3",
        "Window in days": "30", "Similar offers": str(0.1 + 0.2), "Star rating": "4.25", "Reviews": "8",
        "Top NCX reason": "Too small", "Orders with the top reason": "1", "Last updated": "2026-11-20",
        "Last offer closed date": "2026-11-20", "Relisted on": "",
    }  # fmt: skip


def test_b5_b6_states_without_a_band_and_with_too_little_feedback() -> None:
    shop = Shop()
    shop.add(Tile.INSUFFICIENT, sku="few")
    shop.add(Tile.NO_RECENT_ORDERS, sku="new")
    few, new = rows_of(owner(shop.counted().seller))
    assert (few["CX health"], few["NCX rate"]) == ("Insufficient Feedback", "0.05")
    assert (new["CX health"], new["NCX rate"], new["Total orders"], new["Similar offers"]) == (
        "",
        "",
        "0",
        "",
    )


def test_b7_deleted_offers_are_in_the_file_with_their_last_band() -> None:
    shop = Shop()
    shop.add(
        Tile.DELETED, band=Tile.POOR, sku="gone", orders=9, ncx_orders=3, rate=1 / 3, last_closed_on=NIGHT
    )
    (row,) = rows_of(owner(shop.counted().seller))
    assert (row["SKU"], row["Status"], row["CX health"]) == ("gone", "LISTING_DELETED", "Poor")
    assert (row["NCX orders"], row["Total orders"]) == ("3", "9")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_b4_a_cell_that_a_spreadsheet_would_run_is_escaped(start: str) -> None:
    shop = Shop()
    cell = f"{start}HYPERLINK(1)"
    shop.add(sku=cell, title=cell, product_id=cell)
    (row,) = rows_of(owner(shop.counted().seller))
    assert (row["SKU"], row["Title"], row["Product id"]) == (f"'{cell}",) * 3


def test_b4_ordinary_cells_and_numbers_are_left_alone() -> None:
    shop = Shop()
    shop.add(sku="a=1", title="3 + 4 @ home", stars_mean=None)
    (row,) = rows_of(owner(shop.counted().seller))
    assert (row["SKU"], row["Title"], row["NCX rate"], row["Star rating"]) == (
        "a=1",
        "3 + 4 @ home",
        "0.05",
        "",
    )


def test_b4_thousands_of_rows_are_streamed_by_a_fixed_number_of_queries() -> None:
    few, many = Shop(), Shop(SellerFactory(name="Large shop"))
    few.add()
    for number in range(2500):
        many.add(tile=[Tile.FAIR, Tile.POOR, Tile.DELETED][number % 3])
    few.counted()
    many.counted()
    small, large = owner(few.seller), owner(many.seller)
    rows_of(small)
    asked = [queries(lambda who=who: rows_of(who)) for who in (small, large)]  # type: ignore[misc]
    assert len(rows_of(large)) == 2500
    assert len(asked[0]) == len(asked[1]) <= 6
    answer = large.csv()
    assert answer.streaming
    assert "Content-Length" not in answer.headers
    first = next(iter(answer.streaming_content))
    assert len(first) < 10_000
    answer.close()


def test_a3_a_file_holds_the_offers_of_ones_own_seller_only() -> None:
    mine, other = every_tile(), Shop(SellerFactory(name="Other shop"))
    other.add(sku="not-yours")
    other.counted()
    who = owner(mine.seller)
    for query in ("", f"seller={other.seller.pk}", "q=not-yours", "mp=US&mp=CA"):
        assert "not-yours" not in text_of(who.csv(query))


def test_f6_viewers_and_operators_may_download() -> None:
    shop = every_tile()
    for who in (member(shop.seller), operator()):
        who.switch(shop.seller)
        assert len(rows_of(who)) == 36


def test_a3_a_person_without_a_seller_downloads_nothing() -> None:
    every_tile()
    assert person().csv().status_code == 404
    assert rows_of(stranger()) == []


def test_a4_under_all_marketplaces_each_row_names_its_own() -> None:
    shop = Shop(code="US")
    shop.add(sku="one")
    other = Shop(shop.counted().seller, code="CA")
    other.add(sku="two")
    other.counted()
    who = owner(shop.seller)
    assert {(row["SKU"], row["Marketplace"]) for row in rows_of(who)} == {("one", "US"), ("two", "CA")}
    assert [row["SKU"] for row in rows_of(who, "mp=CA")] == ["two"]
    who.switch(shop.seller, "US")
    assert [row["SKU"] for row in rows_of(who)] == ["one"]


def test_a4_a_french_file_has_french_words() -> None:
    shop = Shop()
    shop.add(top_reason="too_small", top_reason_orders=1)
    who = owner(shop.counted().seller)
    answer = who.client.get("/voc/export.csv", headers={"Accept-Language": "fr"})
    text = text_of(answer)
    assert "Motif" in text or "motif" in text
    assert "Too small" not in text
