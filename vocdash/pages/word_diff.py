"""What changed in a text, word by word, as <del> and <ins> (PRODUCT D4, UX 5c).

Colors and lines are not all: each change begins and ends with words for those who listen to the page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Final, Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

Kind = Literal["same", "removed", "added"]

# A number with its decimals is one word, and so is "doesn't"; every other mark stands alone.
_PART: Final = re.compile(r"\s+|\w+(?:[.,'’\-]\w+)*|[^\w\s]")
# Texts that have less than this in common are shown one after the other: scraps would not be readable.
_LEAST_IN_COMMON: Final = 0.3
# Comparing costs the product of both lengths at worst; beyond this a text is shown whole.
_MOST_COMPARED: Final = 4_000_000
_AROUND: Final = 6
"""Words that are kept on each side of a change where long unchanged parts are cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text that stayed, went or came."""

    kind: Kind
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in their order; joined without "added" they are `before`."""
    old, new = _PART.findall(before), _PART.findall(after)
    if old == new:
        return [Piece("same", before)] if before else []
    if len(old) * len(new) > _MOST_COMPARED:
        return _whole(before, after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if _words_in_common(matcher, old, new) < _LEAST_IN_COMMON:
        return _whole(before, after)
    return list(_merged(_pieces(matcher, old, new)))


def _whole(before: str, after: str) -> list[Piece]:
    found: list[Piece] = [Piece("removed", before), Piece("added", after)]
    return [piece for piece in found if piece.text]


def _words_in_common(matcher: "SequenceMatcher[str]", old: Sequence[str], new: Sequence[str]) -> float:
    """The share of words that stayed, of the shorter text's; spaces and marks say nothing."""
    same = sum(
        part[0].isalnum() for block in matcher.get_matching_blocks() for part in old[block.a :][: block.size]
    )
    shorter = min(sum(part[0].isalnum() for part in parts) for parts in (old, new))
    return same / shorter if shorter else 1.0


def _pieces(matcher: "SequenceMatcher[str]", old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what == "equal":
            yield Piece("same", "".join(old[old_from:old_to]))
        else:
            yield Piece("removed", "".join(old[old_from:old_to]))
            yield Piece("added", "".join(new[new_from:new_to]))


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """One removed and one added piece for changes that only spaces stand between."""
    removed = added = gap = ""
    for piece in pieces:
        if piece.kind == "same" and not (piece.text.isspace() and (removed or added)):
            yield from _whole(removed, added)
            yield Piece("same", gap + piece.text)
            removed = added = gap = ""
        elif piece.kind == "same":
            gap += piece.text
        elif piece.text:
            removed += gap + (piece.text if piece.kind == "removed" else "")
            added += gap + (piece.text if piece.kind == "added" else "")
            gap = ""
    yield from _whole(removed, added)
    if gap:
        yield Piece("same", gap)


def word_diff(before: str, after: str, *, cut: bool = False) -> SafeString:
    """The change as markup; the text itself where nothing changed. `cut` leaves out long unchanged parts."""
    pieces = compare(before, after)
    return SafeString("".join(_drawn(piece, place, len(pieces), cut) for place, piece in enumerate(pieces)))


def _drawn(piece: Piece, place: int, pieces: int, cut: bool) -> str:  # noqa: FBT001
    if piece.kind == "same":
        kept = _shortened(piece.text, place > 0, place < pieces - 1) if cut and pieces > 1 else piece.text
        return escape(kept)
    tag, opening = ("del", gettext("Removed:")) if piece.kind == "removed" else ("ins", gettext("Added:"))
    closing = gettext("end of the change")
    after = " " if piece.kind == "removed" else ""
    return (
        f'<{tag}><span class="vh">[{escape(opening)} </span>{escape(piece.text)}'
        f'<span class="vh"> – {escape(closing)}] </span></{tag}>{after}'
    )


def _shortened(text: str, after_change: bool, before_change: bool) -> str:  # noqa: FBT001
    """The words next to a change, and "…" for the others."""
    parts = _PART.findall(text)
    kept = 2 * _AROUND  # words and the spaces between them
    if len(parts) <= kept * (after_change + before_change) + 2:
        return text
    head = "".join(parts[:kept]).rstrip() + " " if after_change else ""
    tail = " " + "".join(parts[-kept:]).lstrip() if before_change else ""
    return f"{head}…{tail}"
