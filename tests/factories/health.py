"""Rows of nights, of what they find, and of what they tell."""

import uuid

from factory.django import DjangoModelFactory

from health.models import (
    BenchmarkPiece,
    BenchmarkRefresh,
    ClosureHold,
    GridOrder,
    HealthChange,
    HealthPolicy,
    LateNight,
    Night,
    Notification,
    NotificationKind,
    OfferHealth,
    Part,
    RecomputeRun,
    SavedView,
    SellerSummary,
)
from tests.factories.making import A_DAY, A_MOMENT, factory, typed
from tests.factories.offers import MarketplaceFactory, OfferFactory, SellerFactory, UserFactory


class _PolicyFactory(DjangoModelFactory[HealthPolicy]):
    """The active policy, version 1: `PolicyFactory(numbers={"close_min_n": 12})`."""

    class Meta:
        model = HealthPolicy

    marketplace = factory.SubFactory(MarketplaceFactory)
    version = 1
    state = HealthPolicy.State.ACTIVE
    activated_at = A_MOMENT


PolicyFactory = typed(_PolicyFactory)


class _HealthFactory(DjangoModelFactory[OfferHealth]):
    """The row of an offer that was never computed, unless given numbers."""

    class Meta:
        model = OfferHealth

    offer = factory.SubFactory(OfferFactory)
    seller = factory.LazyAttribute(lambda made: made.offer.seller)
    marketplace = factory.LazyAttribute(lambda made: made.offer.marketplace)


HealthFactory = typed(_HealthFactory)


class _SummaryFactory(DjangoModelFactory[SellerSummary]):
    class Meta:
        model = SellerSummary

    marketplace = factory.SubFactory(MarketplaceFactory)
    seller = factory.SubFactory(SellerFactory)
    as_of = A_DAY


SummaryFactory = typed(_SummaryFactory)


class _GridOrderFactory(DjangoModelFactory[GridOrder]):
    class Meta:
        model = GridOrder

    marketplace = factory.SubFactory(MarketplaceFactory)
    seller = factory.SubFactory(SellerFactory)
    sort = "-rate"
    computed_at = A_MOMENT
    rows = 1
    first = last = bytes(8)


GridOrderFactory = typed(_GridOrderFactory)


class _NightFactory(DjangoModelFactory[Night]):
    class Meta:
        model = Night

    policy = factory.SubFactory(PolicyFactory)
    marketplace = factory.LazyAttribute(lambda made: made.policy.marketplace)
    as_of = A_DAY
    sum_n = 0.0
    computed_at = A_MOMENT


NightFactory = typed(_NightFactory)


class _LateNightFactory(DjangoModelFactory[LateNight]):
    class Meta:
        model = LateNight

    marketplace = factory.SubFactory(MarketplaceFactory)
    as_of = A_DAY


LateNightFactory = typed(_LateNightFactory)


class _RunFactory(DjangoModelFactory[RecomputeRun]):
    """A run that is running."""

    class Meta:
        model = RecomputeRun

    marketplace = factory.SubFactory(MarketplaceFactory)
    as_of = A_DAY
    trigger = RecomputeRun.Trigger.COMMAND
    token = factory.Sequence(lambda number: uuid.UUID(int=number + 1))
    started_at = A_MOMENT
    heartbeat_at = A_MOMENT


RunFactory = typed(_RunFactory)


class _BenchmarkFactory(DjangoModelFactory[BenchmarkRefresh]):
    class Meta:
        model = BenchmarkRefresh

    policy = factory.SubFactory(PolicyFactory)
    marketplace = factory.LazyAttribute(lambda made: made.policy.marketplace)
    as_of = A_DAY
    sum_n = 0.0
    offers = 0
    groups = 0
    fit = b""


BenchmarkFactory = typed(_BenchmarkFactory)


class _PieceFactory(DjangoModelFactory[BenchmarkPiece]):
    class Meta:
        model = BenchmarkPiece

    refresh = factory.SubFactory(BenchmarkFactory)
    part = Part.OFFERS
    number = factory.Sequence(lambda number: number)
    body = b""


PieceFactory = typed(_PieceFactory)


class _HealthChangeFactory(DjangoModelFactory[HealthChange]):
    class Meta:
        model = HealthChange

    offer = factory.SubFactory(OfferFactory)
    as_of = A_DAY
    band = 3
    proposed = 3
    window_days = 60
    n = 20.0
    k = 1.0
    c = 1
    policy_version = 1


HealthChangeFactory = typed(_HealthChangeFactory)


class _HoldFactory(DjangoModelFactory[ClosureHold]):
    class Meta:
        model = ClosureHold

    offer = factory.SubFactory(OfferFactory)
    marketplace = factory.LazyAttribute(lambda made: made.offer.marketplace)
    as_of = A_DAY
    cause = ClosureHold.Cause.BREAKER


HoldFactory = typed(_HoldFactory)


class _NotificationFactory(DjangoModelFactory[Notification]):
    """A weekly summary; a notice of a closure also needs `status_change` and `offer`."""

    class Meta:
        model = Notification

    seller = factory.SubFactory(SellerFactory)
    kind = NotificationKind.WEEKLY
    on = A_DAY


NotificationFactory = typed(_NotificationFactory)


class _SavedViewFactory(DjangoModelFactory[SavedView]):
    class Meta:
        model = SavedView

    user = factory.SubFactory(UserFactory)
    seller = factory.SubFactory(SellerFactory)
    name = factory.Sequence(lambda number: f"View {number}")
    query = "band=poor"


SavedViewFactory = typed(_SavedViewFactory)
