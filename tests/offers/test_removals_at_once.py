"""Two who ask for the same units at the same moment, on two connections (PRODUCT D5, D7)."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from health.models import Notification
from health.removal_notices import move_and_tell
from offers.models import Fulfillment, Offer, RemovalChange, RemovalKind, RemovalOrder, RemovalState
from offers.removal_actions import RemovalRefused, cancel_removal, move_removal, request_removal
from offers.removals import available_units
from tests.case_factories import RemovalOrderFactory
from tests.factories import OfferFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        os.environ.get("VOCDASH_TEST_DB") != "postgres", reason="SQLite has one writer at a time by itself"
    ),
]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned, or its refusal; all of them begin at the same moment."""
    ready = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            ready.wait(timeout=20)
            return call()
        except RemovalRefused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def ask(offer: Offer, quantity: int, form_key: str = "") -> RemovalOrder:
    return request_removal(
        offer_id=offer.pk, kind=RemovalKind.RETURN, quantity=quantity, by=None, form_key=form_key
    )


@pytest.fixture
def offer() -> Offer:
    return OfferFactory(fulfillment=Fulfillment.MARKETPLACE, quantity=100)


def test_d7_two_who_ask_for_the_same_units_do_not_both_get_them(offer: Offer) -> None:
    results = at_once(*[lambda: ask(offer, 60)] * 4)
    assert results.count("too_many") == 3
    assert RemovalOrder.objects.count() == RemovalChange.objects.count() == 1
    assert available_units(offer) == 40


def test_d7_a_form_sent_twice_at_once_makes_one_order(offer: Offer) -> None:
    results = at_once(*[lambda: ask(offer, 30, "one-form")] * 4)
    assert {order.pk for order in results} == {RemovalOrder.objects.get().pk}
    assert available_units(offer) == 70


def test_d7_cancelling_and_beginning_at_once_one_of_them_happens(offer: Offer) -> None:
    for number in range(5):
        order = RemovalOrderFactory(offer=offer, reference=f"RO-{number}")
        results = at_once(
            lambda order=order: cancel_removal(removal_id=order.pk, by=None),  # type: ignore[misc]
            lambda order=order: move_removal(removal_id=order.pk, to="processing", source="operator"),  # type: ignore[misc]
        )
        order.refresh_from_db()
        refused = [result for result in results if isinstance(result, str)]
        assert refused == (["ended"] if order.state == RemovalState.CANCELLED else ["too_late"])
        assert order.changes.count() == 1


def test_d7_a_form_of_an_operator_sent_twice_at_once_tells_the_seller_once(offer: Offer) -> None:
    operator = UserFactory(is_staff=True)
    for number in range(1, 6):
        order = RemovalOrderFactory(offer=offer, reference=f"RO-{number}")
        at_once(*[lambda order=order: move_and_tell(removal_id=order.pk, to="completed", by=operator)] * 2)  # type: ignore[misc]
        assert Notification.objects.count() == number
