"""The lives of a SKU: which of its offers a row or an order means."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.importers.lives import DeletedForEver, Life, Span, life_of_listing, life_of_order

START = date(2024, 1, 1)


def day(number: int | None) -> date | None:
    return None if number is None else START + timedelta(days=number)


def life(pk: int, listed: int | None, deleted: int | None) -> Life:
    return Life(pk, day(listed), day(deleted))


FIRST, SECOND, OPEN = life(1, 0, 10), life(2, 20, 30), life(3, 40, None)


@pytest.mark.parametrize(
    ("lives", "listed", "deleted", "expected"),
    [
        ([], None, None, None),
        ([], None, 5, None),
        ([OPEN], None, None, 3),
        ([FIRST, OPEN], None, None, 3),
        ([FIRST, OPEN], 5, None, 3),
        ([FIRST], 11, None, None),
        ([FIRST], 0, 10, 1),
        ([FIRST], None, 12, 1),
        ([FIRST, OPEN], 40, 50, 3),
        ([FIRST, OPEN], None, 10, 1),
        ([FIRST, OPEN], None, 11, 1),
        ([FIRST, OPEN], 20, 30, None),
        ([FIRST, SECOND, OPEN], 20, 31, 2),
        ([OPEN], None, 5, None),
        ([life(4, None, None)], None, 5, 4),
    ],
)
def test_a_row_means_the_life_that_its_dates_fall_into(
    lives: list[Life], listed: int | None, deleted: int | None, expected: int | None
) -> None:
    found = life_of_listing(lives, Span(day(listed), day(deleted)))
    assert (found and found.offer_id) == expected


@pytest.mark.parametrize("listed", [None, 0, 10])
def test_a_row_without_deletion_does_not_bring_a_deleted_sku_back(listed: int | None) -> None:
    with pytest.raises(DeletedForEver) as refused:
        life_of_listing([FIRST], Span(day(listed), None))
    assert refused.value.on == day(10)


@pytest.mark.parametrize(
    ("ordered", "expected"), [(-100, 1), (0, 1), (10, 1), (15, 1), (20, 2), (35, 2), (40, 3), (400, 3)]
)
def test_an_order_belongs_to_the_last_life_that_had_begun(ordered: int, expected: int) -> None:
    ordered_on = day(ordered)
    assert ordered_on is not None
    assert life_of_order([FIRST, SECOND, OPEN], ordered_on).offer_id == expected


@given(st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True), st.integers(-10, 80))
def test_orders_that_fall_into_a_life_go_to_it(edges: list[int], ordered: int) -> None:
    edges = sorted(edges)
    lives = [life(n, edges[n], edges[n + 1]) for n in range(0, len(edges) - 1, 2)]
    when = day(ordered)
    assert when is not None
    inside = [
        one for one in lives if one.listed_on and one.deleted_on and one.listed_on <= when <= one.deleted_on
    ]
    if inside:
        assert life_of_order(lives, when) == inside[0]


def test_spans_are_the_same_life_unless_one_begins_after_the_others_end() -> None:
    early, late, always = Span(day(0), day(5)), Span(day(6), None), Span(None, None)
    assert not early.same_as(late)
    assert not late.same_as(early)
    assert always.same_as(early)
    assert always.same_as(late)
