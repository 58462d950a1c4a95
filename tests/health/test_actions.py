"""What people do to offers between two nights: close, lift, relist, delete, release, drop; and new offers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import travel

from health.actions import (
    close_by_hand,
    delete_listing,
    drop_hold,
    lift_closure,
    release_hold,
    relist,
    sync_offers,
)
from health.bands import Band
from health.models import ClosureHold, Notification, OfferHealth, SellerSummary, Tile, Urgency
from offers.actions import MoveRefused
from offers.lifecycle import Status
from offers.models import Offer, OfferStatusChange
from tests.factories import (
    A_DAY,
    A_MOMENT,
    HealthFactory,
    HoldFactory,
    MarketplaceFactory,
    NightFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    PolicyFactory,
    SellerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 3, 17, 3, 30, tzinfo=UTC)  # the evening of the 16th in New York
TODAY = A_DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def person() -> Any:
    return UserFactory(is_staff=True)


def live(**health: object) -> Offer:
    """A LIVE offer shown Very poor after the night of A_DAY."""
    offer = OfferFactory()
    shown = {"as_of": A_DAY, "band": Band.VERY_POOR, "tile": Tile.VERY_POOR, "urgency": Urgency.VERY_POOR}
    HealthFactory(offer=offer, **(shown | health))
    return offer


def closed(**health: object) -> Offer:
    """The same, closed on A_DAY."""
    offer = live(urgency=Urgency.CLOSED, closed_rank=-A_DAY.toordinal(), **health)
    Offer.objects.filter(pk=offer.pk).update(status=Status.CLOSED, last_closed_on=A_DAY)
    OfferStatusChangeFactory(offer=offer, at=A_MOMENT - timedelta(days=1), on=A_DAY)
    return offer


def place(offer: Offer) -> tuple[int, int, int]:
    return OfferHealth.objects.values_list("tile", "urgency", "closed_rank").get(pk=offer.pk)


def tiles(offer: Offer) -> dict[str, int]:
    """The seller's tiles that hold anything."""
    summary = SellerSummary.objects.get(seller=offer.seller_id, marketplace=offer.marketplace_id)
    return {name: number for name, number in summary.counts.items() if number}


def test_d10_closing_by_hand_keeps_who_and_why_tells_the_seller_and_places_the_offer(person: Any) -> None:
    offer = live()
    change = close_by_hand(offer_id=offer.pk, by=person, reason=" A recall by the maker. ")
    offer.refresh_from_db()
    assert (offer.status, offer.last_closed_on) == (Status.CLOSED, TODAY)
    assert (change.by, change.reason, change.on, change.at) == (person, "A recall by the maker.", TODAY, NOON)
    notice = Notification.objects.get(offer=offer)
    assert (notice.kind, notice.status_change, notice.on, notice.email) == (
        "closed",
        change,
        TODAY,
        "pending",
    )
    assert notice.evidence["reason"] == "A recall by the maker."
    assert place(offer) == (Tile.VERY_POOR, Urgency.CLOSED, -TODAY.toordinal())
    assert tiles(offer)["closed"] == 1


def test_d10_a_lift_makes_the_closure_an_error_tells_the_seller_and_forgets_its_date(person: Any) -> None:
    offer = closed()
    change = lift_closure(offer_id=offer.pk, by=person, reason="Another shop's parcel.")
    offer.refresh_from_db()
    assert (offer.status, offer.last_closed_on, offer.lifted_on) == (Status.LIVE, None, TODAY)
    assert offer.relisted_on is None  # old orders keep their full weight
    assert OfferStatusChange.objects.get(offer=offer, move="close").in_error
    notice = Notification.objects.get(offer=offer)
    assert (notice.kind, notice.status_change, notice.evidence["reason"]) == (
        "lifted", change, "Another shop's parcel.",
    )  # fmt: skip
    assert place(offer) == (Tile.VERY_POOR, Urgency.VERY_POOR, 0)


def test_d10_after_a_lift_the_date_of_the_closure_before_is_shown(person: Any) -> None:
    offer, before = closed(), A_DAY - timedelta(days=40)
    OfferStatusChangeFactory(offer=offer, at=A_MOMENT - timedelta(days=41), on=before)
    lift_closure(offer_id=offer.pk, by=person, reason="An error.")
    offer.refresh_from_db()
    assert offer.last_closed_on == before


def test_d4_a_relist_opens_the_offer_keeps_the_date_and_makes_no_notice(person: Any) -> None:
    offer = closed()
    change = relist(offer_id=offer.pk, by=person)
    offer.refresh_from_db()
    assert (offer.status, offer.relisted_on, offer.last_closed_on) == (Status.LIVE, TODAY, A_DAY)
    assert (change.by, change.move) == (person, "relist")
    assert OfferHealth.objects.get(pk=offer.pk).recovering
    assert place(offer) == (Tile.VERY_POOR, Urgency.VERY_POOR, 0)
    assert tiles(offer) == {str(Tile.VERY_POOR.value): 1, "at_risk": 1, "recovering": 1}
    assert not Notification.objects.exists()


@pytest.mark.parametrize("made", [live, closed])
def test_b7_a_deleted_listing_keeps_its_health_and_is_counted_as_deleted(
    made: Callable[[], Offer], person: Any
) -> None:
    offer = made()
    delete_listing(offer_id=offer.pk, by=person)
    offer.refresh_from_db()
    assert (offer.status, offer.deleted_on) == (Status.LISTING_DELETED, TODAY)
    assert OfferHealth.objects.get(pk=offer.pk).band == Band.VERY_POOR
    assert place(offer) == (Tile.DELETED, Urgency.DELETED, 0)
    assert tiles(offer) == {str(Tile.DELETED.value): 1}


@pytest.mark.parametrize("end", ["close_by_hand", "delete_listing"])
def test_b4_an_offer_that_is_closed_or_deleted_is_not_recovering_any_more(end: str, person: Any) -> None:
    offer = live(recovering=True)
    if end == "delete_listing":
        delete_listing(offer_id=offer.pk, by=person)
    else:
        close_by_hand(offer_id=offer.pk, by=person, reason="Unsafe.")
    assert not OfferHealth.objects.get(pk=offer.pk).recovering
    assert "recovering" not in tiles(offer)


@pytest.mark.parametrize("act", [close_by_hand, lift_closure])
def test_d10_without_a_reason_nothing_happens(act: Callable[..., object], person: Any) -> None:
    offer = live() if act is close_by_hand else closed()
    with pytest.raises(ValueError, match="Give a reason"):
        act(offer_id=offer.pk, by=person, reason=" \n ")
    assert Offer.objects.get(pk=offer.pk).status == offer.status or act is lift_closure
    assert not Notification.objects.exists()
    assert not OfferStatusChange.objects.exclude(move="close").exists()


def test_d5_what_is_not_possible_any_more_is_refused_and_leaves_no_trace(person: Any) -> None:
    open_one, shut, gone = live(), closed(), live()
    delete_listing(offer_id=gone.pk, by=person)
    refused: list[Callable[[], object]] = [
        lambda: close_by_hand(offer_id=shut.pk, by=person, reason="Again."),
        lambda: lift_closure(offer_id=open_one.pk, by=person, reason="Nothing to lift."),
        lambda: relist(offer_id=open_one.pk, by=person),
        lambda: relist(offer_id=gone.pk, by=person),
        lambda: lift_closure(offer_id=gone.pk, by=person, reason="Too late."),
        lambda: delete_listing(offer_id=gone.pk, by=person),
    ]
    before = (list(OfferStatusChange.objects.order_by("pk").values()), list(OfferHealth.objects.values()))
    for attempt in refused:
        with pytest.raises(MoveRefused):
            attempt()
    after = (list(OfferStatusChange.objects.order_by("pk").values()), list(OfferHealth.objects.values()))
    assert after == before
    assert not Notification.objects.exists()


def waiting(streak: int = 3, **night: object) -> ClosureHold:
    """A held closure of an offer that the night of A_DAY would close."""
    offer = live(streak=streak)
    NightFactory(policy=PolicyFactory(marketplace=offer.marketplace), as_of=A_DAY, **night)
    return HoldFactory(offer=offer, as_of=A_DAY, evidence={"orders": 60, "ncx_orders": 20})


def test_a_released_closure_happens_today_with_the_evidence_of_its_night(person: Any) -> None:
    hold = waiting()
    assert release_hold(hold_id=hold.pk, by=person) is True
    hold.refresh_from_db()
    offer = Offer.objects.get(pk=hold.offer_id)
    assert (hold.state, hold.decided_by, hold.decided_at, hold.outcome) == (
        "released",
        person,
        NOON,
        "closed",
    )
    assert (offer.status, offer.last_closed_on) == (Status.CLOSED, TODAY)
    notice = Notification.objects.get(offer=offer)
    assert (notice.evidence, notice.kind, notice.email) == (
        {"orders": 60, "ncx_orders": 20},
        "closed",
        "pending",
    )
    assert place(offer) == (Tile.VERY_POOR, Urgency.CLOSED, -TODAY.toordinal())
    assert tiles(offer)["closed"] == 1


@pytest.mark.parametrize("why", ["too few nights", "closed already", "not computed last night"])
def test_a_released_closure_that_the_latest_night_does_not_ask_for_does_not_happen(
    why: str, person: Any
) -> None:
    hold = waiting(streak=2 if why == "too few nights" else 3)
    if why == "closed already":
        close_by_hand(offer_id=hold.offer_id, by=person, reason="Meanwhile.")
    if why == "not computed last night":
        OfferHealth.objects.update(as_of=A_DAY - timedelta(days=1))
    closures = OfferStatusChange.objects.count()
    assert release_hold(hold_id=hold.pk, by=person) is False
    hold.refresh_from_db()
    assert (hold.state, hold.decided_by) == ("released", person)
    assert hold.outcome.startswith("not closed")
    assert OfferStatusChange.objects.count() == closures


def test_a_dropped_closure_does_not_happen_and_its_nights_start_again(person: Any) -> None:
    hold = waiting()
    drop_hold(hold_id=hold.pk, by=person)
    hold.refresh_from_db()
    assert (hold.state, hold.decided_by, hold.nights_start_after) == ("dropped", person, A_DAY)
    assert Offer.objects.get(pk=hold.offer_id).status == Status.LIVE
    assert not Notification.objects.exists()


@pytest.mark.parametrize("act", [release_hold, drop_hold])
def test_a_hold_is_decided_once(act: Callable[..., object], person: Any) -> None:
    hold = waiting()
    drop_hold(hold_id=hold.pk, by=person)
    with pytest.raises(ClosureHold.DoesNotExist):
        act(hold_id=hold.pk, by=person)


def test_new_offers_are_on_their_sellers_dashboard_at_once() -> None:
    seller, marketplace = SellerFactory(), MarketplaceFactory()
    known = HealthFactory(offer=OfferFactory(seller=seller, marketplace=marketplace), band=Band.GOOD, tile=2)
    new = OfferFactory(seller=seller, marketplace=marketplace)
    elsewhere = OfferFactory(seller=seller, marketplace=MarketplaceFactory(code="CA"))
    assert sync_offers(marketplace) == 1
    row = OfferHealth.objects.get(pk=new.pk)
    assert (row.seller_id, row.marketplace_id, row.as_of, row.band) == (seller.pk, marketplace.pk, None, 0)
    assert place(new) == (Tile.NO_RECENT_ORDERS, Urgency.NO_BAND, 0)
    assert place(known.offer)[0] == Tile.GOOD
    assert tiles(new) == {"0": 1, "2": 1}
    assert not OfferHealth.objects.filter(pk=elsewhere.pk).exists()
    assert sync_offers(marketplace) == 0


def test_an_import_that_closes_or_deletes_is_seen_by_the_grid() -> None:
    gone, shut = live(), live()
    Offer.objects.filter(pk=gone.pk).update(status=Status.LISTING_DELETED, deleted_on=A_DAY)
    Offer.objects.filter(pk=shut.pk).update(status=Status.CLOSED, last_closed_on=A_DAY)
    assert sync_offers(gone.marketplace) == 0
    assert place(gone)[0] == Tile.DELETED
    assert place(shut)[1:] == (Urgency.CLOSED, -A_DAY.toordinal())


def test_what_is_done_between_two_nights_changes_the_tiles_of_the_last_night(person: Any) -> None:
    offer = live()
    night = NightFactory(policy=PolicyFactory(marketplace=offer.marketplace), as_of=A_DAY)
    close_by_hand(offer_id=offer.pk, by=person, reason="Unsafe.")
    summary = SellerSummary.objects.get()
    assert (summary.as_of, summary.counts["closed"]) == (A_DAY, 1)
    night.refresh_from_db()
    assert night.counts[str(Tile.VERY_POOR.value)] == 1
