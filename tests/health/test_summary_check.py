"""Tiles stay what a full count says, whatever happens at once (issue 4, 5)."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from health import actions, generations
from health.models import SellerSummary
from health.summary_check import differing_summaries
from offers.actions import MoveRefused
from tests.factories import UserFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, market


@pytest.fixture
def made() -> Market:
    return market()


@pytest.mark.django_db
def test_5_a_tile_that_is_wrong_is_found_and_said(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(4)
    actions.relist(offer_id=offer.pk, by=None)
    said = StringIO()
    call_command("check_summaries", stdout=said)
    assert said.getvalue() == "US: all tiles are right\n"
    row = SellerSummary.objects.get(seller=offer.seller, as_of=LAST)
    assert row.counts == {"6": 1, "at_risk": 1, "recovering": 1}
    SellerSummary.objects.filter(pk=row.pk).update(counts={"6": 2, "at_risk": 1})
    (wrong,) = differing_summaries(made.marketplace)
    assert wrong == (offer.seller_id, {"6": 2, "at_risk": 1}, row.counts)
    with pytest.raises(CommandError, match="1 differ"):
        call_command("check_summaries", "--marketplace", "US", stdout=said)
    with pytest.raises(CommandError, match="no marketplace XX") as refused:
        call_command("check_summaries", "--marketplace", "XX")
    assert refused.value.returncode == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("worth_it", [0, 10**9], ids=["by generation", "in place"])
def test_5_tiles_are_right_after_moves_new_offers_and_nights_at_once(
    made: Market, monkeypatch: pytest.MonkeyPatch, worth_it: int
) -> None:
    monkeypatch.setattr(generations, "WORTH_IT", worth_it)
    monkeypatch.setattr(generations, "_SHARE", 0)
    offers = [bad_offer(made).pk for _ in range(12)]
    made.nights(4)
    operator, failed = UserFactory(is_staff=True), list[BaseException]()

    def alongside(work: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told in the test's own thread
                failed.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def move(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(12):
            offer_id, verb = chance.choice(offers[:-2]), chance.randrange(3)
            with suppress(MoveRefused):
                if verb == 0:
                    actions.relist(offer_id=offer_id, by=operator)
                elif verb == 1:
                    actions.close_by_hand(offer_id=offer_id, by=operator, reason="a reason")
                else:
                    actions.lift_closure(offer_id=offer_id, by=operator, reason="a reason")

    def come_and_go() -> None:
        for offer_id in offers[-2:]:
            made.offer()
            actions.sync_offers(made.marketplace)
            actions.delete_listing(offer_id=offer_id, by=operator)

    threads = [alongside(lambda: move(1)), alongside(lambda: move(2)), alongside(come_and_go)]
    for number in range(1, 4):
        made.nights(1, LAST + number * ONE_DAY)
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert differing_summaries(made.marketplace) == []
