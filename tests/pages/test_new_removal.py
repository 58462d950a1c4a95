"""The form that asks for a removal order (D7)."""

import pytest
from django.urls import reverse

from health.models import Tile
from offers.lifecycle import Status
from offers.models import Fulfillment, Offer, RemovalOrder, Role
from tests.pages.people import member, owner
from tests.pages.reading import page
from tests.pages.removal_forms import NEW, ask, cells, form_of, kettle, problems, send
from tests.pages.shops import NIGHT, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """A kettle of which the marketplace has 184, and a lamp that its seller ships."""
    made = Shop()
    made.add(Tile.GOOD, sku="A1", title="Kettle", fulfillment=Fulfillment.MARKETPLACE.value, quantity=184)
    made.add(Tile.FAIR, sku="B2", title="Lamp", quantity=50)
    return made.counted()


def test_d7_a_form_asks_for_a_removal_order_and_leads_to_it(shop: Shop) -> None:
    who = member(shop.seller, Role.EDITOR)
    answer = send(who, form_of(who), quantity="84", kind="disposal", note=" Mouldy ")
    order = RemovalOrder.objects.get()
    assert answer.headers["Location"] == reverse("removal", args=[order.pk])
    assert (order.kind, order.quantity, order.note, order.by) == ("disposal", 84, "Mouldy", who.user)
    assert f"Removal order {order.reference} created." in who.client.get(answer.url).content.decode()


def test_d7_the_form_names_what_is_available_and_what_cannot_be_undone(shop: Shop) -> None:
    ask(12)
    found = page(owner(shop.seller).client.get(NEW, {"offer": kettle().pk})).one("form", novalidate="")
    assert "You can remove up to 172 units." in found.text
    assert "Can't be undone once processing starts." in found.text
    Offer.objects.update(quantity=None)
    assert "The stock of this offer is unknown" in page(
        owner(shop.seller).client.get(NEW, {"offer": kettle().pk})
    ).one("main").text  # fmt: skip


def test_d7_a_form_sent_twice_makes_one_order(shop: Shop) -> None:
    who = owner(shop.seller)
    fields = form_of(who)
    first, second = (send(who, fields, quantity="184") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert RemovalOrder.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "0", "-3", "some", "185", "1.5", "99999999999999999999"])
def test_d7_a_number_that_cannot_be_is_told_what_can(shop: Shop, typed: str) -> None:
    who = owner(shop.seller)
    answer = send(who, form_of(who), quantity=typed, note="Kept")
    assert problems(answer) == ["Units to remove: enter a number from 1 to 184"]
    found = page(answer)
    quantity = found.one("input", name="quantity").attributes
    assert (quantity.get("value", ""), quantity["aria-invalid"]) == (typed, "true")
    assert "Kept" in found.one("textarea").text
    assert not RemovalOrder.objects.exists()


def test_d7_without_a_kind_the_form_asks_for_one(shop: Shop) -> None:
    who = owner(shop.seller)
    answer = send(who, form_of(who), kind="gift")
    assert problems(answer) == ["Choose what should happen to these units"]
    link = page(answer).one("div", "summary-err").one("a").attributes["href"]
    assert page(answer).one("input", id=link.removeprefix("#")).attributes["type"] == "radio"


def test_ux6_stock_that_was_sold_meanwhile_is_named(shop: Shop) -> None:
    who = owner(shop.seller)
    fields = form_of(who)
    Offer.objects.filter(pk=kettle().pk).update(quantity=172)
    answer = send(who, fields, quantity="184")
    said = "12 units were sold since you started. You can remove up to 172"
    assert problems(answer) == [f"Units to remove: {said}"]
    again = {field.attributes["name"]: field.attributes.get("value", "")
             for field in page(answer).one("main").all("input", type="hidden")}  # fmt: skip
    assert (again["seen"], again["key"]) == ("172", fields["key"])
    assert send(who, again, quantity="172").status_code == 302


def test_ux6_a_made_up_stock_is_no_fault_of_the_page(shop: Shop) -> None:
    who = owner(shop.seller)
    answer = send(who, form_of(who), quantity="185", seen="9" * 5_000, stock="9" * 5_000)
    assert problems(answer) == ["Units to remove: enter a number from 1 to 184"]


def test_ux6_stock_that_a_colleague_reserved_meanwhile_is_not_called_sold(shop: Shop) -> None:
    who = owner(shop.seller)
    fields = form_of(who)
    ask(1)
    assert problems(send(who, fields, quantity="184")) == [
        "Units to remove: 1 unit was sold or reserved since you started. You can remove up to 183"
    ]


def test_d7_with_nothing_left_there_is_no_form(shop: Shop) -> None:
    who = owner(shop.seller)
    fields = form_of(who)
    ask(184)
    assert problems(send(who, fields)) == [
        "Units to remove: 184 units were sold or reserved since you started. No units are left to remove"
    ]
    found = page(who.client.get(NEW, {"offer": kettle().pk})).one("main")
    assert "No units are left to remove" in found.text
    assert found.all("form") == []


@pytest.mark.parametrize("deleted", [False, True])
def test_d7_an_offer_without_stock_there_neither_sees_the_form_nor_can_send_it(
    shop: Shop, *, deleted: bool
) -> None:
    who, lamp = owner(shop.seller), Offer.objects.get(sku="B2")
    fields = {**form_of(who), "offer": str(lamp.pk)}
    if deleted:
        fulfilled = {"fulfillment": Fulfillment.MARKETPLACE, "status": Status.LISTING_DELETED}
        Offer.objects.filter(pk=lamp.pk).update(deleted_on=NIGHT, **fulfilled)
    said = "This listing was deleted." if deleted else "You ship this offer yourself"
    for answer in (who.client.get(NEW, {"offer": lamp.pk}), send(who, fields)):
        found = page(answer).one("main")
        assert said in found.text
        assert found.all("form") == []
    assert answer.status_code == 422
    assert not RemovalOrder.objects.exists()


def test_without_an_offer_one_is_chosen_from_those_with_stock_at_the_marketplace(shop: Shop) -> None:
    for number in range(30):
        shop.add(sku=f"X{number:02}", fulfillment=Fulfillment.MARKETPLACE.value, quantity=0)
    shop.counted()
    ask(4)
    who = owner(shop.seller)
    first = page(who.client.get(NEW)).one("main")
    assert len(cells(first)) == 25
    assert cells(first)[0] == ["Kettle A1", "180", "Choose Kettle"]
    assert cells(first)[1][1:] == ["0", ""], "of nothing nothing can be removed"
    assert len(cells(page(who.client.get(NEW, {"page": 2})).one("main"))) == 6
    found = page(who.client.get(NEW, {"q": "kett"})).one("main")
    assert found.one("tbody").one("a", "btn").attributes["href"] == f"?offer={kettle().pk}"
    assert "No offers match “Lamp”" in page(who.client.get(NEW, {"q": "Lamp"})).one("main").text
