"""Every way in refuses orders for a closed offer (PRODUCT D2): there is one way in, and it refuses."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import call_command

from offers.actions import move
from offers.lifecycle import Move
from offers.models import Offer, OrderLine
from tests.architecture.code import ROOT, files
from tests.importing import Importing, as_csv, counts, offer, order
from tests.operators import operator, page_of

pytestmark = pytest.mark.django_db
CLOSED = datetime(2024, 3, 5, 8, tzinfo=UTC)
# Whatever makes a row of OrderLine, by whichever name.
MAKES_LINES = re.compile(
    r"bulk\.(insert|upsert)(_arrays)?\(\s*OrderLine\b"
    r"|OrderLine\.objects\.(create|bulk_create|get_or_create|update_or_create)\("
    r"|[^\w]OrderLine\((?!models)"
    r"|order_lines\.(create|add|bulk_create|get_or_create|update_or_create)\("
    r"|INSERT INTO offers_orderline",
    re.IGNORECASE,
)


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    """A1 is closed, A2 is open."""
    importing = Importing(tmp_path)
    importing.rows(offer("A1"), offer("A2"))
    move(offer_id=Offer.objects.get(sku="A1").pk, made=Move.CLOSE, at=CLOSED, on=CLOSED.date())
    return importing


def makers() -> set[str]:
    """The files that make order lines."""
    return {
        str(path.relative_to(ROOT))
        for path in files()
        if MAKES_LINES.search(path.read_text(encoding="utf-8").replace("class OrderLine(", "class _("))
    }


def test_d2_order_lines_are_made_in_one_place() -> None:
    assert makers() == {"offers/importers/order_storing.py"}


@pytest.mark.parametrize(
    "code",
    [
        "bulk.insert(\n    OrderLine, [])",
        "OrderLine.objects.create(offer=offer)",
        "line = OrderLine(offer=offer)",
        "offer.order_lines.create(order_ref='1')",
        'cursor.execute("INSERT INTO offers_orderline VALUES (1)")',
    ],
)
def test_another_place_would_be_found(code: str) -> None:
    assert MAKES_LINES.search(code)


def test_d2_that_place_refuses_them_whichever_way_they_come(importing: Importing) -> None:
    rows = [order("O1", "A1"), order("O2", "A2"), order("O3", "A1", "2024-03-01")]
    assert counts(importing.rows(*rows)) == (2, 0, 0, 1)
    assert set(OrderLine.objects.values_list("order_ref", flat=True)) == {"O2", "O3"}
    # Together with other files, sent again, and by the command.
    together = importing(importing.write("offers.csv", [offer("A1")]), importing.write("orders.csv", rows))
    assert counts(together[1]) == (0, 0, 2, 1)
    path = importing.write("again.csv", as_csv([order("O4", "A1"), order("O5", "A2")]))
    call_command("import_data", "--marketplace", "US", str(path))
    assert set(OrderLine.objects.values_list("order_ref", flat=True)) == {"O2", "O3", "O5"}


def test_d2_the_admin_makes_no_order_lines_and_changes_none(importing: Importing) -> None:
    importing.rows(order("O2", "A2"))
    client, line = operator(), OrderLine.objects.get()
    assert client.get(page_of(OrderLine, "add")).status_code == 403
    closed = Offer.objects.get(sku="A1")
    fields = {
        "offer": closed.pk,
        "order_ref": "O9",
        "ordered_on": "2024-03-10",
        "quantity": 1,
        "status": "shipped",
    }
    assert client.post(page_of(OrderLine, "add"), fields).status_code == 403
    assert client.post(page_of(OrderLine, "change", line.pk), fields).status_code == 403
    assert OrderLine.objects.get().offer_id == line.offer_id
    for registered in admin.site._registry.values():
        inlines = {inline.model for inline in registered.inlines}
        assert OrderLine not in inlines
