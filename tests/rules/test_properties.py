"""The properties of METHOD 8 that concern bands; a test carries its property's number."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health.bands import Band, Bands, Bools, Floats, Ints, probabilities, propose, shown
from health.closing import is_certain, qualifies
from health.policy import Policy
from tests.rules import by_hand

POLICY = Policy()
MEANS = st.floats(1e-6, 0.999) | st.sampled_from([0.002, 0.01, 0.02, 0.05, 0.3, 0.5])
STRENGTHS = st.floats(10, 200)
PREVS = st.sampled_from(list(Band))


class Offers(NamedTuple):
    n: Floats
    k: Floats
    c: Ints

    def moved(self, n: float = 0, k: float = 0, c: int = 0) -> "Offers":
        return Offers(self.n + n, self.k + k, self.c + c)

    def where(self, chosen: Bools) -> "Offers":
        return Offers(self.n[chosen], self.k[chosen], self.c[chosen])


def grid(most: int, step: float = 1.0) -> Offers:
    """Every n up to `most`, every k up to n (one less where n is whole, so that one more fits), some c."""
    n, k = np.meshgrid(np.arange(0, most, step), np.arange(0, most, step))
    n, k = n[k <= n - 1], k[k <= n - 1]
    c = [np.floor(k), np.minimum(k, 2), np.minimum(k, 1), np.zeros_like(k)]
    return Offers(np.tile(n, 4), np.tile(k, 4), np.concatenate(c).astype(np.int64))


GRID = grid(70)
QUARTERS = grid(15, 0.25)


def proposals(offers: Offers, m: float, s: float, prev: Band | Bands) -> Bands:
    n = offers.n
    prevs = np.broadcast_to(np.asarray(prev, np.int8), n.shape)
    return propose(n, offers.k, offers.c, np.full(n.shape, m), np.full(n.shape, s), prevs, POLICY)


def assert_never_better(before: Bands, after: Bands) -> None:
    """Among bands other than Insufficient Feedback."""
    told = (before != Band.INSUFFICIENT) & (after != Band.INSUFFICIENT) & (before != Band.NONE)
    assert (after[told] >= before[told]).all()


@settings(max_examples=40)
@given(MEANS, STRENGTHS, PREVS, st.sampled_from([0, 1]))
def test_property_1_another_complaint_never_gives_a_better_band(
    m: float, s: float, prev: Band, comment: int
) -> None:
    for offers in (GRID, QUARTERS):
        before = proposals(offers, m, s, prev)
        assert_never_better(before, proposals(offers.moved(k=1, c=comment), m, s, prev))
        assert_never_better(before, proposals(offers.moved(n=1, k=1, c=comment), m, s, prev))


@settings(max_examples=40)
@given(MEANS, STRENGTHS, PREVS, st.floats(100, 1e5))
def test_property_1_closable_never_turns_off_by_another_complaint(
    m: float, s: float, prev: Band, w: float
) -> None:
    offers = GRID.where(GRID.n >= 10)
    before = closable(offers, m, s, w, prev)
    for more in (
        offers.moved(k=1),
        offers.moved(n=1, k=1),
        offers.moved(k=1, c=1),
        offers.moved(n=1, k=1, c=1),
    ):
        assert (closable(more, m, s, w, prev) | ~before).all()


def closable(offers: Offers, m: float, s: float, w: float, prev: Band) -> Bools:
    n, k, c = offers
    same = np.ones(n.shape)
    band = proposals(offers, m, s, prev)
    plain = (n.astype(np.int64), k.astype(np.int64), c)
    return qualifies(
        shown=band,
        proposed=band,
        n=n,
        k=k,
        since_n=plain[0],
        since_k=plain[1],
        since_c=plain[2],
        m=m * same,
        s=s * same,
        W=(POLICY.kappa + w) * same,
        policy=POLICY,
    )


@settings(max_examples=60)
@given(MEANS, STRENGTHS, PREVS)
def test_property_2_another_clean_order_never_gives_a_worse_band(m: float, s: float, prev: Band) -> None:
    for offers in (GRID, QUARTERS):
        assert_never_better(proposals(offers.moved(n=1), m, s, prev), proposals(offers, m, s, prev))


@settings(max_examples=60)
@given(MEANS, STRENGTHS)
def test_property_3_a_worse_band_last_night_never_gives_a_better_one(m: float, s: float) -> None:
    bands = [band for band in Band if band not in {Band.NONE, Band.INSUFFICIENT}]
    for offers in (GRID, QUARTERS):
        for better, worse in pairwise(proposals(offers, m, s, band) for band in bands):
            assert_never_better(better, worse)


@settings(max_examples=60)
@given(MEANS, STRENGTHS, PREVS, st.floats(100, 1e5))
def test_property_7_very_poor_implies_that_poor_is_likely(m: float, s: float, prev: Band, w: float) -> None:
    n, k, _ = GRID
    same = np.ones(n.shape)
    chance = probabilities(n, k, m * same, s * same, POLICY)
    severe = proposals(GRID, m, s, prev) == Band.VERY_POOR
    assert (chance.poor[severe] >= 0.65).all()
    closing = closable(GRID, m, s, w, prev)
    assert (chance.vp[closing] >= 0.95).all()
    assert (severe & (n >= 10) & (k >= 5) & (GRID.c >= 3) & (w >= 100))[closing].all()
    assert is_certain(n, k, m * same, s * same, POLICY.kappa + w * same, POLICY)[closing].all()


@given(MEANS, STRENGTHS, PREVS)
def test_property_8_there_is_no_band_if_and_only_if_there_are_no_orders(
    m: float, s: float, prev: Band
) -> None:
    offers = Offers(np.append(0.0, GRID.n), np.append(0.0, GRID.k), np.append(0, GRID.c))
    proposed = proposals(offers, m, s, prev)
    assert ((proposed == Band.NONE) == (offers.n == 0)).all()
    shown_bands = shown(np.full(proposed.shape, prev, np.int8), proposed, proposed, proposed, POLICY)
    assert ((shown_bands == Band.NONE) == (offers.n == 0)).all()


EXTREMES = [(0, 0), (1, 0), (1, 1), (1e9, 0), (1e9, 1), (1e9, 5e8), (1e9, 1e9), (0.25, 0.25)]


@given(st.sampled_from([1e-25, 1e-12, 0.05, 0.5, 1 - 1e-12, 1.0]), STRENGTHS)
def test_property_9_extreme_counts_and_benchmarks_give_finite_numbers(m: float, s: float) -> None:
    n, k = np.array(EXTREMES, dtype=np.float64).T
    same = np.ones(n.shape)
    chances = np.stack(probabilities(n, k, m * same, s * same, POLICY))
    assert np.isfinite(chances).all()
    assert ((chances >= 0) & (chances <= 1)).all()
    for prev in Band:
        assert np.isin(proposals(Offers(n, k, k.astype(np.int64)), m, s, prev), list(Band)).all()


# Near 1 the posterior leans so far that its mean lies below a cut-off which it probably exceeds.
_MEAN_RANGES = ((0.001, 0.2), (0.001, 0.9), (0.9, 0.999))


def random_offers(seed: int) -> Iterator[tuple[float, float, int, float, float, Band]]:
    """Counts near the gates: plain and weighed, with rates around the cut-offs."""
    rng = np.random.default_rng(seed)
    for _ in range(400):
        m, s = (
            float(rng.uniform(*_MEAN_RANGES[rng.integers(3)])),
            float(rng.uniform(10, 200)),
        )
        n = float(rng.integers(0, 4 ** int(rng.integers(1, 6)))) / float(rng.choice([1, 4]))
        k = min(n, float(rng.integers(0, 2 + int(3 * n * m))) / float(rng.choice([1, 4])))
        yield n, k, int(rng.integers(0, int(k) + 1)), m, s, Band(int(rng.integers(0, 7)))


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_property_12_the_shortcuts_give_the_bands_of_the_full_computation(seed: int) -> None:
    offers = list(random_offers(seed))
    n, k, c, m, s, prev = (np.array(column) for column in zip(*offers, strict=True))
    found = propose(n, k, c.astype(np.int64), m, s, prev.astype(np.int8), POLICY)
    expected = [by_hand.propose(*offer[:5], offer[5].name) for offer in offers]
    assert [Band(int(band)).name for band in found] == expected


@pytest.mark.parametrize("prev", list(Band))
def test_property_12_holds_on_every_small_count(prev: Band) -> None:
    offers = GRID.where(np.arange(len(GRID.n)) % 23 == 0)
    for m, s in ((0.05, 49.0), (0.3, 20.0), (0.004, 200.0)):
        counts = zip(offers.n.tolist(), offers.k.tolist(), offers.c.tolist(), strict=True)
        expected = [by_hand.propose(n, k, c, m, s, prev.name) for n, k, c in counts]
        assert [Band(int(band)).name for band in proposals(offers, m, s, prev)] == expected
