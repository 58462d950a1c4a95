"""Tiles stay what a full count says, whatever happens at once (issue 4, 5)."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

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


class Alongside:
    """Works in threads of their own; what went wrong in them is told at the end."""

    def __init__(self, *works: Callable[[], object]) -> None:
        self.failed: list[BaseException] = []
        self.threads = [threading.Thread(target=self._run, args=[work], daemon=True) for work in works]
        for thread in self.threads:
            thread.start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            self.failed.append(error)
        finally:
            connection.close()

    def end(self) -> None:
        for thread in self.threads:
            thread.join(60)
        assert [thread for thread in self.threads if thread.is_alive()] == []
        assert self.failed == []


def move_about(offers: list[int], seed: int) -> None:
    """Relists, closures and lifts, in turns by chance; most are refused."""
    chance, operator = random.Random(seed), UserFactory(is_staff=True)
    for _ in range(8):
        offer_id, verb = chance.choice(offers), chance.randrange(3)
        with suppress(MoveRefused):
            try:
                if verb == 0:
                    actions.relist(offer_id=offer_id, by=operator)
                elif verb == 1:
                    actions.close_by_hand(offer_id=offer_id, by=operator, reason="a reason")
                else:
                    actions.lift_closure(offer_id=offer_id, by=operator, reason="a reason")
            except OperationalError as error:
                # On a busy machine a move may be undone for the exchange's sake, whole.
                if getattr(error.__cause__, "pgcode", None) != "40P01":
                    raise


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

    def come_and_go() -> None:
        for offer_id in offers[-2:]:
            made.offer()
            actions.sync_offers(made.marketplace)
            actions.delete_listing(offer_id=offer_id, by=None)

    others = offers[:-2]
    alongside = Alongside(lambda: move_about(others, 1), lambda: move_about(others, 2), come_and_go)
    for number in range(1, 3):
        made.nights(1, LAST + number * ONE_DAY)
    alongside.end()
    assert differing_summaries(made.marketplace) == []
