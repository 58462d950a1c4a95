"""What the demo's customers write: put together from the catalogue's phrases, so that few are alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Final

from feedback.reasons import Reason
from vocdash.demo.products import Kind
from vocdash.demo.texts import read_catalogue

_OWN_FACT: Final = 0.78
"""How often a complaint is the kind's own rather than one that fits any product."""
_MASKED: Final = (
    "Call me at 514-555-0147.",
    "You reach me at buyer@shopper.example.",
)
_TWO_SENTENCES: Final = 0.6
_WITH_CONTACT: Final = 0.012
"""A few customers leave a number or an address, which the import masks."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language."""

    openers: list[str]
    closers: list[str]
    spans: list[str]
    facts: dict[Reason, list[str]]
    stars: dict[int, list[str]]


@cache
def phrases(language: str) -> Phrases:
    """The phrases of "en" or "fr"."""
    read: dict[str, Any] = read_catalogue("phrases")[language]
    return Phrases(
        openers=read["openers"],
        closers=read["closers"],
        spans=read["spans"],
        facts={Reason(reason): said for reason, said in read["facts"].items()},
        stars={int(stars): said for stars, said in read["stars"].items()},
    )


def complaint(kind: Kind, reason: Reason, language: str, chance: Random) -> str:
    """A comment that gives this reason. "" for reasons of which nobody says anything."""
    said = phrases(language)
    fact = _fact(kind, reason, language, chance)
    if not fact:
        return ""
    part = chance.choice(kind.parts).said_in(language)
    fact = (
        fact.replace("{span}", chance.choice(said.spans))
        .replace("{part}", part)
        .replace("{age}", str(chance.randint(4, 11)))
    )
    opener = chance.choice(said.openers) if reason.cause.counts else ""
    return _joined([opener, fact, chance.choice(said.closers), _contact(chance)])


def _fact(kind: Kind, reason: Reason, language: str, chance: Random) -> str:
    own = kind.facts.get(reason)
    if own and chance.random() < _OWN_FACT:
        return chance.choice(own).said_in(language)
    return chance.choice(phrases(language).facts.get(reason, [""]))


def _contact(chance: Random) -> str:
    return chance.choice(_MASKED) if chance.random() < _WITH_CONTACT else ""


def praise(stars: int, language: str, chance: Random) -> str:
    """The text of a review of two stars or more."""
    said = phrases(language)
    first = chance.choice(said.stars[stars])
    second = chance.choice(said.stars[stars]) if chance.random() < _TWO_SENTENCES else ""
    return _joined([first, second if second != first else ""])


def _joined(sentences: Sequence[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
