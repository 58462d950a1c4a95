"""The columns of the offers file: checked, understood, and summed up in one digest per row."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from offers.importers.checking import Rows
from offers.importers.columns import Mask, Objects
from offers.importers.dates import read_moments
from offers.importers.known import Context
from offers.importers.lives import Span
from offers.importers.reading import Kind
from offers.models import Condition, Fulfillment
from offers.selectors import category_key

KIND: Final = Kind(
    name="offers",
    required=("marketplace", "seller", "sku", "title"),
    optional=(
        *("product_id", "category", "brand", "price", "currency", "condition", "fulfillment"),
        *("manufacturer_barcode", "quantity", "listed_on", "deleted_on", "description"),
        *("bullet_1", "bullet_2", "bullet_3", "bullet_4", "bullet_5", "attr_", "image_url"),
    ),
    key=("seller", "sku"),
)
_TEXTS: Final = {"product_id": 100, "title": 1000, "brand": 200, "description": 1 << 20, "image_url": 2000}
_CONDITIONS: Final = {
    "": Condition.NEW.value,
    **{value: value for value in Condition.values},
    **dict.fromkeys(
        ("used_like_new", "used_very_good", "used_good", "used_acceptable"), Condition.USED.value
    ),
    **dict.fromkeys(("renewed", "certified_refurbished"), Condition.REFURBISHED.value),
}
_FULFILLMENTS: Final = {
    "": Fulfillment.SELLER.value,
    **{value: value for value in Fulfillment.values},
    **dict.fromkeys(
        ("afn", "fba", "platform", "amazon", "amazon_na", "amazon_eu", "amazon_jp", "amazon_in"),
        Fulfillment.MARKETPLACE.value,
    ),
    **dict.fromkeys(("default", "mfn", "fbm", "merchant"), Fulfillment.SELLER.value),
}
_CURRENCY: Final = re.compile("[A-Z]{3}|")
_PRICES_BELOW: Final = Decimal(10) ** 10


@dataclass(frozen=True)
class Listings:
    """The columns of checked rows, under the names of the offer's own columns."""

    seller: Objects
    sku: Objects
    category: Objects
    """Category paths."""
    values: dict[str, Objects]
    """What the file says of the offers; columns that it lacks are missing, and stay as they are."""
    deleted_on: Objects
    digests: Objects

    def span(self, row: int) -> Span:
        """The life of which the row speaks."""
        listed = self.values.get("listed_on")
        return Span(None if listed is None else listed[row], self.deleted_on[row])


def check(rows: Rows, context: Context) -> Listings:
    """Check every column, refuse what is wrong."""
    rows.only_marketplace(context.marketplace.code)
    rows.required(
        {
            "seller": "give the seller's code",
            "sku": "give the seller's SKU",
            "title": "give the listing's title",
        }
    )
    rows.at_most({"seller": 64, "sku": 200, "category": 1000, **_TEXTS})
    values = {column: rows.texts(column) for column in _TEXTS if rows.has(column)}
    values |= _coded(rows) | _numbers(rows)
    if rows.has("listed_on"):
        values["listed_on"] = read_moments(rows, "listed_on", context.zone, context.today).dates
    deleted_on = read_moments(rows, "deleted_on", context.zone, context.today).dates
    _refuse_deleted_before_listed(rows, values.get("listed_on"), deleted_on)
    values |= _lists(rows)
    _note_currency(rows, values.get("currency"), context.marketplace.currency)
    category = _tidy_paths(rows.texts("category"))
    texts = {**_as_texts(values), "deleted_on": [str(day or "") for day in deleted_on]}
    if rows.has("category"):
        texts["category"] = [category_key(path) for path in category]
        too_long = np.array([len(key) > 1000 for key in texts["category"]], dtype=np.bool_)
        rows.refuse(too_long, "category", "shorten it")
    return Listings(rows.texts("seller"), rows.texts("sku"), category, values, deleted_on, _digests(texts))


def _coded(rows: Rows) -> dict[str, Objects]:
    values: dict[str, Objects] = {}
    if rows.has("condition"):
        advice = f"give one of {', '.join(Condition.values)}"
        values["condition"] = rows.choices("condition", _CONDITIONS, advice)
    if rows.has("fulfillment"):
        advice = "give marketplace (also AFN, FBA) or seller (also MFN, FBM)"
        values["fulfillment"] = rows.choices("fulfillment", _FULFILLMENTS, advice)
    if rows.has("manufacturer_barcode"):
        values["manufacturer_barcode"] = rows.flags("manufacturer_barcode")
    return values


def _numbers(rows: Rows) -> dict[str, Objects]:
    values: dict[str, Objects] = {}
    if rows.has("price"):
        values["price"] = rows.decimals("price", _PRICES_BELOW)
    if rows.has("currency"):
        codes = rows.column("currency").changed(str.upper)
        rows.refuse(
            codes.where(lambda code: not _CURRENCY.fullmatch(code)),
            "currency",
            "give a three-letter code such as USD",
        )
        values["currency"] = codes.texts
    if rows.has("quantity"):
        values["quantity"] = rows.wholes("quantity", 0)
    return values


def _refuse_deleted_before_listed(rows: Rows, listed_on: Objects | None, deleted_on: Objects) -> None:
    if listed_on is None:
        return
    backwards = [
        bool(ended and begun and ended < begun) for begun, ended in zip(listed_on, deleted_on, strict=True)
    ]
    rows.refuse(np.array(backwards, dtype=bool), "deleted_on", "give a date on or after listed_on")


def _lists(rows: Rows) -> dict[str, Objects]:
    """Bullets as lists and attributes as mappings, without empty ones."""
    values: dict[str, Objects] = {}
    bullets = [name for number in range(1, 6) if rows.has(name := f"bullet_{number}")]
    if bullets:
        values["bullets"] = _gathered(rows, bullets, lambda pairs: [text for _, text in pairs])
    attributes = rows.columns_from("attr_")
    if attributes:
        values["attributes"] = _gathered(
            rows, attributes, lambda pairs: {name.removeprefix("attr_"): text for name, text in pairs}
        )
    return values


def _gathered(rows: Rows, columns: Sequence[str], make: Callable[[list[tuple[str, str]]], Any]) -> Objects:
    made = np.empty(len(rows), dtype=object)
    texts = zip(*(rows.texts(column) for column in columns), strict=True)
    for row, cells in enumerate(texts):
        made[row] = make([(name, cell) for name, cell in zip(columns, cells, strict=True) if cell])
    return made


def _note_currency(rows: Rows, currency: Objects | None, expected: str) -> None:
    if currency is not None:
        other: Mask = (currency != "") & (currency != expected)
        rows.note(other, f"prices not in {expected}, the marketplace's currency")


def _tidy_paths(paths: Objects) -> Objects:
    """Category paths with their steps trimmed and empty steps dropped."""
    tidy = {path: " > ".join(step.strip() for step in path.split(">") if step.strip()) for path in set(paths)}
    made = np.empty(len(paths), dtype=object)
    made[:] = [tidy[path] for path in paths]
    return made


_DEFAULTS: Final = {"condition": Condition.NEW.value, "fulfillment": Fulfillment.SELLER.value}


def _as_texts(values: dict[str, Objects]) -> dict[str, list[str]]:
    """The values as they are compared: what a default stands for is the same as nothing."""
    return {
        column: [_as_text(column, value) for value in column_values]
        for column, column_values in values.items()
    }


def _as_text(column: str, value: Any) -> str:
    if isinstance(value, dict):
        return "\x1f".join(f"{name}={text}" for name, text in sorted(value.items()))
    if isinstance(value, list):
        return "\x1f".join(value)
    if value is None or value is False or value == _DEFAULTS.get(column):
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _digests(texts: dict[str, list[str]]) -> Objects:
    """One digest per row of what it says, whichever columns are empty or absent."""
    made = np.empty(len(next(iter(texts.values()))), dtype=object)
    columns = sorted(texts)
    for row, cells in enumerate(zip(*(texts[column] for column in columns), strict=True)):
        said = "\x1e".join([f"{column}:{cell}" for column, cell in zip(columns, cells, strict=True) if cell])
        made[row] = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
    return made
