"""The grid's state in its address: nothing breaks it, and it is written as it was read (PRODUCT B4)."""

from string import printable
from typing import Any
from urllib.parse import quote, urlencode

from django.http import QueryDict
from hypothesis import example, given
from hypothesis import strategies as st

from health.grid import SORT_FIELDS, STATUS_FILTERS, UPDATED_FILTERS
from offers.models import Fulfillment, Marketplace
from vocdash.pages.filter_words import REASONS
from vocdash.pages.grid_state import PAGE_SIZES, GridState, read_state
from vocdash.pages.states import STATE_OF_KEY

MARKETPLACES = [Marketplace(code="US", name="United States"), Marketplace(code="CA", name="Canada")]
NAMES = ("q", "band", "status", "ch", "mp", "reason", "updated", "sort", "page", "per_page", "view", "seller")
REASON_NAMES = [str(reason) for reason in REASONS]
SORTS = ["", *SORT_FIELDS, *(f"-{name}" for name in SORT_FIELDS)]
KNOWN = [
    *STATE_OF_KEY, *STATUS_FILTERS, *UPDATED_FILTERS, *REASON_NAMES, *SORTS, *Fulfillment.values, "US", "CA",
    "25", "50", "100", "2", "999999999",
]  # fmt: skip


def some(values: Any) -> st.SearchStrategy[tuple[str, ...]]:
    """A few of these values, each once."""
    return st.lists(st.sampled_from(sorted(values)), unique=True).map(tuple)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=250)
searches = texts.map(lambda text: text.replace("\x00", "").strip()[:200].strip())
states = st.builds(
    GridState,
    q=searches,
    bands=some(STATE_OF_KEY),
    statuses=some(STATUS_FILTERS),
    fulfillments=some(Fulfillment.values),
    marketplaces=some(["US", "CA"]),
    reasons=some(REASON_NAMES),
    updated=st.sampled_from(["", *UPDATED_FILTERS]),
    sort=st.sampled_from(SORTS),
    page=st.integers(1, 999_999_999),
    per_page=st.sampled_from(PAGE_SIZES),
)
pairs = st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.sampled_from(KNOWN), texts)), max_size=30)
raw = st.one_of(
    texts.map(quote),
    st.text(printable),
    st.binary().map(lambda raw: "q=" + "".join(f"%{byte:02x}" for byte in raw)),
    pairs.map(urlencode),
)


def read(query: str) -> GridState:
    return read_state(QueryDict(query), MARKETPLACES, REASON_NAMES)


@given(raw)
@example("q=%00&band=%00&sort=%00&page=%00&per_page=%00")
@example("page=-0&per_page=1e2&sort=---rate&updated=07")
@example("page=%C2%B2&per_page=%EF%BC%95%EF%BC%90")
@example(f"q={'x' * 199}++y")
@example("&&==&;?#%")
def test_b4_any_address_is_read_and_what_was_read_is_written_so_that_it_reads_the_same(query: str) -> None:
    state = read(query)
    assert state.page >= 1
    assert state.per_page in PAGE_SIZES
    assert "\x00" not in state.q
    assert len(state.q) <= 200
    assert read(state.query(page=state.page)) == state


@given(states)
def test_b4_every_state_has_an_address_that_says_it(state: GridState) -> None:
    assert read(state.query(page=state.page)) == state
    assert state.address(page=state.page) == f"?{state.query(page=state.page)}"


@given(states)
def test_b4_an_address_is_plain_ascii_and_safe_in_markup(state: GridState) -> None:
    query = state.query()
    assert query.isascii()
    assert not set(query) & set("\"'<> \r\n")


@given(states, states)
def test_b4_a_change_changes_what_it_names_and_goes_to_the_first_page(
    state: GridState, other: GridState
) -> None:
    for name, value in other.as_dict().items():
        changed = read(state.query(**{name: value})).as_dict()
        assert changed.pop(name) == value
        expected = {**state.as_dict(), "page": 1}
        del expected[name]
        if name == "page":
            expected = {key: entry for key, entry in state.as_dict().items() if key != "page"}
        assert changed == expected


@given(states)
def test_b4_the_usual_values_are_left_out(state: GridState) -> None:
    names = set(QueryDict(state.query()))
    assert names == {
        name for name, value in state.as_dict().items() if value and (name, value) != ("per_page", 25)
    } - {"page"}
    assert GridState().query() == ""
