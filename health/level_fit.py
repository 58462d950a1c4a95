"""One level of the ladder: METHOD 2, steps 1 to 4, for all its groups at once.

Sums run in (seller, sku) order: first over the offers of each seller's run, in the order given, then
over the runs of each group, in the order of the sellers. That order depends on nothing else, so the
same offers give the same bits on every database, in whatever pieces they are worked through.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

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

    def laid_aside(self) -> "LevelSums":
        """The same, but what there is per run lies in a file without a name, if it is much: to save memory.

        What there is per run is nearly as long as the market on each of the finer levels.
        """
        if len(self.run_key) < _MUCH:
            return self
        with TemporaryFile(prefix="vocdash-") as aside:
            return replace(self, **{name: _in_file(aside, getattr(self, name)) for name in _PER_RUN})


_PER_RUN: Final = ("run_key", "run_a", "run_w", "run_active")
_MUCH: Final = 1 << 17
_THREADS: Final = 2


def _in_file(target: IO[bytes], values: NDArray[Any]) -> NDArray[Any]:
    """The array as it lies in the file from now on. The system keeps the file as long as the array lives."""
    start = target.seek(0, SEEK_END)
    target.write(values.data)
    target.flush()
    return np.memmap(target, values.dtype, "r", start, values.shape)


class _Offers(NamedTuple):
    """A piece of the market: counts, weight, and the inflation of variance 1 + (n - 1)+ rho_par.

    The weight is of no account where n = 0: nothing is counted there to be weighed.
    """

    run: Indexes
    group: Indexes
    n: Floats
    k: Floats
    rho: Floats
    inflation: Floats
    weight: Floats


class _Means(NamedTuple):
    """Per group: the first mean, and the mean after winsorizing."""

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
        """The level's sums, per group and per run. One term after the other: each is as long as the runs."""
        offers = self._per_run(lambda some: np.ones(len(some.n)))
        count = np.maximum(self._per_group(offers), 1)  # the root of an empty market has no offers
        pull = self.kappa * (self._per_group(offers * self.mean) / count)
        del offers
        # Steps 1 and 2.
        run_w = self._per_run(lambda some: some.weight * some.n)
        w = self._per_group(run_w)
        first = (self._per_group(self._per_run(lambda some: some.weight * some.k)) + pull) / (w + self.kappa)
        with_orders = self._per_run(lambda some: (some.n > 0).astype(np.float64))
        active, run_active = (some.astype(np.int32) for some in (self._per_group(with_orders), with_orders))
        del with_orders
        run_a = self._per_run(lambda some: some.weight * self._winsorized(some, first))
        a = self._per_group(run_a)
        rho = self._spread(_Means(first, (a + pull) / (w + self.kappa)))
        return LevelSums(a, w, active, rho, self.runs.key, run_a, run_w, run_active)

    def _winsorized(self, some: _Offers, first_mean: Floats) -> Floats:
        """Step 3: k*, no further above the first mean than chance and spread explain."""
        mean = first_mean[some.group]
        variance = some.n * np.maximum(mean * (1 - mean), 0) * some.inflation
        most = some.n * mean + self.policy.winsor_sd * np.sqrt(variance)
        return np.minimum(some.k, np.maximum(self.policy.winsor_floor, most))

    def _spread(self, means: _Means) -> Floats:
        """Step 4: rho per group."""
        excess, pairs, evidence = (
            self._per_group(self._per_run(partial(term, means)))
            for term in (self._excess, self._pairs, self._evidence)
        )
        told = pairs > 0
        raw = np.where(told, excess / np.where(told, pairs, 1), self.rho)
        prior = self.policy.rho_prior_weight
        rho = (evidence * raw + prior * self.rho) / (evidence + prior)
        return np.clip(rho, 1 / (1 + self.policy.s_max), 1 / (1 + self.policy.s_min))

    def _excess(self, means: _Means, some: _Offers) -> Floats:
        """Per offer the terms of raw's numerator; 0 for offers too small to tell.

        Where the mean leaves no variance (it rounds to 0 or 1) an offer tells nothing of the spread.
        """
        mean = means.final[some.group]
        variance = mean * (1 - mean)
        residual = self._winsorized(some, means.first) - some.n * mean
        excess: Floats = self._v(means, some) * (residual**2 / np.where(variance > 0, variance, 1) - some.n)
        return excess

    def _pairs(self, means: _Means, some: _Offers) -> Floats:
        """Those of its denominator."""
        return self._v(means, some) * some.n * (some.n - 1)

    def _v(self, means: _Means, some: _Offers) -> Floats:
        mean = means.final[some.group]
        usable = (some.n >= self.policy.spread_min_orders) & (mean * (1 - mean) > 0)
        return np.where(usable, some.weight**2, 0)

    def _evidence(self, _means: _Means, some: _Offers) -> Floats:
        """Those of Q."""
        tells = some.n >= self.policy.spread_min_orders
        return np.where(tells, np.minimum(1, (some.n - 1) * some.rho), 0)

    def _per_run(self, term: Callable[[_Offers], Floats]) -> Floats:
        """Sums of a term over each run's offers."""
        sums = np.zeros(len(self.runs.group))

        def add(piece: slice) -> None:
            some = self._offers(piece)
            first, last = int(some.run.min()), int(some.run.max())
            sums[first : last + 1] = np.bincount(some.run - first, term(some))

        if len(self.pieces) == 1:
            add(self.pieces[0])
        else:
            # No two pieces have a run in common. While a benchmark is fitted nobody else has work.
            with ThreadPoolExecutor(_THREADS) as threads:
                list(threads.map(add, self.pieces))
        return sums

    def _offers(self, piece: slice) -> _Offers:
        run, n = self.runs.of_offer[piece], self.n[piece]
        group = self.runs.group[run]
        rho = self.rho[group]
        inflation = 1 + np.maximum(n - 1, 0) * rho
        return _Offers(run, group, n, self.k[piece], rho, inflation, 1 / inflation)

    def _per_group(self, values: Floats) -> Floats:
        """Sums over each group's runs."""
        sums = np.bincount(self.runs.group, values, minlength=len(self.rho))
        return np.asarray(sums, dtype=np.float64)
