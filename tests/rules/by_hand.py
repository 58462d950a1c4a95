"""The method a second time: written from its text, offer by offer, in plain Python, for comparison.

Nothing here is shared with the engine but the policy's numbers and the incomplete beta function.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import isnan, sqrt

from scipy.special import betainc

from health.policy import Policy


@dataclass
class Offer:
    seller: int
    top: int
    category: int
    condition: int
    price: float
    n: float
    k: float


@dataclass
class Compared:
    m: float
    s: float
    w: float
    level: int
    similar: int


def _quantile(values: list[float], point: float) -> float:
    values = sorted(values)
    place = (len(values) - 1) * point
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def price_band(offer: Offer, offers: list[Offer], policy: Policy) -> int:
    prices = [o.price for o in offers if o.category == offer.category and not isnan(o.price)]
    if len(prices) < policy.price_band_min_priced or isnan(offer.price):
        return 0
    return sum(offer.price >= _quantile(prices, point) for point in policy.price_band_points)


def benchmark(offers: list[Offer], policy: Policy) -> list[Compared]:
    """Section 2, for every offer."""
    bands = {id(o): price_band(o, offers, policy) for o in offers}
    ladder: list[Callable[[Offer], Hashable]] = [
        lambda _: "everything",
        lambda o: o.top,
        lambda o: o.category,
        lambda o: (o.category, bands[id(o)], o.condition),
    ]
    m_par = dict.fromkeys(map(id, offers), policy.start_mean)
    rho_par = dict.fromkeys(map(id, offers), policy.start_rho)
    steps: dict[int, list[tuple[float, float, int]]] = {id(o): [] for o in offers}
    for number, group_of in enumerate(ladder):
        kappa = policy.kappa_root if number == 0 else policy.kappa
        groups: dict[Hashable, list[Offer]] = {}
        for offer in offers:
            groups.setdefault(group_of(offer), []).append(offer)
        m_next, rho_next = {}, {}
        for group in groups.values():
            for key, (m, rho, weight, similar) in _one_group(group, m_par, rho_par, kappa, policy).items():
                m_next[key], rho_next[key] = m, rho
                steps[key].append((weight, kappa, similar))
        m_par, rho_par = m_next, rho_next
    return [_result(m_par[id(o)], rho_par[id(o)], steps[id(o)]) for o in offers]


def _one_group(
    group: list[Offer], m_par: dict[int, float], rho_par: dict[int, float], kappa: float, policy: Policy
) -> dict[int, tuple[float, float, float, int]]:
    def over(o: Offer) -> float:
        return max(o.n - 1, 0) * rho_par[id(o)]

    w = {id(o): 1 / (1 + over(o)) if o.n != 0 else 0.0 for o in group}
    mean = sum(m_par[id(o)] for o in group) / len(group)
    orders = sum(w[id(o)] * o.n for o in group)
    m0 = (sum(w[id(o)] * o.k for o in group) + kappa * mean) / (orders + kappa)
    k_star = {}
    for o in group:
        reach = policy.winsor_sd * sqrt(max(o.n * m0 * (1 - m0) * (1 + over(o)), 0))
        k_star[id(o)] = min(o.k, max(policy.winsor_floor, o.n * m0 + reach))
    mo = (sum(w[id(o)] * k_star[id(o)] for o in group) + kappa * mean) / (orders + kappa)
    rho = _spread(group, w, k_star, mo, rho_par, policy)
    found = {}
    for o in group:
        others = [other for other in group if other.seller != o.seller]
        a = sum(w[id(other)] * k_star[id(other)] for other in others)
        weight = sum(w[id(other)] * other.n for other in others)
        m = (a + kappa * m_par[id(o)]) / (weight + kappa)
        found[id(o)] = (m, rho, weight, sum(other.n > 0 for other in others))
    return found


def _spread(
    group: list[Offer],
    w: dict[int, float],
    k_star: dict[int, float],
    mo: float,
    rho_par: dict[int, float],
    policy: Policy,
) -> float:
    rho_mean = sum(rho_par[id(o)] for o in group) / len(group)
    big = [o for o in group if o.n >= 2]
    raw = rho_mean
    if big and mo * (1 - mo) > 0:
        top = sum(w[id(o)] ** 2 * ((k_star[id(o)] - o.n * mo) ** 2 / (mo * (1 - mo)) - o.n) for o in big)
        raw = top / sum(w[id(o)] ** 2 * o.n * (o.n - 1) for o in big)
    q = sum(min(1, (o.n - 1) * rho_par[id(o)]) for o in big)
    prior = policy.rho_prior_weight
    return min(max((q * raw + prior * rho_mean) / (q + prior), 1 / 201), 1 / 11)


def _result(m: float, rho: float, steps: list[tuple[float, float, int]]) -> Compared:
    shares = []
    for number, (weight, kappa, _) in enumerate(steps):
        share = weight / (weight + kappa)
        for finer_weight, finer_kappa, _ in steps[number + 1 :]:
            share *= finer_kappa / (finer_weight + finer_kappa)
        shares.append(share)
    level = max(range(len(steps)), key=lambda number: (shares[number], number))
    weight, kappa, _ = steps[-1]
    return Compared(m, 1 / rho - 1, weight + kappa, level, steps[level][2])


def probabilities(n: float, k: float, m: float, s: float) -> dict[str, float]:
    """Section 3 with the default policy."""
    a, b = m * s + k, (1 - m) * s + n - k
    t_poor = min(max(1.5 * m, m + 0.01), 0.25 + 0.75 * m)
    t_vp = min(max(2 * m, m + 0.02), 0.5 + 0.5 * m)
    return {
        "t_poor": t_poor,
        "exc": float(betainc(a, b, 0.75 * m)),
        "good": float(betainc(a, b, m)),
        "poor": 1 - float(betainc(a, b, t_poor)),
        "vp": 1 - float(betainc(a, b, t_vp)),
    }


def propose(n: float, k: float, c: int, m: float, s: float, prev: str) -> str:
    """Section 4 with the default policy, rule by rule."""
    if n == 0:
        return "NONE"
    p = probabilities(n, k, m, s)
    held = prev in ("INSUFFICIENT", "POOR", "VERY_POOR")
    s_p = k >= 1 and (p["poor"] >= 0.80 or (held and p["poor"] >= 0.65))
    s_v = s_p and (p["vp"] >= 0.90 or (prev == "VERY_POOR" and p["vp"] >= 0.75))
    if s_v and k >= 4 and c >= 3:
        return "VERY_POOR"
    if s_p:
        return "POOR" if k >= 3 and c >= 2 else "INSUFFICIENT"
    if k >= 1 and k / n > p["t_poor"] and (n < 10 or k < 3 or c < 2):
        return "INSUFFICIENT"
    s_g = n - k >= 10 and (p["good"] >= 0.75 or (prev in ("EXCELLENT", "GOOD") and p["good"] >= 0.60))
    s_e = s_g and n - k >= 20 and (p["exc"] >= 0.90 or (prev == "EXCELLENT" and p["exc"] >= 0.75))
    return "EXCELLENT" if s_e else "GOOD" if s_g else "FAIR"


ORDER = ["EXCELLENT", "GOOD", "FAIR", "INSUFFICIENT", "POOR", "VERY_POOR"]


def shown(prev: str, nights: list[str]) -> str:
    """Section 5; nights = proposals of tonight, the night before and the one before that."""
    if nights[0] == "NONE" or prev == "NONE":
        return nights[0]
    rank: Callable[[str], int] = ORDER.index
    two, three = nights[:2], nights[:3]
    if "NONE" not in two and all(rank(night) > rank(prev) for night in two):
        return min(two, key=rank)
    if "NONE" not in three and all(rank(night) < rank(prev) for night in three):
        return max(three, key=rank)
    return prev
