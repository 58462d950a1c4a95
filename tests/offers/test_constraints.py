"""What the database itself refuses to store about sellers, offers, orders and imports."""

import pytest

from offers.lifecycle import Move, Status
from offers.models import Category, ListingImage, Marketplace, Preferences, RemovalState, Seller
from tests.case_factories import (
    InvitationFactory,
    ListingImageFactory,
    PreferencesFactory,
    RemovalChangeFactory,
    RemovalOrderFactory,
)
from tests.factories import (
    A_DAY,
    A_MOMENT,
    CategoryFactory,
    ImportFileFactory,
    ImportProblemFactory,
    ListingRevisionFactory,
    MarketplaceFactory,
    MembershipFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    OrderLineFactory,
    SellerFactory,
    UserFactory,
)
from tests.refusals import BadRows, assert_every_constraint_is_tried, assert_refused

pytestmark = pytest.mark.django_db


def same_membership_twice() -> None:
    first = MembershipFactory()
    MembershipFactory(user=first.user, seller=first.seller, role="viewer")


def same_form_twice() -> None:
    first = RemovalOrderFactory(form_key="f1")
    RemovalOrderFactory(offer=first.offer, form_key="f1")


def same_sku_twice() -> None:
    first = OfferFactory(sku="A1")
    OfferFactory(sku="A1", seller=first.seller, marketplace=first.marketplace)


def same_revision_twice() -> None:
    first = ListingRevisionFactory()
    ListingRevisionFactory(offer=first.offer, number=first.number)


def same_order_twice() -> None:
    first = OrderLineFactory()
    OrderLineFactory(offer=first.offer, order_ref=first.order_ref)


def same_problem_twice() -> None:
    first = ImportProblemFactory()
    ImportProblemFactory(file=first.file, line=first.line)


def same_marketplace_code_twice() -> None:
    MarketplaceFactory(code="US")
    Marketplace.objects.create(code="US", name="Other", currency="USD", time_zone="UTC", language="en")


def same_picture_twice() -> None:
    first = ListingImageFactory()
    ListingImageFactory(offer=first.offer, digest=first.digest)


def same_picture_id_twice() -> None:
    first = ListingImageFactory()
    other = ListingImageFactory.build(id=first.pk, offer=first.offer)
    ListingImage.objects.bulk_create([other])


def same_address_invited_twice() -> None:
    first = InvitationFactory()
    InvitationFactory(seller=first.seller, email=first.email)


def preferences_twice() -> None:
    Preferences.objects.bulk_create([Preferences(user=PreferencesFactory().user)])


BAD_ROWS: BadRows = {
    "Category.key": lambda: Category.objects.create(path="home", key=CategoryFactory(path="Home").key),
    "category_key_given": lambda: CategoryFactory(path="Home", key=""),
    "Marketplace.code": same_marketplace_code_twice,
    "marketplace_code_given": lambda: MarketplaceFactory(code=""),
    "marketplace_hour_of_day": lambda: MarketplaceFactory(recompute_hour=24),
    "Seller.code": lambda: Seller.objects.create(code=SellerFactory(code="S").code, name="Other"),
    "seller_code_given": lambda: SellerFactory(code=""),
    "membership_once_per_seller": same_membership_twice,
    "membership_role_known": lambda: MembershipFactory(role="boss"),
    "offer_sku_once_while_listed": same_sku_twice,
    "offer_sku_given": lambda: OfferFactory(sku=""),
    "offer_title_given": lambda: OfferFactory(title=""),
    "offer_price_not_negative": lambda: OfferFactory(price="-0.01"),
    "offer_condition_known": lambda: OfferFactory(condition="mint"),
    "offer_fulfillment_known": lambda: OfferFactory(fulfillment="drone"),
    "offer_status_known": lambda: OfferFactory(status="SLEEPING"),
    "offer_deleted_has_date": lambda: OfferFactory(status=Status.LISTING_DELETED),
    "offer_closed_has_date": lambda: OfferFactory(status=Status.CLOSED),
    "listing_revision_numbered_once": same_revision_twice,
    "listing_revision_from_one": lambda: ListingRevisionFactory(number=0),
    "status_change_changes": lambda: OfferStatusChangeFactory(to_status=Status.LIVE),
    "status_change_move_known": lambda: OfferStatusChangeFactory(move="vanish"),
    "status_change_by_hand_has_reason": lambda: OfferStatusChangeFactory(move=Move.CLOSE_BY_HAND),
    "status_change_only_closure_in_error": lambda: OfferStatusChangeFactory(
        move=Move.RELIST, from_status=Status.CLOSED, to_status=Status.LIVE, in_error=True
    ),
    "order_line_once_per_offer": same_order_twice,
    "order_line_order_given": lambda: OrderLineFactory(order_ref=""),
    "order_status_known": lambda: OrderLineFactory(status="lost"),
    "import_state_known": lambda: ImportFileFactory(state="paused"),
    "import_problem_says_what": lambda: ImportProblemFactory(message=""),
    "import_problem_once_per_line": same_problem_twice,
    "RemovalOrder.reference": lambda: RemovalOrderFactory(reference=RemovalOrderFactory().reference),
    "removal_once_per_form": same_form_twice,
    "removal_reference_given": lambda: RemovalOrderFactory(reference=""),
    "removal_of_one_at_least": lambda: RemovalOrderFactory(quantity=0),
    "removal_kind_known": lambda: RemovalOrderFactory(kind="gift"),
    "removal_state_known": lambda: RemovalOrderFactory(state="lost"),
    "removal_within_quantity": lambda: RemovalOrderFactory(done=4, cancelled=2),
    "removal_ended_leaves_nothing_open": lambda: RemovalOrderFactory(state=RemovalState.COMPLETED, done=4),
    "removal_cancelled_did_nothing": lambda: RemovalOrderFactory(
        state=RemovalState.CANCELLED, done=1, cancelled=4
    ),
    "removal_change_state_known": lambda: RemovalChangeFactory(state="lost"),
    "removal_change_source_known": lambda: RemovalChangeFactory(source="rumour"),
    "ListingImage.id": same_picture_id_twice,
    "listing_image_once_per_offer": same_picture_twice,
    "listing_image_type_known": lambda: ListingImageFactory(content_type="image/gif"),
    "listing_image_not_empty": lambda: ListingImageFactory(size=0),
    "Invitation.token_hash": lambda: InvitationFactory(token_hash=InvitationFactory().token_hash),
    "invitation_open_once_per_address": same_address_invited_twice,
    "invitation_role_known": lambda: InvitationFactory(role="boss"),
    "invitation_address_given": lambda: InvitationFactory(email=""),
    "invitation_ends_once": lambda: InvitationFactory(accepted_at=A_MOMENT, revoked_at=A_MOMENT),
    "invitation_accepted_by_means_at": lambda: InvitationFactory(accepted_by=UserFactory()),
    "Preferences.user": preferences_twice,
    "preferences_theme_known": lambda: PreferencesFactory(theme="neon"),
}


def test_every_constraint_of_offers_is_tried_by_a_bad_row() -> None:
    assert_every_constraint_is_tried("offers", BAD_ROWS)


@pytest.mark.parametrize("name", sorted(BAD_ROWS))
def test_the_database_refuses_what_breaks(name: str) -> None:
    assert_refused("offers", name, BAD_ROWS)


def test_a_live_offer_has_no_deletion_date() -> None:
    # The other side of offer_deleted_has_date.
    assert_refused("offers", "offer_deleted_has_date", {
        "offer_deleted_has_date": lambda: OfferFactory(deleted_on=A_DAY),
    })  # fmt: skip


def test_b7_a_sku_that_comes_again_after_its_deletion_is_a_new_row() -> None:
    gone = OfferFactory(sku="A1", status=Status.LISTING_DELETED, deleted_on=A_DAY)
    again = OfferFactory(sku="A1", seller=gone.seller, marketplace=gone.marketplace)
    assert again.pk != gone.pk


def test_a_lift_needs_a_reason_like_a_closure_by_hand() -> None:
    assert_refused("offers", "status_change_by_hand_has_reason", {
        "status_change_by_hand_has_reason": lambda: OfferStatusChangeFactory(
            move=Move.LIFT, from_status=Status.CLOSED, to_status=Status.LIVE
        ),
    })  # fmt: skip
