"""Taking the demo away again, and nothing else."""

from collections.abc import Iterable

from django.db import models, transaction

from feedback.models import FeedbackEvent
from health.models import (
    BenchmarkRefresh,
    ClosureHold,
    HealthChange,
    HealthPolicy,
    Night,
    Notification,
    OfferHealth,
    RecomputeRun,
    ResolutionCase,
    SellerSummary,
)
from offers.models import (
    ImportFile,
    ListingRevision,
    Marketplace,
    Offer,
    OfferStatusChange,
    OrderLine,
    RemovalOrder,
    Seller,
)
from vocdash.demo.accounts import remove_accounts

# Each before whatever it points to.
_OF_MARKETPLACE: tuple[type[models.Model], ...] = (
    FeedbackEvent,
    Notification,
    ClosureHold,
    SellerSummary,
    OfferHealth,
    BenchmarkRefresh,
    Night,
    RecomputeRun,
)
_OF_OFFERS: tuple[type[models.Model], ...] = (
    ResolutionCase,
    RemovalOrder,
    HealthChange,
    OfferStatusChange,
    ListingRevision,
    OrderLine,
)


@transaction.atomic
def clear(marketplaces: Iterable[Marketplace], sellers: Iterable[Seller]) -> None:
    """Remove these marketplaces and sellers with all they have, and the demo's accounts.

    Raises ProtectedError, and removes nothing, when something else points to them: it is not the demo's.
    """
    pks = [marketplace.pk for marketplace in marketplaces]
    for model in _OF_MARKETPLACE:
        model._default_manager.filter(marketplace__in=pks).delete()
    for model in _OF_OFFERS:
        model._default_manager.filter(offer__marketplace__in=pks).delete()
    for last in (Offer, ImportFile, HealthPolicy):
        last._default_manager.filter(marketplace__in=pks).delete()
    Marketplace.objects.filter(pk__in=pks).delete()
    remove_accounts()
    Seller.objects.filter(pk__in=[seller.pk for seller in sellers]).delete()
