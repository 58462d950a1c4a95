"""Reading a file through its importer: a chunk at a time, and all rows of one key together.

The rows of a key may stand anywhere in a file. So the file is read twice: first only the columns of
the key, to learn which keys come more than once (8 bytes are kept per row), then everything. Rows
whose key comes once are imported chunk by chunk; the others are held until the end.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from offers.importers.lines import BadText
from offers.importers.reading import CHUNK_ROWS, Chunk, Kind, Progress, Table, together
from offers.importers.reports import Problem, Report

_SHARE_OF_KEYS: Final = 0.25  # of the time that a file takes
Hashes = NDArray[np.uint64]


class Importer(Protocol):
    """Checks and stores rows of one kind. All rows of a key come in one chunk, in the order of the file."""

    kind: Kind

    def keys(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The columns by which rows belong together, from those of the kind's `key`."""

    def take(self, chunk: Chunk) -> None:
        """Check these rows, store the good ones, report all of them."""


class FileChanged(Exception):
    """The file is not what it was a moment ago: nothing of it can be trusted."""


def import_table(table: Table, importer: Importer, report: Report, progress: Progress) -> None:
    """Import a whole file. Raises UnreadableFile before anything is stored, FileChanged after."""
    rows, repeated = _repeated_keys(table, importer, lambda share: progress(share * _SHARE_OF_KEYS))
    held: list[Chunk] = []
    seen = 0
    for chunk in table.chunks(
        lambda bad: _refuse_text(report, bad),
        progress=lambda share: progress(_SHARE_OF_KEYS + share * (1 - _SHARE_OF_KEYS)),
    ):
        seen += len(chunk)
        again = np.isin(_hashes(importer, chunk.frame), repeated)
        if again.any():
            held.append(chunk.rows(again))
        if not again.all():
            importer.take(chunk.rows(~again) if again.any() else chunk)
    if seen != rows:
        raise FileChanged(f"{table.path.name} changed while it was being imported. Import it again.")
    for chunk in _by_key(held, importer):
        importer.take(chunk)
    report.read = seen + sum(1 for problem in report.problems if problem.text)
    progress(1.0)


def _repeated_keys(table: Table, importer: Importer, progress: Progress) -> tuple[int, Hashes]:
    """How many rows the file has, and the hashes of the keys that more than one row has."""
    chunks = table.chunks(_ignore, only=importer.kind.key, progress=progress)
    hashes = [_hashes(importer, chunk.frame) for chunk in chunks]
    if not hashes:
        return 0, np.zeros(0, dtype=np.uint64)
    ordered = np.sort(np.concatenate(hashes))
    return len(ordered), np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def _ignore(_bad: BadText) -> None:
    """What is no row is reported when the rows themselves are read."""


def _refuse_text(report: Report, bad: BadText) -> None:
    report.refuse(Problem(bad.line, "", "", bad.message, bad.text))


def _hashes(importer: Importer, frame: pd.DataFrame) -> Hashes:
    made: Any = pd.util.hash_pandas_object(importer.keys(frame), index=False)
    return np.asarray(made, dtype=np.uint64)


def _by_key(held: list[Chunk], importer: Importer) -> Iterator[Chunk]:
    """The held rows in chunks that part no key, rows of a key in the order of the file."""
    if not held:
        return
    rows = together(held)
    hashes = _hashes(importer, rows.frame)
    order = np.argsort(hashes, kind="stable")
    starts = np.flatnonzero(np.diff(hashes[order], prepend=hashes[order][:1] + np.uint64(1)) != 0)
    cuts = [0]
    for start in [*starts.tolist(), len(order)]:
        if start - cuts[-1] >= CHUNK_ROWS or start == len(order):
            cuts.append(start)
    for begin, end in pairwise(cuts):
        yield rows.rows(np.sort(order[begin:end]))
