"""Imports beside other imports, nights and people, at the same moment: no deadlock, and no row is lost.

SQLite has one writer, so there they come one after the other; what must hold is the same.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from feedback.models import FeedbackEvent, ReasonCode
from health.actions import relist, sync_offers
from health.models import Night, OfferHealth
from health.recompute import recompute_night
from offers import bulk
from offers.importers import driver, reading
from offers.models import Category, Marketplace, Offer, OrderLine, Seller
from tests.factories import A_DAY, MarketplaceFactory
from tests.health.closed_offers import closed_offer
from tests.health.test_resolving_races import at_once, slowly, sort
from tests.importing import Importing, counts, event, offer, order
from vocdash.imports import import_files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 4)
    monkeypatch.setattr(driver, "CHUNK_ROWS", 4)


def importer(importing: Importing, path: Path, **options: Any) -> Any:
    def act() -> Any:
        ((job,),) = [import_files(importing.marketplace, [path], **options).jobs]
        return job.report

    return act


def test_two_marketplaces_make_the_same_sellers_and_categories_in_opposite_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch, "offers.importers.catalog.sellers_of")
    acts, number = [], 12
    for code, order_of in (("US", range(number)), ("CA", reversed(range(number)))):
        importing = Importing(tmp_path, MarketplaceFactory(code=code))
        rows = [
            offer("A", marketplace=code, seller=f"T{one:02}", category=f"Home > Kettles {one}")
            for one in order_of
        ]
        acts.append(importer(importing, importing.write(f"{code}.csv", rows), create_sellers=True))
    done, errors = sort(at_once(*acts))
    assert not errors
    assert [counts(report) for report in done] == [(number, 0, 0, 0)] * 2
    assert Offer.objects.count() == 2 * number
    assert Seller.objects.filter(code__startswith="T").count() == number
    assert Category.objects.filter(key__startswith="home > ").count() == number


def test_the_same_file_twice_at_once_is_added_once_and_both_say_so(tmp_path: Path) -> None:
    importing = Importing(tmp_path)
    importing.rows(offer("A1"), offer("A2"))
    path = importing.write("o.csv", [order(f"O{one}", f"A{one % 2 + 1}") for one in range(30)])
    done, errors = sort(at_once(*[importer(importing, path)] * 3))
    assert not errors
    assert sorted(counts(report) for report in done) == [(0, 0, 30, 0), (0, 0, 30, 0), (30, 0, 0, 0)]
    assert OrderLine.objects.count() == 30


def test_events_are_corrected_while_a_night_judges_them_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = closed_offer()
    importing = Importing(tmp_path, closed.marketplace)
    code, seller = closed.marketplace.code, closed.seller.code
    about = [
        event(
            f"E{one}",
            f"O{one}",
            marketplace=code,
            seller=seller,
            sku=closed.sku,
            reason="odd",
            comment="broken",
        )
        for one in range(12)
    ]
    importing.rows(*about)
    ReasonCode.objects.create(source="own", code="ODD", reason="defective")
    # The file has them the other way round than the night, which goes by their ids.
    corrected = [{**row, "comment": f"{row['comment']} lid"} for row in reversed(about)]
    # The night comes to judging when the first chunks are written and others are still to come.
    for name in (
        "feedback.importers.storing.check",
        "health.recompute.active_policy",
        "health.recompute.open_run",
    ):
        slowly(monkeypatch, name)
    path = importing.write("again.csv", corrected)
    done, errors = sort(
        at_once(
            importer(importing, path),
            lambda: recompute_night(closed.marketplace, A_DAY + timedelta(days=1), trigger="schedule"),
        )
    )
    assert not errors
    assert counts(done[0]) == (0, 12, 0, 0)
    judged = FeedbackEvent.objects.filter(event_id__startswith="E", raw_reason="odd")
    assert set(judged.values_list("judged_by", "reason", "comment")) == {("code", "defective", "broken lid")}
    assert judged.values("judged_version").distinct().count() == 1


def test_an_import_during_a_night_and_a_relist_loses_no_row_and_counts_none_by_halves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = closed_offer()
    importing = Importing(tmp_path, closed.marketplace)
    code, seller, day = closed.marketplace.code, closed.seller.code, A_DAY.isoformat()
    about = {"marketplace": code, "seller": seller}
    offers = importing.write("a_offers.csv", [offer(f"N{one}", **about) for one in range(9)])
    orders = importing.write(
        "b_orders.csv", [order(f"O{one}", f"N{one % 9}", day, **about) for one in range(36)]
    )
    slowly(monkeypatch, "health.recompute._publish")
    acts = (
        lambda: import_files(closed.marketplace, [offers, orders]),
        lambda: recompute_night(closed.marketplace, A_DAY + timedelta(days=1), trigger="schedule"),
        lambda: relist(offer_id=closed.pk, by=None),
    )
    done, errors = sort(at_once(*acts))
    assert not errors
    assert [counts(job.report) for job in done[0].jobs] == [(9, 0, 0, 0), (36, 0, 0, 0)]
    assert Offer.objects.get(pk=closed.pk).status == "LIVE"
    recompute_night(closed.marketplace, A_DAY + timedelta(days=2), trigger="schedule")
    assert Night.objects.filter(marketplace=closed.marketplace).count() == 3
    counted = OfferHealth.objects.filter(offer__sku__startswith="N").values_list("orders", flat=True)
    assert list(counted) == [4] * 9


def test_an_import_that_the_database_undoes_for_a_deadlock_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    importing, tries = Importing(tmp_path), []

    class Deadlock(Exception):
        pgcode = "40P01"

    def once(marketplace: Marketplace) -> int:
        tries.append(marketplace)
        if len(tries) == 1:
            raise OperationalError("deadlock detected") from Deadlock()
        return sync_offers(marketplace)

    monkeypatch.setattr("health.actions.sync_offers", once)
    report = importing.rows(offer("A1"), offer("A2"), offer("A3", price="x"))
    assert counts(report) == (2, 0, 0, 1)
    assert len(tries) == 2
    assert Offer.objects.count() == 2
    assert not bulk.is_deadlock(OperationalError("the server went away"))
