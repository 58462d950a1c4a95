"""Rows of who sells what, what was ordered, and what was imported."""

from typing import Any

from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

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
from tests.factories.making import A_DAY, A_MOMENT, PASSWORD, factory, typed


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


MarketplaceFactory = typed(_MarketplaceFactory)


class _SellerFactory(DjangoModelFactory[Seller]):
    class Meta:
        model = Seller
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda number: f"S-{number:04}")
    name = factory.LazyAttribute(lambda made: f"Shop {made.code}")


SellerFactory = typed(_SellerFactory)


class _UserFactory(DjangoModelFactory[Any]):
    """A person who signs in with `PASSWORD`. `is_staff=True` makes an operator."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person-{number}")
    email = factory.LazyAttribute(lambda made: f"{made.username}@example.org")
    password = factory.django.Password(PASSWORD)


UserFactory = typed(_UserFactory)


class _MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    seller = factory.SubFactory(SellerFactory)
    role = Role.OWNER


MembershipFactory = typed(_MembershipFactory)


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


CategoryFactory = typed(_CategoryFactory)


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


OfferFactory = typed(_OfferFactory)


class _ListingRevisionFactory(DjangoModelFactory[ListingRevision]):
    class Meta:
        model = ListingRevision

    offer = factory.SubFactory(OfferFactory)
    number = 1
    source = ListingRevision.Source.IMPORT
    content = factory.LazyAttribute(lambda made: {"title": made.offer.title})
    at = A_MOMENT


ListingRevisionFactory = typed(_ListingRevisionFactory)


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


OfferStatusChangeFactory = typed(_OfferStatusChangeFactory)


class _OrderLineFactory(DjangoModelFactory[OrderLine]):
    class Meta:
        model = OrderLine

    offer = factory.SubFactory(OfferFactory)
    order_ref = factory.Sequence(lambda number: f"O-{number:06}")
    ordered_on = A_DAY
    customer = factory.Sequence(lambda number: number + 1)


OrderLineFactory = typed(_OrderLineFactory)


class _ImportFileFactory(DjangoModelFactory[ImportFile]):
    class Meta:
        model = ImportFile

    marketplace = factory.SubFactory(MarketplaceFactory)
    name = "offers.csv"
    kind = "offers"
    state = ImportFile.State.DONE
    started_at = A_MOMENT


ImportFileFactory = typed(_ImportFileFactory)


class _ImportProblemFactory(DjangoModelFactory[ImportProblem]):
    class Meta:
        model = ImportProblem

    file = factory.SubFactory(ImportFileFactory)
    line = factory.Sequence(lambda number: number + 2)
    column = "quantity"
    value = "-1"
    message = "quantity is '-1': give a whole number from 0."


ImportProblemFactory = typed(_ImportProblemFactory)
