"""The demo's data as files of the project's own import format."""

import csv
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from vocdash.demo.plans import Day, Plan
from vocdash.demo.sales import Said, Sale

_BULLETS: Final = 5
_ATTRIBUTES: Final = ("size", "color", "material", "taille", "couleur", "matériau")
_OFFERS: Final = (
    *("marketplace", "seller", "sku", "product_id", "title", "category", "brand", "price", "currency"),
    *("condition", "fulfillment", "manufacturer_barcode", "quantity", "listed_on", "description"),
    *(f"bullet_{number}" for number in range(1, _BULLETS + 1)),
    *(f"attr_{name}" for name in _ATTRIBUTES),
    "image_url",
)
_ORDERS: Final = ("marketplace", "seller", "order_id", "sku", "ordered_at", "quantity", "status", "customer")
_FEEDBACK: Final = (
    *("marketplace", "seller", "event_id", "order_id", "sku", "channel", "reason", "stars"),
    *("occurred_at", "comment"),
)

SoldOf = tuple[Plan, Sale]
SaidOf = tuple[Plan, Sale, Said]


def date_of(day: Day, last_night: date) -> date:
    """The date of a day of the demo."""
    return last_night + timedelta(days=day)


def write_offers(path: Path, plans: Iterable[Plan], last_night: date) -> Path:
    """A file of offers."""
    return _write(path, _OFFERS, (_offer_row(plan, last_night) for plan in plans))


def write_orders(path: Path, sold: Iterable[SoldOf], last_night: date) -> Path:
    """A file of orders."""
    return _write(path, _ORDERS, (_order_row(plan, sale, last_night) for plan, sale in sold))


def write_feedback(path: Path, said: Iterable[SaidOf], last_night: date) -> Path:
    """A file of feedback."""
    return _write(path, _FEEDBACK, (_said_row(plan, sale, one, last_night) for plan, sale, one in said))


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _offer_row(plan: Plan, last_night: date) -> tuple[Any, ...]:
    product, language = plan.product, plan.language
    bullets = [bullet.said_in(language) for bullet in product.kind.bullets]
    attributes = {name.casefold(): said for name, said in product.attributes(language).items()}
    return (
        plan.market.code,
        plan.shop.code,
        plan.sku,
        plan.product_id,
        plan.title,
        product.kind.category,
        product.brand,
        plan.price,
        plan.market.currency,
        plan.condition,
        "marketplace" if plan.marketplace_fulfilled else "seller",
        "true" if plan.manufacturer_barcode else "false",
        "" if plan.quantity is None else plan.quantity,
        date_of(plan.listed, last_night),
        f"{plan.title}. {'. '.join(bullets)}.",
        *(bullets[number] if number < len(bullets) else "" for number in range(_BULLETS)),
        *(attributes.get(name, "") for name in _ATTRIBUTES),
        product.picture,
    )


def _order_row(plan: Plan, sale: Sale, last_night: date) -> tuple[Any, ...]:
    return (
        plan.market.code,
        plan.shop.code,
        sale.order_id,
        plan.sku,
        _moment(sale, last_night),
        sale.quantity,
        sale.status,
        sale.customer,
    )


def _said_row(plan: Plan, sale: Sale, said: Said, last_night: date) -> tuple[Any, ...]:
    seller, sku = plan.shop.code, plan.sku if said.names_sku else ""
    if said.misfiled and plan.misfiled_to:
        seller, sku = plan.misfiled_to
    return (
        plan.market.code,
        seller,
        said.event_id,
        sale.order_id,
        sku,
        said.channel,
        said.reason,
        said.stars or "",
        _moment(said, last_night),
        said.comment,
    )


def _moment(of: Sale | Said, last_night: date) -> str:
    """A date-time without offset, which is the marketplace's own time."""
    midnight = datetime.combine(date_of(of.day, last_night), time.min)
    return (midnight + timedelta(minutes=of.minute)).isoformat()
