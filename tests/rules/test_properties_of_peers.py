"""The properties of METHOD 8 that concern the benchmark and whole markets."""

from dataclasses import astuple, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health.bands import Band, probabilities, propose
from health.closing import qualifies
from health.grouping import Market
from health.peers import Benchmarks, fit, place
from health.policy import Policy
from tests.rules.by_hand import Offer
from tests.rules.markets import as_market, large_market, small_markets

POLICY = Policy()
NUMBERS = ("m", "s", "W", "level", "N")


def rows(market: Market, order: np.ndarray) -> Market:
    return Market(*(column[order] for column in astuple(market)))


def judge(market: Market, found: Benchmarks) -> np.ndarray:
    none = np.zeros(len(market), np.int8)
    return propose(market.n, market.k, market.k.astype(np.int64), found.m, found.s, none, POLICY)


def closing(market: Market, found: Benchmarks) -> np.ndarray:
    """Who would close on the third such night, if every complaint had a comment."""
    proposed = judge(market, found)
    k, n = market.k.astype(np.int64), market.n.astype(np.int64)
    return qualifies(
        shown=proposed,
        proposed=proposed,
        n=market.n,
        k=market.k,
        since_n=n,
        since_k=k,
        since_c=k,
        m=found.m,
        s=found.s,
        W=found.W,
        policy=POLICY,
    )


@settings(max_examples=60)
@given(small_markets(), st.randoms(use_true_random=False), st.integers(1, 10**6))
def test_property_4_order_and_names_of_offers_sellers_and_groups_change_nothing(
    offers: list[Offer], random: Random, factor: int
) -> None:
    sellers = sorted({offer.seller for offer in offers})
    random.shuffle(sellers)
    order = list(range(len(offers)))
    random.shuffle(order)
    order.sort(key=lambda row: sellers.index(offers[row].seller))
    renamed = [
        replace(
            offers[row],
            seller=10**9 - factor * offers[row].seller,
            top=-offers[row].top * factor,
            category=offers[row].category * 31 % 1009,
            condition=5 - offers[row].condition,
        )
        for row in order
    ]
    before = fit(as_market(offers), POLICY).offers
    after = fit(as_market(renamed), POLICY).offers
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(after, name), getattr(before, name)[order], rtol=1e-9, atol=1e-9)


def two_categories(sellers: int, *, merged: bool) -> Market:
    """Two identical categories of different sellers, and a much worse one beside them."""
    alike = [(0, 40), (1, 25), (2, 60), (1, 10), (0, 3)]
    offers = [
        Offer(seller, 1, 1 if merged or seller < sellers else 2, 1, float("nan"), n, k)
        for seller in range(2 * sellers)
        for k, n in alike
    ]
    worse = [Offer(10_000 + seller, 1, 3, 1, float("nan"), 50, 2) for seller in range(sellers)]
    return as_market([*offers, *worse])


def test_property_5_merging_identical_groups_of_different_sellers_leaves_the_mean() -> None:
    for sellers in (10, 40, 160):
        apart, together = (
            fit(two_categories(sellers, merged=merged), POLICY).offers for merged in (False, True)
        )
        # What is left is kappa's pull towards the wider mean, on two levels: 100/W each.
        pull = (POLICY.kappa / apart.W[0]) ** 2
        moved = np.abs(apart.m - together.m)[: 10 * sellers].max()
        assert moved <= pull * np.ptp(apart.m) * 2
        assert together.W[0] > 1.9 * apart.W[0] - POLICY.kappa


def test_property_6_with_a_frozen_benchmark_own_complaints_do_not_move_the_own_mean() -> None:
    market = large_market(np.random.default_rng(1), 2000, mean=0.05, s=50, differing=True)
    sums = fit(market, POLICY).sums
    before, after = place(sums, market), place(sums, replace(market, k=market.n))
    for name in NUMBERS:
        assert getattr(before, name).tobytes() == getattr(after, name).tobytes()


@pytest.mark.parametrize("n", [0.0, 1.0, 0.25, 1e9])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("sellers", [1, 2, 50])
def test_property_9_extreme_markets_give_finite_numbers(n: float, share: float, sellers: int) -> None:
    offers = [Offer(row // 4 % sellers, 1, 1 + row % 2, 1, 1.0, n, n * share) for row in range(200)]
    offers.sort(key=lambda offer: offer.seller)
    market = as_market(offers)
    found = fit(market, POLICY).offers
    for name in NUMBERS:
        assert np.isfinite(getattr(found, name)).all()
    assert ((found.m > 0) & (found.m <= 1)).all()
    assert ((found.s >= 10 - 1e-9) & (found.s <= 200 + 1e-9)).all()
    assert found.W.min() >= POLICY.kappa
    assert np.isfinite(np.stack(probabilities(market.n, market.k, found.m, found.s, POLICY))).all()
    assert ((judge(market, found) == Band.NONE) == (market.n == 0)).all()


@pytest.mark.parametrize("clean", [0, 0.25])
def test_property_9_a_mean_that_rounds_to_one_stays_there_and_finite(clean: float) -> None:
    """Nearly every order a complaint, and a policy with next to no pull towards the wider group."""
    policy = replace(POLICY, kappa=1e-3, kappa_root=1e-3)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        quarters = [np.arange(1, 1 + rng.integers(1, 40)) * rng.integers(1, 40) for _ in range(6)]
        offers = [
            Offer(seller, 1, 1, 1, 1.0, n / 4, n / 4 - (clean if seller == 0 else 0))
            for seller, counts in enumerate(quarters)
            for n in counts
        ]
        found = fit(as_market(offers), policy).offers
        assert np.isfinite(found.s).all()
        assert 1 - 1e-12 < found.m.max() <= 1
        assert found.m.min() > 0.99


@pytest.mark.parametrize("s", [1e4, 1e9])
def test_property_10_a_market_without_real_differences_closes_nobody(s: float) -> None:
    """One night of 150,000 offers, every complaint with a comment; not even the cluster tests are needed."""
    market = large_market(np.random.default_rng(10), 150_000, mean=0.05, s=s, differing=False)
    found = fit(market, POLICY).offers
    assert not closing(market, found).any()
    assert np.isin(judge(market, found), (Band.POOR, Band.VERY_POOR)).mean() < 0.001
    assert np.median(found.s) > 190


def test_a_market_with_real_differences_closes_some() -> None:
    """What property 10 says of a market without them is not for want of ever closing."""
    market = large_market(np.random.default_rng(10), 50_000, mean=0.05, s=15, differing=False)
    found = fit(market, POLICY).offers
    assert (judge(market, found) == Band.VERY_POOR).mean() > 0.005
    assert closing(market, found).sum() > 50
    assert np.median(found.s) < 25


def test_property_11_the_same_input_gives_the_same_bits() -> None:
    market = large_market(np.random.default_rng(3), 20_000, mean=0.05, s=50, differing=True)
    again = rows(market, np.arange(len(market)))
    first, second = fit(market, POLICY), fit(again, POLICY)
    assert first.sums.to_bytes() == second.sums.to_bytes()
    for name in NUMBERS:
        assert getattr(first.offers, name).tobytes() == getattr(second.offers, name).tobytes()
    assert judge(market, first.offers).tobytes() == judge(again, second.offers).tobytes()
