"""One level of the ladder: METHOD 2, steps 1 to 4, for all its groups at once.

Sums run in (seller, sku) order: first over the offers of each seller's run, in the order given, then
over the runs of each group, in the order of the sellers. That order depends on nothing else, so the
same offers give the same bits on every database, in whatever pieces they are worked through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from health.bands import Floats, Ints
from health.grouping import Indexes, Runs
from health.policy import Policy


@dataclass(frozen=True, slots=True)
class LevelSums:
    """What one level's benchmark rests on.

    Per group: a = sum of w k*, w = sum of w n, active = offers with n > 0, rho. Per run (one seller's
    part of a group), found by run_key: the same sums of that seller alone.
    """

    a: Floats
    w: Floats
    active: Indexes
    rho: Floats
    run_key: Ints
    run_a: Floats
    run_w: Floats
    run_active: Indexes


class _Offers(NamedTuple):
    """A piece of the market: counts, weight, and the inflation of variance 1 + (n - 1)+ rho_par.

    The weight is of no account where n = 0: nothing is counted there to be weighed.
    """

    run: Indexes
    n: Floats
    k: Floats
    rho: Floats
    inflation: Floats
    weight: Floats


class _Means(NamedTuple):
    """Per group, as gathered by its runs: the first mean, and the mean after winsorizing."""

    first: Floats
    final: Floats


@dataclass(frozen=True, slots=True)
class LevelFit:
    """The fit of one level.

    n, k: weighed counts of the market's offers. pieces: stretches of it that cut no run. mean: m_par per
    run. rho: rho_par per group, which is also the mean of rho_par over the group's offers, since they all
    come from one parent.
    """

    n: Floats
    k: Floats
    runs: Runs
    pieces: list[slice]
    mean: Floats
    rho: Floats
    kappa: float
    policy: Policy

    def sums(self) -> LevelSums:
        """The level's sums, per group and per run."""
        counted = self._per_run(self._counted, 4)
        offers, active, run_k, run_w = counted
        count = np.maximum(self._per_group(offers), 1)  # the root of an empty market has no offers
        pull = self.kappa * (self._per_group(offers * self.mean) / count)
        w = self._per_group(run_w)
        first = ((self._per_group(run_k) + pull) / (w + self.kappa))[self.runs.group]
        group_active = self._per_group(active).astype(np.int32)
        run_active, run_w = active.astype(np.int32), run_w.copy()
        del counted, offers, active, run_k  # large where nearly every offer is a run of its own
        (run_a,) = self._per_run(lambda some: [some.weight * self._winsorized(some, first)], 1)
        a = self._per_group(run_a)
        means = _Means(first, ((a + pull) / (w + self.kappa))[self.runs.group])
        return LevelSums(a, w, group_active, self._spread(means), self.runs.key, run_a, run_w, run_active)

    def _counted(self, some: _Offers) -> list[Floats]:
        """Step 1, and what step 2 sums: offers, offers with orders, w k and w n."""
        return [
            np.ones(len(some.n)),
            (some.n > 0).astype(np.float64),
            some.weight * some.k,
            some.weight * some.n,
        ]

    def _winsorized(self, some: _Offers, first_mean: Floats) -> Floats:
        """Step 3: k*, no further above the first mean than chance and spread explain."""
        mean = first_mean[some.run]
        variance = some.n * np.maximum(mean * (1 - mean), 0) * some.inflation
        most = some.n * mean + self.policy.winsor_sd * np.sqrt(variance)
        return np.minimum(some.k, np.maximum(self.policy.winsor_floor, most))

    def _spread(self, means: _Means) -> Floats:
        """Step 4: rho per group."""
        excess, pairs, evidence = map(
            self._per_group, self._per_run(lambda some: self._spread_terms(some, means), 3)
        )
        told = pairs > 0
        raw = np.where(told, excess / np.where(told, pairs, 1), self.rho)
        prior = self.policy.rho_prior_weight
        rho = (evidence * raw + prior * self.rho) / (evidence + prior)
        return np.clip(rho, 1 / (1 + self.policy.s_max), 1 / (1 + self.policy.s_min))

    def _spread_terms(self, some: _Offers, means: _Means) -> list[Floats]:
        """Per offer the terms of raw's numerator and denominator, and of Q; 0 for offers too small to tell.

        Where the mean leaves no variance (it rounds to 0 or 1) an offer tells nothing of the spread.
        """
        mean = means.final[some.run]
        variance = mean * (1 - mean)
        tells = some.n >= self.policy.spread_min_orders
        usable = tells & (variance > 0)
        residual = self._winsorized(some, means.first) - some.n * mean
        v = np.where(usable, some.weight**2, 0)
        excess = v * (residual**2 / np.where(usable, variance, 1) - some.n)
        evidence = np.where(tells, np.minimum(1, (some.n - 1) * some.rho), 0)
        return [excess, v * some.n * (some.n - 1), evidence]

    def _per_run(self, terms: Callable[[_Offers], list[Floats]], count: int) -> Floats:
        """Sums of `count` terms over each run's offers, shape (count, runs)."""
        sums = np.zeros((count, len(self.runs.group)))
        for piece in self.pieces:
            some = self._offers(piece)
            first, last = int(some.run.min()), int(some.run.max())
            for row, values in enumerate(terms(some)):
                sums[row, first : last + 1] = np.bincount(some.run - first, values)
        return sums

    def _offers(self, piece: slice) -> _Offers:
        run, n = self.runs.of_offer[piece], self.n[piece]
        rho = self.rho[self.runs.group][run]
        inflation = 1 + np.maximum(n - 1, 0) * rho
        return _Offers(run, n, self.k[piece], rho, inflation, 1 / inflation)

    def _per_group(self, values: Floats) -> Floats:
        """Sums over each group's runs."""
        sums = np.bincount(self.runs.group, values, minlength=len(self.rho))
        return np.asarray(sums, dtype=np.float64)
