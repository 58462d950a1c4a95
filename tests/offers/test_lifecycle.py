"""The one table of an offer's states and moves, and the one writer that follows it."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from offers.actions import MoveRefused, mark_closures_in_error, move
from offers.lifecycle import CLOSING_MOVES, MOVES, OPENING_MOVES, Move, Status, allowed, sources, target
from offers.models import Offer, OfferStatusChange
from offers.selectors import closed_periods
from tests.factories import OfferFactory, OfferStatusChangeFactory, UserFactory

NOON = datetime(2024, 3, 16, 12, tzinfo=UTC)
DAY = date(2024, 3, 16)
REASONED = {Move.LIFT, Move.CLOSE_BY_HAND}

# Written out by hand, so that a slip in the table shows.
POSSIBLE = {
    (Move.CLOSE, Status.LIVE): Status.CLOSED,
    (Move.CLOSE_BY_HAND, Status.LIVE): Status.CLOSED,
    (Move.RELIST, Status.CLOSED): Status.LIVE,
    (Move.LIFT, Status.CLOSED): Status.LIVE,
    (Move.DELETE, Status.LIVE): Status.LISTING_DELETED,
    (Move.DELETE, Status.CLOSED): Status.LISTING_DELETED,
}
ALL = list(product(Move, Status))
DATE_OF_MOVE = {
    Move.CLOSE: "last_closed_on",
    Move.CLOSE_BY_HAND: "last_closed_on",
    Move.RELIST: "relisted_on",
    Move.LIFT: "lifted_on",
    Move.DELETE: "deleted_on",
}


def offer_in(status: Status) -> Offer:
    """An offer in this state, its own dates a month old."""
    before = DAY - timedelta(days=30)
    dates = {
        Status.LIVE: {},
        Status.CLOSED: {"last_closed_on": before},
        Status.LISTING_DELETED: {"deleted_on": before},
    }
    return OfferFactory(status=status, **dates[status])


def make(offer: Offer, made: Move, **fields: object) -> OfferStatusChange:
    reason = "Asked for." if made in REASONED else ""
    given = {"offer_id": offer.pk, "made": made, "at": NOON, "on": DAY, "reason": reason} | fields
    return move(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(("made", "status"), ALL)
def test_the_table_allows_these_moves_and_no_others(made: Move, status: Status) -> None:
    assert allowed(made, status) == ((made, status) in POSSIBLE)
    if (made, status) in POSSIBLE:
        assert status in sources(made)
        assert target(made) == POSSIBLE[made, status]


def test_every_move_stands_in_the_table_and_closes_opens_or_deletes() -> None:
    assert set(MOVES) == set(Move)
    assert CLOSING_MOVES | OPENING_MOVES | {Move.DELETE} == set(Move)
    assert not CLOSING_MOVES & OPENING_MOVES


def test_b7_nothing_leads_out_of_a_deleted_listing() -> None:
    assert not any(allowed(made, Status.LISTING_DELETED) for made in Move)


@pytest.mark.django_db
@pytest.mark.parametrize(("made", "status"), ALL)
def test_a_move_changes_state_date_and_history_together_or_nothing(made: Move, status: Status) -> None:
    offer = offer_in(status)
    before: dict[str, object] = {**Offer.objects.values().get(pk=offer.pk)}
    if (made, status) not in POSSIBLE:
        with pytest.raises(MoveRefused) as refusal:
            make(offer, made)
        assert (refusal.value.offer_id, refusal.value.move) == (offer.pk, made)
        assert Offer.objects.values().get(pk=offer.pk) == before
        assert not OfferStatusChange.objects.exists()
        return
    change = make(offer, made)
    offer.refresh_from_db()
    assert offer.status == POSSIBLE[made, status] == change.to_status
    assert getattr(offer, DATE_OF_MOVE[made]) == DAY
    assert (change.move, change.from_status, change.at, change.on) == (made, status, NOON, DAY)
    others = set(DATE_OF_MOVE.values()) - {DATE_OF_MOVE[made]}
    assert {name: getattr(offer, name) for name in others} == {name: before[name] for name in others}


@pytest.mark.django_db
def test_a_move_keeps_who_why_and_the_evidence() -> None:
    operator = UserFactory(is_staff=True)
    change = make(
        offer_in(Status.LIVE),
        Move.CLOSE_BY_HAND,
        by=operator,
        reason="Unsafe.",
        evidence={"on": DAY},
    )
    stored = OfferStatusChange.objects.get(pk=change.pk)
    assert (stored.by, stored.reason, stored.evidence) == (operator, "Unsafe.", {"on": "2024-03-16"})


@pytest.mark.django_db
def test_d5_of_two_that_relist_one_wins_and_the_other_is_told() -> None:
    offer = offer_in(Status.CLOSED)
    make(offer, Move.RELIST)
    with pytest.raises(MoveRefused, match="not possible"):
        make(offer, Move.RELIST, on=DAY + timedelta(days=1))
    offer.refresh_from_db()
    assert offer.relisted_on == DAY
    assert OfferStatusChange.objects.filter(offer=offer).count() == 1


@pytest.mark.django_db
def test_a_move_asks_by_condition_and_never_reads_before_it_writes() -> None:
    # A read first would let two see the same old state.
    offer = offer_in(Status.LIVE)
    with CaptureQueriesContext(connection) as queries:
        make(offer, Move.CLOSE)
    writes = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert [sql.split(" ", 1)[0] for sql in writes] == ["UPDATE", "INSERT"]
    assert "LIVE" in writes[0].split("WHERE", 1)[1]


@pytest.mark.django_db
def test_a_move_without_its_reason_leaves_the_offer_as_it_was() -> None:
    # The history row is refused by the database: the new state must go with it.
    offer = offer_in(Status.LIVE)
    with pytest.raises(IntegrityError), transaction.atomic():
        make(offer, Move.CLOSE_BY_HAND, reason="")
    offer.refresh_from_db()
    assert offer.status == Status.LIVE


@pytest.mark.django_db
def test_d10_a_closure_in_error_leaves_the_date_of_the_one_before() -> None:
    offer = offer_in(Status.LIVE)
    make(offer, Move.CLOSE, at=NOON - timedelta(days=40), on=DAY - timedelta(days=40))
    make(offer, Move.RELIST, at=NOON - timedelta(days=30), on=DAY - timedelta(days=30))
    make(offer, Move.CLOSE)
    make(offer, Move.LIFT, at=NOON + timedelta(hours=1))
    mark_closures_in_error(offer_id=offer.pk, until=NOON + timedelta(hours=1))
    offer.refresh_from_db()
    assert offer.last_closed_on == DAY - timedelta(days=40)
    closures = OfferStatusChange.objects.filter(offer=offer, move=Move.CLOSE).order_by("at")
    assert [closure.in_error for closure in closures] == [False, True]


@pytest.mark.django_db
def test_d10_the_only_closure_in_error_leaves_no_date() -> None:
    offer = offer_in(Status.LIVE)
    make(offer, Move.CLOSE)
    make(offer, Move.LIFT)
    mark_closures_in_error(offer_id=offer.pk, until=NOON)
    mark_closures_in_error(offer_id=offer.pk, until=NOON)  # nothing left: no error, no change
    offer.refresh_from_db()
    assert offer.last_closed_on is None


@pytest.mark.django_db
def test_d2_closed_periods_run_from_closure_to_reopening_and_an_error_was_closed_too() -> None:
    offer = offer_in(Status.LIVE)
    hours = [NOON + timedelta(hours=hour) for hour in range(6)]
    for made, at in zip((Move.CLOSE, Move.RELIST, Move.CLOSE, Move.LIFT, Move.CLOSE), hours, strict=False):
        make(offer, made, at=at)
    assert closed_periods([offer.pk]) == {
        offer.pk: [(hours[0], hours[1]), (hours[2], hours[3]), (hours[4], None)]
    }
    make(offer, Move.DELETE, at=hours[5])
    assert closed_periods([offer.pk])[offer.pk][-1] == (hours[4], hours[5])


@pytest.mark.django_db
def test_an_offer_that_was_never_closed_has_no_closed_period() -> None:
    offer = OfferStatusChangeFactory(move=Move.DELETE, to_status=Status.LISTING_DELETED).offer
    assert closed_periods([offer.pk]) == {}
