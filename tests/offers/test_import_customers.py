"""Customers are known by a keyed hash only."""

from hypothesis import given
from hypothesis import strategies as st

from offers.customers import customer_hash, hash_key, hashed_reference

KEY = hash_key("a key of this installation" * 4)


def test_the_same_customer_has_the_same_number_and_another_key_gives_another() -> None:
    assert customer_hash("C1", KEY) == customer_hash("C1", hash_key("a key of this installation" * 4))
    assert customer_hash("C1", KEY) != customer_hash("C2", KEY)
    assert customer_hash("C1", KEY) != customer_hash("C1", hash_key("another"))
    assert customer_hash("", KEY) is None


@given(st.text(min_size=1))
def test_numbers_fit_into_a_signed_64_bit_column(reference: str) -> None:
    number = customer_hash(reference, KEY)
    assert number is not None
    assert -(2**63) <= number < 2**63


@given(st.text())
def test_a_hashed_reference_stands_for_the_same_customer_and_does_not_hold_the_reference(
    reference: str,
) -> None:
    hashed = hashed_reference(reference, KEY)
    assert customer_hash(hashed, KEY) == customer_hash(reference, KEY)
    assert hashed_reference(hashed, KEY) == hashed
    assert len(reference) < 6 or reference not in hashed
