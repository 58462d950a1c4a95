"""How many queries the dashboard asks: no more for a large seller, and few (PRODUCT B1-B4)."""

import pytest
from django.db import connection

from health.models import Tile
from tests.factories import NotificationFactory, SavedViewFactory
from tests.pages.people import Person, operator, owner, queries
from tests.pages.reading import dashboard
from tests.pages.shops import Shop, every_tile

pytestmark = pytest.mark.django_db
PLAIN = 3
"""Memberships with unread notices and saved views, marketplaces with their nights and summaries, the rows."""


@pytest.fixture
def who() -> Person:
    """The owner of a seller with 300 offers on each of two marketplaces, saved views and notices."""
    first = every_tile()
    for number in range(300):
        first.add(list(Tile)[number % len(Tile)], title=f"Kettle {number}", top_reason="defective")
    first.counted()
    second = Shop(first.seller, code="CA")
    for _ in range(300):
        second.add(Tile.GOOD, title="Kettle")
    second.counted()
    made = owner(first.seller)
    for _ in range(3):
        SavedViewFactory(user=made.user, seller=first.seller)
        NotificationFactory(seller=first.seller)
    return made


def asked(who: Person, query: str) -> list[str]:
    """The queries of a page with these rows, once what a process keeps is there."""
    who.dashboard(query)
    return queries(lambda: who.dashboard(query))


def in_one(who: Person) -> Person:
    who.switch(who.user.memberships.get().seller, "US")
    return who


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", PLAIN),
        ("per_page=100", PLAIN),
        ("page=9", PLAIN),
        ("band=poor&band=very-poor", PLAIN),
        ("sort=-rate", PLAIN),
        # The tiles count what the filter leaves: one query more. It replaces none of the others.
        ("status=open", PLAIN + 1),
        ("q=kettle", PLAIN + 1),
        ("q=kettle&ch=seller&reason=defective&updated=60&sort=product&band=poor", PLAIN + 1),
        ("q=nothing+like+it", PLAIN + 1),
    ],
)
@pytest.mark.parametrize("everywhere", [False, True], ids=["one marketplace", "all marketplaces"])
def test_b4_the_dashboard_asks_at_most_six_queries_besides_session_and_user(
    who: Person, query: str, number: int, everywhere: bool
) -> None:
    if not everywhere:
        in_one(who)
    assert len(asked(who, query)) == number <= 6
    assert dashboard(who.dashboard(query)).rows or "nothing" in query


def test_a4_the_marketplace_filter_counts_from_the_rows_too(who: Person) -> None:
    assert len(asked(who, "mp=CA")) == PLAIN + 1


def test_f6_an_operator_asks_once_more_for_the_seller(who: Person) -> None:
    reader = operator()
    reader.switch(who.user.memberships.get().seller)
    assert len(asked(reader, "")) == PLAIN + 1


def test_b4_a_fragment_asks_the_same(who: Person) -> None:
    who.fragment("")
    assert len(queries(lambda: who.fragment(""))) == PLAIN


def test_b4_a_small_seller_asks_as_many_queries_as_a_large_one(who: Person) -> None:
    small = Shop()
    small.add()
    small.counted()
    other = owner(small.seller)
    assert [len(asked(other, query)) for query in ("", "q=kettle")] == [PLAIN, PLAIN + 1]


def test_b4_no_query_counts_or_reads_all_rows_of_the_grid(who: Person) -> None:
    for sql in asked(who, ""):
        if '"health_offerhealth"' in sql:
            assert "LIMIT 25" in sql
            assert "COUNT(" not in sql


def test_b2_the_first_page_is_read_along_an_index_without_sorting(who: Person) -> None:
    (rows,) = [sql for sql in asked(in_one(who), "") if '"health_offerhealth"' in sql]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The planner may still prefer to sort few rows; asked not to, it must be able to do without.
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute(f"EXPLAIN {rows}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {rows}")
        plan = " ".join(str(line) for line in cursor.fetchall())
    assert "health_urgency" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
