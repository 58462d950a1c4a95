"""The offers with a story, as the catalogue tells them."""

from decimal import Decimal
from typing import Any, Final

from feedback.reasons import Reason
from vocdash.demo.assortment import chance_of, product_id_of
from vocdash.demo.plans import FIRST_SALES, Plan, Story, Trade
from vocdash.demo.products import CAD_PER_USD, Product, kinds
from vocdash.demo.shops import MARKETS, shops
from vocdash.demo.texts import read_catalogue

_MARKET: Final = {market.code: market for market in MARKETS}
_TRADE: Final = ("orders", "delivery", "regulars", "first_sale", "last_sale")
_STORY: Final = ("title", "edits", "deleted")
_PLAN: Final = ("sku", "listed", "manufacturer_barcode", "life")
_STOCK: Final = (40, 400)
_LEAST_SHARE: Final = 8
"""By what the weight of a kind's usual reasons is divided where the story has its own."""


def stories() -> list[Plan]:
    """All offers with a story, on all marketplaces."""
    told = read_catalogue("stories")
    return [_plan(entry, told["reasons"]) for entry in told["offers"]]


def _plan(entry: dict[str, Any], reasons: dict[str, dict[str, int]]) -> Plan:
    shop, market = shops()[entry["shop"]], _MARKET[entry["market"]]
    product = _product(entry)
    canadian = market.language == "fr"
    price = Decimal(entry["price"])
    misfiled = entry.get("misfiled_to")
    return Plan(
        shop=shop,
        market=market,
        product_id=product_id_of(product),
        product=product,
        price=(price * CAD_PER_USD).quantize(Decimal("0.01")) if canadian else price,
        marketplace_fulfilled=entry.get("fba", True),
        quantity=chance_of("stock", market.code, entry["sku"]).randint(*_STOCK),
        french_listing=canadian and shop.french > 0.5,
        french=shop.french if canadian else 0.0,
        trade=_trade(product, entry, reasons),
        story=Story(relist_after=tuple(entry.get("relist_after", ())), **_given(entry, _STORY)),
        misfiled_to=(shops()[misfiled[0]].code, misfiled[1]) if misfiled else None,
        **_given(entry, _PLAN),
    )


def _given(entry: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: entry[name] for name in names if name in entry}


def _product(entry: dict[str, Any]) -> Product:
    name, noun, size, color = entry["product"]
    kind = kinds()[name]
    return Product(
        kind,
        shops()[entry.get("made_by", entry["shop"])].brands[entry.get("brand", 0)],
        kind.nouns[noun],
        kind.sizes[size],
        kind.colors[color],
        kind.materials[noun % len(kind.materials)],
    )


def _trade(product: Product, entry: dict[str, Any], reasons: dict[str, dict[str, int]]) -> Trade:
    """A trade whose complaints come evenly and soon."""
    weights = dict(product.kind.reasons)
    if "reasons" in entry:
        weights = {reason: max(1, weight // _LEAST_SHARE) for reason, weight in weights.items()}
        weights |= {Reason(reason): weight for reason, weight in reasons[entry["reasons"]].items()}
    rates = entry.get("rates", [[FIRST_SALES, 0.0]])
    return Trade(
        rates=tuple((day, rate) for day, rate in rates),
        better=tuple(entry.get("better", ())),
        reasons=weights,
        steady=True,
        prompt=True,
        **_given(entry, _TRADE),
    )
