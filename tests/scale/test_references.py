"""What the night is measured against says the same as the night, and would be found out if it didn't."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from health.models import OfferHealth
from health.recompute import recompute_night
from offers.models import Offer
from tests.scale.duck import Duck, refuse_other_counts
from tests.scale.plain import plain_night
from vocdash.scale.building import Made, make_marketplace
from vocdash.scale.sizes import Size

pytestmark = pytest.mark.django_db
LAST_DAY = date(2026, 3, 31)
TINY = Size(offers=150, orders=20_000, days=90, events=2_000, sellers=8, largest=40)


@pytest.fixture
def made() -> Made:
    return make_marketplace(TINY, LAST_DAY, progress=lambda _name, _share: None)


def test_duckdb_counts_what_the_night_counts(made: Made, tmp_path: Path) -> None:
    duck = Duck(made.marketplace, tmp_path)
    for age in (9, 8, 0):
        day = LAST_DAY - timedelta(days=age)
        recompute_night(made.marketplace, day, trigger="command")
        assert refuse_other_counts(made.marketplace, day, duck.count(day)) == TINY.offers
    assert set(OfferHealth.objects.values_list("window_days", flat=True)) == {30, 60}


def test_the_plain_way_counts_the_same(made: Made, tmp_path: Path) -> None:
    everything = Offer.objects.filter(marketplace=made.marketplace)
    assert plain_night(everything, LAST_DAY) == TINY.offers
    counted = Duck(made.marketplace, tmp_path).count(LAST_DAY)
    assert refuse_other_counts(made.marketplace, LAST_DAY, counted) == TINY.offers


@pytest.mark.parametrize("column", ["orders", "ncx_orders", "comments", "n", "k", "c"])
def test_a_wrong_count_is_found_out(column: str, made: Made, tmp_path: Path) -> None:
    duck = Duck(made.marketplace, tmp_path)
    recompute_night(made.marketplace, LAST_DAY, trigger="command")
    row = OfferHealth.objects.filter(orders__gt=50, ncx_orders__gt=2)[:1].get()
    OfferHealth.objects.filter(pk=row.pk).update(**{column: getattr(row, column) - 1})
    with pytest.raises(AssertionError, match="of 1 offers differ"):
        refuse_other_counts(made.marketplace, LAST_DAY, duck.count(LAST_DAY))
