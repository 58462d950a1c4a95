"""What changed in a text, word by word, as <del> and <ins> (PRODUCT D4, UX 5c).

Colors and lines are not all: each change begins and ends with words for those who listen to the page.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Final, Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

Kind = Literal["same", "removed", "added"]

# A number with its decimals is one word, and so is "doesn't"; every other mark stands alone. The spaces after
# a word belong to it: alone they would be the most frequent parts by far, which makes comparing slow.
_PART: Final = re.compile(r"\w+(?:[.,'’\-]\w+)*\s*|[^\w\s]\s*|\s+")
# Texts that have less than this in common are shown one after the other: scraps would not be readable.
_LEAST_IN_COMMON: Final = 0.3
# Comparing costs the product of both lengths at worst; beyond this a text is shown whole.
_MOST_COMPARED: Final = 4_000_000
_AROUND: Final = 6
"""Words and marks that are kept on each side of a change where long unchanged parts are cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text that stayed, went or came."""

    kind: Kind
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in their order; joined without "added" they are `before`."""
    old, new = _PART.findall(before), _PART.findall(after)
    head, tail = _ends(old, new)
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    around: list[Piece] = [Piece("same", "".join(old[:head])), Piece("same", "".join(old[len(old) - tail :]))]
    if not middle_old and not middle_new:
        return [Piece("same", before)] if before else []
    if len(middle_old) * len(middle_new) > _MOST_COMPARED:
        pieces = _whole("".join(middle_old), "".join(middle_new))
    else:
        # In long texts its heuristics leave out the most frequent words, which bounds what comparing costs.
        matcher = SequenceMatcher(None, middle_old, middle_new)
        pieces = list(_pieces(matcher, middle_old, middle_new))
        if _in_common([around[0], *pieces, around[1]], old, new) < _LEAST_IN_COMMON:
            return _whole(before, after)
    return list(_merged(piece for piece in (around[0], *pieces, around[1]) if piece.text))


def _ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many parts both texts have in common at their beginning, and then at their end."""
    least = min(len(old), len(new))
    head = next((place for place in range(least) if old[place] != new[place]), least)
    tail = next((place for place in range(least - head) if old[-1 - place] != new[-1 - place]), least - head)
    return head, tail


def _whole(before: str, after: str) -> list[Piece]:
    found: list[Piece] = [Piece("removed", before), Piece("added", after)]
    return [piece for piece in found if piece.text]


def _in_common(pieces: Sequence[Piece], old: Sequence[str], new: Sequence[str]) -> float:
    """The share of words that stayed, of the shorter text's; spaces and marks say nothing."""
    same = sum(_words(_PART.findall(piece.text)) for piece in pieces if piece.kind == "same")
    shorter = min(_words(old), _words(new))
    return same / shorter if shorter else 1.0


def _words(parts: Sequence[str]) -> int:
    return sum(part[0].isalnum() for part in parts)


def _pieces(matcher: "SequenceMatcher[str]", old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what == "equal":
            yield Piece("same", "".join(old[old_from:old_to]))
        else:
            yield Piece("removed", "".join(old[old_from:old_to]))
            yield Piece("added", "".join(new[new_from:new_to]))


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbouring changes as one, and the spaces that both end with as part of what follows."""
    removed = added = ""
    for piece in pieces:
        if piece.kind == "removed":
            removed += piece.text
        elif piece.kind == "added":
            added += piece.text
        else:
            spaces = _spaces_at_end(removed, added)
            yield from _whole(removed.removesuffix(spaces), added.removesuffix(spaces))
            yield Piece("same", spaces + piece.text)
            removed = added = ""
    yield from _whole(removed, added)


def _spaces_at_end(removed: str, added: str) -> str:
    first, second = (text[len(text.rstrip()) :] for text in (removed, added))
    return first if first == second else ""


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
    if len(parts) <= _AROUND * (after_change + before_change) + 1:
        return text
    head = "".join(parts[:_AROUND]).rstrip() + " " if after_change else ""
    tail = " " + "".join(parts[-_AROUND:]) if before_change else ""
    return f"{head}…{tail}"
