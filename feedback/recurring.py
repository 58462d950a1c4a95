"""The words and two-word phrases that recur in a group of comments. Pure: texts in, phrases out.

A phrase is one telling word, or two with nothing but fillers between them ("lid does not close"), inside one
part of a sentence. Words are alike when their stems are, so "zipper", "Zippers" and "ZIPPER" are one; the
stems serve to compare and are never shown. Which phrase tells most: in how many comments of the group it
stands, and how much more often than in the comments outside it. Languages are not told apart: a comment's
language is not known, and the fillers of all three are left out of every one.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import Final, NamedTuple

from feedback.words.filler import FILLER
from feedback.words.matching import fold, split_words

Key = tuple[str, ...]
# The phrases of one comment, each with the first way in which it is written there.
Phrases = dict[Key, str]

# Between the two words of a phrase.
_MOST_FILLERS: Final = 3
_SHORTEST_WORD: Final = 3
# A phrase that stands in nearly all comments of its word says more than the word alone.
_NEARLY_ALL: Final = 0.75
# A word that is as frequent elsewhere tells nothing about this group; few comments elsewhere prove little.
_LEAST_LIFT: Final = 1.5
# Unhappy customers name the product more often than happy ones: its own words have to be far more frequent.
_LEAST_LIFT_NAMED: Final = 4.0
_ENOUGH_OUTSIDE: Final = 5
_MOST_LIFT: Final = 16.0
_BREAKS: Final = frozenset(".,;:!?\n")
_ENDINGS: Final = ("ing", "ed", "es", "s")
_VOWELS: Final = "aeo"


@dataclass(frozen=True, slots=True)
class Recurring:
    """A phrase that recurs. words: as customers write it most often, lower case. key: its stems.

    places: the indices of the group's comments that hold it, rising.
    """

    words: str
    key: Key
    places: tuple[int, ...]


class _Spot(NamedTuple):
    """A telling word of a comment: its stem, where it stands, and the number of its part of the sentence."""

    stem: str
    place: int
    part: int


def stem(word: str) -> str:
    """What words of one kind have in common: no plural, no ending of a verb, no gender.

    Rough on purpose, for three languages at once: it only has to put the forms of a word together.
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_WORD and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    while len(word) > _SHORTEST_WORD and word[-1] in _VOWELS:
        word = word[:-1]
    if len(word) > _SHORTEST_WORD and word[-1] == word[-2]:
        word = word[:-1]
    return word


def recurring(
    group: Sequence[str],
    outside: Iterable[str] = (),
    *,
    subject: str = "",
    heading: str = "",
    least: int = 3,
    share: float = 0.25,
    most: int = 4,
) -> list[Recurring]:
    """The phrases under which the group's comments fall, the most telling first; no comment under two.

    A phrase needs `least` comments that no phrase before it took, and `share` of the whole group; at most
    `most` are given. `outside`: comments of other groups. `subject`: what the product is called; its words
    alone tell nothing, unless the comments outside prove that they do. `heading`: what the group is called
    already; its words alone tell nothing new.
    """
    elsewhere = _Elsewhere(outside, subject, heading)
    left = {place: _read(comment) for place, comment in enumerate(group)}
    needed = max(least, share * len(group))
    places = _places(left)
    found: list[Recurring] = []
    while len(found) < most:
        # Comments only go, so what is too rare once is so for good.
        places = {key: where for key, where in places.items() if len(where) >= needed}
        key = _most_telling({key: len(where) for key, where in places.items()}, len(left), elsewhere)
        if key is None:
            break
        found.append(Recurring(_written(key, left, places[key]), key, tuple(places[key])))
        for place in places[key]:
            del left[place]
        places = {key: [place for place in where if place in left] for key, where in places.items()}
    return found


def _places(comments: Mapping[int, Phrases]) -> dict[Key, list[int]]:
    """In which comments each phrase stands."""
    found: dict[Key, list[int]] = {}
    for place, phrases in comments.items():
        for key in phrases:
            found.setdefault(key, []).append(place)
    return found


def _written(key: Key, comments: Mapping[int, Phrases], places: Iterable[int]) -> str:
    """The most frequent way to write a phrase; among equals the shortest, then by the alphabet."""
    ways = Counter(comments[place][key] for place in places)
    return min(ways.items(), key=lambda item: (-item[1], len(item[0]), item[0]))[0]


class _Elsewhere:
    """How frequent each phrase is outside the group."""

    def __init__(self, comments: Iterable[str], subject: str, heading: str) -> None:
        self._frequency: Counter[Key] = Counter()
        self._comments = 0
        self._subject = _stems(subject)
        self._heading = _stems(heading)
        for comment in comments:
            self._comments += 1
            self._frequency.update(_read(comment).keys())

    def lift(self, key: Key, share: float) -> float:
        """How many times more frequent a phrase with this share in the group is than outside it.

        0 for one that tells nothing: as frequent elsewhere, or no more than the product's own name.
        """
        outside = (self._frequency[key] + 0.5) / (self._comments + 1)
        lift = min(share / outside, _MOST_LIFT)
        known = self._comments >= _ENOUGH_OUTSIDE
        named = set(key) <= self._subject
        tells = lift >= (_LEAST_LIFT_NAMED if named else _LEAST_LIFT) if known else not named
        return lift if tells and not set(key) <= self._heading else 0.0


def _most_telling(frequent: Mapping[Key, int], comments: int, elsewhere: _Elsewhere) -> Key | None:
    """The phrase that tells most; a longer one in the place of a word that hardly stands without it.

    frequent: in how many of so many comments each phrase stands.
    """
    scores = {key: _score(number, comments, elsewhere, key) for key, number in frequent.items()}
    telling = [key for key, score in scores.items() if score > 0]
    if not telling:
        return None
    best = min(telling, key=lambda key: (-scores[key], -len(key), key))
    longer = [
        key for key in telling if set(best) < set(key) and frequent[key] >= _NEARLY_ALL * frequent[best]
    ]
    return min(longer, key=lambda key: (-scores[key], key), default=best)


def _score(number: int, comments: int, elsewhere: _Elsewhere, key: Key) -> float:
    return number * log2(1 + elsewhere.lift(key, number / comments))


def _read(comment: str) -> Phrases:
    words = split_words(comment)
    spots = list(_spots(words))
    phrases: Phrases = {}
    for spot in spots:
        phrases.setdefault((spot.stem,), words[spot.place].lower())
    for first, second in pairwise(spots):
        near = first.part == second.part and second.place - first.place <= _MOST_FILLERS + 1
        if near and first.stem != second.stem:
            said = " ".join(words[first.place : second.place + 1]).lower()
            phrases.setdefault((first.stem, second.stem), said)
    return phrases


def _stems(text: str) -> set[str]:
    return {spot.stem for spot in _spots(split_words(text))}


def _spots(words: Collection[str]) -> Iterator[_Spot]:
    """The telling words of a text that was split into words."""
    part = 0
    for place, word in enumerate(words):
        if word in _BREAKS:
            part += 1
        elif (stemmed := _telling(word)) is not None:
            yield _Spot(stemmed, place, part)


# Words come again and again: what each stands for is remembered, up to so many.
_KNOWN: dict[str, str | None] = {}
_MOST_KNOWN: Final = 50_000


def _telling(word: str) -> str | None:
    """The stem of a word, None for a filler."""
    try:
        return _KNOWN[word]
    except KeyError:
        folded = fold(word)
    filler = len(folded) < _SHORTEST_WORD or folded in FILLER or not folded.isalpha()
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    _KNOWN[word] = found = None if filler else stem(folded)
    return found
