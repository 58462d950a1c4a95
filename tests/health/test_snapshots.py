"""A page shows one night whole, while nights are published by either way (issue 4, 3: readers)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, connection

from health import generations
from health.models import Night, OfferHealth, SellerSummary
from health.snapshots import one_snapshot
from offers import bulk
from offers.models import Marketplace
from tests.health.story import LAST, ONE_DAY, Market, market

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer and no exchange"),
]


@pytest.fixture(params=["by generation", "in place"])
def made(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Market:
    """A market whose nights are published in one of the two ways."""
    monkeypatch.setattr(generations, "WORTH_IT", 0 if request.param == "by generation" else 10**9)
    monkeypatch.setattr(generations, "_SHARE", 0)
    monkeypatch.setattr(generations, "_PATIENCE", 20.0)
    return market()


def nights_seen() -> tuple[Any, ...]:
    """The night of a page's head, of its tiles and of its rows, with their numbers; tiles are asked first."""
    tiles = list(SellerSummary.objects.values_list("as_of", "counts"))
    rows = list(OfferHealth.objects.values_list("as_of", flat=True))
    newest = max(as_of for as_of, _ in tiles)
    shown = [counts for as_of, counts in tiles if as_of == newest]
    number = sum(count for counts in shown for name, count in counts.items() if name.isdigit())
    return Night.objects.latest("as_of").as_of, newest, number, set(rows), len(rows)


@contextmanager
def in_another_thread(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Runs alongside, and is over in the end."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield thread
    thread.join(30)
    assert not thread.is_alive()
    assert failed == []


def test_3_pages_are_of_one_night_while_others_are_published(made: Market) -> None:
    made.nights(1)
    pages: list[tuple[Any, ...]] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            with one_snapshot():
                Marketplace.objects.count()  # as every page: who looks, before what is looked at
                pages.append(nights_seen())

    with in_another_thread(read):
        try:
            for number in range(1, 6):
                made.nights(1, LAST + timedelta(days=number))
        finally:
            over.set()
    assert len({page[0] for page in pages}) > 1
    assert [page for page in pages if page != (page[0], page[0], 24, {page[0]}, 24)] == []


def test_3_a_page_that_began_before_a_night_was_published_shows_the_last_one_whole(made: Market) -> None:
    made.nights(1)
    looked = threading.Event()

    def publish() -> None:
        assert looked.wait(20)
        made.nights(1, LAST + ONE_DAY)

    with in_another_thread(publish) as publishing, one_snapshot():
        Marketplace.objects.count()  # the snapshot is of now; no table of a night was looked at yet
        looked.set()
        publishing.join(1.0)
        assert nights_seen() == (LAST, LAST, 24, {LAST}, 24)
    assert nights_seen() == (LAST + ONE_DAY, LAST + ONE_DAY, 24, {LAST + ONE_DAY}, 24)


@pytest.mark.parametrize("made", ["in place"], indirect=True)
def test_3_nothing_is_written_by_a_page_that_reads(made: Market) -> None:
    with pytest.raises(InternalError, match="read-only"), one_snapshot():
        Marketplace.objects.filter(pk=made.marketplace.pk).update(name="other")
    ((level, reads),) = bulk.fetch(
        "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
    )
    assert (level, reads) == ("read committed", "off")
    with one_snapshot():
        ((level,),) = bulk.fetch("SELECT current_setting('transaction_isolation')")
    assert level == "repeatable read"
