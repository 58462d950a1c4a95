"""Storing order lines, many chunks of a file together and in the order of their offers.

Most of what an order line costs is finding its places in indexes that begin with the offer. Lines of many
chunks that are looked up and inserted in the order of these indexes meet each of their pages once, and while
it is at hand; chunk after chunk would meet most pages of a large table once for every chunk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from offers import bulk
from offers.importers.checking import Rows
from offers.importers.columns import Mask
from offers.importers.known import Context
from offers.importers.lives import Lives
from offers.importers.order_lines import Ints, Lines
from offers.importers.pairs import refuse_rows
from offers.importers.reports import Report
from offers.lifecycle import CLOSING_MOVES
from offers.models import OfferStatusChange, OrderLine
from offers.selectors import closed_periods

TOGETHER: Final = 1_000_000
"""So many lines are kept until they are stored: some 160 bytes each, with what sorting them takes."""
_SLICE: Final = 50_000  # looked up and inserted at once: its pages stay in the database's memory meanwhile


@dataclass(frozen=True)
class Placed:
    """The lines of a chunk, the offer of each, and the other lives of their SKUs: (line, offer) of each.

    `rows` are the chunk's, to refuse some. `has_customers`: whether the file says who ordered.
    """

    rows: Rows
    lines: Lines
    offer_id: Ints
    others: tuple[Ints, Ints]
    has_customers: bool

    @classmethod
    def of(cls, rows: Rows, lines: Lines, lives: Lives) -> "Placed":
        """The lines placed by the lives of their SKUs."""
        own = lives.offers(lines.sku, lines.on)
        line, offer_id = lives.places(lines.sku, own)
        other = offer_id != own[line]
        others = line[other], offer_id[other]
        return cls(rows.only("ordered_at"), lines, own, others, rows.has("customer"))


@dataclass(frozen=True)
class _Slice:
    """Some lines of a batch, by offer: the columns of the table, and the number of each in the batch."""

    arrays: dict[str, NDArray[Any]]
    number: Ints
    others: tuple[Ints, Ints]
    """As in `Placed`; the lines are places in this slice."""

    def __len__(self) -> int:
        return len(self.number)

    def one(self, line: int) -> tuple[date, datetime | None]:
        """Date and moment of one line."""
        at = self.arrays["ordered_at"][line]
        moment: datetime | None = None if np.isnat(at) else at.item().replace(tzinfo=UTC)
        return date.fromordinal(int(self.arrays["ordered_on"][line])), moment


class _Batch:
    """The lines of several chunks. Those of one offer stay in the order of the file: so their ids rise."""

    def __init__(self, chunks: Sequence[Placed]) -> None:
        self._chunks = chunks
        self._begin = np.cumsum([0, *(len(chunk.lines) for chunk in chunks)])
        self.parts = np.concatenate([chunk.lines.parts for chunk in chunks])
        self._number = np.argsort(np.concatenate([chunk.offer_id for chunk in chunks]), kind="stable")
        self._others = self._all_others()
        tables = [chunk.lines.arrays(chunk.offer_id) for chunk in chunks]
        self._arrays = {name: _joined([table[name] for table in tables])[self._number] for name in tables[0]}
        self.given = [name for name in self._arrays if name != "customer" or chunks[0].has_customers]
        """The columns that the file has: what it doesn't have is no reason to change a line."""

    def _all_others(self) -> tuple[Ints, Ints]:
        """The other places of all lines, by the line's place in the order of offers."""
        place = np.empty_like(self._number)
        place[self._number] = np.arange(len(place))
        found = zip(self._chunks, self._begin, strict=False)
        line = place[np.concatenate([chunk.others[0] + begin for chunk, begin in found])]
        order = np.argsort(line, kind="stable")
        return line[order], np.concatenate([chunk.others[1] for chunk in self._chunks])[order]

    def slices(self) -> Iterator[_Slice]:
        """All lines, by offer."""
        line, offer_id = self._others
        for start in range(0, len(self._number), _SLICE):
            some = slice(start, start + _SLICE)
            first, last = np.searchsorted(line, [some.start, some.stop])
            yield _Slice(
                {name: column[some] for name, column in self._arrays.items()},
                self._number[some],
                (line[first:last] - start, offer_id[first:last]),
            )

    def refuse(self, number: int, advice: str) -> None:
        """Refuse the rows of the line of this number, for its date."""
        chunk = int(np.searchsorted(self._begin, number, side="right")) - 1
        placed = self._chunks[chunk]
        refuse_rows(placed.rows, placed.lines.of(number - int(self._begin[chunk])), "ordered_at", advice)


def _joined(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Columns of several chunks as one; one of masked arrays stays masked."""
    masked = isinstance(columns[0], np.ma.MaskedArray)
    joined: NDArray[Any] = (np.ma if masked else np).concatenate(columns)
    return joined


class OrderStore:
    """Stores lines: makes those that are new, and replaces others by what the newer file says."""

    def __init__(self, context: Context, report: Report) -> None:
        self._report = report
        self._closures = _Closures(context)
        self._waiting: list[Placed] = []
        self.moved: list[int] = []
        """The ids of lines that now belong to another life of their SKU than before."""

    def add(self, placed: Placed) -> None:
        """Take lines whose keys no others have."""
        self._waiting.append(placed)
        if sum(len(one.lines) for one in self._waiting) >= TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Store what was taken."""
        if self._waiting:
            batch, self._waiting = _Batch(self._waiting), []
            for some in batch.slices():
                self._store(batch, some)

    def _store(self, batch: _Batch, some: _Slice) -> None:
        there, differs = self._found(some, batch.given)
        refused = self._closures.refuse(batch, some, there == 0)
        new, changed = (there == 0) & ~refused, (there != 0) & differs
        bulk.insert_arrays(OrderLine, {name: column[new] for name, column in some.arrays.items()})
        if changed.any():
            update = {name: some.arrays[name][changed] for name in batch.given}
            bulk.update_arrays(OrderLine, ["id"], {"id": there[changed], **update})
        parts = batch.parts[some.number]
        for outcome, which in (("added", new), ("changed", changed), ("unchanged", (there != 0) & ~differs)):
            self._report.tally(outcome, int(parts[which].sum()))

    def _found(self, some: _Slice, given: Sequence[str]) -> tuple[Ints, Mask]:
        """The ids of the lines that are there already, 0 for new ones, and whether they differ.

        They may be in whichever life of their SKU. The one where a line belongs is looked at last, and wins.
        """
        own = some.arrays["offer_id"]
        line = np.concatenate([some.others[0], np.arange(len(some))])
        offer_id = np.concatenate([some.others[1], own])
        places = {name: some.arrays[name][line] for name in given} | {"offer_id": offer_id}
        place, pk, differs = bulk.compare_arrays(OrderLine, ["offer_id", "order_ref"], places)
        order = np.argsort(place)
        place, pk, differs = place[order], pk[order], differs[order]
        moves = offer_id[place] != own[line[place]]
        there, other, moved = np.zeros((3, len(some)), dtype=np.int64)
        there[line[place]], other[line[place]], moved[line[place]] = pk, differs | moves, moves
        self.moved += there[moved != 0].tolist()
        return there, other != 0


@dataclass
class _Closures:
    """When which offers could not be bought."""

    context: Context
    _ever_closed: Ints | None = field(default=None, init=False)

    def refuse(self, batch: _Batch, some: _Slice, new: Mask) -> Mask:
        """Refuse the new lines from a time when their offer was closed; say which those are."""
        offer_id = some.arrays["offer_id"]
        refused = np.zeros(len(some), dtype=np.bool_)
        suspect = np.flatnonzero(new & np.isin(offer_id, self._offers())).tolist()
        periods = closed_periods({int(offer_id[line]) for line in suspect}) if suspect else {}
        for line in suspect:
            period = self._period(periods.get(int(offer_id[line]), []), *some.one(line))
            if period is not None:
                refused[line] = True
                batch.refuse(int(some.number[line]), self._advice(*period))
        return refused

    def _offers(self) -> Ints:
        if self._ever_closed is None:
            closures = OfferStatusChange.objects.filter(
                offer__marketplace=self.context.marketplace, move__in=CLOSING_MOVES
            )
            self._ever_closed = np.array(list(closures.values_list("offer_id", flat=True)), dtype=np.int64)
        return self._ever_closed

    def _period(
        self, periods: list[tuple[datetime, datetime | None]], on: date, at: datetime | None
    ) -> tuple[datetime, datetime | None] | None:
        """The closed time in which the line surely was ordered: of a bare date, all of it must be inside."""
        first, last = at, at
        if first is None or last is None:
            first = datetime.combine(on, time.min, self.context.zone)
            last = datetime.combine(on + timedelta(days=1), time.min, self.context.zone)
        for closed, opened in periods:
            if closed <= first and (opened is None or last < opened or (at is None and last <= opened)):
                return closed, opened
        return None

    def _advice(self, closed: datetime, opened: datetime | None) -> str:
        since = closed.astimezone(self.context.zone).date()
        until = f"until {opened.astimezone(self.context.zone).date()}" if opened else "and still is"
        return (
            f"the offer was closed on {since} {until}, and a closed offer can't be bought; correct the date "
            "(orders from before the closure are taken)"
        )
