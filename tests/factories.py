"""Rows for tests, in one line each: `OfferFactory(sku="A1")`. Names are invented; nothing here is random."""

import uuid
from datetime import UTC, date, datetime
from typing import Any, Protocol, TypeVar, cast

import factory as factory_boy
from django.contrib.auth import get_user_model
from django.db.models import Model
from factory.django import DjangoModelFactory

from feedback.models import FeedbackEvent, ReasonCode
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
from offers.lifecycle import Move, Status
from offers.models import (
    Category,
    ImportFile,
    ImportProblem,
    ListingRevision,
    Marketplace,
    Membership,
    Offer,
    OfferStatusChange,
    OrderLine,
    Role,
    Seller,
)
from offers.selectors import category_key

A_DAY = date(2024, 3, 15)
A_MOMENT = datetime(2024, 3, 16, 3, 0, tzinfo=UTC)
factory: Any = factory_boy  # it says that it is typed and is not
PASSWORD = "correct horse battery staple"
Made = TypeVar("Made", bound=Model)


class Factory(Protocol[Made]):
    """What a factory can do, with the type that it makes: the library's own classes don't say it."""

    def __call__(self, **fields: Any) -> Made: ...

    def build(self, **fields: Any) -> Made: ...

    def create_batch(self, size: int, **fields: Any) -> "list[Made]": ...


def _typed(made: "type[DjangoModelFactory[Made]]") -> Factory[Made]:
    return cast("Factory[Made]", made)


class _MarketplaceFactory(DjangoModelFactory[Marketplace]):
    """A marketplace without a policy; see `PolicyFactory`."""

    class Meta:
        model = Marketplace
        django_get_or_create = ("code",)

    code = "US"
    name = factory.LazyAttribute(lambda made: f"Marketplace {made.code}")
    currency = "USD"
    time_zone = "America/New_York"
    language = "en"


MarketplaceFactory = _typed(_MarketplaceFactory)


class _SellerFactory(DjangoModelFactory[Seller]):
    class Meta:
        model = Seller
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda number: f"S-{number:04}")
    name = factory.LazyAttribute(lambda made: f"Shop {made.code}")


SellerFactory = _typed(_SellerFactory)


class _UserFactory(DjangoModelFactory[Any]):
    """A person who signs in with `PASSWORD`. `is_staff=True` makes an operator."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person-{number}")
    email = factory.LazyAttribute(lambda made: f"{made.username}@example.org")
    password = factory.django.Password(PASSWORD)


UserFactory = _typed(_UserFactory)


class _MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    seller = factory.SubFactory(SellerFactory)
    role = Role.OWNER


MembershipFactory = _typed(_MembershipFactory)


class _CategoryFactory(DjangoModelFactory[Category]):
    """A category with its first step: `CategoryFactory(path="Home > Kitchen")`."""

    class Meta:
        model = Category
        django_get_or_create = ("key",)
        skip_postgeneration_save = True

    path = "Home > Kitchen > Kettles"
    key = factory.LazyAttribute(lambda made: category_key(made.path))

    @factory.post_generation  # type: ignore[untyped-decorator]
    def with_top(self: Category, create: bool, extracted: Category | None, **_kwargs: object) -> None:
        """Point to the first step of the path, made when it is missing."""
        if not create or self.top_id is not None:
            return
        first = self.path.split(">", 1)[0].strip()
        alone = category_key(first) == self.key
        self.top = extracted or (self if alone else CategoryFactory(path=first))
        self.save(update_fields=["top"])


CategoryFactory = _typed(_CategoryFactory)


class _OfferFactory(DjangoModelFactory[Offer]):
    """A LIVE offer. Another status also needs its date; `OfferStatusChangeFactory` logs the move."""

    class Meta:
        model = Offer

    marketplace = factory.SubFactory(MarketplaceFactory)
    seller = factory.SubFactory(SellerFactory)
    sku = factory.Sequence(lambda number: f"SKU-{number:05}")
    product_id = factory.LazyAttribute(lambda made: f"P-{made.sku}")
    title = factory.LazyAttribute(lambda made: f"Kettle {made.sku}")
    price = "19.90"
    currency = "USD"
    status = Status.LIVE.value


OfferFactory = _typed(_OfferFactory)


class _ListingRevisionFactory(DjangoModelFactory[ListingRevision]):
    class Meta:
        model = ListingRevision

    offer = factory.SubFactory(OfferFactory)
    number = 1
    source = ListingRevision.Source.IMPORT
    content = factory.LazyAttribute(lambda made: {"title": made.offer.title})
    at = A_MOMENT


ListingRevisionFactory = _typed(_ListingRevisionFactory)


class _OfferStatusChangeFactory(DjangoModelFactory[OfferStatusChange]):
    """A closure, unless told otherwise. Writes history only: the offer's own fields are the test's."""

    class Meta:
        model = OfferStatusChange

    offer = factory.SubFactory(OfferFactory)
    move = Move.CLOSE.value
    from_status = Status.LIVE.value
    to_status = Status.CLOSED.value
    at = A_MOMENT
    on = factory.LazyAttribute(lambda made: made.at.astimezone(made.offer.marketplace.zone).date())


OfferStatusChangeFactory = _typed(_OfferStatusChangeFactory)


class _OrderLineFactory(DjangoModelFactory[OrderLine]):
    class Meta:
        model = OrderLine

    offer = factory.SubFactory(OfferFactory)
    order_ref = factory.Sequence(lambda number: f"O-{number:06}")
    ordered_on = A_DAY
    customer = factory.Sequence(lambda number: number + 1)


OrderLineFactory = _typed(_OrderLineFactory)


class _EventFactory(DjangoModelFactory[FeedbackEvent]):
    """A return that counts, attached to an order line of its own: `EventFactory(order_line=line)`."""

    class Meta:
        model = FeedbackEvent

    order_line = factory.SubFactory(OrderLineFactory)
    offer = factory.LazyAttribute(lambda made: made.order_line and made.order_line.offer)
    marketplace = factory.LazyAttribute(lambda made: made.offer.marketplace)
    seller = factory.LazyAttribute(lambda made: made.offer.seller)
    channel = "return"
    event_id = factory.Sequence(lambda number: f"E-{number:06}")
    order_ref = factory.LazyAttribute(
        lambda made: made.order_line.order_ref if made.order_line else "O-waiting"
    )
    sku = factory.LazyAttribute(lambda made: made.offer.sku if made.offer else "")
    raw_reason = "DEFECTIVE"
    stars = factory.LazyAttribute(lambda made: 1 if made.channel == "review" else None)
    occurred_on = A_DAY
    comment = "It leaks."
    counted = True
    cause = FeedbackEvent.Cause.PRODUCT
    reason = "defective"
    judged_by = FeedbackEvent.JudgedBy.CODE


EventFactory = _typed(_EventFactory)


class _ReasonCodeFactory(DjangoModelFactory[ReasonCode]):
    class Meta:
        model = ReasonCode
        django_get_or_create = ("source", "code")

    source = "*"
    code = factory.Sequence(lambda number: f"CODE_{number}")
    reason = "defective"


ReasonCodeFactory = _typed(_ReasonCodeFactory)


class _PolicyFactory(DjangoModelFactory[HealthPolicy]):
    """The active policy, version 1: `PolicyFactory(numbers={"close_min_n": 12})`."""

    class Meta:
        model = HealthPolicy

    marketplace = factory.SubFactory(MarketplaceFactory)
    version = 1
    state = HealthPolicy.State.ACTIVE
    activated_at = A_MOMENT


PolicyFactory = _typed(_PolicyFactory)


class _HealthFactory(DjangoModelFactory[OfferHealth]):
    """The row of an offer that was never computed, unless given numbers."""

    class Meta:
        model = OfferHealth

    offer = factory.SubFactory(OfferFactory)
    seller = factory.LazyAttribute(lambda made: made.offer.seller)
    marketplace = factory.LazyAttribute(lambda made: made.offer.marketplace)


HealthFactory = _typed(_HealthFactory)


class _SummaryFactory(DjangoModelFactory[SellerSummary]):
    class Meta:
        model = SellerSummary

    marketplace = factory.SubFactory(MarketplaceFactory)
    seller = factory.SubFactory(SellerFactory)
    as_of = A_DAY


SummaryFactory = _typed(_SummaryFactory)


class _GridOrderFactory(DjangoModelFactory[GridOrder]):
    class Meta:
        model = GridOrder

    marketplace = factory.SubFactory(MarketplaceFactory)
    seller = factory.SubFactory(SellerFactory)
    sort = "-rate"
    computed_at = A_MOMENT
    rows = 1
    first = last = bytes(8)


GridOrderFactory = _typed(_GridOrderFactory)


class _NightFactory(DjangoModelFactory[Night]):
    class Meta:
        model = Night

    policy = factory.SubFactory(PolicyFactory)
    marketplace = factory.LazyAttribute(lambda made: made.policy.marketplace)
    as_of = A_DAY
    sum_n = 0.0
    computed_at = A_MOMENT


NightFactory = _typed(_NightFactory)


class _LateNightFactory(DjangoModelFactory[LateNight]):
    class Meta:
        model = LateNight

    marketplace = factory.SubFactory(MarketplaceFactory)
    as_of = A_DAY


LateNightFactory = _typed(_LateNightFactory)


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


RunFactory = _typed(_RunFactory)


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


BenchmarkFactory = _typed(_BenchmarkFactory)


class _PieceFactory(DjangoModelFactory[BenchmarkPiece]):
    class Meta:
        model = BenchmarkPiece

    refresh = factory.SubFactory(BenchmarkFactory)
    part = Part.OFFERS
    number = factory.Sequence(lambda number: number)
    body = b""


PieceFactory = _typed(_PieceFactory)


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


HealthChangeFactory = _typed(_HealthChangeFactory)


class _HoldFactory(DjangoModelFactory[ClosureHold]):
    class Meta:
        model = ClosureHold

    offer = factory.SubFactory(OfferFactory)
    marketplace = factory.LazyAttribute(lambda made: made.offer.marketplace)
    as_of = A_DAY
    cause = ClosureHold.Cause.BREAKER


HoldFactory = _typed(_HoldFactory)


class _NotificationFactory(DjangoModelFactory[Notification]):
    """A weekly summary; a notice of a closure also needs `status_change` and `offer`."""

    class Meta:
        model = Notification

    seller = factory.SubFactory(SellerFactory)
    kind = NotificationKind.WEEKLY
    on = A_DAY


NotificationFactory = _typed(_NotificationFactory)


class _SavedViewFactory(DjangoModelFactory[SavedView]):
    class Meta:
        model = SavedView

    user = factory.SubFactory(UserFactory)
    seller = factory.SubFactory(SellerFactory)
    name = factory.Sequence(lambda number: f"View {number}")
    query = "band=poor"


SavedViewFactory = _typed(_SavedViewFactory)


class _ImportFileFactory(DjangoModelFactory[ImportFile]):
    class Meta:
        model = ImportFile

    marketplace = factory.SubFactory(MarketplaceFactory)
    name = "offers.csv"
    kind = "offers"
    state = ImportFile.State.DONE
    started_at = A_MOMENT


ImportFileFactory = _typed(_ImportFileFactory)


class _ImportProblemFactory(DjangoModelFactory[ImportProblem]):
    class Meta:
        model = ImportProblem

    file = factory.SubFactory(ImportFileFactory)
    line = factory.Sequence(lambda number: number + 2)
    column = "quantity"
    value = "-1"
    message = "quantity is '-1': give a whole number from 0."


ImportProblemFactory = _typed(_ImportProblemFactory)
