"""How a refresh is stored: the sums for newcomers, and the offers in pieces that can be read alone.

A page wants one offer's benchmark of each of the last weeks, and the spread of one group; the night wants
all of one refresh. So the offers lie in pieces of neighboring ids, and the spread in one piece per group.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any, Final, Self
from zipfile import is_zipfile

import numpy as np
from numpy.typing import NDArray

from health.bands import Bools, Floats, Ints, posterior
from health.grouping import Indexes, Level, find
from health.models.benchmarks import Part
from health.peers import Benchmarks, Sums
from health.policy import Policy

# Offers whose ids share this quotient lie in one piece: 20 KB each, a thousand of them for a million offers.
PIECE: Final = 1024
_FAST: Final = 1
_MOST: Final = 65_535  # the rates of a spread are kept to this part: finer than a chart can show


def pack_sums(sums: Sums) -> bytes:
    """The sums as bytes."""
    target = BytesIO()
    sums.write_to(target, _FAST)
    return target.getvalue()


def unpack_sums(stored: bytes) -> Sums:
    """What `pack_sums` wrote, or what it wrote before it compressed column by column. Else ValueError."""
    try:
        return Sums.from_bytes(stored if is_zipfile(BytesIO(stored)) else zlib.decompress(stored))
    except zlib.error as error:
        raise ValueError(f"These bytes are not a stored benchmark: {error}") from error


def piece_of(offer_id: int) -> int:
    """The number of the piece in which an offer lies."""
    return offer_id // PIECE


@dataclass(frozen=True, slots=True)
class OfferRows:
    """The benchmarks of some offers, one value each.

    m, s, w, level, similar, finest: as in `peers.Benchmarks` (W and N there). groups: shape (offers, 4).
    nearest: other sellers' offers with orders in the offer's closest group. window: in days.
    """

    offer_id: Ints
    window: Ints
    m: Floats
    s: Floats
    w: Floats
    level: Ints
    similar: Ints
    finest: Ints
    nearest: Ints
    groups: Ints

    @classmethod
    def of(cls, offer_id: Ints, window: Ints, found: Benchmarks, nearest: Ints) -> Self:
        """The result of a fit."""
        standing = (found.m, found.s, found.W, found.level, found.N, found.finest)
        return cls(offer_id, window, *standing, nearest, found.groups)

    def at(self, where: Ints) -> "OfferRows":
        """Some of the offers, in the given order."""
        return OfferRows(*(getattr(self, name)[where] for name in OfferRows.__slots__))

    def to_bytes(self) -> bytes:
        """Column after column, as in a piece."""
        return b"".join(
            np.ascontiguousarray(getattr(self, name), dtype=kind).tobytes() for name, kind, _ in _LAYOUT
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """What `to_bytes` wrote. Raises ValueError for anything else."""
        return cls(*(_column([part], spec) for part, spec in zip(_cut(raw), _LAYOUT, strict=True)))

    @classmethod
    def read(cls, bodies: Iterable[bytes]) -> Self:
        """The rows of some pieces, in their order."""
        cut = [_cut(zlib.decompress(body)) for body in bodies] or [_cut(b"")]
        return cls(
            *(_column(parts, spec) for parts, spec in zip(zip(*cut, strict=True), _LAYOUT, strict=True))
        )

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """(number, body) of each piece, its offers by rising ids."""
        order = np.argsort(self.offer_id, kind="stable").astype(np.int32)
        numbers = (self.offer_id // PIECE)[order]
        heads = np.flatnonzero(np.diff(numbers, prepend=-1))
        for start, stop in pairwise([*heads.tolist(), len(numbers)]):
            yield int(numbers[start]), zlib.compress(self.at(order[start:stop]).to_bytes(), _FAST)


# Column after column, so that like stands with like: (name, kind, values per offer).
_LAYOUT: Final = (
    *(("offer_id", "<i8", 1), ("window", "<u2", 1), ("m", "<f8", 1), ("s", "<f8", 1), ("w", "<f8", 1)),
    *(("level", "<i1", 1), ("similar", "<i4", 1), ("finest", "<i1", 1), ("nearest", "<i4", 1)),
    ("groups", "<i4", 4),
)
_ROW: Final = sum(np.dtype(kind).itemsize * width for _, kind, width in _LAYOUT)


def _cut(raw: bytes) -> list[memoryview]:
    """A piece's columns."""
    if len(raw) % _ROW:
        raise ValueError("These bytes are not a piece of a stored benchmark.")
    size, start = len(raw) // _ROW, 0
    found: list[memoryview] = []
    for _, kind, width in _LAYOUT:
        stop = start + size * width * np.dtype(kind).itemsize
        found.append(memoryview(raw)[start:stop])
        start = stop
    return found


def _column(parts: Iterable[memoryview], spec: tuple[str, str, int]) -> Any:
    """One column of all pieces, in 64 bits as the night's other numbers."""
    _, kind, width = spec
    values = np.frombuffer(b"".join(parts), dtype=kind)
    wide = values.astype(np.float64 if kind == "<f8" else np.int64)
    return wide if width == 1 else wide.reshape(-1, width)


def nearest_others(sums: Sums, seller: Ints, groups: Indexes) -> Ints:
    """Other sellers' offers with orders in each offer's peer group; 0 where the refresh did not know it.

    seller: codes; groups: shape (offers, 4), -1 where unknown.
    """
    level, size = sums.levels[Level.PEER_GROUP], sums.catalog.size(Level.PEER_GROUP)
    by_code = np.argsort(sums.sellers)
    place = find(sums.sellers[by_code], seller)
    rank = np.where(place < 0, -1, np.append(by_code, -1)[place])
    group = groups[:, Level.PEER_GROUP].astype(np.int64)
    known = group >= 0
    run = find(level.run_key, np.where(known & (rank >= 0), rank * size + group, -1))
    active, own = np.append(level.active, 0), np.append(level.run_active, 0)
    return np.where(known, active[group] - own[run], 0).astype(np.int64)


def spreads(
    found: Benchmarks, seller: Ints, n: Floats, k: Floats, policy: Policy
) -> Iterator[tuple[Level, int, bytes]]:
    """(level, group, body) of every group with offers enough for a distribution (METHOD 7).

    The posterior means of the group's offers with orders enough, with their sellers, so that a reader can
    leave its own out. One value per offer that takes part; n, k: weighed.
    """
    told = n >= policy.chart_min_n
    a, b = posterior(n[told], k[told], found.m[told], found.s[told])
    means = np.round(a / (a + b) * _MOST).astype(np.uint16)
    owner = seller[told].astype(np.int64)
    for level in Level:
        group = found.groups[told, level].astype(np.int64)
        yield from _spreads_of(level, group, owner, means, policy.chart_min_offers)


def _spreads_of(
    level: Level, group: Ints, owner: Ints, means: NDArray[np.uint16], least: int
) -> Iterator[tuple[Level, int, bytes]]:
    order = np.lexsort((owner, group))
    group, owner, means = group[order], owner[order], means[order]
    heads = np.flatnonzero(np.diff(group, prepend=-2))
    for start, stop in pairwise([*heads.tolist(), len(group)]):
        if stop - start >= least and group[start] >= 0:
            raw = owner[start:stop].astype("<i8").tobytes() + means[start:stop].astype("<u2").tobytes()
            yield level, int(group[start]), zlib.compress(raw, _FAST)


def spread_without(body: bytes, seller: int) -> Floats:
    """The posterior means of a stored spread, without one seller's offers."""
    raw = zlib.decompress(body)
    size = len(raw) // 10
    owner = np.frombuffer(raw, dtype="<i8", count=size)
    means = np.frombuffer(raw, dtype="<u2", count=size, offset=8 * size)
    others: Bools = owner != seller
    return means[others].astype(np.float64) / _MOST


SPREAD_PARTS: Final = {
    Level.MARKETPLACE: Part.MARKETPLACE,
    Level.TOP_CATEGORY: Part.TOP_CATEGORY,
    Level.CATEGORY: Part.CATEGORY,
    Level.PEER_GROUP: Part.PEER_GROUP,
}
