"""Random markets, small or large, and how to hand them to the engine."""

import numpy as np
from hypothesis import strategies as st

from health.grouping import Market
from tests.rules.by_hand import Offer


def as_market(offers: list[Offer]) -> Market:
    def column(name: str, kind: type) -> np.ndarray:
        return np.array([getattr(o, name) for o in offers], dtype=kind)

    whole = {name: column(name, np.int64) for name in ("seller", "top", "category", "condition")}
    return Market(**whole, **{name: column(name, np.float64) for name in ("price", "n", "k")})


@st.composite
def small_markets(draw: st.DrawFn) -> list[Offer]:
    """Up to 130 offers in (seller, sku) order: few prices, so that ties abound; weighed counts."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 130))
    sellers, categories = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    tops = draw(st.integers(1, categories))
    idle = draw(st.sampled_from([0.0, 0.3, 1.0]))
    prices = draw(st.sampled_from([3, 1000]))
    top_rate = draw(st.sampled_from([0.0, 0.1, 1.0]))
    return [
        _offer(rng, int(seller), categories, tops, idle, prices, top_rate)
        for seller in np.sort(rng.integers(0, sellers, size))
    ]


def _offer(
    rng: np.random.Generator, seller: int, categories: int, tops: int, idle: float, prices: int, rate: float
) -> Offer:
    category = int(rng.integers(0, categories))
    # Quarters: what a relist makes of counts.
    n = 0.0 if rng.random() < idle else float(rng.integers(1, 4 ** int(rng.integers(1, 6)))) / 4
    k = min(n, float(np.floor(4 * n * rng.beta(0.5, 4) * rate)) / 4) if rate < 1 else n
    price = float("nan") if rng.random() < 0.1 else float(rng.integers(1, prices)) / 4
    return Offer(100 + seller, 10 + category % tops, 20 + category, int(rng.integers(1, 3)), price, n, k)


def large_market(rng: np.random.Generator, size: int, *, mean: float, s: float, differing: bool) -> Market:
    """A market in which every offer's true rate is drawn from one Beta distribution."""
    seller = np.sort(rng.integers(0, max(size // 50, 1), size))
    category = rng.integers(0, max(size // 500, 1), size)
    center = mean * rng.uniform(0.5, 2, 1 + category.max())[category] if differing else np.full(size, mean)
    rate = rng.beta(center * s, (1 - center) * s)
    n = rng.poisson(rng.gamma(0.7, 35, size)).astype(np.float64)
    return Market(
        seller=seller,
        top=category // 10,
        category=category,
        condition=rng.choice([1, 2], size, p=[0.9, 0.1]),
        price=np.round(rng.lognormal(3, 1, size), 2),
        n=n,
        k=rng.binomial(n.astype(np.int64), rate).astype(np.float64),
    )
