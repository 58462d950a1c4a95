"""The offers file, sentence by sentence of the import format (PRODUCT B7, F3)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from offers.importers import driver, reading
from offers.lifecycle import Status
from offers.models import Category, ListingRevision, Marketplace, Offer, Seller
from tests.factories import A_MOMENT, MarketplaceFactory, SellerFactory
from tests.importing import Importing, as_csv, counts, offer, only_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    return Importing(tmp_path)


FULL = offer(
    product_id="0012345678",
    category="Home > Kitchen > Kettles",
    brand="NA",
    price="1234.50",
    currency="usd",
    condition="Used",
    fulfillment="FBA",
    manufacturer_barcode="true",
    quantity="7",
    listed_on="2024-01-31",
    description="Boils water.\nFast.",
    bullet_1="Steel",
    bullet_2="",
    bullet_3="1 l",
    attr_material="steel",
    attr_wattage="",
    image_url="https://images.example.org/a.jpg",
)


def test_every_column_is_stored(importing: Importing) -> None:
    assert counts(importing.rows(FULL)) == (1, 0, 0, 0)
    made = Offer.objects.get()
    assert (made.marketplace.code, made.seller.code, made.sku) == ("US", "S1", "A1")
    assert (made.product_id, made.title, made.brand) == ("0012345678", "Kettle A1", "NA")
    assert (made.price, made.currency, made.quantity) == (Decimal("1234.5"), "USD", 7)
    assert (made.condition, made.fulfillment, made.manufacturer_barcode) == ("used", "marketplace", True)
    assert (made.listed_on, made.description) == (date(2024, 1, 31), "Boils water.\nFast.")
    assert (made.bullets, made.attributes) == (["Steel", "1 l"], {"material": "steel"})
    assert made.category is not None
    assert made.category.path == "Home > Kitchen > Kettles"
    assert made.image_url == "https://images.example.org/a.jpg"
    assert made.status == Status.LIVE


def test_empty_columns_take_their_defaults_and_an_empty_quantity_means_unknown(importing: Importing) -> None:
    importing.rows({**dict.fromkeys(FULL, ""), **offer(), "quantity": ""})
    made = Offer.objects.get()
    assert (made.condition, made.fulfillment, made.manufacturer_barcode) == ("new", "seller", False)
    assert (made.quantity, made.price, made.category, made.listed_on) == (None, None, None, None)
    assert (made.bullets, made.attributes) == ([], {})


def test_the_same_file_twice_changes_nothing(importing: Importing) -> None:
    rows = [FULL, offer("A2"), offer("A3", price="1")]
    assert counts(importing.rows(*rows)) == (3, 0, 0, 0)
    before = list(Offer.objects.order_by("pk").values())
    assert counts(importing.rows(*rows)) == (0, 0, 3, 0)
    assert list(Offer.objects.order_by("pk").values()) == before
    assert ListingRevision.objects.count() == 3


def test_the_same_values_written_otherwise_are_no_change(importing: Importing) -> None:
    importing.rows(
        offer(price="10.50", quantity="3", condition="", category="Home>Kitchen", fulfillment="MFN")
    )
    same = offer(
        price="10.5", quantity="3.0", condition="NEW", category=" home > kitchen ", fulfillment="seller"
    )
    assert counts(importing.rows({**same, "brand": "", "attr_x": ""})) == (0, 0, 1, 0)


def test_a_row_that_differs_changes_what_it_says_and_leaves_what_the_file_does_not_tell(
    importing: Importing,
) -> None:
    importing.rows(FULL)
    assert counts(importing.rows(offer(price="9", quantity=""))) == (0, 1, 0, 0)
    made = Offer.objects.get()
    assert (made.price, made.quantity) == (Decimal(9), None)
    assert (made.brand, made.bullets, made.category_id is not None) == ("NA", ["Steel", "1 l"], True)


def test_a_column_that_is_there_and_empty_clears(importing: Importing) -> None:
    importing.rows(FULL)
    importing.rows({**FULL, "brand": "", "category": "", "bullet_1": "", "bullet_3": "", "attr_material": ""})
    made = Offer.objects.get()
    assert (made.brand, made.category, made.bullets, made.attributes) == ("", None, [], {})


def test_the_last_row_of_a_key_wins_wherever_the_rows_stand(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 2)
    monkeypatch.setattr(driver, "CHUNK_ROWS", 2)
    rows = [offer("A1", title="first"), *(offer(f"B{n}") for n in range(5)), offer("A1", title="last")]
    report = importing.rows(*rows)
    assert counts(report) == (7, 0, 0, 0)
    assert Offer.objects.count() == 6
    assert Offer.objects.get(sku="A1").title == "last"
    assert "rows whose key comes again in a later row, which counts: 1 (line 2)" in report.notes
    assert counts(importing.rows(*rows)) == (0, 0, 7, 0)


def test_a_bad_row_does_not_take_the_place_of_a_good_one_with_its_key(importing: Importing) -> None:
    report = importing.rows(offer(price="1"), offer(price="x"))
    assert counts(report) == (1, 0, 0, 1)
    assert Offer.objects.get().price == 1


def test_a_sku_of_another_seller_or_marketplace_is_another_offer(
    importing: Importing, tmp_path: Path
) -> None:
    canada = Importing(tmp_path, MarketplaceFactory(code="CA", currency="CAD"))
    importing.rows(offer(), offer(seller="S2"))
    canada.rows(offer(marketplace="CA"))
    assert Offer.objects.filter(sku="A1").count() == 3
    assert Seller.objects.count() == 2


@pytest.mark.parametrize(
    ("cells", "column", "advice"),
    [
        ({"marketplace": "CA"}, "marketplace", "this import is for US"),
        ({"marketplace": ""}, "marketplace", "this import is for US"),
        ({"seller": ""}, "seller", "give the seller's code"),
        ({"sku": " "}, "sku", "give the seller's SKU"),
        ({"title": ""}, "title", "give the listing's title"),
        ({"price": "12,50"}, "price", "plain number such as 1234.50"),
        ({"price": "$5"}, "price", "plain number"),
        ({"price": "-1"}, "price", "amount from 0"),
        ({"price": "99999999999"}, "price", "amount from 0"),
        ({"currency": "dollars"}, "currency", "three-letter code"),
        ({"condition": "broken"}, "condition", "one of new, used, refurbished, collectible"),
        ({"fulfillment": "pigeon"}, "fulfillment", "marketplace (also AFN, FBA) or seller"),
        ({"manufacturer_barcode": "maybe"}, "manufacturer_barcode", "true or false"),
        ({"quantity": "-3"}, "quantity", "whole number from 0"),
        ({"quantity": "2.5"}, "quantity", "whole number from 0"),
        ({"quantity": "1e3"}, "quantity", "whole number from 0"),
        ({"quantity": "٣"}, "quantity", "whole number from 0"),
        ({"quantity": "9999999999"}, "quantity", "whole number from 0"),
        ({"listed_on": "31/01/2024"}, "listed_on", "a date such as"),
        ({"listed_on": "1990-01-01"}, "listed_on", "1995-01-01 to tomorrow"),
        ({"listed_on": "2024-02-01", "deleted_on": "2024-01-31"}, "deleted_on", "on or after listed_on"),
        ({"sku": "x" * 201}, "sku", "shorten it to 200"),
        ({"title": "x" * 1001}, "title", "shorten it to 1,000"),
    ],
)
def test_a_bad_value_is_reported_with_line_column_value_and_what_to_do(
    importing: Importing, cells: dict[str, str], column: str, advice: str
) -> None:
    report = importing.rows(offer("GOOD"), offer(**cells), offer("GOOD TOO"))
    assert counts(report) == (2, 0, 0, 1)
    problem = only_problem(report)
    assert (problem.line, problem.column, problem.value) == (3, column, cells[column].strip()[:200])
    assert advice in problem.message
    assert problem.message.startswith(column)
    assert set(Offer.objects.values_list("sku", flat=True)) == {"GOOD", "GOOD TOO"}


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        *((value, "marketplace") for value in ("marketplace", "AFN", "AMAZON_NA", "FBA", "platform", "fba")),
        *((value, "seller") for value in ("seller", "DEFAULT", "MFN", "FBM", "Merchant", "merchant", "")),
    ],
)
def test_synonyms_of_fulfillment_are_understood(importing: Importing, value: str, meaning: str) -> None:
    importing.rows(offer(fulfillment=value))
    assert Offer.objects.get().fulfillment == meaning


def test_an_unknown_seller_is_a_bad_row_unless_sellers_are_created(importing: Importing) -> None:
    SellerFactory(code="S2")
    report = importing.rows(offer(), offer(seller="S2"), create_sellers=False)
    assert counts(report) == (1, 0, 0, 1)
    assert "no such seller" in only_problem(report).message
    assert "--create-sellers" in only_problem(report).message
    assert counts(importing.rows(offer(), offer(seller="S2"), create_sellers=True)) == (1, 0, 1, 0)
    assert Seller.objects.get(code="S1").name == "S1"


def test_no_seller_is_created_for_a_bad_row(importing: Importing) -> None:
    importing.rows(offer(quantity="-1"))
    assert not Seller.objects.exists()


def test_a_category_is_made_once_whatever_its_spelling_and_keeps_the_first(importing: Importing) -> None:
    paths = ["Home > Kitchen", "home>KITCHEN", " Home >  Kitchen > ", "Home", "Garden"]
    importing.rows(*(offer(f"A{number}", category=path) for number, path in enumerate(paths)))
    assert sorted(Category.objects.values_list("path", flat=True)) == ["Garden", "Home", "Home > Kitchen"]
    kitchen, home = Category.objects.get(key="home > kitchen"), Category.objects.get(key="home")
    assert (kitchen.top, home.top) == (home, home)
    importing.rows(offer("A9", category="HOME > Kitchen > Kettles"))
    assert Category.objects.get(key="home > kitchen > kettles").top == home


def test_prices_in_another_currency_are_kept_and_noted(importing: Importing) -> None:
    report = importing.rows(offer(price="5", currency="EUR"), offer("A2", price="5", currency="USD"))
    assert "prices not in USD, the marketplace's currency: 1 (line 2)" in report.notes
    assert Offer.objects.get(sku="A1").currency == "EUR"


# --- Revisions, and sellers' edits


def edit_as_seller(made: Offer, title: str) -> None:
    """What an edit on the seller's page does."""
    Offer.objects.filter(pk=made.pk).update(title=title, revision=made.revision + 1)
    ListingRevision.objects.create(
        offer=made, number=made.revision + 1, source="seller", changed_fields=["title"],
        content={"title": title}, at=A_MOMENT,
    )  # fmt: skip


def test_the_first_import_is_revision_1_and_only_a_change_of_content_makes_another(
    importing: Importing,
) -> None:
    importing.rows(offer(price="1"))
    importing.rows(offer(price="2", quantity="9"))
    importing.rows(offer(title="New title", price="2", quantity="9", category="Home"))
    made = Offer.objects.get()
    first, second = ListingRevision.objects.filter(offer=made).order_by("number")
    assert (first.number, first.source, first.changed_fields) == (1, "import", [])
    assert first.content["title"] == "Kettle A1"
    assert (second.number, second.changed_fields, made.revision) == (2, ["title", "category"], 2)
    assert (second.content["title"], second.content["category"]) == ("New title", "Home")


def test_an_equal_row_leaves_a_sellers_edit_alone(importing: Importing) -> None:
    importing.rows(FULL)
    edit_as_seller(Offer.objects.get(), "A better title")
    assert counts(importing.rows(FULL)) == (0, 0, 1, 0)
    assert Offer.objects.get().title == "A better title"


def test_only_a_row_that_differs_from_the_last_imported_one_overwrites_an_edit_and_that_is_reported(
    importing: Importing,
) -> None:
    importing.rows(FULL, offer("A2"))
    edit_as_seller(Offer.objects.get(sku="A1"), "A better title")
    report = importing.rows({**FULL, "price": "5"}, offer("A2", title="Changed"))
    assert counts(report) == (0, 2, 0, 0)
    made = Offer.objects.get(sku="A1")
    assert (made.title, made.revision) == ("Kettle A1", 3)
    (note,) = [note for note in report.notes if "edited" in note]
    assert note == (
        "listings that sellers had edited since the last import, overwritten: 1 (line 2: A1, title)"
    )


def test_a_file_of_many_chunks_is_imported_whole(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 7)
    rows = [offer(f"A{number % 40}", price=str(number)) for number in range(100)]
    assert counts(importing.rows(*rows)) == (100, 0, 0, 0)
    assert Offer.objects.count() == 40
    assert Offer.objects.get(sku="A19").price == 99


def test_a_marketplace_of_its_own_is_left_alone(importing: Importing) -> None:
    """Nothing but the marketplace of the import is written to."""
    other = MarketplaceFactory(code="CA")
    importing(importing.write("o.csv", as_csv([offer()])))
    assert Marketplace.objects.count() == 2
    assert not Offer.objects.filter(marketplace=other).exists()
