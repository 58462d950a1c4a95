"""Removal orders: what they reserve, who may cancel them, and how they move (PRODUCT D7)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from offers.lifecycle import Status
from offers.models import Fulfillment, Offer, RemovalChange, RemovalKind, RemovalOrder, RemovalState
from offers.removal_actions import (
    RemovalRefused,
    cancel_removal,
    move_removal,
    record_removal,
    request_removal,
)
from offers.removals import available_units, removals_of, reserved_units
from tests.factories import A_DAY, A_MOMENT, OfferFactory, UserFactory

pytestmark = pytest.mark.django_db
OPERATOR = RemovalChange.Source.OPERATOR
REQUESTED, PROCESSING, COMPLETED, CANCELLED = RemovalState


def fba(**fields: object) -> Offer:
    return OfferFactory(**{"fulfillment": Fulfillment.MARKETPLACE, "quantity": 184, **fields})


def ask(offer: Offer, quantity: int = 84, **fields: object) -> RemovalOrder:
    values = {"kind": RemovalKind.RETURN, "by": None, **fields}
    return request_removal(offer_id=offer.pk, quantity=quantity, **values)  # type: ignore[arg-type]


def go(order: RemovalOrder, to: str, **fields: object) -> RemovalOrder:
    return move_removal(removal_id=order.pk, to=to, source=OPERATOR, **fields)  # type: ignore[arg-type]


def stock(offer: Offer) -> tuple[int | None, int | None]:
    """(the stock, what of it can be asked for)."""
    offer.refresh_from_db()
    return offer.quantity, available_units(offer)


def steps(order: RemovalOrder) -> list[tuple[str, int, int, str]]:
    rows = order.changes.order_by("pk")
    return list(rows.values_list("state", "done", "cancelled", "source"))


def test_d7_requested_units_are_reserved_at_once() -> None:
    offer, person = fba(), UserFactory()
    order = ask(offer, 84, kind=RemovalKind.DISPOSAL, by=person, note=" Mouldy. ", at=A_MOMENT)
    assert stock(offer) == (184, 100)
    assert (order.state, order.kind, order.by, order.note) == (REQUESTED, "disposal", person, "Mouldy.")
    assert order.reference == f"RO-20240315-{order.pk:04d}"  # the date in New York
    assert order.seller_id == offer.seller_id
    assert steps(order) == [(REQUESTED, 0, 0, "seller")]
    assert list(removals_of(offer.seller_id)) == [order]


@pytest.mark.parametrize(("asked", "code"), [(0, "not_positive"), (-1, "not_positive"), (101, "too_many")])
def test_d7_never_more_than_the_stock(asked: int, code: str) -> None:
    offer = fba()
    ask(offer, 84)
    with pytest.raises(RemovalRefused) as refused:
        ask(offer, asked)
    assert refused.value.code == code
    assert stock(offer) == (184, 100)
    assert refused.value.available == (100 if code == "too_many" else None)


def test_d7_with_nothing_left_nothing_can_be_asked_for() -> None:
    offer = fba(quantity=5)
    ask(offer, 5)
    with pytest.raises(RemovalRefused) as refused:
        ask(offer, 1)
    assert (refused.value.code, refused.value.available) == ("none_left", 0)


def test_d7_of_an_unknown_stock_any_number_may_be_asked_for() -> None:
    offer = fba(quantity=None)
    order = ask(offer, 1_000_000, note="All that is left.")
    assert stock(offer) == (None, None)
    go(order, COMPLETED)
    assert stock(offer) == (None, None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"fulfillment": Fulfillment.SELLER}, "seller_fulfilled"),
        ({"status": Status.LISTING_DELETED, "deleted_on": A_DAY}, "deleted"),
    ],
)
def test_d7_an_offer_without_stock_at_the_marketplace_has_no_removals(
    fields: dict[str, object], code: str
) -> None:
    with pytest.raises(RemovalRefused) as refused:
        ask(fba(**fields))
    assert refused.value.code == code
    assert not RemovalOrder.objects.exists()


def test_d7_a_form_sent_twice_makes_one_order_and_another_form_a_second() -> None:
    offer = fba()
    first = ask(offer, 100, form_key="f1")
    assert ask(offer, 100, form_key="f1") == first
    assert ask(offer, 84, form_key="f2") != first
    assert ask(fba(), 84, form_key="f1") != first
    assert stock(offer) == (184, 0)
    assert RemovalChange.objects.filter(order=first).count() == 1


def test_d7_an_order_can_be_cancelled_until_the_marketplace_begins() -> None:
    offer, person = fba(), UserFactory()
    order = ask(offer)
    cancelled = cancel_removal(removal_id=order.pk, by=person, at=A_MOMENT)
    assert (cancelled.state, cancelled.cancelled) == (CANCELLED, 84)
    assert stock(offer) == (184, 184)
    assert steps(order)[-1] == (CANCELLED, 0, 84, "seller")
    assert order.changes.get(state=CANCELLED).by == person


@pytest.mark.parametrize("state", [PROCESSING, COMPLETED, CANCELLED])
def test_d7_afterwards_cancelling_is_refused_and_changes_nothing(state: str) -> None:
    offer = fba()
    order = go(ask(offer), state)
    with pytest.raises(RemovalRefused) as refused:
        cancel_removal(removal_id=order.pk, by=None)
    order.refresh_from_db()
    assert (refused.value.code, refused.value.state, order.state) == ("too_late", state, state)
    assert len(steps(order)) == 2


def test_units_that_left_leave_the_stock_step_by_step_and_only_once() -> None:
    offer = fba()
    order = ask(offer)
    go(order, PROCESSING)
    assert stock(offer) == (184, 100)
    go(order, PROCESSING, done=50)
    assert stock(offer) == (134, 100)
    go(order, PROCESSING, done=50)
    go(order, COMPLETED, done=80)
    assert stock(offer) == (104, 104)
    go(order, COMPLETED, done=80)
    assert stock(offer) == (104, 104)
    assert [step[:3] for step in steps(order)] == [
        (REQUESTED, 0, 0),
        (PROCESSING, 0, 0),
        (PROCESSING, 50, 0),
        (COMPLETED, 80, 4),
    ]


def test_units_that_had_left_before_the_stock_was_told_are_not_taken_twice() -> None:
    left = timezone.now()
    offer = fba(quantity=100, quantity_at=left + timedelta(hours=1))
    go(ask(offer), COMPLETED, at=left)
    assert stock(offer) == (100, 100)


def test_units_that_left_after_the_stock_was_told_are_taken_from_it() -> None:
    left = timezone.now()
    offer = fba(quantity_at=left - timedelta(hours=1))
    go(ask(offer), COMPLETED, at=left)
    assert stock(offer) == (100, 100)


def test_the_stock_never_falls_below_nothing() -> None:
    offer = fba()
    order = ask(offer)
    Offer.objects.filter(pk=offer.pk).update(quantity=30)
    assert stock(offer) == (30, 0)
    go(order, COMPLETED)
    assert stock(offer) == (0, 0)


@pytest.mark.parametrize(
    ("before", "to", "numbers", "code"),
    [
        ((PROCESSING, {}), REQUESTED, {}, "backwards"),
        ((PROCESSING, {"done": 10}), PROCESSING, {"done": 9}, "backwards"),
        ((PROCESSING, {"cancelled": 10}), COMPLETED, {"cancelled": 9}, "backwards"),
        ((PROCESSING, {"done": 10}), CANCELLED, {}, "partly_done"),
        ((COMPLETED, {}), PROCESSING, {}, "ended"),
        ((COMPLETED, {}), CANCELLED, {}, "ended"),
        ((CANCELLED, {}), COMPLETED, {}, "ended"),
        ((REQUESTED, {}), COMPLETED, {"done": 0}, "nothing_done"),
        ((REQUESTED, {}), COMPLETED, {"done": 80, "cancelled": 3}, "not_adding_up"),
        ((REQUESTED, {}), PROCESSING, {"done": 80, "cancelled": 5}, "not_adding_up"),
        ((REQUESTED, {}), COMPLETED, {"done": 85}, "not_adding_up"),
    ],
)
def test_d7_what_is_no_way_forward_is_refused(
    before: tuple[str, dict[str, int]], to: str, numbers: dict[str, int], code: str
) -> None:
    offer = fba()
    order = go(ask(offer), before[0], **before[1])
    count, kept = len(steps(order)), stock(offer)
    with pytest.raises(RemovalRefused) as refused:
        go(order, to, **numbers)
    assert (refused.value.code, len(steps(order)), stock(offer)) == (code, count, kept)


def test_an_order_that_a_report_names_is_kept_whatever_we_think_of_the_stock() -> None:
    offer = fba(quantity=3)
    order = record_removal(offer_id=offer.pk, reference="X-1", kind="return", quantity=9, at=A_MOMENT)
    assert (order.by, order.state, order.requested_at) == (None, REQUESTED, A_MOMENT)
    assert steps(order) == [(REQUESTED, 0, 0, "import")]
    assert stock(offer) == (3, 0)
    assert reserved_units([offer.pk, fba().pk]) == {offer.pk: 9}
