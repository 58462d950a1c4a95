"""The form of a new removal order, as a browser fills it in, and orders in a line each."""

from typing import Any

from offers.models import Offer, RemovalOrder
from offers.removal_actions import request_removal
from tests.pages.people import Person
from tests.pages.reading import Element, page

NEW = "/removals/new/"


def kettle() -> Offer:
    return Offer.objects.get(sku="A1")


def ask(quantity: int = 84, **fields: Any) -> RemovalOrder:
    values = {"kind": "return", "by": None, **fields}
    return request_removal(offer_id=kettle().pk, quantity=quantity, **values)


def cells(found: Element) -> list[list[str]]:
    return [[cell.text for cell in row.all("th") + row.all("td")] for row in found.one("tbody").all("tr")]


def form_of(who: Person, offer: Offer | None = None) -> dict[str, str]:
    """The fields of the form as a browser would send them, nothing typed yet."""
    answer = who.client.get(NEW, {"offer": (offer or kettle()).pk})
    fields = page(answer).one("main").all("input", type="hidden")
    return {field.attributes["name"]: field.attributes.get("value", "") for field in fields}


def send(who: Person, fields: dict[str, str], **typed: str) -> Any:
    return who.client.post(NEW, {**fields, "kind": "return", "quantity": "10", **typed})


def problems(answer: Any) -> list[str]:
    assert answer.status_code == 422
    found = page(answer)
    assert "<title>Error: " in answer.content.decode()
    return [item.text for item in found.one("div", "summary-err").all("li")]
