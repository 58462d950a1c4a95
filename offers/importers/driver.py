"""Reading a file through its importer: a chunk at a time, and all rows of one key together.

The rows of a key may stand anywhere in a file. So its keys are looked at first, to learn which come more
than once (8 bytes are kept per row). Rows whose key comes once are imported chunk by chunk; the others are
held until the end. A file of a few chunks is read once and kept meanwhile, a larger one is read twice: first
only the columns of the key, then everything.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

import numpy as np

from offers.importers.columns import Column, Columns, Hashes, hash_rows
from offers.importers.lines import BadText
from offers.importers.reading import CHUNK_ROWS, Chunk, Kind, Progress, Table, together
from offers.importers.reports import Problem, Report

_SHARE_OF_KEYS: Final = 0.25  # of the time that a file takes
KEPT_CHUNKS: Final = 4  # a file of so many is kept in memory
KEPT_BAD: Final = 16  # of what can't be taken apart: each may be a megabyte


class Importer(Protocol):
    """Checks and stores rows of one kind. All rows of a key come in one chunk, in the order of the file."""

    kind: Kind

    def keys(self, columns: Columns) -> Sequence[Column]:
        """The columns by which rows belong together, from those of the kind's `key`."""

    def take(self, chunk: Chunk) -> None:
        """Check these rows, store the good ones, report all of them; or leave that for `finish`."""

    def finish(self) -> None:
        """Store what was left for later: all chunks were taken."""


class FileChanged(Exception):
    """The file is not what it was a moment ago: nothing of it can be trusted."""


class _Large(Exception):
    """The file is not one to be kept in memory."""


class _Look(NamedTuple):
    """What a first look at a file found: how many rows, and the hashes of keys that several of them have.

    `kept` holds the file's chunks where they are few, None where they must be read again.
    """

    rows: int
    repeated: Hashes
    kept: list[Chunk] | None


def import_table(table: Table, importer: Importer, report: Report, progress: Progress) -> None:
    """Import a whole file. Raises UnreadableFile before anything is stored, FileChanged after."""
    look = _first_look(table, importer, report, lambda share: progress(share * _SHARE_OF_KEYS))
    held: list[Chunk] = []
    seen = 0
    for chunk in _chunks(table, look, report, progress):
        seen += len(chunk)
        again = np.isin(_hashes(importer, chunk), look.repeated)
        if again.any():
            held.append(chunk.rows(again))
        if not again.all():
            _take(importer, chunk.rows(~again) if again.any() else chunk)
    if seen != look.rows:
        raise FileChanged(f"{table.path.name} changed while it was being imported. Import it again.")
    for chunk in _by_key(held, importer):
        _take(importer, chunk)
    importer.finish()
    report.read = seen + sum(1 for problem in report.problems if problem.text)
    progress(1.0)


def _take(importer: Importer, chunk: Chunk) -> None:
    """Have a chunk taken, without looking for garbage meanwhile.

    Values are made by the hundred thousand, live as long as their chunk and form no cycles: the collector
    would look at all of them again and again, a third of the time of a feedback file.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        importer.take(chunk)
    finally:
        if collects:
            gc.enable()


def _first_look(table: Table, importer: Importer, report: Report, progress: Progress) -> _Look:
    small = _read_small(table, progress)
    if small is None:
        return _look(importer, table.chunks(_ignore, only=importer.kind.key, progress=progress), kept=None)
    chunks, bad = small
    for one in bad:
        _refuse_text(report, one)
    return _look(importer, chunks, kept=chunks)


def _read_small(table: Table, progress: Progress) -> tuple[list[Chunk], list[BadText]] | None:
    """All chunks of a file and what is no row in it; None where that is much."""
    chunks: list[Chunk] = []
    bad: list[BadText] = []
    with suppress(_Large):
        for chunk in table.chunks(lambda one: _keep(bad, one), progress=progress):
            chunks.append(chunk)
            if len(chunks) > KEPT_CHUNKS:
                raise _Large
        return chunks, bad
    return None


def _keep(bad: list[BadText], one: BadText) -> None:
    bad.append(one)
    if len(bad) > KEPT_BAD:
        raise _Large


def _look(importer: Importer, chunks: Iterable[Chunk], *, kept: list[Chunk] | None) -> _Look:
    hashes = [_hashes(importer, chunk) for chunk in chunks]
    ordered = np.sort(np.concatenate([np.zeros(0, dtype=np.uint64), *hashes]))
    return _Look(len(ordered), np.unique(ordered[1:][ordered[1:] == ordered[:-1]]), kept)


def _chunks(table: Table, look: _Look, report: Report, progress: Progress) -> Iterator[Chunk]:
    """All rows. What is no row is reported as it is read."""

    def say(share: float) -> None:
        progress(_SHARE_OF_KEYS + share * (1 - _SHARE_OF_KEYS))

    if look.kept is None:
        yield from table.chunks(lambda bad: _refuse_text(report, bad), progress=say)
        return
    for number, chunk in enumerate(look.kept, 1):
        yield chunk
        say(number / len(look.kept))


def _ignore(_bad: BadText) -> None:
    """What is no row is reported when the rows themselves are read."""


def _refuse_text(report: Report, bad: BadText) -> None:
    report.refuse(Problem(bad.line, "", "", bad.message, bad.text))


def _hashes(importer: Importer, chunk: Chunk) -> Hashes:
    return hash_rows(importer.keys(chunk.columns))


def _by_key(held: list[Chunk], importer: Importer) -> Iterator[Chunk]:
    """The held rows in chunks that part no key, rows of a key in the order of the file."""
    if not held:
        return
    rows = together(held)
    hashes = _hashes(importer, rows)
    order = np.argsort(hashes, kind="stable")
    starts = np.flatnonzero(np.diff(hashes[order], prepend=hashes[order][:1] + np.uint64(1)) != 0)
    cuts = [0]
    for start in [*starts.tolist(), len(order)]:
        if start - cuts[-1] >= CHUNK_ROWS or start == len(order):
            cuts.append(start)
    for begin, end in pairwise(cuts):
        yield rows.rows(np.sort(order[begin:end]))
