"""make_scale_data: exact numbers, the shape of a market, and the same data from the same seed everywhere."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from feedback.actions import rejudge
from feedback.models import FeedbackEvent
from health.models import OfferHealth
from health.recompute import recompute_night
from offers.bulk import fetch
from offers.models import Category, Marketplace, Offer, OrderLine, Seller
from tests.factories import OfferFactory
from vocdash.scale import building
from vocdash.scale.assortment import SPELL_DAYS, Rates
from vocdash.scale.building import Made, make_marketplace
from vocdash.scale.sizes import Size, SizeRefused

pytestmark = pytest.mark.django_db
LAST_DAY = date(2026, 3, 31)
TINY = Size(offers=120, orders=6_000, days=90, events=900, sellers=6, largest=40, seed=5)
# One digest for both databases: on each of them, what is made there is compared with it.
DIGEST = "015ce3aae8a7daa9"
OF_THIS_SEED = (891, 579, 433)


def make(size: Size = TINY, **options: Any) -> Made:
    return make_marketplace(size, LAST_DAY, progress=lambda _name, _share: None, **options)


def digest() -> str:
    """Everything that was made, without ids."""
    offers = Offer.objects.order_by("sku").values_list(
        "sku", "seller__code", "category__key", "condition", "title", "brand", "product_id", "price",
        "currency", "fulfillment", "manufacturer_barcode", "quantity", "listed_on",
        "status", "bullets", "attributes",
    )  # fmt: skip
    lines = OrderLine.objects.order_by("order_ref").values_list(
        "order_ref", "offer__sku", "ordered_on", "quantity", "status", "customer"
    )
    events = FeedbackEvent.objects.order_by("event_id").values_list(
        "event_id", "order_ref", "order_line__order_ref", "offer__sku", "seller__code", "channel",
        "raw_reason", "stars", "occurred_on", "comment", "counted", "cause", "reason", "judged_by",
        "judged_on", "notes",
    )  # fmt: skip
    plain = [(*row[:7], row[7] and f"{row[7]:.2f}", *row[8:]) for row in offers]
    return hashlib.sha256(repr([*plain, *lines, *events]).encode()).hexdigest()[:16]


def test_the_numbers_are_what_was_asked_for() -> None:
    made = make()
    assert Offer.objects.count() == TINY.offers
    assert OrderLine.objects.count() == made.lines == TINY.orders
    assert Seller.objects.count() == TINY.sellers
    assert FeedbackEvent.objects.count() == made.events == pytest.approx(TINY.events, rel=0.15)
    assert OfferHealth.objects.count() == TINY.offers
    by_seller = Counter(Offer.objects.values_list("seller__code", flat=True))
    assert by_seller.most_common(1) == [("V000000", TINY.largest)]
    assert OrderLine.objects.filter(status="cancelled").count() == made.cancelled > 0
    assert FeedbackEvent.objects.filter(counted=True).count() == made.counted


def test_the_same_seed_makes_the_same_data_on_every_database() -> None:
    made = make()
    assert (made.events, made.counted, made.ncx_orders) == OF_THIS_SEED
    assert digest() == DIGEST


def test_another_seed_makes_other_data() -> None:
    make(replace(TINY, seed=6))
    assert digest() != DIGEST


def test_half_of_the_lines_are_recent_and_few_offers_have_most_of_them() -> None:
    made = make()
    recent = OrderLine.objects.filter(ordered_on__gt=LAST_DAY - timedelta(days=60)).count()
    assert recent == made.recent_lines == pytest.approx(TINY.orders / 2, abs=1)
    assert OrderLine.objects.filter(ordered_on__gt=LAST_DAY).count() == 0
    numbers = sorted(Counter(OrderLine.objects.values_list("offer_id", flat=True)).values(), reverse=True)
    assert len(numbers) < TINY.offers
    assert sum(numbers[: TINY.offers // 10]) > 0.4 * TINY.orders


def test_feedback_repeats_itself_comes_late_and_is_not_always_counted() -> None:
    make()
    events = list(
        FeedbackEvent.objects.values_list(
            "order_line_id", "counted", "cause", "comment", "occurred_on", "order_line__ordered_on"
        )
    )
    of_line = Counter(line for line, counted, *_ in events if counted)
    assert sum(number > 1 for number in of_line.values()) > 0.1 * len(of_line)
    causes = Counter(cause for _, counted, cause, *_ in events if not counted)
    assert causes["delivery"] > 50
    assert sum(1 for event in events if event[3]) > 0.6 * len(events)
    lags = [(occurred - ordered).days for *_, occurred, ordered in events]
    assert min(lags) >= 0
    assert max(lags) > 40
    assert max(event[4] for event in events) <= LAST_DAY


def test_some_offers_are_bad_for_a_time() -> None:
    rates = Rates(usual=np.array([0.02, 0.03]), bad=np.array([0.1, 0.15]), spell=np.array([70, -1]))
    in_spell = [age for age in range(180) if rates.on(age)[0] == 0.1]
    assert (min(in_spell), max(in_spell), len(in_spell)) == (11, 70, SPELL_DAYS)
    assert {float(rates.on(age)[1]) for age in range(180)} == {0.03}


def test_every_judgement_is_the_one_the_rules_make() -> None:
    made = make()
    FeedbackEvent.objects.update(judged_version="another")
    assert rejudge(made.marketplace) == 0
    assert set(FeedbackEvent.objects.values_list("judged_by", flat=True)) >= {"code", "stars", "words"}


def test_the_night_finds_bands_of_all_kinds() -> None:
    made = make(Size(offers=400, orders=30_000, days=90, events=3_000, sellers=20, largest=40))
    night = recompute_night(made.marketplace, LAST_DAY, trigger="command")
    assert {tile for tile, number in night.counts.items() if number} >= {"0", "2", "3", "4"}


def test_indexes_keys_and_statistics_are_as_they_were() -> None:
    def shape() -> list[Any]:
        if connection.vendor == "sqlite":
            return fetch(
                "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%%' ORDER BY 1, 2"
            )
        return [
            *fetch("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"),
            *fetch("SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint ORDER BY 1"),
        ]

    before = shape()
    make()
    assert shape() == before
    OfferFactory(sku="next")  # its id was not taken by us


def test_made_up_data_keep_away_from_others() -> None:
    OfferFactory()
    with pytest.raises(building.RefusedHere, match="holds other data"):
        make()
    assert Offer.objects.count() == 1
    make(beside=True)
    assert Offer.objects.count() == TINY.offers + 1
    with pytest.raises(building.RefusedHere, match="marketplace SCALE already"):
        make(beside=True)
    with pytest.raises(building.RefusedHere, match="made-up sellers"):
        make(beside=True, code="OTHER")


def test_what_breaks_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("out of paper")

    monkeypatch.setattr(building, "sync_offers", broken)
    with pytest.raises(RuntimeError, match="out of paper"):
        make()
    assert not Marketplace.objects.exists()
    assert not Category.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"offers": 0}, "at least one offer"),
        ({"largest": 200}, "besides those of the largest"),
        ({"sellers": 2}, "for every seller"),
        ({"events": 7_000}, "more feedback events than orders"),
    ],
)
def test_numbers_that_can_not_be_are_refused(wrong: dict[str, int], said: str) -> None:
    numbers = {"offers": 120, "orders": 6_000, "days": 90, "events": 900, "sellers": 6, "largest": 40} | wrong
    with pytest.raises(SizeRefused, match=said):
        Size(**numbers)


def test_lines_are_dealt_to_days_without_remainder() -> None:
    for days in (1, 59, 60, 61, 180):
        per_day = Size(days=days, orders=1_234_567, events=0).lines_per_day()
        assert per_day.sum() == 1_234_567
        assert len(per_day) == days
    assert np.ptp(Size(days=180).lines_per_day()[-60:]) <= 1


def test_the_command_scales_its_defaults_and_says_what_it_made() -> None:
    out = StringIO()
    options = ("--size", "0.001", "--orders", "900", "--events", "90", "--until", "2026-03-31")
    call_command("make_scale_data", *options, stdout=out)
    assert "1,000 offers of 20 sellers, the largest with 100" in out.getvalue()
    assert "900 order lines over 180 days" in out.getvalue()
    assert "450 order lines in the last 60 days" in out.getvalue()
    with pytest.raises(CommandError, match="already"):
        call_command("make_scale_data", *options, stdout=out)
    with pytest.raises(CommandError, match="--size must be more than 0") as refused:
        call_command("make_scale_data", "--size", "0")
    assert refused.value.returncode == 2
