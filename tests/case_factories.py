"""Rows for tests of what sellers do: resolve cases, removal orders, pictures, invitations, e-mails."""

from datetime import timedelta

from factory.django import DjangoModelFactory

from health.models import EmailPreference, NotificationEmail, NotificationKind, ResolutionCase
from offers.models import (
    Fulfillment,
    Invitation,
    ListingImage,
    Preferences,
    RemovalChange,
    RemovalKind,
    RemovalOrder,
    RemovalState,
    Role,
)
from tests.factories import (
    A_MOMENT,
    MembershipFactory,
    NotificationFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    SellerFactory,
    UserFactory,
    factory,
    typed,
)


class _RemovalOrderFactory(DjangoModelFactory[RemovalOrder]):
    """Five units that are to be returned, of a marketplace-fulfilled offer."""

    class Meta:
        model = RemovalOrder

    reference = factory.Sequence(lambda number: f"RO-20240316-{number:04}")
    offer = factory.SubFactory(OfferFactory, fulfillment=Fulfillment.MARKETPLACE, quantity=20)
    seller = factory.LazyAttribute(lambda made: made.offer.seller)
    kind = RemovalKind.RETURN
    quantity = 5
    requested_at = A_MOMENT
    changed_at = A_MOMENT


RemovalOrderFactory = typed(_RemovalOrderFactory)


class _RemovalChangeFactory(DjangoModelFactory[RemovalChange]):
    class Meta:
        model = RemovalChange

    order = factory.SubFactory(RemovalOrderFactory)
    state = RemovalState.REQUESTED
    source = RemovalChange.Source.SELLER
    at = A_MOMENT


RemovalChangeFactory = typed(_RemovalChangeFactory)


class _ListingImageFactory(DjangoModelFactory[ListingImage]):
    """A picture's row; there is no file behind it."""

    class Meta:
        model = ListingImage

    offer = factory.SubFactory(OfferFactory)
    file = factory.Sequence(lambda number: f"listings/2024/03/{number}.jpg")
    content_type = "image/jpeg"
    width = 1200
    height = 900
    size = 4096
    digest = factory.Sequence(lambda number: f"{number:064x}")


ListingImageFactory = typed(_ListingImageFactory)


class _InvitationFactory(DjangoModelFactory[Invitation]):
    class Meta:
        model = Invitation

    seller = factory.SubFactory(SellerFactory)
    email = factory.Sequence(lambda number: f"invited-{number}@example.org")
    role = Role.EDITOR
    token_hash = factory.Sequence(lambda number: f"{number:064x}")
    by = factory.SubFactory(UserFactory)
    sent_at = A_MOMENT
    expires_at = A_MOMENT + timedelta(days=7)


InvitationFactory = typed(_InvitationFactory)


class _PreferencesFactory(DjangoModelFactory[Preferences]):
    class Meta:
        model = Preferences

    user = factory.SubFactory(UserFactory)


PreferencesFactory = typed(_PreferencesFactory)


class _ResolutionCaseFactory(DjangoModelFactory[ResolutionCase]):
    """A draft for an open offer; one for a closed offer also needs `kind` and `closure`."""

    class Meta:
        model = ResolutionCase

    offer = factory.SubFactory(OfferFactory)
    seller = factory.LazyAttribute(lambda made: made.offer.seller)
    kind = ResolutionCase.Kind.IMPROVE
    by = factory.SubFactory(UserFactory)


ResolutionCaseFactory = typed(_ResolutionCaseFactory)


def relisting_case(**fields: object) -> ResolutionCase:
    """A draft for a closure."""
    closure = OfferStatusChangeFactory()
    given = {"offer": closure.offer, "closure": closure, "kind": ResolutionCase.Kind.RELIST}
    return ResolutionCaseFactory(**{**given, **fields})


class _NotificationEmailFactory(DjangoModelFactory[NotificationEmail]):
    class Meta:
        model = NotificationEmail

    notification = factory.SubFactory(NotificationFactory)
    user = factory.SubFactory(UserFactory)
    address = factory.LazyAttribute(lambda made: made.user.email)
    due_at = A_MOMENT


NotificationEmailFactory = typed(_NotificationEmailFactory)


class _EmailPreferenceFactory(DjangoModelFactory[EmailPreference]):
    class Meta:
        model = EmailPreference

    membership = factory.SubFactory(MembershipFactory)
    kind = NotificationKind.WEEKLY
    wanted = False


EmailPreferenceFactory = typed(_EmailPreferenceFactory)
