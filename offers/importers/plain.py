"""Stretches of a file that hold nothing but plain rows, found by looking at all their bytes at once.

Plain means: UTF-8, and every quotation mark opens a field at its very start, closes it at its very end, or is
one of two that stand for one. What is not so plain is left to `RowReader`, which looks at each line.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_QUOTE: Final = ord('"')
_END: Final = ord("\n")
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


class Plain(NamedTuple):
    """Whole rows, one after the other, each with its LF."""

    ends: Places
    """Where each row ends in the text, behind its LF."""
    fields: Places
    last_line: Places
    """How many lines there are up to each row's end."""
    blank: NDArray[np.bool_]
    """Rows of nothing but blanks and delimiters."""


class Stretch(NamedTuple):
    """Some rows one after the other, each ended by LF: where each ends, and the line on which it begins."""

    text: bytes
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]

    def row(self, index: int) -> bytes:
        """The text of one row, without the LF behind it."""
        begin = int(self.ends[index - 1]) if index else 0
        return self.text[begin : int(self.ends[index]) - 1]


def joined(parts: Sequence[Stretch]) -> Stretch:
    """Several stretches as one."""
    before = np.cumsum([0, *(len(part.text) for part in parts)])
    ends = np.concatenate([part.ends + start for part, start in zip(parts, before.tolist(), strict=False)])
    return Stretch(
        b"".join([part.text for part in parts]), ends, np.concatenate([part.lines for part in parts])
    )


def find_plain(text: bytes, delimiter: bytes) -> Plain | None:
    """The rows at the beginning of the text, which ends with a line end; None where they aren't plain."""
    if not text.isascii() and not _is_utf8(text):
        return None
    raw = np.frombuffer(text, dtype=np.uint8)
    ends, separators = np.flatnonzero(raw == _END), np.flatnonzero(raw == ord(delimiter))
    line_ends = ends
    if b'"' in text:
        quotes = np.flatnonzero(raw == _QUOTE)
        if not _are_regular(raw, quotes, ord(delimiter)):
            return None
        ends, separators = _outside(quotes, ends), _outside(quotes, separators)
        if not len(ends):
            return None
    starts = np.concatenate(([0], ends[:-1] + 1))
    said = (raw != ord(" ")) & (raw != ord("\t")) & (raw != ord(delimiter)) & (raw != _END)
    return Plain(
        ends + 1,
        np.diff(np.searchsorted(separators, ends), prepend=0) + 1,
        np.searchsorted(line_ends, ends, side="right"),
        np.maximum.reduceat(said[: ends[-1] + 1].view(np.uint8), starts) == 0,
    )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _are_regular(raw: Bytes, quotes: Places, delimiter: int) -> bool:
    """Whether each mark opens a field, closes one, or is doubled; the last field may still be open."""
    opening, closing = quotes[0::2], quotes[1::2]
    before = raw[opening - 1]
    before[opening == 0] = _END
    after = raw[closing + 1]
    return all(
        bool(((beside == delimiter) | (beside == _END) | (beside == _QUOTE)).all())
        for beside in (before, after)
    )


def _outside(quotes: Places, places: Places) -> Places:
    """The places that are not inside a quoted field."""
    outside: Places = places[np.searchsorted(quotes, places) % 2 == 0]
    return outside
