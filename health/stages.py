"""Where a night's shards are put until it is published: in memory, or in tables that nobody sees.

Both hold the same and are written from in the same way, so that small and large markets, and both databases,
go through the same functions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from health.benchmark_store import OfferRows
from health.benchmarks import NightOrders
from health.findings import Findings
from health.models import BenchmarkPiece, BenchmarkRefresh, HealthChange, OfferHealth, Part
from health.refresh import TakingPart
from offers import bulk


@dataclass(frozen=True, slots=True)
class ToPublish:
    """What is to be published of a judged shard. pieces: of tonight's refresh, (number, body) each."""

    rows: Iterable[bulk.Arrays]
    changes: bulk.Arrays
    findings: Findings
    pieces: Iterable[tuple[int, bytes]] = ()


class Stage(Protocol):
    """What the steps of a night need. Shards are known by their numbers, from 0."""

    def put_counted(self, number: int, night: NightOrders, part: TakingPart) -> None:
        """Keep what a shard counted until it is judged, and what the fit needs of it."""

    def counted(self, number: int) -> NightOrders:
        """What `put_counted` kept of a shard."""

    def taking_part(self, number: int) -> TakingPart:
        """What it kept for the fit."""

    def put_fitted(self, shards: Iterable[OfferRows]) -> None:
        """Keep what tonight's refresh says of each shard's offers until they are judged."""

    def fitted(self, number: int) -> OfferRows:
        """What `put_fitted` kept of a shard."""

    def put_judged(self, number: int, made: ToPublish) -> None:
        """Keep what is to be published of a shard."""

    def put_refresh(self, spreads: Iterable[tuple[Part, int, bytes]], fit: bytes) -> None:
        """Keep what is to be stored of tonight's refresh besides the offers."""

    def findings(self) -> Findings:
        """What all shards found together."""

    def write_history(self, refresh: BenchmarkRefresh | None) -> None:
        """Write the kept changes, and what belongs to the refresh, which is saved. In a transaction."""

    def write_rows(self) -> None:
        """Set the current rows in place. In a transaction."""


class Held:
    """A stage in memory, for one process."""

    def __init__(self) -> None:
        self._counted: dict[int, tuple[NightOrders, TakingPart]] = {}
        self._fitted: list[OfferRows] = []
        self._judged: dict[int, ToPublish] = {}
        self._spreads: list[tuple[Part, int, bytes]] = []
        self._fit = b""

    def put_counted(self, number: int, night: NightOrders, part: TakingPart) -> None:
        """Keep it."""
        self._counted[number] = night, part

    def counted(self, number: int) -> NightOrders:
        """What was kept."""
        return self._counted[number][0]

    def taking_part(self, number: int) -> TakingPart:
        """What was kept."""
        return self._counted[number][1]

    def put_fitted(self, shards: Iterable[OfferRows]) -> None:
        """Keep it."""
        self._fitted = list(shards)

    def fitted(self, number: int) -> OfferRows:
        """What was kept."""
        return self._fitted[number]

    def put_judged(self, number: int, made: ToPublish) -> None:
        """Keep it."""
        self._judged[number] = ToPublish(list(made.rows), made.changes, made.findings, list(made.pieces))

    def put_refresh(self, spreads: Iterable[tuple[Part, int, bytes]], fit: bytes) -> None:
        """Keep it."""
        self._spreads, self._fit = list(spreads), fit

    def findings(self) -> Findings:
        """All shards'."""
        return sum((made.findings for made in self._in_order()), Findings())

    def write_history(self, refresh: BenchmarkRefresh | None) -> None:
        """Write what was kept."""
        if refresh:
            refresh.fit = self._fit
            refresh.save(update_fields=["fit"])
            pieces = [(Part.OFFERS, *piece) for made in self._in_order() for piece in made.pieces]
            BenchmarkPiece.objects.bulk_create(
                (
                    BenchmarkPiece(refresh=refresh, part=part, number=number, body=body)
                    for part, number, body in (*pieces, *self._spreads)
                ),
                batch_size=200,
            )
        for made in self._in_order():
            bulk.insert_arrays(HealthChange, made.changes)

    def write_rows(self) -> None:
        """Write what was kept."""
        for made in self._in_order():
            for rows in made.rows:
                bulk.upsert_arrays(OfferHealth, ["offer_id"], rows)

    def _in_order(self) -> Iterator[ToPublish]:
        return (self._judged[number] for number in sorted(self._judged))
