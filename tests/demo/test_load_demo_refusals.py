"""Where load_demo refuses to begin, in a database without a demo."""

import pytest
from django.core.management.base import CommandError
from django.test import override_settings

from offers.models import Marketplace, Offer
from tests.demo.builds import load_small
from tests.factories import MarketplaceFactory, OfferFactory

pytestmark = pytest.mark.django_db


def test_real_data_under_the_same_codes_are_refused() -> None:
    real = OfferFactory(marketplace=MarketplaceFactory(code="US"))
    for arguments in ((), ("--again",)):
        with pytest.raises(CommandError, match="marketplace US that is not the demo's"):
            load_small(*arguments)
    assert list(Offer.objects.all()) == [real]


def test_production_is_refused_without_a_word() -> None:
    with override_settings(PRODUCTION=True), pytest.raises(CommandError, match="--allow-production"):
        load_small()
    assert not Marketplace.objects.exists()
