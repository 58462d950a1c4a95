"""The removal order report: it moves orders on, and knows of orders that were asked for elsewhere."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from health.models import Notification
from offers.importers import removal_storing
from offers.models import Fulfillment, ImportFile, Offer, RemovalChange, RemovalOrder
from offers.removal_actions import cancel_removal, request_removal
from offers.removals import available_units
from tests.factories import A_DAY, MarketplaceFactory, OfferFactory, SellerFactory
from tests.importing import SELLER, Importing, as_csv, counts, only_problem
from tests.importing import offer as offer_row

pytestmark = pytest.mark.django_db
ASKED = datetime(2024, 3, 20, 14, 0, tzinfo=UTC)


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    return Importing(tmp_path)


def fba(sku: str = "A1", **fields: object) -> Offer:
    values = {"seller": SellerFactory(code=SELLER), "fulfillment": Fulfillment.MARKETPLACE, "quantity": 184}
    return OfferFactory(sku=sku, **{**values, **fields})


def ask(offer: Offer, quantity: int = 84, at: datetime = ASKED) -> RemovalOrder:
    return request_removal(offer_id=offer.pk, kind="return", quantity=quantity, by=None, at=at)


def line(order: RemovalOrder | str, status: str = "Completed", **cells: str) -> dict[str, str]:
    """A row of the report, all columns; by default all 84 units of a return were shipped."""
    return {
        "request-date": "2024-03-20T14:00:00+00:00",
        "order-id": order if isinstance(order, str) else order.reference,
        "order-type": "Return",
        "service-speed": "Standard",
        "order-status": status,
        "last-updated-date": "2024-03-25T09:30:00-07:00",
        "sku": "A1",
        "fnsku": "X0001",
        "disposition": "Sellable",
        "requested-quantity": "84",
        "cancelled-quantity": "0",
        "disposed-quantity": "0",
        "shipped-quantity": "84" if status == "Completed" else "0",
        "in-process-quantity": "0",
        "removal-fee": "41.16",
        "currency": "USD",
        **{name.replace("_", "-"): cell for name, cell in cells.items()},
    }


def progress(order: RemovalOrder) -> tuple[str, int, int]:
    order.refresh_from_db()
    return order.state, order.done, order.cancelled


def units(offer: Offer) -> tuple[int | None, int | None]:
    offer.refresh_from_db()
    return offer.quantity, available_units(offer)


def test_d7_a_report_moves_an_order_on_and_the_stock_with_it(importing: Importing) -> None:
    offer = fba()
    order = ask(offer)
    report = importing.rows(line(order, "Processing", shipped_quantity="50", in_process_quantity="34"))
    assert (report.kind, counts(report)) == ("removals", (0, 1, 0, 0))
    assert (progress(order), units(offer)) == (("processing", 50, 0), (134, 100))
    done = {"shipped-quantity": "50", "disposed-quantity": "30", "cancelled-quantity": "4"}
    assert counts(importing.rows(line(order, **done))) == (0, 1, 0, 0)
    assert (progress(order), units(offer)) == (("completed", 80, 4), (104, 104))
    change = order.changes.get(state="completed")
    assert (change.source, change.at) == ("import", datetime(2024, 3, 25, 16, 30, tzinfo=UTC))
    assert ImportFile.objects.filter(kind="removals", state="done").count() == 2


def test_the_same_report_twice_changes_nothing(importing: Importing) -> None:
    order = ask(fba())
    rows = [line(order), line("ELSEWHERE-7", "Pending")]
    assert counts(importing.rows(*rows)) == (1, 1, 0, 0)
    before = list(RemovalChange.objects.values())
    assert counts(importing.rows(*rows)) == (0, 0, 2, 0)
    assert list(RemovalChange.objects.values()) == before
    assert Notification.objects.count() == 1


def test_it_is_tab_separated_and_its_extra_columns_are_reported(importing: Importing) -> None:
    order = ask(fba())
    report = importing(importing.write("removals.txt", as_csv([line(order)], delimiter="\t")))[0]
    assert counts(report) == (0, 1, 0, 0)
    assert report.notes == ["ignored columns: service-speed, removal-fee, currency"]


@pytest.mark.parametrize(
    ("status", "cells", "expected"),
    [
        ("Pending", {}, ("requested", 0, 0)),
        ("Planning", {"in-process-quantity": "84"}, ("processing", 0, 0)),
        ("Pending", {"shipped-quantity": "1"}, ("processing", 1, 0)),
        ("Processing", {}, ("processing", 0, 0)),
        ("Cancelled", {"cancelled-quantity": "84"}, ("cancelled", 0, 84)),
        ("Canceled", {}, ("cancelled", 0, 84)),
        ("Cancelled", {"shipped-quantity": "4", "cancelled-quantity": "80"}, ("completed", 4, 80)),
        ("COMPLETED", {"shipped-quantity": "60"}, ("completed", 60, 24)),
        ("Completed", {"shipped-quantity": "0"}, ("cancelled", 0, 84)),
    ],
)
def test_d7_what_a_reports_state_means(
    importing: Importing, status: str, cells: dict[str, str], expected: tuple[str, int, int]
) -> None:
    order = ask(fba())
    report = importing.rows(line(order, status, **cells))
    assert (progress(order), report.bad) == (expected, 0)


def test_an_order_asked_for_elsewhere_is_kept_and_reserves_its_units(importing: Importing) -> None:
    offer = fba()
    report = importing.rows(line("zA9x", "Processing", order_type="Disposal"))
    order = RemovalOrder.objects.get()
    assert counts(report) == (1, 0, 0, 0)
    assert (order.reference, order.kind, order.by, order.requested_at) == ("zA9x", "disposal", None, ASKED)
    assert (progress(order), units(offer)) == (("processing", 0, 0), (184, 100))
    steps = list(order.changes.order_by("pk").values_list("state", "source"))
    assert steps == [("requested", "import"), ("processing", "import")]
    importing.rows(line("zA9x", order_type="Disposal", shipped_quantity="0", disposed_quantity="84"))
    assert (progress(order), units(offer)) == (("completed", 84, 0), (100, 100))


def test_units_that_left_before_the_stock_was_told_are_not_taken_from_it(importing: Importing) -> None:
    """Offers and removals of one night's files: the stock in the first knows of the second."""
    fba(quantity=184)
    offers = importing.write("offers.csv", [offer_row(quantity="100", fulfillment="AFN")])
    removals = importing.write("removals.csv", [line("zA9x")])
    importing(removals, offers)
    assert units(Offer.objects.get()) == (100, 100)


def test_an_order_of_several_skus_and_lots_is_one_order_per_sku(importing: Importing) -> None:
    fba("A1")
    fba("B2")
    rows = [
        line("zA9x", sku="A1"),
        line("zA9x", sku="B2"),
        line("zA9x", sku="A1", disposition="Unsellable", requested_quantity="6", shipped_quantity="6"),
        line("zA9x", sku="A1", disposition="Unsellable", requested_quantity="5", shipped_quantity="5"),
    ]
    assert counts(importing.rows(*rows)) == (4, 0, 0, 0)
    orders = RemovalOrder.objects.order_by("offer__sku")
    assert [(order.offer.sku, order.quantity) for order in orders] == [("A1", 89), ("B2", 84)]
    assert {order.reference[:4] for order in orders} == {"zA9x"}
    assert counts(importing.rows(*rows)) == (0, 0, 4, 0)


def test_d7_the_seller_is_told_when_the_marketplace_ends_an_order(importing: Importing) -> None:
    offer = fba()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    order = ask(offer, at=yesterday)
    importing.rows(line(order, "Processing"), line("zA9x"))
    assert not Notification.objects.exists(), "what is new to us and has ended long ago is no news"
    importing.rows(line(order, last_updated_date=yesterday.isoformat()))
    notice = Notification.objects.get()
    assert (notice.kind, notice.offer, notice.seller) == ("removal", offer, offer.seller)
    assert notice.evidence["removal"] == order.pk
    assert (notice.evidence["state"], notice.evidence["done"], notice.email) == ("completed", 84, "pending")


def test_a_report_from_before_takes_nothing_back(importing: Importing) -> None:
    order = ask(fba())
    importing.rows(line(order))
    older = line(order, "Processing", last_updated_date="2024-03-22", shipped_quantity="10")
    report = importing.rows(older)
    assert (counts(report), progress(order)) == ((0, 0, 1, 0), ("completed", 84, 0))
    assert "rows older than what is known of their order, left out: 1 (line 2)" in report.notes


def test_an_order_cancelled_here_that_was_done_all_the_same_is_a_bad_row(importing: Importing) -> None:
    order = ask(fba())
    cancel_removal(removal_id=order.pk, by=None, at=ASKED + timedelta(hours=1))
    assert counts(importing.rows(line(order, "Pending"))) == (0, 0, 1, 0)
    problem = only_problem(importing.rows(line(order)))
    assert (problem.column, progress(order)) == ("order_status", ("cancelled", 0, 84))
    assert "the order is cancelled already, with 0 units done and 84 cancelled" in problem.message


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"order-id": ""}, "order_id", "give the removal order's number"),
        ({"sku": ""}, "sku", "give the seller's SKU"),
        ({"sku": "A2"}, "sku", "no seller has such a SKU here"),
        ({"order-type": "Gift"}, "order_type", "give Return or Disposal"),
        ({"order-type": "Disposal"}, "order_type", "the order is a Return to seller"),
        ({"order-status": "Lost"}, "order_status", "give Pending, Processing, Completed or Cancelled"),
        ({"requested-quantity": "0"}, "requested_quantity", "give a whole number from 1"),
        ({"requested-quantity": "40", "shipped-quantity": "4"}, "requested_quantity", "the order is of 84"),
        ({"shipped-quantity": "85"}, "requested_quantity", "more than that"),
        ({"shipped-quantity": "-1"}, "shipped_quantity", "give a whole number from 0"),
        ({"disposed-quantity": "some"}, "disposed_quantity", "give a whole number from 0"),
        ({"last-updated-date": "yesterday"}, "last_updated_date", "give a date such as"),
        ({"last-updated-date": ""}, "last_updated_date", "give the date of the order's last change"),
        ({"request-date": "1970-01-01"}, "request_date", "give a date from 1995"),
        ({"seller": "S9"}, "seller", "there is no such seller"),
        ({"marketplace": "CA"}, "marketplace", "this import is for US"),
    ],
)
def test_a_bad_row_is_reported_with_what_to_do_and_changes_nothing(
    importing: Importing, cells: dict[str, str], column: str, says: str
) -> None:
    order = ask(fba())
    # The columns that a report needs not have are in the file, and right.
    about = {"marketplace": "US", "seller": SELLER if "seller" in cells else ""}
    problem = only_problem(importing.rows({**line(order, **about), **cells}))
    assert (problem.column, progress(order)) == (column, ("requested", 0, 0))
    assert says in problem.message
    assert RemovalOrder.objects.count() == 1


def test_an_order_cancelled_while_its_report_is_read_is_a_bad_row(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its seller may do so between the reading of the orders and the move: the import goes on."""
    offer = fba()
    order, other = ask(offer), ask(offer, 10)
    read = removal_storing._orders

    def read_then_cancel(references: Iterable[str]) -> dict[str, removal_storing.Ours]:
        found = read(references)
        if RemovalOrder.objects.filter(pk=order.pk, state="requested").exists():
            cancel_removal(removal_id=order.pk, by=None, at=ASKED + timedelta(hours=1))
        return found

    monkeypatch.setattr(removal_storing, "_orders", read_then_cancel)
    second = line(other, requested_quantity="10", shipped_quantity="10")
    report = importing.rows(line(order), second)
    assert "the order is cancelled already" in only_problem(report).message
    assert (progress(order), progress(other)) == (("cancelled", 0, 84), ("completed", 10, 0))


def test_an_order_of_ours_is_not_taken_for_another_sku(importing: Importing) -> None:
    order = ask(fba())
    fba("B2")
    problem = only_problem(importing.rows(line(order, sku="B2")))
    assert "the order was asked for here, and is about SKU 'A1'" in problem.message
    assert RemovalOrder.objects.count() == 1


def test_of_an_order_with_a_bad_row_nothing_goes_in(importing: Importing) -> None:
    fba()
    rows = [line("zA9x"), line("zA9x", disposition="Unsellable", shipped_quantity="many")]
    report = importing.rows(*rows)
    assert counts(report) == (0, 0, 0, 2)
    assert [problem.column for problem in report.problems] == ["order_id", "shipped_quantity"]
    assert not RemovalOrder.objects.exists()


def test_an_order_of_two_kinds_is_refused(importing: Importing) -> None:
    fba()
    rows = [line("zA9x"), line("zA9x", disposition="Unsellable", order_type="Disposal")]
    assert counts(importing.rows(*rows)) == (0, 0, 0, 2)


def test_a_sku_of_several_sellers_needs_the_seller(importing: Importing) -> None:
    mine, other = fba(), fba(seller=SellerFactory(code="S2"))
    assert "several sellers have it" in only_problem(importing.rows(line("zA9x"))).message
    both = [{**line("zA9x"), "seller": "S2"}, {**line("zA9x"), "seller": SELLER}]
    assert counts(importing.rows(*both)) == (2, 0, 0, 0)
    assert [offer.removal_orders.count() for offer in (mine, other)] == [1, 1]
    # An order of ours says itself whose it is.
    order = ask(mine, 10)
    assert counts(importing.rows(line(order, requested_quantity="10", shipped_quantity="10"))) == (
        0,
        1,
        0,
        0,
    )


def test_another_marketplaces_offers_are_left_alone(importing: Importing) -> None:
    order = ask(fba(marketplace=MarketplaceFactory(code="CA")))
    assert only_problem(importing.rows(line(order))).column == "sku"
    assert progress(order) == ("requested", 0, 0)


def test_b7_an_order_goes_to_the_offer_in_whose_life_it_was_asked_for(importing: Importing) -> None:
    first = fba(status="LISTING_DELETED", deleted_on=A_DAY)
    second = fba(listed_on=A_DAY + timedelta(days=2))
    rows = [line("old", request_date="2024-03-10"), line("new")]
    assert counts(importing.rows(*rows)) == (2, 0, 0, 0)
    assert first.removal_orders.get().reference == "old"
    assert second.removal_orders.get().reference == "new"


def test_strictly_nothing_is_moved_when_a_row_is_bad(importing: Importing) -> None:
    order = ask(fba())
    importing.rows(line(order), line("zA9x", sku="A9"), strict=True)
    assert progress(order) == ("requested", 0, 0)
    assert not Notification.objects.exists()
