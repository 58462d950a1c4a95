"""Who offers what: sellers of very different size, categories, prices, conditions."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from offers.models import Category, Condition, Fulfillment, Marketplace, Offer, Seller
from vocdash.scale.columns import numbered, texts
from vocdash.scale.loading import ids_from, load, reserve_ids
from vocdash.scale.sizes import Size

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_DEPARTMENTS: Final = (
    *("Home", "Kitchen", "Garden", "Tools", "Toys", "Sports", "Outdoor", "Office"),
    *("Clothing", "Shoes", "Beauty", "Electronics"),
)
_THINGS: Final = (
    *("kettle", "lamp", "rug", "rack", "tent", "drill"),
    *("mug", "jacket", "backpack", "keyboard", "blanket", "pan"),
)
_LOOKS: Final = (
    *("slate grey", "forest green", "brushed steel", "oak"),
    *("off-white", "navy blue", "clear glass", "terracotta"),
)
_NEW_SHARE: Final = 0.8
_NEVER_ORDERED: Final = 0.08
_TAIL: Final = 1.6  # sigma of the logarithm of how popular an offer is
_LARGEST_WEIGHT: Final = 300.0
# Rates of complaint, set so that bands come out as on a real marketplace: most offers Fair or better, one in
# a hundred Poor, two in a thousand Very poor, some hundreds in a million bad beyond doubt.
_RATE: Final = (4.0, 140.0)  # beta distribution of the categories' means
_ALIKE: Final = 80.0  # how alike the offers of a category are (the method's s), give or take
_SPELL_SHARE: Final = 0.01
_SPELL_TIMES: Final = 5.0
SPELL_DAYS: Final = 60
"""Some offers are bad for a time: a bad lot, until it is sold. So there are new ones every night."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often customers complain of each offer, relative to the others: usually, and in its bad spell.

    spell: the age in days of the first bad order, -1 where there is no spell.
    """

    usual: Floats
    bad: Floats
    spell: Ints

    def on(self, age: int) -> Floats:
        """The rates of orders that are `age` days old."""
        in_spell = (self.spell >= age) & (self.spell < age + SPELL_DAYS)
        return np.where(in_spell, self.bad, self.usual)


@dataclass(frozen=True, slots=True)
class Assortment:
    """The offers made. One value per offer, in the order of their ids.

    popularity: share of all orders. rates: which part of its orders is a negative experience, relative to
    the others. groups: how many different (category, condition) pairs there are.
    """

    first_id: int
    seller: Ints
    popularity: Floats
    rates: Rates
    categories: int
    groups: int


def make_assortment(marketplace: Marketplace, size: Size, last_day: date) -> Assortment:
    """Make sellers, categories and offers."""
    rng = np.random.default_rng([size.seed, 1])
    owner = rng.permutation(np.repeat(np.arange(size.sellers), _offers_of_sellers(size, rng)))
    category = rng.choice(size.categories, size.offers, p=_zipf(size.categories))
    condition = _conditions(category, rng)
    popularity = rng.lognormal(0, _TAIL, size.offers)
    popularity[rng.random(size.offers) < _NEVER_ORDERED] = 0
    if not popularity.any():
        popularity[:] = 1
    seller = _make_sellers(size)[owner]
    columns = {
        "marketplace_id": marketplace.pk,
        "currency": marketplace.currency.encode(),
        "seller_id": seller,
        "category_id": _make_categories(size.categories)[category],
        "condition": texts([str(value) for value in Condition.values])[condition],
        "price": _prices(category, rng),
        "listed_on": _listed_on(popularity, size, last_day, rng),
        **_words(size.offers, rng),
    }
    first = reserve_ids(Offer, size.offers)
    load(Offer, {"id": ids_from(first, size.offers)} | columns, size.offers)
    return Assortment(
        first_id=first,
        seller=seller,
        popularity=popularity / popularity.sum(),
        rates=_rates(category, size, rng),
        categories=size.categories,
        groups=len(np.unique(category * 10 + condition)),
    )


def _offers_of_sellers(size: Size, rng: np.random.Generator) -> Ints:
    """How many offers each seller has: the first `largest`, the others at least one, with a heavy tail."""
    weight = np.minimum(1 + rng.pareto(1.2, size.sellers), _LARGEST_WEIGHT)
    number = np.ones(size.sellers, dtype=np.int64)
    number[0] = size.largest
    while spare := size.offers - int(number.sum()):
        free = np.where(number < size.largest, weight, 0)
        number = np.minimum(number + rng.multinomial(spare, free / free.sum()), size.largest)
    return number


def _zipf(number: int) -> Floats:
    weight = np.arange(1, number + 1, dtype=np.float64) ** -0.5
    shares: Floats = weight / weight.sum()
    return shares


def _conditions(category: Ints, rng: np.random.Generator) -> Ints:
    """Codes of `Condition`: most are new, and a category knows between one and four conditions."""
    known = 1 + category % len(Condition.values)
    other = 1 + (rng.random(len(category)) * (known - 1)).astype(np.int64)
    return np.where((rng.random(len(category)) < _NEW_SHARE) | (known == 1), 0, other)


def _prices(category: Ints, rng: np.random.Generator) -> NDArray[np.int64]:
    """Cents; one offer in a hundred has no price."""
    typical = rng.lognormal(3.2, 0.8, int(category.max()) + 1)
    cents = np.maximum(99, np.rint(typical[category] * rng.lognormal(0, 0.5, len(category)) * 100))
    return np.ma.MaskedArray(cents.astype(np.int64), rng.random(len(category)) < 0.01)


def _listed_on(popularity: Floats, size: Size, last_day: date, rng: np.random.Generator) -> NDArray[np.int64]:
    """Proleptic ordinals: before the first order; what was never ordered may be new."""
    first = (last_day - timedelta(days=size.days)).toordinal()
    age = rng.integers(0, 900, len(popularity))
    new = np.where(popularity == 0, rng.integers(0, size.days, len(popularity)), 0)
    return first + np.where(new > 0, new, -age)


def _rates(category: Ints, size: Size, rng: np.random.Generator) -> Rates:
    """Categories differ, offers differ within them, and some offers are bad for a time."""
    offers = len(category)
    mean = rng.beta(*_RATE, size.categories)[category]
    alike = _ALIKE * rng.lognormal(0, 0.3, size.categories)[category]
    usual = rng.beta(mean * alike, (1 - mean) * alike)
    spell = rng.integers(0, size.days, offers)
    spell[rng.random(offers) >= _SPELL_SHARE] = -1
    return Rates(usual, np.maximum(usual, mean) * _SPELL_TIMES, spell)


def _words(offers: int, rng: np.random.Generator) -> dict[str, NDArray[np.generic]]:
    """Columns that the method doesn't read."""
    number = np.arange(offers)
    thing = texts([f"Sturdy {thing} " for thing in _THINGS])[rng.integers(0, len(_THINGS), offers)]
    look = texts([f", {look}" for look in _LOOKS])[rng.integers(0, len(_LOOKS), offers)]
    title = np.strings.add(np.strings.add(thing, numbered(b"no. ", number, 8)), look)
    ships = texts([str(value) for value in Fulfillment.values])
    stock = rng.integers(0, 500, offers)
    return {
        "sku": numbered(b"V", number, 8),
        # Some products are offered by several sellers.
        "product_id": numbered(b"P", rng.integers(0, max(1, offers * 7 // 10), offers), 8),
        "title": title,
        "brand": numbered(b"Brand ", rng.integers(0, 200, offers), 3),
        "fulfillment": ships[rng.integers(0, len(ships), offers)],
        "manufacturer_barcode": rng.random(offers) < 0.02,
        "quantity": np.ma.MaskedArray(stock, rng.random(offers) < 0.2),
    }


def _make_sellers(size: Size) -> Ints:
    """Ids of the sellers; the first is the one with the most offers."""
    number, first = np.arange(size.sellers), reserve_ids(Seller, size.sellers)
    ids = ids_from(first, size.sellers)
    columns = {"id": ids, "code": numbered(b"V", number, 6), "name": numbered(b"Shop ", number, 6)}
    load(Seller, columns, size.sellers)
    return ids


def _make_categories(number: int) -> Ints:
    """Ids of the categories, each a shelf of one of the departments."""
    tops = _DEPARTMENTS[: max(1, min(len(_DEPARTMENTS), number // 4))]
    top_of = {name: _category(name, None).pk for name in tops}
    places = [(tops[shelf % len(tops)], shelf) for shelf in range(number)]
    return np.array([_category(f"{top} > Shelf {shelf}", top_of[top]).pk for top, shelf in places])


def _category(path: str, top_id: int | None) -> Category:
    return Category.objects.get_or_create(key=path.lower(), defaults={"path": path, "top_id": top_id})[0]
