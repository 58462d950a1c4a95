"""PRODUCT G1: the demo shows every state, and all of them were computed, not painted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q
from pytest_django import DjangoDbBlocker

from feedback.models import FeedbackEvent
from health.models import ClosureHold, HealthChange, Night, Notification, OfferHealth, RecomputeRun, Tile
from health.recompute import yesterday
from offers.lifecycle import Move, Status
from offers.models import (
    Fulfillment,
    ImportFile,
    ListingRevision,
    Marketplace,
    Membership,
    Offer,
    OfferStatusChange,
    OrderLine,
    RemovalOrder,
    RemovalState,
    Role,
)
from offers.removals import available_units
from offers.selectors import closed_periods
from tests.demo.builds import build_quietly
from vocdash.demo.accounts import OPERATOR, WELL_KNOWN_PASSWORD, sign_ins

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

TODAY = datetime(2026, 3, 17, 15, 0, tzinfo=UTC)
JUNIPER, LARKSPUR, TINKER, FOXGLOVE = "demo-jp", "demo-lk", "demo-tv", "demo-ff"


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A demo of a third of the usual size, which all tests of this module read.

    Always of the same day, so that the same offers close; the clocks were changed within its nights.
    """
    with time_machine.travel(TODAY), django_db_blocker.unblock(), transaction.atomic():
        build_quietly(size=700, nights=60)
        yield
        transaction.set_rollback(True)


def offer(sku: str, market: str = "US", **filters: object) -> Offer:
    return Offer.objects.select_related("health").get(sku=sku, marketplace__code=market, **filters)


def tiles(seller: str) -> set[int]:
    return set(OfferHealth.objects.filter(seller__code=seller).values_list("tile", flat=True))


def test_g1_every_tile_is_filled_for_the_first_seller_alone() -> None:
    assert tiles(JUNIPER) == set(Tile.values)


def test_g1_sixty_nights_end_yesterday_on_both_marketplaces() -> None:
    for marketplace in Marketplace.objects.all():
        nights = Night.objects.filter(marketplace=marketplace)
        assert nights.count() == 60
        assert nights.order_by("-as_of")[0].as_of == yesterday(marketplace)
    told = Marketplace.objects.order_by("code").values_list("code", "currency", "time_zone", "language")
    assert list(told) == [("CA", "CAD", "America/Toronto", "fr"), ("US", "USD", "America/New_York", "en")]


def test_g1_several_offers_are_closed_now_by_the_engine() -> None:
    closed = Offer.objects.filter(seller__code=JUNIPER, status=Status.CLOSED)
    assert closed.count() >= 3
    for one in closed:
        last = one.status_changes.order_by("-at")[0]
        assert last.move == Move.CLOSE
        assert last.on == one.last_closed_on
        assert last.evidence["k"] >= 5


def test_g1_one_offer_was_closed_relisted_and_closed_again() -> None:
    moves = offer("JP-CLK-25-BLK").status_changes.order_by("at").values_list("move", flat=True)
    assert list(moves) == [Move.CLOSE, Move.RELIST, Move.CLOSE]


def test_g1_some_are_relisted_and_recovering_others_are_fair_again() -> None:
    live = OfferHealth.objects.filter(offer__status=Status.LIVE, offer__relisted_on__isnull=False)
    assert live.filter(recovering=True).exists()
    lamp = offer("JP-LMP-USB-STL")
    assert lamp.status == Status.LIVE
    assert lamp.last_closed_on is not None
    assert lamp.health.tile in {Tile.FAIR, Tile.GOOD, Tile.EXCELLENT}
    assert not lamp.health.recovering
    recovered, relisted = lamp.health.recovered_on, lamp.relisted_on
    assert recovered
    assert relisted
    assert recovered > relisted


def test_g1_relists_are_the_sellers_own_act_after_an_edit() -> None:
    relist = offer("JP-LMP-USB-STL").status_changes.get(move=Move.RELIST)
    assert relist.by is not None
    assert relist.by.username == "editor@juniper-pine-goods.example"
    edit = ListingRevision.objects.get(offer=relist.offer, number=2)
    assert edit.source == ListingRevision.Source.SELLER
    assert edit.by == relist.by
    assert edit.changed_fields == ["bullets"]
    assert 0 < (relist.at - edit.at).total_seconds() < 3600


def test_g1_the_maker_s_barcode_brings_feedback_of_another_shops_orders() -> None:
    mug = offer("JP-MUG-350-MB")
    assert mug.manufacturer_barcode
    foreign = FeedbackEvent.objects.filter(offer=mug, foreign_order=True)
    assert foreign.exists()
    assert not foreign.filter(order_line__isnull=False).exists()
    window = yesterday(mug.marketplace) - timedelta(days=mug.health.window_days)
    own = OrderLine.objects.filter(offer=mug, ordered_on__gt=window, feedback__counted=True)
    assert mug.health.ncx_orders == own.distinct().count()


def test_g1_late_parcels_alone_never_hurt() -> None:
    throw = offer("JP-THR-130-OAT")
    delivery = FeedbackEvent.objects.filter(offer=throw, cause=FeedbackEvent.Cause.DELIVERY)
    assert delivery.count() > 20
    assert not delivery.filter(counted=True).exists()
    bands = set(HealthChange.objects.filter(offer=throw).values_list("band", flat=True))
    assert bands <= {Tile.EXCELLENT, Tile.GOOD, Tile.FAIR}


def test_g1_a_bad_batch_that_is_over_is_not_closed() -> None:
    cone = offer("JP-CON-02-CRM")
    assert cone.status == Status.LIVE
    assert cone.health.band in {Tile.POOR, Tile.VERY_POOR}
    assert not cone.status_changes.exists()
    by_day = FeedbackEvent.objects.filter(offer=cone, counted=True).values_list(
        "order_line__ordered_on", flat=True
    )
    newest = yesterday(cone.marketplace).toordinal()
    in_batch = [day for day in by_day if 33 < newest - day.toordinal() <= 44]
    assert len(in_batch) > len(by_day) / 2


def test_g1_too_little_feedback_is_insufficient() -> None:
    vase = offer("JP-VAS-22-TER").health
    assert vase.tile == Tile.INSUFFICIENT
    assert vase.ncx_orders > 0
    assert vase.orders < 15
    young = OfferHealth.objects.filter(seller__code=TINKER)
    assert young.filter(tile=Tile.INSUFFICIENT).count() >= 3


def test_g1_new_offers_and_quiet_ones_are_there() -> None:
    quiet_or_new = OfferHealth.objects.filter(tile=Tile.NO_RECENT_ORDERS, orders=0, seller__code=JUNIPER)
    assert quiet_or_new.filter(last_ordered_on__isnull=True).exists()
    assert quiet_or_new.filter(last_ordered_on__isnull=False).exists()


def test_g1_a_deleted_listing_keeps_its_band_and_its_sku_came_back_as_a_new_offer() -> None:
    mug = offer("JP-MUG-350-GRN")
    assert (mug.status, mug.health.tile) == (Status.LISTING_DELETED, Tile.DELETED)
    assert mug.health.band
    old = offer("JP-CUR-213-CHA", status=Status.LISTING_DELETED)
    new = offer("JP-CUR-213-CHA", status=Status.LIVE)
    assert old.deleted_on
    assert new.listed_on
    assert new.listed_on > old.deleted_on
    assert not OrderLine.objects.filter(offer=old, ordered_on__gte=old.deleted_on).exists()
    assert OrderLine.objects.filter(offer=new, ordered_on__gt=new.listed_on).exists()


def test_g1_comments_on_ca_are_in_french_and_in_english() -> None:
    comments = FeedbackEvent.objects.filter(marketplace__code="CA", seller__code=JUNIPER).exclude(comment="")
    french = comments.filter(Q(comment__contains=" la ") | Q(comment__contains="é"))
    assert comments.count() > french.count() > comments.count() / 4
    assert offer("JP-KET-17-BLK", "CA").title.startswith("Bouilloire électrique")


def test_g1_apparel_is_too_small() -> None:
    """The larger part of the complaints about the apparel shop's stories is about sizes."""
    dress = offer("LK-DRS-M-PLM").health
    assert dress.top_reason == "too_small"
    assert dress.top_reason_orders / dress.ncx_orders > 0.5
    assert tiles(LARKSPUR) >= {Tile.GOOD, Tile.FAIR, Tile.INSUFFICIENT}


def test_g1_some_feedback_waits_for_its_order() -> None:
    waiting = FeedbackEvent.objects.filter(order_line__isnull=True, foreign_order=False)
    assert waiting.count() >= 3
    assert not waiting.filter(counted=True, offer__isnull=False).exists()


def test_g1_one_closure_waits_for_an_operator() -> None:
    hold = ClosureHold.objects.get(state=ClosureHold.State.OPEN)
    assert hold.cause == ClosureHold.Cause.CUSTOMERS
    assert hold.offer.seller.code == FOXGLOVE
    assert hold.offer.status == Status.LIVE


def test_nobody_ever_bought_a_closed_offer() -> None:
    periods = closed_periods(Offer.objects.values_list("pk", flat=True))
    assert len(periods) >= 5
    for offer_id, closed in periods.items():
        for begun, ended in closed:
            lines = OrderLine.objects.filter(offer=offer_id, ordered_at__gte=begun)
            assert not (lines.filter(ordered_at__lt=ended) if ended else lines).exists()


def test_all_data_came_through_the_importer_without_a_bad_row() -> None:
    files = ImportFile.objects.all()
    assert files.exists()
    assert not files.exclude(state=ImportFile.State.DONE).exists()
    assert not files.filter(Q(bad__gt=0) | Q(changed__gt=0) | Q(read__gt=F("added"))).exists()


def test_g1_removal_orders_are_in_every_state_and_leave_the_stock_consistent() -> None:
    orders = RemovalOrder.objects.filter(seller__code=JUNIPER, offer__marketplace__code="US")
    assert set(orders.values_list("state", flat=True)) == set(RemovalState.values)
    assert orders.filter(state="completed", done__lt=F("quantity")).exists()
    assert orders.filter(by__isnull=True).exists(), "one was asked for elsewhere"
    for order in RemovalOrder.objects.select_related("offer"):
        assert order.offer.fulfillment == Fulfillment.MARKETPLACE
        assert (available_units(order.offer) or 0) > 0
        assert order.changes.order_by("at").last().state == order.state  # type: ignore[union-attr]
    told = Notification.objects.filter(kind="removal")
    ended = RemovalOrder.objects.filter(state__in=["completed", "cancelled"])
    assert told.count() == ended.filter(changes__source="import").distinct().count()
    assert not told.filter(email="pending").exists()


def test_what_happened_is_dated_as_it_happened() -> None:
    assert not OfferStatusChange.objects.exclude(recorded_at=F("at")).exists()
    for marketplace in Marketplace.objects.all():
        nights = Night.objects.filter(marketplace=marketplace).order_by("as_of")
        days = [
            (night.computed_at.astimezone(marketplace.zone).date() - night.as_of).days for night in nights
        ]
        assert set(days[:-1]) == {1}
        runs = RecomputeRun.objects.filter(marketplace=marketplace).order_by("as_of")
        for night, run in zip(list(nights)[:-1], runs, strict=False):
            assert run.finished_at == night.computed_at
    closures = OfferStatusChange.objects.filter(move=Move.CLOSE).count()
    notices = Notification.objects.filter(kind="closed")
    assert notices.count() == closures
    assert notices.filter(read_at__isnull=True).exists()
    assert notices.filter(read_at__isnull=False).exists()


def test_g1_everybody_can_sign_in() -> None:
    people = sign_ins(WELL_KNOWN_PASSWORD)
    assert len({person.shop for person in people if person.shop}) == 3
    for person in people:
        assert get_user_model().objects.get(username=person.user_name).check_password(person.password)
    roles = Membership.objects.filter(seller__code=JUNIPER).values_list("role", flat=True)
    assert set(roles) == set(Role.values)
    assert get_user_model().objects.get(username=OPERATOR).is_superuser
    others = get_user_model().objects.exclude(username__in=[person.user_name for person in people])
    assert others.exists()
    assert not any(other.has_usable_password() for other in others)
