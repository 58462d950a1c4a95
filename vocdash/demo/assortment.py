"""All offers of the demo: those with a story, and around them the usual trade of all shops."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from random import Random
from typing import Final

from feedback.reasons import Reason
from vocdash.demo.plans import FIRST_SALES, Plan, Story, Trade
from vocdash.demo.products import Kind, Product, kinds, price_of, variants
from vocdash.demo.shops import MARKETS, Market, Shop, shops

SEED: Final = "vocdash demo 1"
_SPREAD: Final = 48.0
"""How alike products of a kind are: a and b of the beta distribution of their rates add up to this."""
_MEDIAN_ORDERS: Final = 0.2
_BEST_SELLER: Final = 0.02
"""Offers that sell ten times as much and please nearly everybody."""
_NEW: Final = 0.03
_QUIET: Final = 0.045
_DELETED: Final = 0.02
_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def chance_of(*names: object) -> Random:
    """A source of chance of its own for whatever these names stand for, the same in every build."""
    return Random("/".join([SEED, *map(str, names)]))  # noqa: S311 - a demo, not a secret


def assortment(size: int, told: Iterable[Plan]) -> list[Plan]:
    """Some `size` offers on all marketplaces, those with stories first. ValueError for too few."""
    plans = list(told)
    if size < len(plans):
        raise ValueError(f"A demo has at least {len(plans)} offers.")
    for market in MARKETS:
        here = [plan for plan in plans if plan.market is market]
        taken = {plan.sku for plan in here} | {f"{plan.shop.short} {plan.product_id}" for plan in here}
        for shop, number in _numbers(market, round(size * market.share)):
            mine = sum(1 for plan in here if plan.shop is shop)
            plans += _usual(shop, market, max(0, number - mine), taken)
    return plans


def _numbers(market: Market, size: int) -> Iterator[tuple[Shop, int]]:
    """How many offers each shop has on a marketplace."""
    here = [shop for shop in shops().values() if market.code in shop.share]
    total = sum(shop.share[market.code] for shop in here)
    for shop in here:
        yield shop, round(size * shop.share[market.code] / total)


def _usual(shop: Shop, market: Market, number: int, taken: set[str]) -> Iterator[Plan]:
    """Offers without a story: the same products on all of a shop's marketplaces, as far as they go.

    taken: SKUs, and products with their shop, that are on sale already.
    """
    return islice(_all_of(shop, market, taken), number)


def _all_of(shop: Shop, market: Market, taken: set[str]) -> Iterator[Plan]:
    shelves = [
        iter(variants(kinds()[name], brand, chance_of("variants", shop.short, name, brand)))
        for name, brand in zip(shop.kinds * 2, cycle(shop.brands), strict=False)
    ]
    while shelves:
        for shelf in list(shelves):
            product = next(shelf, None)
            if product is None:
                shelves.remove(shelf)
                continue
            sku = sku_of(shop, product)
            if sku not in taken and f"{shop.short} {product_id_of(product)}" not in taken:
                taken.add(sku)
                yield _usual_plan(shop, market, product, sku)


def sku_of(shop: Shop, product: Product) -> str:
    """A SKU as shops make them: JP-KET-17L-BLA."""
    size = "".join(c for c in product.size.en if c.isalnum() and c.isascii())[:4].upper()
    color = "".join(c for c in product.color.name.en if c.isalpha())[:3].upper()
    noun = product.kind.nouns.index(product.noun)
    brand = shop.brands.index(product.brand)
    return f"{shop.short}-{product.kind.name[:3].upper()}{brand or ''}{'ABC'[noun]}-{size}-{color}"


def product_id_of(product: Product) -> str:
    """The catalogue's id: the same wherever the same product is sold."""
    said = f"{product.kind.name}/{product.title('en')}"
    number = int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big")
    return "P0" + "".join(_LETTERS[number // 34**place % 34] for place in range(8))


def _usual_plan(shop: Shop, market: Market, product: Product, sku: str) -> Plan:
    chance = chance_of("plan", market.code, shop.short, sku)
    canadian = market.language == "fr"
    marketplace_fulfilled = chance.random() < 0.62
    listed = -chance.randint(130, 1400)
    orders, rate = usual_orders(shop, chance), usual_rate(product.kind, chance)
    if chance.random() < _BEST_SELLER:
        orders, rate = chance.uniform(2.5, 5.0), rate * chance.uniform(0.15, 0.7)
    first, last = FIRST_SALES, 0
    deleted = None
    fate = chance.random()
    if fate < _NEW:
        orders, listed = 0.0, -chance.randint(1, 25)
    elif fate < _NEW + _QUIET:
        last = -chance.randint(62, 100)
        orders = min(orders, 0.4)
    elif fate < _NEW + _QUIET + _DELETED:
        deleted = -chance.randint(2, 55)
    elif fate < _NEW + _QUIET + _DELETED + 0.05:
        listed = -chance.randint(8, 50)
        first = listed + 1
    stock = None if chance.random() < 0.2 else int(orders * chance.randint(5, 70)) + chance.randint(0, 40)
    return Plan(
        shop=shop,
        market=market,
        sku=sku,
        product_id=product_id_of(product),
        product=product,
        price=price_of(product.kind, chance_of("price", product_id_of(product)), market.currency),
        marketplace_fulfilled=marketplace_fulfilled,
        manufacturer_barcode=marketplace_fulfilled and chance.random() < 0.1,
        condition="refurbished" if _refurbished(product.kind, chance) else "new",
        quantity=stock,
        listed=listed,
        french_listing=canadian and shop.french > 0.5,
        french=shop.french if canadian else 0.0,
        trade=Trade(
            orders=orders,
            rates=((FIRST_SALES, rate),),
            better=(product.kind.rate,),
            reasons=skewed_reasons(product.kind, chance),
            delivery=0.017 if chance.random() < 0.93 else 0.07,
            first_sale=first,
            last_sale=last,
        ),
        story=Story(deleted=deleted, relist_after=(chance.randint(3, 16),) if chance.random() < 0.75 else ()),
    )


def usual_orders(shop: Shop, chance: Random) -> float:
    """Orders per day: most offers sell little, a few very much."""
    return min(9.0, _MEDIAN_ORDERS * shop.volume * chance.lognormvariate(0.0, 0.85))


def usual_rate(kind: Kind, chance: Random) -> float:
    """How often customers are unhappy with a product: products of a kind differ."""
    return chance.betavariate(kind.rate * _SPREAD, (1 - kind.rate) * _SPREAD)


def _refurbished(kind: Kind, chance: Random) -> bool:
    return kind.category.startswith("Electronics") and chance.random() < 0.06


def skewed_reasons(kind: Kind, chance: Random) -> dict[Reason, int]:
    """A product has its own weaknesses: two of its kind's reasons come up more often."""
    reasons = dict(kind.reasons)
    for reason in chance.sample(sorted(reasons), 2):
        reasons[reason] *= 3
    return reasons
