"""Finding telling words in a comment: phrases, stems, gaps and false friends. Pure.

How an entry of a word list is written (words/en.py and its neighbors):
- `broken`               a whole word, unaccented and lower case;
- `defect*`              a stem: any word that begins so;
- `not working`          several words in a row, within one part of a sentence;
- `came/arrived late`    alternatives, for one place in the phrase;
- `did not .. arrive`    `..` stands for up to three other words of the same part of the sentence;
- `only #`               `#` is a number, in digits or as one of the language's number words.
A comma, full stop or line break ends a part of a sentence, and no phrase reaches across it.
An entry under `None` is a false friend: it says nothing itself and silences the entries whose words
it contains, so that "no defects" is not a defect. In the same way any longer entry silences those
inside it: "damaged by the courier" is not "damaged".
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from feedback.reasons import Reason

# Raised by hand when the way of matching changes, so that stored judgements are made again.
MATCHING_VERSION = 1
LONGEST_GAP = 3
LONGEST_SHOWN = 80
# Memory is bounded: words and short comments that come again are remembered up to these numbers.
MOST_WORDS_KEPT = 200_000
MOST_HITS_KEPT = 50_000
LONGEST_KEPT = 200
NUMBER = "#"
GAP = ".."

_COMBINING = re.compile(r"[\u0300-\u036f]+")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
# "didn't" is one word; any other apostrophe parts two.
_TOKENS = re.compile(r"[^\W_]+(?:['\u2019][tT](?![^\W_]))?|[.,;:!?\n]")
_UNDECOMPOSED = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "'": "", "\u2019": ""})
_BREAKS = frozenset(".,;:!?\n")


class WordHit(NamedTuple):
    """What the words of a comment say: the normal reason, and the words that say it."""

    reason: Reason
    words: str


@dataclass(frozen=True)
class WordList:
    """One language's entries by normal reason, and other ways of writing a word ("nao": "n naum")."""

    language: str
    entries: Mapping[Reason | None, str]
    spellings: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Node:
    """A place in the tree of phrases: what may come next, and the reason of a phrase that ends here."""

    words: dict[str, _Node] = field(default_factory=dict)
    after_gap: _Node | None = None
    ends: bool = False
    reason: Reason | None = None


class _Word(NamedTuple):
    """What a word of a comment can stand for in the lists, and where the tree begins with it."""

    symbols: tuple[str, ...]
    beginnings: tuple[_Node, ...]


class _Match(NamedTuple):
    reason: Reason | None
    places: tuple[int, ...]


# The words of a comment in order; None for the end of a part of a sentence.
_Words = list[_Word | None]


def fold(word: str) -> str:
    """A word in lower case, without accents, apostrophes and drawn-out letters."""
    word = word.casefold()
    if not word.isascii():
        word = unicodedata.normalize("NFKD", word).translate(_UNDECOMPOSED)
        word = _COMBINING.sub("", word)
    return _DRAWN_OUT.sub(r"\1", word.replace("'", ""))


def split_words(text: str) -> list[str]:
    """The words of a text as written, in order, with the marks that end a part of a sentence."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return _TOKENS.findall(text)


def split_entries(entries: str) -> Iterator[str]:
    """The single phrases of a block of entries, separated by commas or line breaks."""
    for phrase in re.split(r"[,\n]", entries):
        if phrase.strip():
            yield phrase.strip()


def expand(phrase: str) -> Iterator[tuple[str, ...]]:
    """A phrase with alternatives as the plain phrases that it stands for."""
    return itertools.product(*(place.split("/") for place in phrase.split()))


class WordMatcher:
    """All languages' lists in one tree, so that one walk over a comment tries them all."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        """Raise ValueError when one list maps the same phrase to two reasons, or is malformed."""
        self._root = _Node()
        self._spellings: dict[str, list[str]] = {}
        self._vocabulary: set[str] = set()
        self._known_words: dict[str, _Word | None] = {}
        self._known_comments: dict[str, WordHit | None] = {}
        kept = list(lists)
        for word_list in kept:
            self._add_list(word_list)
        self.version = _digest(kept)

    def find(self, comment: str) -> WordHit | None:
        """The hit that decides, or None where no word tells.

        Any product or listing word beats all delivery and buyer words; among equals the first in
        the text decides.
        """
        try:
            return self._known_comments[comment]
        except KeyError:
            pass
        hit = self._find(comment)
        if len(comment) <= LONGEST_KEPT:
            if len(self._known_comments) >= MOST_HITS_KEPT:
                self._known_comments.clear()
            self._known_comments[comment] = hit
        return hit

    def _find(self, comment: str) -> WordHit | None:
        words = split_words(comment)
        telling = _not_silenced(self._matches(words))
        if not telling:
            return None
        reason, places = min(telling, key=_precedence)
        return WordHit(reason, " ".join(words[place] for place in places).lower()[:LONGEST_SHOWN])

    def _matches(self, words: list[str]) -> list[_Match]:
        read = self._read_all(words)
        found: list[_Match] = []
        for place, word in enumerate(read):
            if word is not None:
                for node in word.beginnings:
                    _grow(node, read, (place,), found)
        return found

    def _read_all(self, words: list[str]) -> _Words:
        known = self._known_words
        if len(known) >= MOST_WORDS_KEPT:
            known.clear()
        for word in words:
            if word not in known:
                known[word] = self._read(word)
        return [known[word] for word in words]

    def _read(self, written: str) -> _Word | None:
        if written in _BREAKS:
            return None
        word = fold(written)
        forms = [word, *self._spellings.get(word, [])]
        if word.isdigit():
            forms.append(NUMBER)
        possible = (symbol for form in forms for symbol in (form, *_stems_of(form)))
        symbols = tuple(dict.fromkeys(symbol for symbol in possible if symbol in self._vocabulary))
        beginnings = (self._root.words.get(symbol) for symbol in symbols)
        return _Word(symbols, tuple(node for node in beginnings if node is not None))

    def _add_list(self, word_list: WordList) -> None:
        for word, others in word_list.spellings.items():
            for other in others.split():
                self._spellings.setdefault(other, []).append(word)
        seen: dict[tuple[str, ...], Reason | None] = {}
        for reason, entries in word_list.entries.items():
            for phrase in split_entries(entries):
                for places in expand(phrase):
                    if seen.setdefault(places, reason) is not reason:
                        raise ValueError(f"{word_list.language}: {phrase!r} is mapped to two reasons")
                    self._add_phrase(places, reason)

    def _add_phrase(self, places: tuple[str, ...], reason: Reason | None) -> None:
        _check(places)
        node = self._root
        for symbol in places:
            if symbol == GAP:
                node.after_gap = node = node.after_gap or _Node()
            else:
                self._vocabulary.add(symbol)
                node = node.words.setdefault(symbol, _Node())
        if not node.ends:  # the same phrase in two languages: the first language's reason stays
            node.ends, node.reason = True, reason


def _check(places: tuple[str, ...]) -> None:
    """Raise ValueError on an entry that could never match, or not as its writer meant."""
    phrase = " ".join(places)
    words = [place for place in places if place not in (GAP, NUMBER)]
    if places[0] == GAP or places[-1] == GAP or not words:
        raise ValueError(f"{phrase!r} begins or ends with a gap, or has no word")
    for word in words:
        bare = word.removesuffix("*")
        if split_words(bare) != [bare] or fold(bare) != bare:
            raise ValueError(f"{word!r} in {phrase!r} is not one unaccented lower-case word")


def _stems_of(word: str) -> list[str]:
    return [word[:length] + "*" for length in range(2, min(len(word), 30) + 1)]


def _grow(node: _Node, words: _Words, places: tuple[int, ...], found: list[_Match]) -> None:
    """Collect every phrase that begins with the words at `places`, which led to `node`."""
    if node.ends:
        found.append(_Match(node.reason, places))
    after = places[-1] + 1
    if node.words:
        _go_on(node, words, after, places, found)
    if node.after_gap is not None:
        for later in range(after, min(after + LONGEST_GAP + 1, len(words))):
            if words[later] is None:
                return
            _go_on(node.after_gap, words, later, places, found)


def _go_on(node: _Node, words: _Words, place: int, places: tuple[int, ...], found: list[_Match]) -> None:
    """Grow along every branch of `node` that the word at `place` can stand for."""
    word = words[place] if place < len(words) else None
    if word is not None:
        for symbol in word.symbols:
            below = node.words.get(symbol)
            if below is not None:
                _grow(below, words, (*places, place), found)


def _not_silenced(matches: list[_Match]) -> list[tuple[Reason, tuple[int, ...]]]:
    """The matches that tell a reason and are not silenced by a longer match or a false friend."""
    if len(matches) == 1:
        reason, places = matches[0]
        return [] if reason is None else [(reason, places)]
    touching: dict[int, list[_Match]] = {}
    for match in matches:
        for place in match.places:
            touching.setdefault(place, []).append(match)
    return [
        (match.reason, match.places)
        for match in matches
        if match.reason is not None and not _is_silenced(match, touching[match.places[0]])
    ]


def _is_silenced(match: _Match, others: list[_Match]) -> bool:
    words = set(match.places)
    return any(
        words < set(other.places) or (other.reason is None and words == set(other.places)) for other in others
    )


def _precedence(hit: tuple[Reason, tuple[int, ...]]) -> tuple[bool, int, int]:
    reason, places = hit
    return not reason.cause.counts, places[0], -len(places)


def _digest(lists: list[WordList]) -> str:
    """16 hex digits that change with any entry, spelling, or the way of matching; not with layout."""
    content = [
        (
            word_list.language,
            sorted((reason or "", sorted(split_entries(text))) for reason, text in word_list.entries.items()),
            sorted(word_list.spellings.items()),
        )
        for word_list in lists
    ]
    return hashlib.sha256(repr((MATCHING_VERSION, content)).encode()).hexdigest()[:16]
