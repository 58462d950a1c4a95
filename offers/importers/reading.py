"""Opening an import file: what kind it is, which columns it has, and its rows in chunks of text.

A file is opened twice while it is imported, once for its keys and once for everything; nothing of it
is ever held but a chunk.
"""

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from offers.importers.columns import Column, Columns
from offers.importers.lines import MAX_ROW, BadText, LineReader, Refuse, RowReader
from offers.importers.plain import Stretch, joined

csv.field_size_limit(MAX_ROW + 1)  # the module's own limit is lower than ours
CHUNK_ROWS: Final = 50_000
CHUNK_BYTES: Final = 8 << 20
_DELIMITERS: Final = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_GZIP: Final = b"\x1f\x8b"
# How files begin that are taken for tables and are none, and what to do about each.
_OTHER_FORMATS: Final = (
    (b"PK\x03\x04", "It is an Excel workbook or a ZIP archive: save the sheet as CSV (UTF-8), or unpack it."),
    (b"\xd0\xcf\x11\xe0", "It is an old Excel workbook: save the sheet as CSV (UTF-8)."),
    (b"%PDF", "It is a PDF: export the data as CSV (UTF-8)."),
    (b"BZh", "It is packed with bzip2: unpack it, or pack it with gzip."),
    (b"\xfd7zXZ", "It is packed with xz: unpack it, or pack it with gzip."),
    (b"\x28\xb5\x2f\xfd", "It is packed with zstd: unpack it, or pack it with gzip."),
    (b"\xff\xfe", "It is in UTF-16: save it as UTF-8."),
    (b"\xfe\xff", "It is in UTF-16: save it as UTF-8."),
    (b"SQLite format 3", "It is a database: export the table as CSV (UTF-8)."),
)


class UnreadableFile(Exception):
    """The file can't be read as a table at all; the message says why and what to do."""


@dataclass(frozen=True)
class Kind:
    """A kind of import file: its columns, by name. A name that ends in `_` stands for all that begin so."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    key: tuple[str, ...]
    """The columns that decide which rows belong together; they are read ahead of all others."""

    @property
    def telling(self) -> set[str]:
        """The required columns that other kinds may lack."""
        return set(self.required) - {"marketplace", "seller", "sku"}

    def knows(self, name: str) -> bool:
        """Say whether a column of this name is imported."""
        return name in self.required or any(
            name.startswith(known) and name != known if known.endswith("_") else name == known
            for known in self.optional
        )


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file: their known columns as trimmed text, and the line on which each begins."""

    columns: Columns
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lines)

    def rows(self, chosen: NDArray[Any]) -> "Chunk":
        """The rows chosen by a mask or by indices."""
        columns = {name: column.rows(chosen) for name, column in self.columns.items()}
        return Chunk(columns, self.lines[chosen])


def together(chunks: Sequence[Chunk]) -> Chunk:
    """Several chunks of one file as one, in the order given."""
    columns = {
        name: Column.of(np.concatenate([chunk.columns[name].texts for chunk in chunks]))
        for name in chunks[0].columns
    }
    return Chunk(columns, np.concatenate([chunk.lines for chunk in chunks]))


Progress = Callable[[float], None]


def _ignore(_bad: BadText) -> None:
    """What is no row was reported when the rows themselves were read."""


def _no_progress(_share: float) -> None:
    """Say nothing."""


@dataclass
class Table:
    """An import file whose header was understood."""

    path: Path
    kind: Kind
    delimiter: str
    header: list[str]
    """All column names as they stand in the file."""
    columns: list[str]
    """The same in the form in which they are compared."""
    removed: int = field(default=0, init=False)
    """How many control characters were taken out when the rows were last read."""

    @property
    def known(self) -> list[str]:
        """The columns that are imported."""
        return [name for name in self.columns if self.kind.knows(name)]

    @property
    def extra(self) -> list[str]:
        """The columns that are ignored, as they stand in the file; those without a name left out."""
        return [
            raw.strip()
            for raw, name in zip(self.header, self.columns, strict=True)
            if raw.strip() and not self.kind.knows(name)
        ]

    def chunks(
        self,
        refuse: Refuse,
        *,
        only: Iterable[str] | None = None,
        progress: Progress = _no_progress,
    ) -> Iterator[Chunk]:
        """The rows in order, with the columns in `only`, by default all known ones.

        What isn't a row goes to `refuse`. `progress` hears which share of the file is done. Raises
        UnreadableFile when reading fails half-way.
        """
        wanted = [name for name in (self.known if only is None else only) if name in self.columns]
        for stretch in self._stretches(refuse, progress):
            yield Chunk(self._parsed(stretch, wanted), stretch.lines)

    def _stretches(self, refuse: Refuse, progress: Progress) -> Iterator[Stretch]:
        """The rows, as many at once as a chunk has."""
        with _opened(self.path) as source:
            lines = LineReader(source)
            _first_line(lines)
            reader = RowReader(lines, self.delimiter, len(self.columns), refuse)
            while stretch := _gathered(reader):
                progress(source.share())
                yield stretch
            self.removed = lines.removed

    def rows_at(self, lines: Collection[int]) -> Iterator[tuple[int, list[str]]]:
        """The rows that begin on these lines, all columns, as they stand in the file."""
        wanted = np.fromiter(lines, dtype=np.int64, count=len(lines))
        for stretch in self._stretches(_ignore, _no_progress):
            for row in np.flatnonzero(np.isin(stretch.lines, wanted)).tolist():
                yield int(stretch.lines[row]), _split(stretch.row(row).decode(), self.delimiter)

    def _parsed(self, stretch: Stretch, wanted: list[str]) -> dict[str, Column]:
        """The columns of the rows. They were checked: pandas finds as many rows and fields as we did."""
        positions = sorted(self.columns.index(name) for name in wanted)
        frame = pd.read_csv(
            BytesIO(stretch.text),
            sep=self.delimiter,
            header=None,
            names=range(len(self.columns)),
            usecols=positions,
            dtype=object,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            encoding="utf-8",
            engine="c",
            lineterminator="\n",
        )
        if len(frame) != len(stretch.lines):
            raise RuntimeError(
                f"{self.path.name}: {len(stretch.lines)} rows went to pandas and {len(frame)} came back"
            )
        return {
            self.columns[position]: Column.of(frame[position]).changed(str.strip) for position in positions
        }


def _gathered(reader: RowReader) -> Stretch | None:
    """The rows of the next chunk; None at the end."""
    parts: list[Stretch] = []
    rows = size = 0
    while rows < CHUNK_ROWS and size < CHUNK_BYTES:
        part = reader.stretch(CHUNK_ROWS - rows, CHUNK_BYTES - size)
        if part is None:
            break
        parts.append(part)
        rows += len(part.lines)
        size += len(part.text)
    return joined(parts) if rows else None


class _Source:
    """An open file, unpacked if it is packed, that says how much of it was read."""

    def __init__(self, raw: BinaryIO, size: int) -> None:
        self._raw = raw
        self._size = size
        start = raw.read(len(_GZIP))
        raw.seek(0)
        self._data: Any = gzip.GzipFile(fileobj=raw) if start == _GZIP else raw

    def read(self, size: int, /) -> bytes:
        """Raises UnreadableFile for a packed file that is damaged or cut off."""
        try:
            return bytes(self._data.read(size))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFile(
                f"It is packed with gzip, and damaged or cut off ({error}): make or send it again."
            ) from error
        except OSError as error:
            raise UnreadableFile(f"Reading failed ({error.strerror or error}): try again.") from error

    def share(self) -> float:
        """Which share of the file was read, from 0 to 1."""
        return min(self._raw.tell() / self._size, 1.0) if self._size else 1.0


@contextmanager
def _opened(path: Path) -> Iterator[_Source]:
    if not path.exists():
        raise UnreadableFile("There is no such file: check its name and folder.")
    if not path.is_file():
        raise UnreadableFile("It is a folder or a device, not a file: name the file itself.")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"It can't be opened ({error.strerror}): check who may read it.") from error
    with raw:
        yield _Source(raw, path.stat().st_size)


def open_table(path: Path, kinds: Sequence[Kind]) -> Table:
    """Read the header, recognise the kind of file by it. Raises UnreadableFile, which says what to do."""
    with _opened(path) as source:
        _refuse_other_formats(source.read(4096))
    with _opened(path) as source:
        text = _first_line(LineReader(source))
    delimiter = max(_DELIMITERS, key=lambda mark: _familiar(_names(text, mark), kinds))
    header = _split(text, delimiter)
    columns = [column_name(raw) for raw in header]
    kind = _recognised(columns, kinds, header)
    twice = [name for name, times in Counter(columns).items() if times > 1 and kind.knows(name)]
    if twice:
        raise UnreadableFile(f"Its header has the column {twice[0]} more than once: keep one of them.")
    return Table(path, kind, delimiter, header, columns)


def column_name(raw: str) -> str:
    """A column's name as it is compared: trimmed, in lower case, with underscores."""
    return raw.strip().lower().replace(" ", "_").replace("-", "_")


def _refuse_other_formats(start: bytes) -> None:
    """Say what the file is where its first bytes tell."""
    for signature, advice in _OTHER_FORMATS:
        if start.startswith(signature):
            raise UnreadableFile(advice)
    nuls = start.count(0)
    if nuls > len(start) * 0.3 and start[:4].count(0) in {1, 2, 3}:
        raise UnreadableFile("It seems to be in UTF-16 or UTF-32: save it as UTF-8.")
    controls = sum(start.count(code) for code in range(0x20) if code not in {0x00, 0x09, 0x0A, 0x0C, 0x0D})
    if controls > len(start) * 0.05:
        raise UnreadableFile("It is not a text file: save the table as CSV (UTF-8).")


def _first_line(lines: LineReader) -> str:
    """The header: the first line that isn't blank."""
    for line in lines:
        if line.too_long:
            raise UnreadableFile(
                "Its first line is longer than 1 MiB: that is no header, which must name the columns."
            )
        if line.text.strip():
            try:
                return line.text.decode()
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    "Its first line is not UTF-8 text: save the file as CSV (UTF-8)."
                ) from error
    raise UnreadableFile("It is empty: the first line must name the columns.")


def _split(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile(f"Its first line is no header ({error}): it must name the columns.") from error


def _names(text: str, delimiter: str) -> list[str]:
    return [column_name(raw) for raw in _split(text, delimiter)]


def _familiar(columns: Iterable[str], kinds: Iterable[Kind]) -> int:
    """How many of the columns the kind knows that knows most of them."""
    columns = list(columns)
    return max(sum(kind.knows(name) for name in columns) for kind in kinds)


def _recognised(columns: list[str], kinds: Sequence[Kind], header: list[str]) -> Kind:
    complete = [kind for kind in kinds if set(kind.required) <= set(columns)]
    if complete:
        return max(complete, key=lambda kind: _familiar(columns, [kind]))
    near = max(kinds, key=lambda kind: len(kind.telling & set(columns)) / len(kind.telling))
    found = ", ".join(raw.strip() or "(no name)" for raw in header[:40])[:600]
    if near.telling & set(columns):
        missing = ", ".join(name for name in near.required if name not in columns)
        raise UnreadableFile(
            f"It looks like {near.name}, and its header lacks: {missing}. Columns found: {found}. "
            f"Columns of {near.name}: {', '.join(near.required)} are required; {_listed(near.optional)} "
            "are optional."
        )
    wanted = "; ".join(f"{kind.name}: {', '.join(kind.required)}" for kind in kinds)
    raise UnreadableFile(
        f"Its header is of no kind of file that can be imported. Columns found: {found}. "
        f"Required columns: {wanted}."
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{name}<name>" if name.endswith("_") else name for name in names)
