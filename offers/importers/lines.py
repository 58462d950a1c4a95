"""From bytes to rows of a delimited file, in bounded memory, whatever the file holds.

pandas reads only what went through here: whole rows with the right number of fields, in UTF-8, up to
1 MiB long. Everything else is reported with the number of the line on which the row begins, as an
editor counts lines, and reading goes on with the next line. Quotation marks mean what they mean to
pandas and to Python's csv: one at the very start of a field quotes it, two in a quoted field are one,
and any other is an ordinary character (7" tablet).
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

import numpy as np

from offers.importers.plain import Plain, Stretch, find_plain

MAX_ROW: Final = 1 << 20
EXCERPT: Final = 1_000  # what is kept of a row that is too long
_PIECE: Final = 1 << 18
_FEW: Final = 1 << 15  # bytes that are looked at line by line before plain rows are looked for again
# C0 and DEL without tab and line ends.
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D})
# C1 controls, and the byte order mark wherever it stands: files that were put together have some inside.
_INVISIBLE: Final = re.compile(rb"\xc2[\x80-\x9f]|\xef\xbb\xbf")
# What may be the first half of CRLF or of one of those, at the very end of what was read so far.
_UNFINISHED: Final = re.compile(rb"(?:\r|\xc2|\xef\xbb?)\Z")
# More fields than a row can have. A field of several lines that goes on behind its closing quotation mark was
# none: the mark that seemed to open it was a stray one, and what seemed to close it opens another field.
_STRAY: Final = 1 << 40
_REST_OF_QUOTED: Final = re.compile(rb'[^"]*+(?:""[^"]*+)*+"')


class ByteSource(Protocol):
    """A file to read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


class Line(NamedTuple):
    """One line as an editor shows it. `text` is without its end; of a line too long only the start."""

    number: int
    text: bytes
    too_long: bool = False


class Row(NamedTuple):
    """One row: the line on which it begins, and its text with line ends inside quotes as LF."""

    line: int
    text: bytes


class BadText(NamedTuple):
    """A row that can't be taken apart: where, what is wrong, what to do, and its text."""

    line: int
    message: str
    text: str


Refuse = Callable[[BadText], None]


class LineReader:
    """The lines of a file, from its first byte. CRLF, LF and CR end a line."""

    def __init__(self, source: ByteSource) -> None:
        self.removed = 0
        """How many control characters were taken out so far."""
        self.number = 0
        """How many lines were given so far, those that were put back included."""
        self._source = source
        self._back: deque[Line] = deque()
        self._fresh = self._pieces()
        self._held = b""
        self._at = 0

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._back:
            return self._back.popleft()
        while (end := self._held.find(b"\n", self._at)) < 0:
            if len(self._held) - self._at > MAX_ROW:
                text, self._held, self._at, self._skip_line = self._held[self._at :], b"", 0, True
                return self._line(text)
            if not self._fill():
                raise StopIteration
        text, self._at = self._held[self._at : end], end + 1
        return self._line(text)

    def put_back(self, lines: list[Line]) -> None:
        """Have these lines read again, before all others."""
        self._back.extendleft(reversed(lines))

    @property
    def has_put_back(self) -> bool:
        """Whether lines wait to be read again."""
        return bool(self._back)

    def ahead(self, size: int) -> bytes:
        """The next whole lines, at most `size` bytes of them, which stay to be read; none when lines wait."""
        if self._back:
            return b""
        while len(self._held) - self._at < size and self._fill():
            pass
        end = self._held.rfind(b"\n", self._at, self._at + size)
        return self._held[self._at : end + 1]

    def skip(self, size: int, lines: int) -> None:
        """Go on behind so many bytes of what was `ahead`."""
        self._at += size
        self.number += lines

    def _fill(self) -> bool:
        """Read on; say whether there was more. The last line gets an end where the file gives it none."""
        piece = next(self._fresh, None)
        if piece is None:
            if self._at == len(self._held) or self._held.endswith(b"\n"):
                return False
            piece = b"\n"
        self._held, self._at = self._held[self._at :] + piece, 0
        return True

    def _line(self, text: bytes) -> Line:
        self.number += 1
        if len(text) > MAX_ROW:
            return Line(self.number, text[:EXCERPT], too_long=True)
        return Line(self.number, text)

    _skip_line = False

    def _pieces(self) -> Iterator[bytes]:
        """The file without control characters and with LF as its only line end."""
        held = b""
        while piece := self._source.read(_PIECE):
            kept = piece.translate(None, _CONTROLS)
            self.removed += len(piece) - len(kept)
            kept = held + kept
            unfinished = _UNFINISHED.search(kept, max(len(kept) - 2, 0))
            cut = unfinished.start() if unfinished else len(kept)
            held = kept[cut:]
            cleaned = self._cleaned(kept[:cut])
            if self._skip_line:
                cleaned = self._after_line_end(cleaned)
            yield cleaned
        if held:
            yield self._cleaned(held)

    def _cleaned(self, piece: bytes) -> bytes:
        if not piece.isascii():
            piece, removed = _INVISIBLE.subn(b"", piece)
            self.removed += removed
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in piece else piece

    def _after_line_end(self, cleaned: bytes) -> bytes:
        """What follows the line that was too long; nothing while it goes on."""
        _, end, following = cleaned.partition(b"\n")
        self._skip_line = not end
        return following


class RowReader:
    """The rows of a file's remaining lines."""

    def __init__(self, lines: LineReader, delimiter: str, width: int, refuse: Refuse) -> None:
        """Rows have `width` fields; what isn't such a row goes to `refuse`."""
        self._lines = lines
        self._delimiter = delimiter.encode()
        self._width = width
        self._refuse = refuse
        self._opening = self._delimiter + b'"'
        self._quoted_field = re.compile(re.escape(self._opening) + _REST_OF_QUOTED.pattern)
        self._nothing = b" \t" + self._delimiter
        self._rows = iter(self)
        self._ahead = MAX_ROW

    def __iter__(self) -> Iterator[Row]:
        for line in self._lines:
            if line.too_long:
                self._refuse_too_long(line)
            elif b'"' in line.text:
                yield from self._quoted_row(line)
            elif line.text.strip(self._nothing):
                yield from self._checked(line.number, line.text, line.text.count(self._delimiter) + 1)

    def stretch(self, rows: int, size: int) -> Stretch | None:
        """The next rows, at most so many and about so many bytes, maybe none of them; None at the end.

        Where plain rows follow they are taken at once; where not, each line is looked at for a while.
        """
        while True:
            text = self._lines.ahead(self._ahead)
            plain = find_plain(text, self._delimiter) if text else None
            if plain and (taken := self._taken(text, plain, rows, size)):
                self._ahead = min(4 * self._ahead, MAX_ROW)
                return taken
            if len(text) <= _FEW:
                self._ahead = 4 * _FEW
                return self._one_by_one(rows, size, max(1, text.count(b"\n")))
            self._ahead = _FEW

    def _taken(self, text: bytes, plain: Plain, rows: int, size: int) -> Stretch | None:
        """The first of the plain rows; those with too many or too few fields are refused.

        None where a row of several lines is such a row: its first line alone is at fault.
        """
        number = min(rows, int(np.searchsorted(plain.ends, size)) + 1, len(plain.ends))
        ends, last_line = plain.ends[:number], plain.last_line[:number]
        lengths, height = np.diff(ends, prepend=0), np.diff(last_line, prepend=0)
        wrong = (plain.fields[:number] != self._width) & ~plain.blank[:number]
        if (wrong & (height > 1)).any():
            return None
        lines = self._lines.number + 1 + last_line - height
        for row in np.flatnonzero(wrong).tolist():
            cut = text[int(ends[row] - lengths[row]) : int(ends[row]) - 1]
            deque(self._checked(int(lines[row]), cut, int(plain.fields[row])))
        self._lines.skip(int(ends[-1]), int(last_line[-1]))
        good = ~(wrong | plain.blank[:number])
        if good.all():
            return Stretch(text[: int(ends[-1])], ends, lines)
        raw = np.frombuffer(text, dtype=np.uint8, count=int(ends[-1]))
        return Stretch(raw[np.repeat(good, lengths)].tobytes(), np.cumsum(lengths[good]), lines[good])

    def _one_by_one(self, rows: int, size: int, lines: int) -> Stretch | None:
        """The rows of at least so many lines, each looked at; None when there is none any more."""
        until = self._lines.number + lines
        found: list[Row] = []
        held = 0
        while len(found) < rows and held < size:
            row = next(self._rows, None)
            if row is None:
                break
            found.append(row)
            held += len(row.text) + 1
            if self._lines.number >= until and not self._lines.has_put_back:
                break
        if not found:
            return None
        ends = np.cumsum([len(row.text) + 1 for row in found])
        text = b"".join([row.text + b"\n" for row in found])
        return Stretch(text, ends, np.array([row.line for row in found], dtype=np.int64))

    def _quoted_row(self, first: Line) -> Iterator[Row]:
        """The row that begins with a line with quotation marks, with the lines that belong to it."""
        separators, is_open = self._scan(b"", first.text)
        gathered, size = [first], len(first.text)
        while is_open:
            line = next(self._lines, None)
            if line is not None:
                gathered.append(line)
                size += len(line.text) + 1
            if line is None or line.too_long or size > MAX_ROW:
                self._refuse_open(gathered)
                return
            more, is_open = self._scan(None, line.text)
            separators += more
        if len(gathered) > 1 and separators + 1 != self._width:
            self._refuse_open(gathered)
            return
        yield from self._checked(first.number, b"\n".join(line.text for line in gathered), separators + 1)

    def _scan(self, before: bytes | None, text: bytes) -> tuple[int, bool]:
        """How many delimiters separate fields in a line, and whether a quoted field goes on after it.

        `before` is None when the line begins inside a quoted field.
        """
        if before is None:
            closing = _REST_OF_QUOTED.match(text)
            if closing is None:
                return 0, True
            text, extra = text[closing.end() :], 0
            if text and not text.startswith(self._delimiter):
                return _STRAY, False
        else:
            # With a delimiter in front, every field begins after one.
            text, extra = self._delimiter + text, 1
        bare = self._quoted_field.sub(self._delimiter, text)
        opening = bare.find(self._opening)
        if opening < 0:
            return bare.count(self._delimiter) - extra, False
        return bare.count(self._delimiter, 0, opening + 1) - extra, True

    def _checked(self, line: int, text: bytes, fields: int) -> Iterator[Row]:
        if fields != self._width:
            advice = (
                "put a field that holds a delimiter or a line end in quotation marks"
                if fields > self._width
                else "the line may have been cut off"
            )
            message = f"The row has {fields} fields and the header {self._width}: {advice}."
            self._refuse(BadText(line, message, _guessed(text)))
        elif text.isascii() or (where := _broken_utf8(text)) is None:
            yield Row(line, text)
        else:
            message = (
                f"The row is not UTF-8 (byte 0x{text[where]:02X}): save the file as UTF-8. "
                "Here it is read as Windows-1252: check the letters."
            )
            self._refuse(BadText(line, message, _guessed(text)))

    def _refuse_too_long(self, line: Line) -> None:
        message = "The row is longer than 1 MiB and was left out: shorten it. Here is only its beginning."
        self._refuse(BadText(line.number, message, _guessed(line.text)))

    def _refuse_open(self, gathered: list[Line]) -> None:
        """Only the first line is bad: a stray quotation mark must not swallow good rows after it."""
        first, *others = gathered
        self._lines.put_back(others)
        message = (
            "A quotation mark opens a field, and none closes it such that the row has the header's "
            f"{self._width} fields: close it, or write it twice if it belongs to the text."
        )
        self._refuse(BadText(first.number, message, _guessed(first.text)))


def _broken_utf8(text: bytes) -> int | None:
    """Where the first byte is that isn't UTF-8; None if all is well."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _guessed(text: bytes) -> str:
    """The text for somebody to read: in the encoding that it most likely has."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return text.decode(encoding)
        except UnicodeDecodeError:
            continue
    return text.decode("latin-1")
