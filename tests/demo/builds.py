"""Building demos for tests, and what is compared of them."""

import hashlib
from io import StringIO
from typing import Any

from django.core.management import call_command

from health.models import HealthChange, Night, OfferHealth
from offers.models import OfferStatusChange, RemovalOrder
from vocdash.demo.building import build

SMALL_SIZE = 130
SMALL_NIGHTS = 4
"""Enough to import, compute and compare; too little time for stories."""


def build_quietly(**options: int) -> None:
    build(say=lambda _text: None, progress=lambda _name, _share: None, **options)


def load_demo(*arguments: str) -> str:
    """What the command says."""
    out = StringIO()
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


def load_small(*arguments: str) -> str:
    return load_demo("--size", str(SMALL_SIZE), *arguments)


def digest() -> str:
    """Everything that was computed, without ids and without moments of writing."""
    skip = {"id", "offer_id", "seller_id", "marketplace_id", "policy_id", "computed_at"}
    of_offer = ("offer__marketplace__code", "offer__seller__code", "offer__sku", "offer__listed_on")
    moves = OfferStatusChange.objects.order_by(*of_offer, "at").values_list(
        *of_offer, "move", "at", "by__username"
    )
    skip |= {"reference", "by_id"}  # a reference holds the id
    rows: list[Any] = [
        *_rows(RemovalOrder, of_offer, skip),
        *_rows(OfferHealth, of_offer, skip),
        *_rows(HealthChange, (*of_offer, "as_of"), skip),
        *_rows(Night, ("marketplace__code", "as_of"), skip),
        *moves,
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _rows(model: Any, key: tuple[str, ...], skip: set[str]) -> list[Any]:
    columns = [field.attname for field in model._meta.concrete_fields if field.attname not in skip]
    return list(model.objects.order_by(*key).values_list(*key, *columns))
