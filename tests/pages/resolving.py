"""A seller who resolves a closed offer through the pages: forms are sent as the pages show them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from health.models import ResolutionCase
from offers.listing_actions import content_of
from offers.models import Offer
from tests.factories import ListingRevisionFactory
from tests.health import closed_offers
from tests.pages.people import Person, owner
from tests.pages.reading import Element, page

NOON = closed_offers.NOON
"""Noon of the day after the closure."""
REMEDY = "We changed the supplier of the lid and check every unit now."


def listed(**fields: Any) -> dict[str, Any]:
    """A listing with something in every field that can be edited."""
    return {
        "title": "Gooseneck kettle, 1.7 L, black",
        "brand": "Northlight",
        "description": "Boils fast.",
        "bullets": ["Fast", "Leak-free locking lid"],
        "attributes": {"Size": "1.7 L", "Color": "black"},
        "image_url": "demo:kettle",
        **fields,
    }


def closed_offer(**fields: Any) -> Offer:
    """A closed offer with a listing: five customers complain of its lid, three of what the page says."""
    return _with_revision(closed_offers.closed_offer(**listed(**fields)))


def at_risk_offer(**fields: Any) -> Offer:
    """The same while it is open and shown Very poor."""
    return _with_revision(closed_offers.at_risk_offer(**listed(**fields)))


def _with_revision(offer: Offer) -> Offer:
    ListingRevisionFactory(offer=offer, content=content_of(offer), at=datetime(2023, 12, 1, tzinfo=UTC))
    return offer


@dataclass
class Seller:
    """Somebody at the keyboard, with the offer that they resolve."""

    offer: Offer
    who: Person
    answers: list[Any] = field(default_factory=list)

    def address(self, step: str) -> str:
        """Where a step is."""
        return reverse(f"resolve-{step}", args=[self.offer.pk])

    def get(self, step: str) -> Any:
        """The answer to a step's address."""
        return self.who.client.get(self.address(step))

    def read(self, step: str, status: int = 200) -> Element:
        """The page of a step."""
        answer = self.get(step)
        assert answer.status_code == status, (answer.status_code, answer.headers.get("Location"))
        return page(answer)

    def send(self, step: str, /, root: Element | None = None, **fields: Any) -> Any:
        """Send the form of a step as it is shown, with these fields changed; None takes one out."""
        values = form_values(root or self.read(step))
        values.update(fields)
        sent = {name: value for name, value in values.items() if value is not None}
        return self.who.client.post(self.address(step), sent)

    def review(self) -> Any:
        """Tick every theme."""
        root = self.read("review")
        keys = [box.attributes["value"] for box in root.all("input", name="read")]
        return self.send("review", root, read=keys)

    def fix(self, **fields: Any) -> Any:
        """Edit the title, unless told otherwise."""
        return self.send("fix", **{"fix": ["listing"], "title": "Gooseneck kettle, 1.2 L, black", **fields})

    def confirm(self, **fields: Any) -> Any:
        """Tick both statements and send."""
        return self.send("confirm", **{"attest": ["reviewed", "accurate"], **fields})

    @property
    def case(self) -> ResolutionCase:
        """The newest case of this person."""
        return ResolutionCase.objects.filter(offer=self.offer, by=self.who.user).latest("pk")


def seller(offer: Offer, who: Person | None = None) -> Seller:
    """An owner, unless somebody else is given."""
    return Seller(offer, who or owner(offer.seller))


def form_values(root: Element) -> dict[str, Any]:
    """What a browser would send of the page's own form: every control that has a name."""
    form = root.one("main").all("form")[-1]
    found: dict[str, list[str]] = {}
    for control in form.all():
        name, kind = control.attributes.get("name", ""), control.attributes.get("type", "text")
        if not name or control.tag == "button" or kind == "file":
            continue
        if kind in {"checkbox", "radio"} and "checked" not in control.attributes:
            continue
        found.setdefault(name, []).append(_value(control))
    return dict(found)


def _value(control: Element) -> str:
    if control.tag == "textarea":
        return "".join(part for part in control.inside if isinstance(part, str)).removeprefix("\n")
    if control.tag == "select":
        chosen = [one for one in control.all("option") if "selected" in one.attributes]
        return (chosen or control.all("option"))[0].attributes["value"]
    return control.attributes.get("value", "on")


def problems(root: Element) -> list[str]:
    """What the summary of problems says; the same words must stand at a control."""
    summary = root.one("div", "summary-err")
    words = [link.text for link in summary.all("a")]
    for link in summary.all("a"):
        assert root.all(id=link.attributes["href"].removeprefix("#")), link.attributes
    return words


def picture(width: int = 1200, height: int = 900, name: str = "kettle.png", color: str = "red") -> Any:
    """A picture as somebody uploads it."""
    body = BytesIO()
    Image.new("RGB", (width, height), color).save(body, "PNG")
    return SimpleUploadedFile(name, body.getvalue(), content_type="image/png")
