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
Part = tuple[str, str]
"""A word or a mark, and the spaces after it."""

# A word or a mark, and the spaces after it. A number with its decimals is one word, and so is "doesn't".
_PART: Final = re.compile(r"(\w+(?:[.,'’\-]\w+)*|[^\w\s])(\s*)")
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
    """The pieces of both texts in their order; joined without "added" they are `before`.

    Spaces around a text are no part of it.
    """
    before, after = before.strip(), after.strip()
    old, new = _PART.findall(before), _PART.findall(after)
    head, tail = _ends(old, new)
    first, last = old[:head], old[len(old) - tail :]
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle[0]) * len(middle[1]) > _MOST_COMPARED:
        return list(_merged([_same(first), *_whole(*map(_text, middle)), _same(last)]))
    # In long texts its heuristics leave out the most frequent words, which bounds what comparing costs.
    words = [[word for word, _ in parts] for parts in middle]
    matcher = SequenceMatcher(None, words[0], words[1])
    stayed = sum(_words(middle[0][block.a :][: block.size]) for block in matcher.get_matching_blocks())
    if stayed + _words(first) + _words(last) < _LEAST_IN_COMMON * min(_words(old), _words(new)):
        return _whole(before, after)
    return list(_merged([_same(first), *_pieces(matcher, *middle), _same(last)]))


def _text(parts: Sequence[Part]) -> str:
    return "".join(word + spaces for word, spaces in parts)


def _same(parts: Sequence[Part]) -> Piece:
    return Piece("same", _text(parts))


def _words(parts: Sequence[Part]) -> int:
    """How many words there are; marks say nothing."""
    return sum(word[0].isalnum() for word, _ in parts)


def _ends(old: Sequence[Part], new: Sequence[Part]) -> tuple[int, int]:
    """How many parts both texts have in common at their beginning, and then at their end."""
    least = min(len(old), len(new))
    head = next((place for place in range(least) if old[place] != new[place]), least)
    tail = next((place for place in range(least - head) if old[-1 - place] != new[-1 - place]), least - head)
    return head, tail


def _whole(before: str, after: str) -> list[Piece]:
    found: list[Piece] = [Piece("removed", before), Piece("added", after)]
    return [piece for piece in found if piece.text]


def _pieces(matcher: "SequenceMatcher[str]", old: Sequence[Part], new: Sequence[Part]) -> Iterator[Piece]:
    """Words that stay, each with the spaces after it, which may change; and words that don't."""
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what != "equal":
            yield from _whole(_text(old[old_from:old_to]), _text(new[new_from:new_to]))
            continue
        for (word, spaces), (_, then) in zip(old[old_from:old_to], new[new_from:new_to], strict=True):
            yield Piece("same", word + (spaces if spaces == then else ""))
            yield from _whole(spaces, then) if spaces != then else ()


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one piece; spaces with which a change ends, before and after, stayed."""
    removed = added = same = ""
    for piece in pieces:
        if piece.kind == "same" and piece.text:
            spaces = _spaces_at_end(removed, added)
            if removed or added:
                yield from _change(same, removed.removesuffix(spaces), added.removesuffix(spaces))
                removed = added = same = ""
            same += spaces + piece.text
        elif piece.kind == "removed":
            removed += piece.text
        elif piece.kind == "added":
            added += piece.text
    yield from _change(same, removed, added)


def _change(same: str, removed: str, added: str) -> Iterator[Piece]:
    if same:
        yield Piece("same", same)
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
    space = text[: len(text) - len(text.lstrip())]
    head = f"{space}{_text(parts[:_AROUND]).rstrip()} " if after_change else ""
    tail = f" {_text(parts[-_AROUND:])}" if before_change else ""
    return f"{head}…{tail}"
