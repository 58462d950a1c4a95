"""Which order, and which offer, an imported event belongs to (FORMATS, E3, B7, C5)."""

from datetime import date
from pathlib import Path

import pytest

from feedback.actions import attach_waiting
from feedback.models import FeedbackEvent
from feedback.selectors import waiting
from offers.models import Offer
from tests.factories import OrderLineFactory
from tests.importing import Importing, counts, event, offer, only_problem, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    """Seller S1 has A1, A2 and A3; order O1 has A1, order O2 has A1 and A2."""
    importing = Importing(tmp_path)
    importing.rows(offer("A1"), offer("A2"), offer("A3"))
    importing.rows(order("O1"), order("O2"), order("O2", "A2"))
    return importing


def only_event() -> FeedbackEvent:
    return FeedbackEvent.objects.get()


def test_an_event_without_sku_is_attached_when_its_order_has_one_line(importing: Importing) -> None:
    importing.rows(event(sku=""))
    made = only_event()
    assert made.offer is not None
    assert (made.offer.sku, made.sku) == ("A1", "")


def test_an_event_without_sku_on_an_order_with_several_lines_is_a_bad_row_that_names_them(
    importing: Importing,
) -> None:
    report = importing.rows(event(order_id="O2", sku=""), event("E2"))
    assert counts(report) == (1, 0, 0, 1)
    assert "A1, A2" in only_problem(report).message
    assert only_problem(report).column == "sku"


def test_an_event_with_sku_on_an_order_with_several_lines_is_attached_to_its_own(
    importing: Importing,
) -> None:
    importing.rows(event(order_id="O2", sku="A2"))
    line = only_event().order_line
    assert line is not None
    assert line.offer.sku == "A2"


@pytest.mark.parametrize(("order_id", "sku"), [("O9", ""), ("O9", "A1"), ("O1", "A3")])
def test_an_event_whose_order_or_line_is_not_there_yet_waits_and_is_counted_on_the_report(
    importing: Importing, order_id: str, sku: str
) -> None:
    report = importing.rows(event(order_id=order_id, sku=sku, reason="DEFECTIVE"), event("E2"))
    assert (counts(report), report.waiting) == ((2, 0, 0, 0), 1)
    assert "events that wait for their order: 1" in report.notes
    made = FeedbackEvent.objects.get(event_id="E1")
    assert (made.order_line, made.offer, made.foreign_order) == (None, None, False)
    assert list(waiting(importing.marketplace)) == [made]


@pytest.mark.parametrize(
    ("order_id", "sku", "line_sku"), [("O9", "", "A2"), ("O9", "A1", "A1"), ("O1", "A3", "A3")]
)
def test_e3_a_waiting_event_is_attached_when_its_order_arrives(
    importing: Importing, order_id: str, sku: str, line_sku: str
) -> None:
    importing.rows(event(order_id=order_id, sku=sku))
    report = importing.rows(order(order_id, line_sku))
    assert "events that had waited and found their order: 1" in report.notes
    line = only_event().order_line
    assert line is not None
    assert (line.order_ref, line.offer.sku, only_event().offer) == (order_id, line_sku, line.offer)
    assert importing.rows(event(order_id=order_id, sku=sku)).waiting == 0


def test_an_event_without_sku_whose_order_comes_with_several_lines_goes_on_waiting(
    importing: Importing,
) -> None:
    importing.rows(event(order_id="O9", sku=""))
    importing.rows(order("O9"), order("O9", "A2"))
    assert only_event().order_line is None
    assert attach_waiting(importing.marketplace) == 0


def test_an_unknown_sku_is_a_bad_row_that_names_the_nearest(importing: Importing) -> None:
    importing.rows(offer("KETTLE-1"))
    report = importing.rows(event(sku="KETTEL-1"))
    assert "nearest known SKU of this seller is 'KETTLE-1'" in only_problem(report).message


def test_an_attached_event_stays_when_a_further_line_arrives(importing: Importing) -> None:
    importing.rows(event(sku=""))
    importing.rows(order("O1", "A2"))
    line = only_event().order_line
    assert line is not None
    assert line.offer.sku == "A1"
    assert counts(importing.rows(event(sku=""))) == (0, 0, 1, 0)
    assert counts(importing.rows(event(sku="", comment="more"))) == (0, 1, 0, 0)
    assert only_event().order_line == line


def test_an_event_whose_order_number_is_corrected_moves(importing: Importing) -> None:
    importing.rows(event(order_id="O9"))
    importing.rows(event(order_id="O1"))
    line = only_event().order_line
    assert line is not None
    assert line.order_ref == "O1"


def test_an_event_dated_before_its_order_is_kept_and_noted(importing: Importing) -> None:
    report = importing.rows(event(occurred_at="2024-03-09"), event("E2", occurred_at="2024-03-10"))
    assert counts(report) == (2, 0, 0, 0)
    assert "events dated before their order, kept: 1 (line 2)" in report.notes
    assert FeedbackEvent.objects.get(event_id="E1").notes == ["before_order"]
    assert FeedbackEvent.objects.get(event_id="E2").notes == []


def test_a_waiting_event_dated_before_the_order_that_arrives_is_noted_too(importing: Importing) -> None:
    importing.rows(event(order_id="O9"))
    importing.rows(order("O9", ordered_at="2024-04-01"))
    assert only_event().notes == ["before_order"]


def test_b7_events_go_to_the_offer_in_whose_life_the_orders_date_falls(importing: Importing) -> None:
    importing.rows(offer("C1", deleted_on="2023-06-30"), offer("C1", listed_on="2023-09-01"))
    importing.rows(order("P1", "C1", "2023-05-01"), order("P2", "C1", "2023-10-01"))
    importing.rows(event("E1", "P1", sku="C1"), event("E2", "P2", sku="C1"))
    old, new = Offer.objects.filter(sku="C1").order_by("pk")
    assert FeedbackEvent.objects.get(event_id="E1").offer == old
    assert FeedbackEvent.objects.get(event_id="E2").offer == new
    importing.rows(order("P1", "C1", "2023-11-01"))
    assert FeedbackEvent.objects.get(event_id="E1").offer == new


def test_of_two_lives_with_the_same_order_an_event_belongs_to_the_newest_not_younger_than_it(
    importing: Importing,
) -> None:
    importing.rows(offer("C1", deleted_on="2023-06-30"), offer("C1", listed_on="2023-09-01"))
    old, new = Offer.objects.filter(sku="C1").order_by("pk")
    OrderLineFactory(offer=old, order_ref="P1", ordered_on=date(2023, 5, 1))
    OrderLineFactory(offer=new, order_ref="P1", ordered_on=date(2023, 10, 1))
    importing.rows(
        event("E1", "P1", sku="C1", occurred_at="2023-07-01"),
        event("E2", "P1", sku="C1", occurred_at="2023-10-01"),
    )
    assert FeedbackEvent.objects.get(event_id="E1").offer == old
    assert FeedbackEvent.objects.get(event_id="E2").offer == new


@pytest.fixture
def barcode(importing: Importing) -> Importing:
    """Seller S2 sells the product of S1's manufacturer-barcode offer M1, by order O5."""
    importing.rows(
        offer("M1", product_id="P1", manufacturer_barcode="true"),
        offer("N1", product_id="P2"),
        offer("B1", seller="S2", product_id="P1"),
        offer("B2", seller="S2", product_id="P2"),
    )
    importing.rows(order("O5", "B1", seller="S2"), order("O6", "B2", seller="S2"))
    return importing


@pytest.mark.parametrize("sku", ["M1", ""])
def test_c5_an_event_on_another_sellers_order_is_attached_to_the_barcode_offer_without_a_line(
    barcode: Importing, sku: str
) -> None:
    report = barcode.rows(event(order_id="O5", sku=sku, reason="DEFECTIVE"))
    made = only_event()
    assert made.offer is not None
    assert (made.offer.sku, made.order_line, made.foreign_order) == ("M1", None, True)
    assert report.waiting == 0


def test_c5_without_the_manufacturer_barcode_such_an_event_waits(barcode: Importing) -> None:
    assert barcode.rows(event(order_id="O6", sku="N1")).waiting == 1
    assert only_event().offer is None


def test_c5_another_sellers_order_of_another_product_is_waited_for(barcode: Importing) -> None:
    assert barcode.rows(event(order_id="O6", sku="M1")).waiting == 1


def test_c5_an_order_of_ones_own_is_no_foreign_order(barcode: Importing) -> None:
    barcode.rows(order("O5", "M1"))
    barcode.rows(event(order_id="O5", sku="M1"))
    assert (only_event().foreign_order, only_event().order_line is None) == (False, False)


def test_c5_the_foreign_order_may_arrive_after_the_event_and_ones_own_after_that(barcode: Importing) -> None:
    barcode.rows(event(order_id="O7", sku="M1"))
    barcode.rows(order("O7", "B1", seller="S2"))
    assert only_event().foreign_order
    assert attach_waiting(barcode.marketplace) == 0
    barcode.rows(order("O7", "M1"))
    assert (only_event().foreign_order, only_event().order_line is None) == (False, False)
