"""Removal orders as pages: the list, one order, asking for one, cancelling one (PRODUCT D7, F6)."""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from health.models import Tile
from offers.models import Fulfillment, RemovalOrder
from offers.removal_actions import cancel_removal, move_removal
from tests.case_factories import RemovalChangeFactory, RemovalOrderFactory
from tests.factories import SellerFactory
from tests.pages.people import Person, member, operator, owner, queries, stranger
from tests.pages.reading import Element, page
from tests.pages.removal_forms import NEW, ask, cells, kettle, send
from tests.pages.shops import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """A kettle of which the marketplace has 184, and a lamp that its seller ships."""
    made = Shop()
    made.add(Tile.GOOD, sku="A1", title="Kettle", fulfillment=Fulfillment.MARKETPLACE.value, quantity=184)
    made.add(Tile.FAIR, sku="B2", title="Lamp", quantity=50)
    return made.counted()


def move(order: RemovalOrder, to: str, **fields: Any) -> RemovalOrder:
    return move_removal(removal_id=order.pk, to=to, source="import", **fields)


def shown(who: Person, query: str = "") -> Element:
    answer = who.client.get(f"{reverse('removals')}?{query}")
    assert answer.status_code == 200
    return page(answer).one("main")


def test_d7_the_list_says_of_each_order_what_how_many_and_how_far(shop: Shop) -> None:
    first = ask(84, at=datetime(2026, 11, 2, 3, 0, tzinfo=UTC))
    second = ask(60, kind="disposal", at=datetime(2026, 11, 3, 15, 0, tzinfo=UTC))
    move(second, "completed", done=48, at=datetime(2026, 11, 9, 15, 0, tzinfo=UTC))
    rows = cells(shown(owner(shop.seller)))
    assert rows == [
        [second.reference, "Kettle A1", "60", "Disposal", "Partly completed: 48 of 60 done", "3 Nov 2026",
         "9 Nov 2026", "– None"],
        [first.reference, "Kettle A1", "84", "Return", "Requested", "1 Nov 2026", "– Not yet", "– None"],
    ]  # fmt: skip


def test_d7_views_gather_orders_and_count_them(shop: Shop) -> None:
    now, orders = timezone.now(), [ask(10) for _ in range(6)]
    move(orders[1], "processing", done=4)
    move(orders[2], "completed", done=9)
    move(orders[3], "completed")
    move(orders[4], "cancelled")
    cancel_removal(removal_id=orders[5].pk, by=None)
    old = ask(10)
    move(old, "completed", done=1, at=now)
    RemovalOrder.objects.filter(pk=old.pk).update(changed_at=now - timedelta(days=31))
    who = owner(shop.seller)
    views = [link.text for link in shown(who).one("nav", "views").all("a")]
    assert views == ["All 7", "In progress 2", "Needs attention 2", "Completed 3"]
    states = {row[4] for row in cells(shown(who, "view=attention"))}
    assert states == {"Partly completed: 9 of 10 done", "Cancelled by the marketplace"}
    assert {row[4] for row in cells(shown(who, "view=open"))} == {"Requested", "Processing: 4 of 10 done"}
    assert len(cells(shown(who, "view=completed"))) == 3
    assert len(cells(shown(who, "view=nonsense&page=x"))) == 7


def test_d7_the_list_comes_in_pages_and_as_a_file(shop: Shop) -> None:
    for number in range(27):
        RemovalOrderFactory(offer=kettle(), seller=shop.seller, reference=f"R-{number:02}", note="=cmd")
    who = owner(shop.seller)
    assert len(cells(shown(who))) == 25
    second = shown(who, "page=2")
    assert len(cells(second)) == 2
    assert "26–27 of 27 orders" in second.one("div", "pager").text
    answer: Any = who.client.get(reverse("removals-csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert (len(rows), rows[0]["Order"], rows[0]["SKU"], rows[0]["Note"]) == (27, "R-26", "A1", "'=cmd")


def test_without_any_order_the_page_says_what_they_are_for(shop: Shop) -> None:
    empty = shown(owner(shop.seller)).one("div", "empty")
    assert "There are no removal orders yet" in empty.text
    assert empty.one("a", "primary").attributes["href"] == NEW
    assert shown(member(shop.seller)).one("div", "empty").all("a") == [], "a viewer asks for none"


def test_an_order_shows_its_steps_with_who_and_when(shop: Shop) -> None:
    who = owner(shop.seller)
    order = ask(84, by=who.user, note="Batch 7\nof May", at=datetime(2026, 11, 2, 3, 0, tzinfo=UTC))
    move(order, "processing", done=50, at=datetime(2026, 11, 5, 15, 0, tzinfo=UTC))
    RemovalChangeFactory(order=order, state="completed", done=80, source="operator", at=timezone.now())
    found = page(who.client.get(reverse("removal", args=[order.pk]))).one("main")
    steps = [item.text for item in found.one("ol", "tl").all("li")]
    assert steps[0] == f"Requested 1 Nov 2026, 22:00 · {who.user.username}"
    assert steps[1] == "Processing: 50 of 84 done 5 Nov 2026, 10:00 · by import"
    assert steps[2].startswith("Partly completed: 80 of 84 done")
    assert steps[2].endswith("an operator")
    assert "Batch 7" in found.one("table", "facts").text
    assert "Units done 50" in found.one("table", "facts").text


def test_d7_cancelling_asks_once_and_gives_the_units_back(shop: Shop) -> None:
    order, who = ask(84), owner(shop.seller)
    address = reverse("removal-cancel", args=[order.pk])
    assert page(who.client.get(reverse("removal", args=[order.pk]))).one("main").all("a", href=address)
    question = page(who.client.get(address)).one("main")
    assert "84 units stay in stock and are available again at once." in question.text
    order.refresh_from_db()
    assert order.state == "requested"
    answer = who.client.post(address, follow=True)
    assert "Order cancelled. 84 units are available again." in answer.content.decode()
    order.refresh_from_db()
    assert order.state == "cancelled"


def test_d5_cancelling_too_late_or_twice_says_so_and_changes_nothing(shop: Shop) -> None:
    order, who = move(ask(84), "processing"), owner(shop.seller)
    address = reverse("removal-cancel", args=[order.pk])
    for method in (who.client.get, who.client.post):
        answer = method(address, follow=True)
        assert "This order can't be cancelled any more" in page(answer).text
        assert page(answer).one("main").all("a", href=address) == []
    order.refresh_from_db()
    assert order.state == "processing"


def addresses(order: RemovalOrder) -> dict[str, str]:
    return {
        "order": reverse("removal", args=[order.pk]),
        "cancel": reverse("removal-cancel", args=[order.pk]),
        "new": f"{NEW}?offer={order.offer_id}",
    }


def test_a3_a_strangers_order_is_not_there(shop: Shop) -> None:
    order, who = ask(), stranger()
    for address in addresses(order).values():
        assert who.client.get(address).status_code == 404
    assert who.client.post(addresses(order)["cancel"]).status_code == 404
    assert send(who, {"offer": str(order.offer_id), "key": "0" * 32}).status_code == 404
    assert order.reference not in shown(who).text
    assert "Kettle" not in page(who.client.get(NEW)).one("main").text
    assert RemovalOrder.objects.get().state == "requested"


def test_f6_viewers_read_orders_and_operators_read_everything_and_neither_acts(shop: Shop) -> None:
    order, viewer, reader = ask(), member(shop.seller), operator()
    reader.switch(shop.seller)
    there = addresses(order)
    assert [viewer.client.get(there[name]).status_code for name in ("order", "cancel", "new")] == [
        200,
        403,
        403,
    ]
    assert [reader.client.get(there[name]).status_code for name in ("order", "cancel", "new")] == [
        200,
        200,
        200,
    ]
    assert (viewer.client.get(NEW).status_code, reader.client.get(NEW).status_code) == (403, 200)
    for who in (viewer, reader):
        assert order.reference in shown(who).text
        assert shown(who).all("a", "primary") == []
        assert "Cancel order" not in page(who.client.get(there["order"])).text
        assert who.client.post(there["cancel"]).status_code == 403
        assert send(who, {"offer": str(order.offer_id), "key": "0" * 32}).status_code == 403
    for name in ("cancel", "new"):
        assert page(reader.client.get(there[name])).one("main").all("button") == []
    assert RemovalOrder.objects.count() == 1
    assert RemovalOrder.objects.get().state == "requested"


@pytest.mark.parametrize("offer", ["x", "999999999999999999", "-1", "99999999999999999999999"])
def test_an_offer_that_is_none_is_not_found(shop: Shop, offer: str) -> None:
    who = owner(shop.seller)
    assert who.client.get(NEW, {"offer": offer}).status_code == 404
    assert send(who, {"offer": offer}).status_code == 404


def test_somebody_without_a_seller_is_told_so(shop: Shop) -> None:
    who = Person(member(SellerFactory()).user)
    who.user.memberships.all().delete()
    assert [who.client.get(address).status_code for address in ("/removals/", NEW)] == [200, 200]
    assert who.client.get("/removals/export.csv").status_code == 404
    assert operator().client.get("/removals/").headers["Location"] == reverse("switch")


def test_pages_of_removal_orders_ask_the_database_little(shop: Shop) -> None:
    orders = RemovalOrderFactory.create_batch(40, offer=kettle(), seller=shop.seller, quantity=1)
    who = owner(shop.seller)
    for most, address in (
        (5, "/removals/?view=open&page=2"), (7, reverse("removal", args=[orders[0].pk])), (5, NEW),
        (9, f"{NEW}?offer={kettle().pk}"),
    ):  # fmt: skip
        asked = queries(lambda address=address: who.client.get(address))  # type: ignore[misc]
        assert len(asked) <= most, "\n".join(asked)


def test_a4_pages_of_removal_orders_speak_french(shop: Shop) -> None:
    order, who, french = ask(84), owner(shop.seller), {"accept-language": "fr-CA"}
    move(order, "completed", done=80)
    found = page(who.client.get("/removals/", headers=french)).one("main")
    assert cells(found)[0][3:5] == ["Retour", "Terminé en partie : 80 sur 84"]
    answer = who.client.post(NEW, {"offer": kettle().pk, "key": "0" * 32, "kind": "return"}, headers=french)
    assert "Unités à retirer: entrez un nombre de 1 à 104" in page(answer).one("div", "summary-err").text
