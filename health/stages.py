"""Where a night's shards are put until it is published: in memory, or in tables that nobody sees.

Both hold the same and are written from in the same way, so that small and large markets, and both databases,
go through the same functions.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from health.benchmarks import NightOrders, piece_numbers
from health.findings import Findings
from health.models import BenchmarkPiece, BenchmarkRefresh, HealthChange, OfferHealth, Part
from health.reading import Range
from offers import bulk


class Stage(Protocol):
    """What the steps of a night need. Shards are known by their numbers, from 0."""

    def put_counted(self, number: int, night: NightOrders) -> None:
        """Keep what a shard counted until it is judged."""

    def put_judged(
        self, number: int, rows: Iterable[bulk.Arrays], changes: bulk.Arrays, findings: Findings
    ) -> None:
        """Keep what is to be published of a shard."""

    def counted(self, number: int) -> NightOrders:
        """What `put_counted` kept."""

    def put_fitted(self, pieces: Iterator[BenchmarkPiece]) -> None:
        """Keep the pieces of tonight's refresh."""

    def fitted(self, within: Range) -> list[bytes]:
        """The bodies of those pieces that hold the offers of this range."""

    def findings(self) -> Findings:
        """What all shards found together."""

    def write_history(self, refresh: BenchmarkRefresh | None) -> None:
        """Write the kept changes, and the pieces of the refresh, which is saved. In a transaction."""

    def write_rows(self) -> None:
        """Set the current rows in place. In a transaction."""


class Held:
    """A stage in memory, for one process."""

    def __init__(self) -> None:
        self._counted: dict[int, NightOrders] = {}
        self._judged: dict[int, tuple[list[bulk.Arrays], bulk.Arrays, Findings]] = {}
        self._pieces: list[BenchmarkPiece] = []

    def put_counted(self, number: int, night: NightOrders) -> None:
        """Keep it."""
        self._counted[number] = night

    def put_judged(
        self, number: int, rows: Iterable[bulk.Arrays], changes: bulk.Arrays, findings: Findings
    ) -> None:
        """Keep it."""
        self._judged[number] = list(rows), changes, findings

    def counted(self, number: int) -> NightOrders:
        """What was kept."""
        return self._counted[number]

    def put_fitted(self, pieces: Iterator[BenchmarkPiece]) -> None:
        """Keep them."""
        self._pieces = list(pieces)

    def fitted(self, within: Range) -> list[bytes]:
        """Some of those kept."""
        first, last = piece_numbers(within)
        offers = (piece for piece in self._pieces if piece.part == Part.OFFERS)
        return [bytes(piece.body) for piece in offers if first <= piece.number <= last]

    def findings(self) -> Findings:
        """All shards'."""
        return sum((findings for *_, findings in self._in_order()), Findings())

    def write_history(self, refresh: BenchmarkRefresh | None) -> None:
        """Write what was kept."""
        if refresh:
            for piece in self._pieces:
                piece.refresh = refresh
            BenchmarkPiece.objects.bulk_create(self._pieces, batch_size=200)
        for _, changes, _ in self._in_order():
            bulk.insert_arrays(HealthChange, changes)

    def write_rows(self) -> None:
        """Write what was kept."""
        for pieces, *_ in self._in_order():
            for rows in pieces:
                bulk.upsert_arrays(OfferHealth, ["offer_id"], rows)

    def _in_order(self) -> Iterator[tuple[list[bulk.Arrays], bulk.Arrays, Findings]]:
        return (self._judged[number] for number in sorted(self._judged))
