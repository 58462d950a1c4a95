"""Similar offers: the benchmark of METHOD 2, fitted in one pass down the ladder, and placing newcomers."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from io import BytesIO
from typing import IO, NamedTuple, Self
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import numpy as np
from numpy.lib.format import write_array
from numpy.typing import NDArray

from health.bands import Bools, Floats, Ints
from health.grouping import (
    Catalog,
    Indexes,
    Level,
    Market,
    Runs,
    find,
    pieces,
    run_keys,
    runs_of,
    seller_ranks,
)
from health.level_fit import LevelFit, LevelSums
from health.policy import Policy

# Offers worked on at a time: bounds the memory for intermediate arrays, changes no result.
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """What each offer is compared with, one value per offer.

    m, s: mean and strength of the prior; W: effective orders behind m, others' orders + kappa, at the
    finest level. level: the `Level` named as "compared with"; N: other sellers' offers with n > 0 in
    that level's group. finest: the level that gave m, s and W: PEER_GROUP, or a coarser one for a
    newcomer to a group that the refresh did not know. groups: shape (offers, 4), the offer's group
    number on each level, -1 where unknown.
    """

    m: Floats
    s: Floats
    W: Floats
    level: NDArray[np.int8]
    N: Indexes
    finest: NDArray[np.int8]
    groups: Indexes


@dataclass(frozen=True, slots=True)
class Sums:
    """All that is needed to place a newcomer, until the next refresh: groups, sums, sellers' parts."""

    catalog: Catalog
    sellers: Ints
    levels: tuple[LevelSums, ...]
    start_mean: float
    start_rho: float
    kappas: tuple[float, ...]

    def write_to(self, target: IO[bytes], level: int = 0) -> None:
        """As an npz archive, compressed so much (0 to 9). A column at a time: no more is in memory twice."""
        with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=level) as archive:
            for name, values in self._arrays():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    write_array(member, values, allow_pickle=False)

    def _arrays(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        yield "sellers", self.sellers
        yield "numbers", np.array([self.start_mean, self.start_rho, *self.kappas])
        for spec in fields(Catalog):
            yield f"catalog.{spec.name}", getattr(self.catalog, spec.name)
        for level, sums in zip(Level, self.levels, strict=True):
            for spec in fields(LevelSums):
                yield f"{level.name}.{spec.name}", getattr(sums, spec.name)

    def to_bytes(self) -> bytes:
        """What `write_to` writes."""
        target = BytesIO()
        self.write_to(target)
        return target.getvalue()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """What `write_to` wrote. Raises ValueError for anything else."""
        try:
            with np.load(BytesIO(stored), allow_pickle=False) as arrays:
                return cls._from_arrays(arrays)
        except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile) as error:
            raise ValueError(f"These bytes are not a stored benchmark: {error}") from error

    @classmethod
    def _from_arrays(cls, arrays: "np.lib.npyio.NpzFile") -> Self:
        catalog = Catalog(**{spec.name: arrays[f"catalog.{spec.name}"] for spec in fields(Catalog)})
        levels = tuple(
            LevelSums(**{spec.name: arrays[f"{level.name}.{spec.name}"] for spec in fields(LevelSums)})
            for level in Level
        )
        mean, rho, *kappas = arrays["numbers"].tolist()
        return cls(catalog, arrays["sellers"], levels, mean, rho, tuple(kappas))


@dataclass(frozen=True, slots=True)
class Fit:
    """A refresh: the benchmark of every offer of the market, and the sums to store."""

    offers: Benchmarks
    sums: Sums


class _Others(NamedTuple):
    """A group without one seller, seen by each of its runs or newcomers: the sums of everybody else."""

    a: Floats
    w: Floats
    active: Indexes
    rho: Floats


class _Standing(NamedTuple):
    """Where offers (or runs, whose offers all stand alike) are on their way down the ladder."""

    m: Floats
    rho: Floats
    W: Floats
    share: Floats
    level: NDArray[np.int8]
    N: Indexes
    finest: NDArray[np.int8]

    @classmethod
    def start(cls, count: int, mean: float, rho: float) -> Self:
        """Above the root, where every offer is assumed alike."""
        zeros, level = np.zeros(count), np.zeros(count, dtype=np.int8)
        return cls(zeros + mean, zeros + rho, zeros, zeros, level, np.zeros(count, dtype=np.int32), level)

    def at(self, where: Indexes) -> "_Standing":
        """The standing of the given rows, in their order."""
        m, rho, weight, share, level, others, finest = self
        return _Standing(
            m[where], rho[where], weight[where], share[where], level[where], others[where], finest[where]
        )

    def step(self, level: Level, others: _Others, kappa: float) -> "_Standing":
        """One level down (step 5): pulled towards the others of the group, as far as their orders reach.

        The level named in the end is the one with the largest share in m, the finer on a tie.
        """
        weight = others.w + kappa
        own, passed = others.w / weight, self.share * (kappa / weight)
        named = own >= passed
        return _Standing(
            m=np.minimum((others.a + kappa * self.m) / weight, 1.0),
            rho=others.rho,
            W=weight,
            share=np.where(named, own, passed),
            level=np.where(named, np.int8(level), self.level),
            N=np.where(named, others.active, self.N),
            finest=np.full_like(self.finest, level),
        )

    def down(self, level: Level, sums: LevelSums, runs: Runs, kappa: float) -> "_Standing":
        """The runs of the next level, each one step down from its parent; some at a time, for the memory."""
        made = _Standing(*(np.empty(len(runs.group), column.dtype) for column in self))
        for start in range(0, len(runs.group), _PIECE):
            some = slice(start, start + _PIECE)
            stepped = self.at(runs.parent[some]).step(level, _others(sums, runs, some), kappa)
            for name in _Standing._fields:
                getattr(made, name)[some] = getattr(stepped, name)
        return made

    def only_where(self, known: Bools, before: "_Standing") -> "_Standing":
        """This standing where known, the one before elsewhere."""
        return _Standing(
            m=np.where(known, self.m, before.m),
            rho=np.where(known, self.rho, before.rho),
            W=np.where(known, self.W, before.W),
            share=np.where(known, self.share, before.share),
            level=np.where(known, self.level, before.level),
            N=np.where(known, self.N, before.N),
            finest=np.where(known, self.finest, before.finest),
        )

    def benchmarks(self, groups: list[Indexes]) -> Benchmarks:
        """The result at the foot of the ladder."""
        numbers = np.stack(groups, axis=1)
        return Benchmarks(self.m, 1 / self.rho - 1, self.W, self.level, self.N, self.finest, numbers)


def fit(market: Market, policy: Policy) -> Fit:
    """The benchmark of every offer that takes part (METHOD 2). Raises ValueError for unsorted offers."""
    rank, sellers = seller_ranks(market)
    catalog = Catalog.of(market, policy)
    groups = catalog.locate(market)
    n, k = market.n, market.k
    del market  # so that whoever made it for this alone need not hold the rest of it
    cuts = list(pieces(rank, _PIECE))
    standing = _Standing.start(1, policy.start_mean, policy.start_rho)
    levels: list[LevelSums] = []
    of_offer = np.zeros(len(rank), np.int32)
    for level, runs in zip(Level, runs_of(rank, groups, catalog), strict=True):
        rho_above, kappa = _rho_above(level, levels, catalog, policy), _kappa(level, policy)
        sums = LevelFit(n, k, runs, cuts, standing.m[runs.parent], rho_above, kappa, policy).sums()
        standing, of_offer = standing.down(level, sums, runs, kappa), runs.of_offer
        levels.append(sums.laid_aside())
        del runs, sums
    stored = Sums(catalog, sellers, tuple(levels), policy.start_mean, policy.start_rho, _kappas(policy))
    standing = standing.at(of_offer)
    return Fit(standing.benchmarks(groups), stored)


def _kappas(policy: Policy) -> tuple[float, ...]:
    return tuple(_kappa(level, policy) for level in Level)


def _kappa(level: Level, policy: Policy) -> float:
    return policy.kappa_root if level is Level.MARKETPLACE else policy.kappa


def _rho_above(level: Level, levels: list[LevelSums], catalog: Catalog, policy: Policy) -> Floats:
    """The rho of each group's parent. All offers of a group share it, so it is also their mean of it."""
    if level is Level.MARKETPLACE:
        return np.array([policy.start_rho])
    return levels[level - 1].rho[catalog.parents(level)]


def _others(sums: LevelSums, runs: Runs, some: slice) -> _Others:
    """For some runs the rest of their groups. Never below zero: a sum of parts is at least each part."""
    group = runs.group[some]
    return _Others(
        sums.a[group] - sums.run_a[some],
        sums.w[group] - sums.run_w[some],
        sums.active[group] - sums.run_active[some],
        sums.rho[group],
    )


def place(sums: Sums, newcomers: Market) -> Benchmarks:
    """A benchmark for offers that the last refresh did not know, from its stored sums (METHOD 2).

    Each offer stands in the groups it belongs to now, price bands by the stored cut points, without its
    own seller's part; where its group is new, in the nearest wider one. Nobody else's benchmark
    changes, and the newcomers' own counts play no part. Any order.
    """
    groups = sums.catalog.locate(newcomers)
    rank = _rank_of(newcomers.seller, sums.sellers)
    standing = _Standing.start(len(newcomers), sums.start_mean, sums.start_rho)
    for level in Level:
        run = find(sums.levels[level].run_key, run_keys(rank, groups, sums.catalog, level))
        others = _others_seen(sums.levels[level], run, groups[level])
        lower = standing.step(level, others, sums.kappas[level])
        standing = lower.only_where(groups[level] >= 0, standing)
    return standing.benchmarks(groups)


def _rank_of(seller: Ints, sellers: Ints) -> Indexes:
    """The refresh's rank of each seller code, -1 for sellers that it did not know."""
    by_code = np.append(np.argsort(sellers), -1).astype(np.int32)
    return by_code[find(np.sort(sellers), seller)]


def _others_seen(sums: LevelSums, run: Indexes, group: Indexes) -> _Others:
    """For each newcomer its group's sums without its seller's run; of no meaning where the group is new."""
    # The last value stands for a seller without offers in the group, whose run is -1.
    own_a, own_w, own_active = (np.append(part, 0) for part in (sums.run_a, sums.run_w, sums.run_active))
    group = np.where(group < 0, 0, group)
    a, w, active, rho = (np.append(whole, 0)[group] for whole in (sums.a, sums.w, sums.active, sums.rho))
    return _Others(a - own_a[run], w - own_w[run], active - own_active[run], rho)
