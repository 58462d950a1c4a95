"""The next generation of the grid's table: the same rows as in place, nothing lost, nobody sees a mixture."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction

from health import actions, generations
from health.generations import Generation
from health.models import Night, OfferHealth, SellerSummary, Tile, Urgency
from health.presence import connection_parameters
from health.publishing import write_rows
from health.runs import RunLost
from offers import bulk
from offers.models import Offer
from tests.factories import MarketplaceFactory, PolicyFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell
from tests.health.test_nights import everything

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes rows in place"),
]


@pytest.fixture(autouse=True)
def _for_every_market(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "WORTH_IT", 0)
    # The statistics are those of an earlier test's rows.
    monkeypatch.setattr(generations, "_SHARE", 0)


@pytest.fixture
def made() -> Market:
    return market()


@contextmanager
def in_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(generations, "WORTH_IT", 10**9)
        yield


@contextmanager
def written_in_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Collects the nights whose rows are written in place."""
    nights: list[Any] = []

    def noted(result: Any, stage: Any) -> None:
        nights.append(result)
        write_rows(result, stage)

    with monkeypatch.context() as patched:
        patched.setattr("health.recompute.write_rows", noted)
        yield nights


def after(monkeypatch: pytest.MonkeyPatch, step: str, act: Callable[[], object]) -> None:
    """Do something once, right after a step of the generation."""
    real = getattr(Generation, step)
    done: list[bool] = []

    def wrapped(self: Generation, *args: Any) -> None:
        real(self, *args)
        if not done:
            done.append(True)
            act()

    monkeypatch.setattr(Generation, step, wrapped)


def schemas() -> list[tuple[Any, ...]]:
    return bulk.fetch("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'health\\_%%'")


def shape() -> list[tuple[Any, ...]]:
    return generations._shape("health_offerhealth")


def test_a_generation_has_the_rows_that_are_written_in_place(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, again, gone = bad_offer(made), bad_offer(made), made.offer()
    with written_in_place(monkeypatch) as nights:
        made.nights(4)
        actions.relist(offer_id=again.pk, by=None)
        actions.delete_listing(offer_id=gone.pk, by=None)
        made.nights(2, LAST + 2 * ONE_DAY)
        assert nights == []
    by_generation = everything()
    with in_place(monkeypatch):
        made.nights(2, LAST + 2 * ONE_DAY)
    assert everything() == by_generation
    assert [health(offer).urgency for offer in (bad, gone)] == [Urgency.CLOSED, Urgency.DELETED]
    assert health(again).recovering
    made.nights(6, LAST + 2 * ONE_DAY)
    by_generation = everything()
    with in_place(monkeypatch):
        made.nights(6, LAST + 2 * ONE_DAY)
    assert everything() == by_generation


def test_the_table_keeps_its_columns_constraints_indexes_and_rights(made: Market) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS vocdash_reader")
        cursor.execute("CREATE ROLE vocdash_reader")
        cursor.execute("GRANT SELECT ON health_offerhealth TO vocdash_reader")
    before = shape()
    made.nights(2)
    assert shape() == before
    assert schemas() == []
    asked = "SELECT has_table_privilege('vocdash_reader', 'health_offerhealth', %s)"
    assert [bulk.fetch(asked, [right])[0][0] for right in ("SELECT", "UPDATE")] == [True, False]
    with connection.cursor() as cursor:
        cursor.execute("DROP OWNED BY vocdash_reader")
        cursor.execute("DROP ROLE vocdash_reader")


@pytest.mark.parametrize("step", ["_fill", "_finish"])
def test_what_people_do_while_it_is_built_is_in_it(
    made: Market, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    elsewhere = MarketplaceFactory(code="CA")
    PolicyFactory(marketplace=elsewhere)
    closed, deleted = bad_offer(made), made.offer()
    sell(deleted, range(9))
    made.nights(4)
    new: list[Offer] = []

    def act() -> None:
        actions.relist(offer_id=closed.pk, by=None)
        actions.delete_listing(offer_id=deleted.pk, by=None)
        new.append(made.offer(seller="NEW"))
        actions.sync_offers(made.marketplace)

    after(monkeypatch, step, act)
    with written_in_place(monkeypatch) as nights:
        made.nights(1, LAST + ONE_DAY)
    assert (len(new), nights) == (1, [])
    row = health(closed)
    assert (row.as_of, row.recovering, row.recovered_on) == (LAST + ONE_DAY, True, None)
    assert row.urgency != Urgency.CLOSED
    assert health(deleted).tile == Tile.DELETED
    assert health(new[0]).as_of is None
    assert SellerSummary.objects.get(seller=new[0].seller).counts == {"0": 1}
    night = Night.objects.latest("as_of")
    assert sum(night.counts.values()) == OfferHealth.objects.count()


def test_a_relist_after_the_night_was_read_stands_when_rows_are_written_in_place(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = bad_offer(made)
    made.nights(4)

    def relist_first(_offers: int) -> bool:
        actions.relist(offer_id=closed.pk, by=None)
        return False

    monkeypatch.setattr(generations, "pays", relist_first)
    made.nights(1, LAST + ONE_DAY)
    row = health(closed)
    assert (row.as_of, row.recovering, row.closed_rank) == (LAST + ONE_DAY, True, 0)


def test_a_night_of_another_marketplace_meanwhile_is_not_lost(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = market("CA")
    made.nights(1)
    other.nights(1)

    def act() -> None:
        with in_place(monkeypatch):
            other.nights(1, LAST + ONE_DAY)

    after(monkeypatch, "_fill", act)
    with written_in_place(monkeypatch) as nights:
        made.nights(1, LAST + ONE_DAY)
    assert [judged.marketplace.code for judged in nights] == ["CA", "US"]
    assert set(OfferHealth.objects.values_list("as_of", flat=True)) == {LAST + ONE_DAY}
    assert OfferHealth.objects.count() == 48


def test_a_table_that_a_migration_changed_meanwhile_is_kept(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX made_meanwhile ON health_offerhealth (as_of)")

    after(monkeypatch, "_finish", act)
    with written_in_place(monkeypatch) as nights:
        made.nights(1)
    assert len(nights) == 1
    assert any("made_meanwhile" in line for (line,) in shape())
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX made_meanwhile")


def test_what_a_killed_night_left_behind_is_taken_away(made: Market) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA health_next_{made.marketplace.pk}")
        cursor.execute(f"CREATE TABLE health_next_{made.marketplace.pk}.health_offerhealth (offer_id bigint)")
    made.nights(1)
    assert schemas() == []
    assert OfferHealth.objects.filter(as_of=LAST).count() == 24


def test_what_a_dead_leader_left_at_work_is_thrown_out(made: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA health_next_{made.marketplace.pk}")
        cursor.execute(f"CREATE TABLE health_next_{made.marketplace.pk}.health_offerhealth (offer_id bigint)")
    with closing(psycopg2.connect(**connection_parameters())) as left, left.cursor() as cursor:
        cursor.execute(f"LOCK TABLE health_next_{made.marketplace.pk}.health_offerhealth IN SHARE MODE")
        with written_in_place(monkeypatch) as nights:
            made.nights(1)
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("SELECT 1")
    assert (nights, schemas()) == ([], [])


def test_a_leader_that_was_taken_for_dead_leaves_its_successors_tables_alone(made: Market) -> None:
    with pytest.raises(RunLost), Generation.begun(made.marketplace):
        raise RunLost("Run 1 was taken over.")
    assert len(schemas()) == 2
    made.nights(1)
    assert schemas() == []


def test_a_plan_kept_on_a_connection_finds_the_new_table(made: Market) -> None:
    made.nights(1)
    with connection.cursor() as cursor:
        cursor.execute("PREPARE newest AS SELECT max(as_of), count(*) FROM health_offerhealth")
        for _ in range(7):
            cursor.execute("EXECUTE newest")
        made.nights(1, LAST + ONE_DAY)
        cursor.execute("EXECUTE newest")
        assert cursor.fetchall() == [(LAST + ONE_DAY, 24)]
        cursor.execute("DEALLOCATE newest")


class Reader(threading.Thread):
    """Reads pages all the time: the night, the tiles and the rows, as one request does."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self.pages: list[tuple[Any, ...]] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                with transaction.atomic():
                    self.pages.append(self.page())
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            self.error = error
        finally:
            connection.close()

    def page(self) -> tuple[Any, ...]:
        night = Night.objects.latest("as_of").as_of
        tiles = sum(sum(counts[tile] for tile in counts if tile.isdigit()) for counts in self.tiles(night))
        rows = list(OfferHealth.objects.values_list("as_of", flat=True))
        return night, tiles, set(rows), len(rows)

    def tiles(self, night: Any) -> list[dict[str, int]]:
        return list(SellerSummary.objects.filter(as_of=night).values_list("counts", flat=True))


def test_a_page_shows_one_night_whole_while_nights_are_published(made: Market) -> None:
    made.nights(1)
    reader = Reader()
    reader.start()
    try:
        for number in range(1, 21):
            made.nights(1, LAST + timedelta(days=number))
    finally:
        reader.stopped.set()
        reader.join(30)
    assert reader.error is None
    assert len({night for night, *_ in reader.pages}) > 10
    assert [page for page in reader.pages if page != (page[0], 24, {page[0]}, 24)] == []


def test_a_reader_who_does_not_end_makes_the_night_write_in_place(
    made: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "_PATIENCE", 0.0)
    made.nights(1)
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            OfferHealth.objects.count()
            reading.set()
            done.wait(30)
        connection.close()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert reading.wait(10)
    with written_in_place(monkeypatch) as nights:
        made.nights(1, LAST + ONE_DAY)
    done.set()
    reader.join(10)
    assert len(nights) == 1
    assert set(OfferHealth.objects.values_list("as_of", flat=True)) == {LAST + ONE_DAY}
