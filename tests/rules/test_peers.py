"""METHOD 2: similar offers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health import level_fit, peers
from health.grouping import Level, Market, find, price_cuts
from health.peers import Benchmarks, Sums, fit, place
from health.policy import Policy
from tests.rules.by_hand import Offer, benchmark, price_band
from tests.rules.markets import as_market, large_market, small_markets

POLICY = Policy()
NO_PRICE = float("nan")
AN_ARRAY = (
    b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<i8', 'fortran_order': False, 'shape': (0,)}".ljust(117) + b"\n"
)


def offer(seller: int = 1, n: float = 10, k: float = 1, **other: Any) -> Offer:
    return replace(Offer(seller, 1, 1, 1, 5.0, n, k), **other)


def assert_as_by_hand(offers: list[Offer], policy: Policy = POLICY) -> Benchmarks:
    found = fit(as_market(offers), policy).offers
    expected = benchmark(offers, policy)
    np.testing.assert_allclose(found.m, [e.m for e in expected], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.s, [e.s for e in expected], rtol=1e-10)
    np.testing.assert_allclose(found.W, [e.w for e in expected], rtol=1e-12)
    assert found.level.tolist() == [e.level for e in expected]
    assert found.N.tolist() == [e.similar for e in expected]
    assert (found.finest == Level.PEER_GROUP).all()
    return found


@settings(max_examples=150)
@given(small_markets())
def test_small_markets_agree_with_the_method_done_by_hand(offers: list[Offer]) -> None:
    assert_as_by_hand(offers)


@settings(max_examples=30)
@given(small_markets(), st.floats(1, 500), st.floats(1, 100), st.floats(0, 5), st.floats(0.01, 0.2))
def test_every_number_of_the_fit_comes_from_the_policy(
    offers: list[Offer], kappa: float, root: float, reach: float, mean: float
) -> None:
    changed = replace(
        POLICY,
        kappa=kappa,
        kappa_root=root,
        winsor_sd=reach,
        winsor_floor=1.0,
        start_mean=mean,
        start_rho=0.05,
        rho_prior_weight=5.0,
        price_band_min_priced=10,
        price_band_points=(0.2, 0.9),
    )
    assert_as_by_hand(offers, changed)


def test_a_group_owned_by_one_seller_gets_its_parents_mean_and_its_own_spread() -> None:
    elsewhere = [offer(seller, 50, seller % 5, category=2) for seller in range(2, 40)]
    alone = [offer(1, 40, k, category=1) for k in (0, 12, 0, 12)]
    found = assert_as_by_hand([*alone, *elsewhere])
    stranger = place(fit(as_market([*alone, *elsewhere]), POLICY).sums, as_market([offer(1, category=9)]))
    assert found.m[0] == pytest.approx(stranger.m[0], abs=1e-12)
    assert found.W[0] == POLICY.kappa
    assert found.s[0] < found.s[-1]
    assert (found.level[0], found.N[0]) == (Level.TOP_CATEGORY, len(elsewhere))


def test_a_group_of_one_is_compared_with_the_wider_group() -> None:
    offers = [offer(1, 10, 5, condition=2), *(offer(seller, 100, 4) for seller in range(2, 10))]
    found = assert_as_by_hand(offers)
    assert found.level[0] == Level.CATEGORY
    assert found.W[0] == POLICY.kappa


def test_one_seller_owning_everything_is_compared_with_the_starting_values() -> None:
    found = assert_as_by_hand([offer(1, 50, 5), offer(1, 20, 1, category=2)])
    assert found.m == pytest.approx([POLICY.start_mean] * 2, abs=1e-12)
    assert found.N.tolist() == [0, 0]


def test_a_sellers_own_complaints_do_not_enter_their_own_mean() -> None:
    others = [offer(seller, 30, 1) for seller in range(2, 60)]
    clean, bad = (fit(as_market([offer(1, 30, k), *others]), POLICY).offers for k in (0, 2))
    assert bad.m[0] == pytest.approx(clean.m[0], abs=1e-5)
    assert bad.m[1] > clean.m[1] + 1e-5


def test_an_offer_without_orders_counts_in_no_sum_but_has_a_benchmark() -> None:
    sellers = range(2, 30)
    with_orders = [offer(seller, 30, seller % 3) for seller in sellers]
    found = assert_as_by_hand([offer(1, 0, 0), *with_orders])
    assert found.N[0] == len(with_orders)
    assert found.N[1] == len(with_orders) - 1


def test_a_giant_never_owns_its_group() -> None:
    small = [offer(seller, 40, 1) for seller in range(2, 40)]
    found = assert_as_by_hand([offer(1, 1_000_000, 500_000), *small])
    assert found.m[1] < 0.1


@pytest.mark.parametrize(("priced", "bands"), [(39, {0}), (40, {0, 1, 2, 3})])
def test_a_category_needs_forty_priced_offers_to_have_price_bands(priced: int, bands: set[int]) -> None:
    offers = [offer(seller, price=float(seller)) for seller in range(priced)]
    offers += [offer(100 + number, price=NO_PRICE) for number in range(5)]
    assert {price_band(o, offers, POLICY) for o in offers} == bands
    groups = fit(as_market(offers), POLICY).offers.groups[:, Level.PEER_GROUP]
    assert len(set(groups.tolist())) == len(bands)
    assert_as_by_hand(offers)


def test_a_price_at_a_cut_point_belongs_above_it_and_no_price_lies_lowest() -> None:
    offers = [offer(seller, price=price) for seller, price in enumerate([1.0] * 10 + [2.0] * 30 + [NO_PRICE])]
    groups = fit(as_market(offers), POLICY).offers.groups[:, Level.PEER_GROUP]
    # 25, 50 and 75 % points are 1.75, 2 and 2: the price of 2 lies above all three.
    assert len({*groups.tolist()}) == 2
    assert groups[40] == groups[0] != groups[39]
    assert_as_by_hand(offers)


@given(
    st.sets(st.integers(-50, 50), max_size=30), st.lists(st.integers(-60, 60)), st.sampled_from([1, 10**9])
)
def test_codes_are_found_wherever_they_lie(known: set[int], wanted: list[int], spacing: int) -> None:
    codes = sorted(spacing * code for code in known)
    found = find(np.array(codes, dtype=np.int64), np.array(wanted, dtype=np.int64) * spacing)
    assert found.tolist() == [codes.index(spacing * code) if code in known else -1 for code in wanted]


@given(
    st.lists(st.floats(0.01, 1e6), min_size=1, max_size=200),
    st.lists(st.integers(0, 3), min_size=200, max_size=200),
)
def test_price_cuts_are_numpys_quantiles_to_the_bit(prices: list[float], groups: list[int]) -> None:
    policy = replace(POLICY, price_band_min_priced=3)
    price, group = np.array(prices), np.array(groups[: len(prices)], dtype=np.int32)
    cuts = price_cuts(group, 4, price, policy)
    for number in range(4):
        own = price[group == number]
        expected = np.quantile(own, policy.price_band_points) if len(own) >= 3 else [np.inf] * 3
        assert cuts[number].tolist() == list(expected)


def test_offers_of_a_seller_that_do_not_stand_together_are_refused() -> None:
    with pytest.raises(ValueError, match="Sort the offers"):
        fit(as_market([offer(1), offer(2), offer(1)]), POLICY)


def test_offers_of_unknown_order_are_placed_as_well() -> None:
    offers = [offer(seller, 30, seller % 3) for seller in range(2, 60)]
    sums = fit(as_market(offers), POLICY).sums
    forth, back = place(sums, as_market(offers)), place(sums, as_market(offers[::-1]))
    assert forth.m.tolist() == back.m[::-1].tolist()


def test_columns_of_different_lengths_are_refused() -> None:
    market = as_market([offer(1), offer(2)])
    with pytest.raises(ValueError, match="equally long"):
        replace(market, n=market.n[:1])


def test_an_empty_market_fits_and_places_newcomers_at_the_starting_values() -> None:
    fitted = fit(as_market([]), POLICY)
    assert len(fitted.offers.m) == 0
    placed = place(fitted.sums, as_market([offer(1)]))
    assert placed.m[0] == pytest.approx(POLICY.start_mean)
    assert placed.s[0] == pytest.approx(1 / POLICY.start_rho - 1)
    assert (placed.finest[0], placed.level[0], placed.N[0]) == (Level.MARKETPLACE, Level.MARKETPLACE, 0)


@settings(max_examples=60)
@given(small_markets())
def test_a_newcomer_placed_where_an_offer_stands_gets_that_offers_benchmark(offers: list[Offer]) -> None:
    fitted = fit(as_market(offers), POLICY)
    placed = place(Sums.from_bytes(fitted.sums.to_bytes()), as_market(offers))
    for name in ("m", "s", "W", "level", "N", "finest", "groups"):
        np.testing.assert_array_equal(getattr(placed, name), getattr(fitted.offers, name))


def test_a_newcomers_own_counts_and_unknown_seller_change_nothing() -> None:
    market = as_market([offer(seller, 30, seller % 3) for seller in range(2, 60)])
    sums = fit(market, POLICY).sums
    before = sums.to_bytes()
    clean, bad = (place(sums, as_market([offer(999, 50, k)])) for k in (0, 50))
    assert clean.m[0] == bad.m[0]
    assert clean.N[0] == 58
    assert sums.to_bytes() == before


@pytest.mark.parametrize(
    ("changed", "finest"),
    [
        ({"condition": 7}, Level.CATEGORY),
        ({"category": 7}, Level.TOP_CATEGORY),
        ({"category": 7, "top": 7}, Level.MARKETPLACE),
    ],
)
def test_a_newcomer_to_a_new_group_stands_in_the_nearest_wider_one(
    changed: dict[str, int], finest: Level
) -> None:
    offers = [offer(seller, 200, seller % 9) for seller in range(2, 60)]
    offers += [offer(seller, 200, 30, category=2, top=2) for seller in range(60, 90)]
    fitted = fit(as_market(offers), POLICY)
    newcomer = offer(2, 5, 5, **changed)
    placed = place(fitted.sums, as_market([newcomer]))
    assert placed.finest[0] == placed.level[0] == finest
    # Where the seller's own offer stands, its own part is left out.
    sums = fitted.sums.levels[finest]
    group = placed.groups[0, finest]
    assert placed.W[0] == pytest.approx(sums.w[group] - sums.run_w[0] + fitted.sums.kappas[finest])
    assert placed.N[0] == sums.active[group] - 1
    assert (placed.groups[0, finest + 1 :] == -1).all()


def test_placing_uses_the_price_bands_of_the_refresh() -> None:
    market = as_market([offer(seller, price=float(seller)) for seller in range(40)])
    fitted = fit(market, POLICY)
    placed = place(fitted.sums, as_market([offer(99, price=price) for price in (0.5, 1e6, NO_PRICE)]))
    groups = fitted.offers.groups[:, Level.PEER_GROUP]
    assert placed.groups[:, Level.PEER_GROUP].tolist() == [groups[0], groups[-1], groups[0]]


@pytest.mark.parametrize("stored", [b"", b"not a benchmark", b"PK\x03\x04", AN_ARRAY])
def test_other_bytes_are_not_taken_for_a_stored_benchmark(stored: bytes) -> None:
    with pytest.raises(ValueError, match="not a stored benchmark"):
        Sums.from_bytes(stored)


def test_pieces_of_any_size_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    market = large_market(np.random.default_rng(5), 4000, mean=0.05, s=50, differing=True)
    whole = fit(market, POLICY)
    monkeypatch.setattr(peers, "_PIECE", 100)
    monkeypatch.setattr(level_fit, "_MUCH", 300)  # and some of it in a file
    pieces = fit(market, POLICY)
    assert [isinstance(level.run_a, np.memmap) for level in pieces.sums.levels] == [False, False, True, True]
    for name in ("m", "s", "W"):
        assert getattr(whole.offers, name).tobytes() == getattr(pieces.offers, name).tobytes()
    assert whole.sums.to_bytes() == pieces.sums.to_bytes()


def test_database_ids_of_any_order_give_the_same_bits() -> None:
    market = large_market(np.random.default_rng(6), 3000, mean=0.05, s=50, differing=True)
    renamed = Market(
        seller=10_000 - market.seller,
        top=500 - market.top,
        category=(market.category * 7919) % 10_007,
        condition=9 - market.condition,
        price=market.price,
        n=market.n,
        k=market.k,
    )
    first, second = fit(market, POLICY).offers, fit(renamed, POLICY).offers
    for name in ("m", "s", "W", "level", "N"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
