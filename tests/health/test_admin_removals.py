"""Operators move removal orders on, by the same verbs as everybody (PRODUCT D7, F1)."""

import pytest
from django.contrib.admin.models import LogEntry

from health.models import Notification
from offers.models import Fulfillment, RemovalChange, RemovalOrder
from offers.removal_actions import request_removal
from offers.removals import available_units
from tests.factories import OfferFactory
from tests.operators import act, operator, page_of, queries_of, said, staff, sure

pytestmark = pytest.mark.django_db


def an_order(quantity: int = 84) -> RemovalOrder:
    offer = OfferFactory(fulfillment=Fulfillment.MARKETPLACE, quantity=184)
    return request_removal(offer_id=offer.pk, kind="return", quantity=quantity, by=None)


def progress(order: RemovalOrder) -> tuple[str, int, int]:
    order.refresh_from_db()
    return order.state, order.done, order.cancelled


def test_d7_an_operator_says_how_far_an_order_is_after_being_asked() -> None:
    order, client = an_order(), operator()
    page = act(client, "process", order).content.decode()
    assert "84 units, 0 done, 0 cancelled" in page
    assert "Units done so far, of each order" in page
    assert progress(order) == ("requested", 0, 0)
    act(client, "process", order, done="50")
    assert progress(order) == ("processing", 50, 0)
    order.offer.refresh_from_db()
    assert (order.offer.quantity, available_units(order.offer)) == (134, 100)
    change = order.changes.get(state="processing")
    assert (change.source, change.by) == (RemovalChange.Source.OPERATOR, LogEntry.objects.get().user)
    assert not Notification.objects.exists()


def test_d7_completing_tells_the_seller() -> None:
    first, second, client = an_order(), an_order(10), operator()
    answer = act(client, "complete", first, second, done="")
    assert said(answer) == "Complete these orders: done for 2."
    assert [progress(order) for order in (first, second)] == [("completed", 84, 0), ("completed", 10, 0)]
    notices = Notification.objects.order_by("pk")
    assert {(one.kind, one.evidence["state"], one.email) for one in notices} == {
        ("removal", "completed", "pending")
    }
    assert {one.evidence["reference"] for one in notices} == {first.reference, second.reference}


def test_d7_cancelling_gives_the_units_back_and_tells_the_seller() -> None:
    order, client = an_order(), operator()
    sure(client, "cancel_orders", order)
    assert progress(order) == ("cancelled", 0, 84)
    assert available_units(order.offer) == 184
    assert Notification.objects.get().evidence["state"] == "cancelled"


def test_d7_what_is_no_way_forward_is_told_and_the_others_go_on() -> None:
    small, large, client = an_order(10), an_order(84), operator()
    answer = act(client, "complete", small, large, done="50")
    assert "Units done and cancelled must add up" in said(answer)
    assert (progress(small), progress(large)) == (("requested", 0, 0), ("completed", 50, 34))
    assert "The order has ended." in said(act(client, "process", large, done="50"))
    assert "Ensure this value" in act(client, "process", small, done="-1").content.decode()
    assert Notification.objects.count() == 1


def test_f1_whoever_may_look_may_not_move() -> None:
    order, client = an_order(), staff("offers.view_removalorder")
    assert "Complete…" not in client.get(page_of(RemovalOrder, "changelist")).content.decode()
    act(client, "complete", order, done="")
    assert progress(order) == ("requested", 0, 0)
    act(staff("offers.view_removalorder", "offers.change_removalorder"), "complete", order, done="")
    assert progress(order) == ("completed", 84, 0)


def test_f1_the_list_takes_few_queries_however_many_orders() -> None:
    client = operator()
    an_order()
    few = len(queries_of(client, page_of(RemovalOrder, "changelist")))
    for _ in range(4):
        an_order()
    assert len(queries_of(client, page_of(RemovalOrder, "changelist"))) == few
