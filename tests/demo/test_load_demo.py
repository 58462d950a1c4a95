"""The command load_demo: what it makes, says, and never touches."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from health.models import HealthPolicy, Night
from offers.models import Marketplace, Offer, OrderLine
from tests.demo.builds import SMALL_NIGHTS, digest, load_demo, load_small
from tests.factories import MarketplaceFactory, OfferFactory, OrderLineFactory, SellerFactory
from vocdash.demo import building
from vocdash.demo.accounts import OPERATOR, WELL_KNOWN_PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def first_words(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A small demo that all tests of this module see; what the command said of it."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(building, "build", partial(building.build, nights=SMALL_NIGHTS))
        OrderLineFactory(offer=real_offer())
        get_user_model().objects.create_user("owner@jp.example.org", password="x")
        yield load_small()
        transaction.set_rollback(True)


@pytest.fixture
def demo(first_words: str) -> Iterator[None]:
    """The same for a test that changes something."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def real_offer() -> Offer:
    """An offer on a marketplace of its own, of a seller whose code is like one of the demo's."""
    made: Offer = OfferFactory(marketplace=MarketplaceFactory(code="BR"), seller=SellerFactory(code="JP"))
    return made


def test_g1_one_command_makes_the_demo_and_prints_the_sign_ins(first_words: str) -> None:
    for name in ("owner", "editor", "viewer"):
        assert f"{name}@juniper-pine-goods.example" in first_words
    assert first_words.count(WELL_KNOWN_PASSWORD) == 6
    assert OPERATOR in first_words
    assert "What to look at" in first_words
    assert Night.objects.count() == 2 * SMALL_NIGHTS


def test_once_more_on_the_same_day_changes_nothing_and_prints_the_sign_ins(demo: None) -> None:
    before = digest()
    said = load_small()
    assert "is there already" in said
    assert "--again" not in said
    assert said.count(WELL_KNOWN_PASSWORD) == 6
    assert digest() == before


def test_on_a_later_day_it_says_how_to_make_it_anew(demo: None) -> None:
    HealthPolicy.objects.filter(version=1).update(reason="Demo marketplace, built for 2024-02-01")
    said = load_small()
    assert "built for the night of 2024-02-01" in said
    assert "--again" in said


def test_g1_made_again_it_is_equal_and_nothing_else_is_touched(demo: None) -> None:
    before, other = digest(), list(Offer.objects.filter(marketplace__code="BR").values())
    assert "Removing the demo" in load_small("--again")
    assert digest() == before
    assert Night.objects.count() == 2 * SMALL_NIGHTS
    assert list(Offer.objects.filter(marketplace__code="BR").values()) == other
    assert OrderLine.objects.filter(offer__marketplace__code="BR").count() == 1
    assert Marketplace.objects.count() == 3
    assert get_user_model().objects.filter(username="owner@jp.example.org").exists()


def test_a_demo_that_was_left_half_made_is_made_anew(demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(building, "date_back", fail)
    with pytest.raises(RuntimeError):
        load_small("--again")
    found = building.find()
    assert found is not None
    assert not found.built_for
    monkeypatch.undo()
    assert "Removing the demo" in load_small()


def test_a_demo_with_something_foreign_in_it_is_left_as_it_is(demo: None) -> None:
    OfferFactory(marketplace=MarketplaceFactory(code="BR"), seller=SellerFactory(code="demo-jp"))
    before = digest()
    with pytest.raises(CommandError, match="offers on other marketplaces"):
        load_small("--again")
    assert digest() == before


@pytest.mark.parametrize("size", ["3", "0"])
def test_a_size_too_small_is_refused_before_anything_is_removed(size: str, demo: None) -> None:
    before = digest()
    with pytest.raises(CommandError, match="at least"):
        load_demo("--again", "--size", size)
    assert digest() == before


def test_in_production_passwords_are_made_up_and_shown_once(demo: None) -> None:
    with override_settings(PRODUCTION=True):
        said = load_small("--allow-production", "--again")
        password = next(line.split()[1] for line in said.splitlines() if OPERATOR in line)
        once_more = load_small("--allow-production")
    assert WELL_KNOWN_PASSWORD not in said
    assert len(password) >= 16
    assert password not in once_more
    assert "shown only once" in once_more
    operator = get_user_model().objects.get(username=OPERATOR)
    assert operator.check_password(password)
    assert not operator.check_password(WELL_KNOWN_PASSWORD)
