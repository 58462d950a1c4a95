"""What the demo's shops sell: kinds of products, and one product in its size and color."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, Final

from feedback.reasons import Reason
from vocdash.demo.texts import Text, read_catalogue, text, texts

_FILES: Final = ("kitchen", "home", "apparel", "electronics", "leisure", "everyday")
CAD_PER_USD: Final = Decimal("1.36")

# What goes wrong with any product, by weight: the kind's own complaints come on top.
_HARD: Final = {
    Reason.DAMAGED: 14,
    Reason.NOT_AS_DESCRIBED: 10,
    Reason.MISSING_PARTS: 8,
    Reason.POOR_QUALITY: 8,
    Reason.DEFECTIVE: 6,
    Reason.WRONG_ITEM: 5,
    Reason.COLOR_DIFFERS: 4,
    Reason.INACCURATE_PAGE: 4,
    Reason.USED_SOLD_AS_NEW: 1,
}
_WORN: Final = {
    Reason.TOO_SMALL: 14,
    Reason.TOO_LARGE: 10,
    Reason.STYLE_DIFFERS: 9,
    Reason.COLOR_DIFFERS: 8,
    Reason.POOR_QUALITY: 8,
    Reason.NOT_AS_DESCRIBED: 6,
    Reason.WRONG_ITEM: 4,
    Reason.USED_SOLD_AS_NEW: 1,
}
_OWN_WEIGHT: Final = 18
"""What each of a kind's own complaints adds to its reason."""


@dataclass(frozen=True, slots=True)
class Color:
    """A color's name, and the tint of the picture."""

    name: Text
    tint: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of product. price: the usual range in USD; rate: the usual share of unhappy orders."""

    name: str
    category: str
    picture: str
    price: tuple[int, int]
    rate: float
    nouns: tuple[Text, ...]
    sizes: tuple[Text, ...]
    colors: tuple[Color, ...]
    parts: tuple[Text, ...]
    materials: tuple[Text, ...]
    bullets: tuple[Text, ...]
    facts: dict[Reason, tuple[Text, ...]]
    reasons: dict[Reason, int]
    """How often each reason is complained about, by weight."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product: a kind in its brand, size and color."""

    kind: Kind
    brand: str
    noun: Text
    size: Text
    color: Color
    material: Text

    def title(self, language: str) -> str:
        """As a listing is titled."""
        size, color = self.size.said_in(language), self.color.name.said_in(language)
        noun = self.noun.said_in(language)
        if language == "fr":
            return f"{noun[0].upper()}{noun[1:]} {self.brand}, {size}, {color}"
        return f"{self.brand} {noun}, {size}, {color}"

    @property
    def picture(self) -> str:
        """The name of one of our own drawings, as an image_url."""
        return f"demo:{self.kind.picture}/{self.color.tint}"

    def attributes(self, language: str) -> dict[str, str]:
        """Name-value pairs of the listing."""
        names = ("Taille", "Couleur", "Matériau") if language == "fr" else ("Size", "Color", "Material")
        said = (self.size, self.color.name, self.material)
        return dict(zip(names, (value.said_in(language) for value in said), strict=True))


@cache
def kinds() -> dict[str, Kind]:
    """All kinds, by name, in the order of the catalogue."""
    palettes = read_catalogue("phrases")["palettes"]
    return {
        name: _kind(name, entry, palettes) for file in _FILES for name, entry in read_catalogue(file).items()
    }


def _kind(name: str, entry: dict[str, Any], palettes: dict[str, list[str]]) -> Kind:
    facts = {Reason(reason): texts(pairs) for reason, pairs in entry["facts"].items()}
    reasons = dict(_WORN if entry.get("wear") else _HARD)
    for reason, own in facts.items():
        reasons[reason] = reasons.get(reason, 0) + _OWN_WEIGHT * len(own)
    return Kind(
        name=name,
        category=entry["category"],
        picture=entry["picture"],
        price=(entry["price"][0], entry["price"][1]),
        rate=entry["rate"],
        nouns=texts(entry["nouns"]),
        sizes=texts(entry["sizes"]),
        colors=tuple(_color(given) for given in palettes[entry["palette"]]),
        parts=texts(entry["parts"]),
        materials=texts(entry["materials"]),
        bullets=texts(entry["bullets"]),
        facts=facts,
        reasons=reasons,
    )


def _color(entry: str) -> Color:
    names, tint = entry.rsplit(" | ", 1)
    return Color(text(names), tint)


def variants(kind: Kind, brand: str, chance: Random) -> list[Product]:
    """All products of a kind under a brand, in an order of chance; a size has its material."""
    made = [
        Product(kind, brand, noun, size, color, kind.materials[number % len(kind.materials)])
        for number, noun in enumerate(kind.nouns)
        for size in kind.sizes
        for color in kind.colors
    ]
    chance.shuffle(made)
    return made


def price_of(kind: Kind, chance: Random, currency: str) -> Decimal:
    """A price as shops give it: 24.99 or 27.50; most products stand in the lower half of the range."""
    low, high = kind.price
    dollars = Decimal(round(low + (high - low) * min(chance.random(), chance.random())))
    if currency == "CAD":
        dollars = (dollars * CAD_PER_USD).to_integral_value()
    return dollars - Decimal(chance.choice(("0.01", "0.01", "0.05", "0.50")))
