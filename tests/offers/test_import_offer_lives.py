"""Imported offers that end and begin again (B7)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from offers.actions import move, move_many
from offers.lifecycle import Move, Status
from offers.models import Offer, OfferStatusChange
from tests.factories import A_MOMENT, OfferFactory
from tests.importing import Importing, counts, offer, only_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    return Importing(tmp_path)


def test_b7_a_row_with_a_deletion_date_deletes_the_offer_and_keeps_it(importing: Importing) -> None:
    importing.rows(offer())
    rows = [offer(deleted_on="2024-02-01"), offer("NEW", deleted_on="2024-02-02", listed_on="2023-01-01")]
    assert counts(importing.rows(*rows)) == (1, 1, 0, 0)
    known, new = Offer.objects.get(sku="A1"), Offer.objects.get(sku="NEW")
    assert (known.status, known.deleted_on) == (Status.LISTING_DELETED, date(2024, 2, 1))
    assert (new.status, new.deleted_on) == (Status.LISTING_DELETED, date(2024, 2, 2))
    change = OfferStatusChange.objects.get(offer=known)
    assert (change.move, change.from_status, change.on) == ("delete", "LIVE", date(2024, 2, 1))
    assert change.at == datetime(2024, 2, 1, 5, tzinfo=UTC)
    assert counts(importing.rows(*rows)) == (0, 0, 2, 0)
    assert OfferStatusChange.objects.count() == 2


def test_b7_a_closed_offer_can_be_deleted_by_an_import(importing: Importing) -> None:
    importing.rows(offer())
    move(offer_id=Offer.objects.get().pk, made=Move.CLOSE, at=A_MOMENT, on=A_MOMENT.date())
    importing.rows(offer(deleted_on="2024-04-01"))
    assert Offer.objects.get().status == Status.LISTING_DELETED
    assert OfferStatusChange.objects.latest("pk").from_status == Status.CLOSED


@pytest.mark.parametrize("listed_on", ["", "2024-01-01", "2024-02-01"])
def test_b7_a_deleted_sku_that_comes_again_without_a_later_listing_date_is_a_bad_row(
    importing: Importing, listed_on: str
) -> None:
    first = offer(listed_on="2024-01-01")
    importing.rows(first)
    importing.rows({**first, "deleted_on": "2024-02-01"})
    report = importing.rows(offer(listed_on=listed_on), offer("A2"))
    assert counts(report) == (1, 0, 0, 1)
    assert "deleted on 2024-02-01 for ever" in only_problem(report).message
    assert "listed_on after that date" in only_problem(report).message
    assert Offer.objects.filter(sku="A1").count() == 1


def test_b7_an_offer_that_a_seller_deleted_is_not_brought_back_by_the_same_file(importing: Importing) -> None:
    importing.rows(offer())
    move(offer_id=Offer.objects.get().pk, made=Move.DELETE, at=A_MOMENT, on=A_MOMENT.date())
    assert counts(importing.rows(offer())) == (0, 0, 0, 1)
    assert Offer.objects.get().status == Status.LISTING_DELETED


def test_b7_a_deleted_sku_listed_after_its_deletion_is_a_new_offer(importing: Importing) -> None:
    importing.rows(offer(listed_on="2024-01-01"))
    importing.rows(offer(deleted_on="2024-02-01"))
    again = offer(listed_on="2024-02-02")
    assert counts(importing.rows(again)) == (1, 0, 0, 0)
    assert counts(importing.rows(again)) == (0, 0, 1, 0)
    assert [made.status for made in Offer.objects.filter(sku="A1").order_by("pk")] == [
        "LISTING_DELETED",
        "LIVE",
    ]
    # A file without the listing date speaks of the offer that is there now.
    assert counts(importing.rows(offer(price="3"))) == (0, 1, 0, 0)


@pytest.mark.parametrize("order", [1, -1])
def test_b7_two_lives_of_one_sku_may_stand_in_one_file_in_any_order(importing: Importing, order: int) -> None:
    lives = [
        offer(listed_on="2023-01-01", deleted_on="2023-06-01"),
        offer(listed_on="2023-07-01", deleted_on="2023-12-01"),
        offer(listed_on="2024-01-01", deleted_on=""),
    ][::order]
    assert counts(importing.rows(*lives)) == (3, 0, 0, 0)
    assert counts(importing.rows(*lives)) == (0, 0, 3, 0)
    made = Offer.objects.order_by("listed_on").values_list("status", flat=True)
    assert list(made) == ["LISTING_DELETED", "LISTING_DELETED", "LIVE"]


def test_b7_a_deletion_is_final_whatever_date_is_given_for_it_later(importing: Importing) -> None:
    importing.rows(offer(deleted_on="2024-02-01"))
    importing.rows(offer(deleted_on="2024-02-05", title="Renamed"))
    made = Offer.objects.get()
    assert (made.deleted_on, made.title) == (date(2024, 2, 1), "Renamed")


def test_many_offers_move_at_once_and_one_that_may_not_is_left_as_it_is() -> None:
    live, gone = OfferFactory(), OfferFactory(status=Status.LISTING_DELETED, deleted_on=date(2024, 1, 1))
    moves = [(made.pk, A_MOMENT, date(2024, 3, 16)) for made in (live, gone)]
    assert move_many(made=Move.DELETE, moves=moves, reason="import") == {live.pk}
    live.refresh_from_db()
    gone.refresh_from_db()
    assert (live.status, live.deleted_on) == (Status.LISTING_DELETED, date(2024, 3, 16))
    assert gone.deleted_on == date(2024, 1, 1)
    change = OfferStatusChange.objects.get()
    assert (change.offer, change.from_status, change.to_status) == (live, "LIVE", "LISTING_DELETED")
    assert (change.at, change.on, change.reason) == (A_MOMENT, date(2024, 3, 16), "import")
