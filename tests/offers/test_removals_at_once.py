"""Two who ask for the same units at the same moment, on two connections (PRODUCT D5, D7)."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from health.models import Notification
from health.removal_notices import move_and_tell
from offers.models import Fulfillment, Offer, RemovalChange, RemovalKind, RemovalOrder, RemovalState
from offers.removal_actions import RemovalRefused, cancel_removal, move_removal, request_removal
from offers.removals import available_units
from tests.case_factories import RemovalOrderFactory
from tests.factories import OfferFactory, SellerFactory, UserFactory
from tests.importing import SELLER, Importing, counts

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
        at_once(*[lambda order=order: move_and_tell(removal_id=order.pk, to="completed", by=operator)] * 2)
        assert Notification.objects.count() == number


def test_d7_a_report_and_a_night_that_hold_the_same_offers_wait_and_never_block_each_other(
    tmp_path: Path,
) -> None:
    """The night closes by id; the report is in any order."""
    seller = SellerFactory(code=SELLER)
    stock = {"seller": seller, "fulfillment": Fulfillment.MARKETPLACE, "quantity": 100}
    offers = [OfferFactory(sku=sku, **stock) for sku in ("A1", "A2")]
    rows = [
        {
            "order-id": ask(one, 10).reference,
            "order-type": "Return",
            "order-status": "Processing",
            "last-updated-date": timezone.now().isoformat(),
            "sku": one.sku,
            "requested-quantity": "10",
        }
        for one in offers[::-1]
    ]
    first_is_held = Event()

    def night() -> str:
        with transaction.atomic():
            Offer.objects.select_for_update().get(pk=offers[0].pk)
            first_is_held.set()
            sleep(1.5)  # the report comes as far as it can
            Offer.objects.select_for_update().get(pk=offers[1].pk)
        return "closed"

    def report() -> str:
        first_is_held.wait(timeout=20)
        return str(counts(Importing(tmp_path).rows(*rows)))

    assert at_once(night, report) == ["closed", str((0, 2, 0, 0))]
    assert set(RemovalOrder.objects.values_list("state", flat=True)) == {RemovalState.PROCESSING}
