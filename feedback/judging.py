"""Whether an event counts as a negative customer experience, and by what that was decided. Pure.

FORMATS.md section 3, first rule that decides: (1) an operator's decision on a dispute; (2) a review
of two stars or more: no; (3) a code mapped to product or listing: yes, to delivery or buyer: no,
whatever the words; (4) code empty or unknown: the words; (5) no telling words: a one-star review
yes, a return, refund or contact no.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from feedback.reasons import OWN_SOURCE, Cause, CodeTable, Reason, normalize_code
from feedback.words import WordMatcher

# Raised by hand when a rule of this module changes, so that stored judgements are made again.
JUDGING_RULES = 1
REVIEW = "review"
CHANNELS = frozenset({"return", "refund", "contact", REVIEW})
STARS = range(1, 6)
# A review of this many stars or more is no complaint (rule 2).
STARS_WITHOUT_COMPLAINT = 2
# Codes are cut to this length where they are shown.
LONGEST_SHOWN = 80
CARRIER_DAMAGED = "CARRIER_DAMAGED"


class JudgedBy(StrEnum):
    """The rule that decided, in the order of the rules."""

    OPERATOR = "operator"
    STARS = "stars"
    CODE = "code"
    WORDS = "words"
    DEFAULT = "default"

    @property
    def rule(self) -> int:
        """The number of the rule in FORMATS.md section 3."""
        return list(JudgedBy).index(self) + 1


class Event(NamedTuple):
    """What is known of one feedback event. `comment` is the stored, masked one.

    `decision` is an operator's on a dispute (True: counted), None where there is none. `stars` of
    any channel but review are ignored. `disposition` is the state in which a returned item arrived.
    """

    channel: str
    reason: str = ""
    stars: int | None = None
    comment: str = ""
    source: str = OWN_SOURCE
    disposition: str = ""
    decision: bool | None = None


class Judgement(NamedTuple):
    """How an event was judged; stored with it and shown to the seller.

    `matched` is what decided: the normalized code, the words of the comment, or the stars; empty
    for an operator's decision and for the default.
    """

    counted: bool
    cause: Cause
    reason: Reason
    by: JudgedBy
    matched: str = ""


class UnjudgeableEventError(ValueError):
    """An event that is a bad row: `column` is at fault, the message says what to do."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def judge(event: Event, table: CodeTable, words: WordMatcher) -> Judgement:
    """Judge one event by the first rule that decides.

    Raises UnjudgeableEventError for an unknown channel and for a review without 1 to 5 stars;
    never for any reason code, comment or disposition.
    """
    check(event)
    judgement = _judge_by_evidence(event, table, words)
    if event.decision is None:
        return judgement
    return Judgement(event.decision, judgement.cause, judgement.reason, JudgedBy.OPERATOR)


def judge_all(
    events: Iterable[Event], table: CodeTable, words: WordMatcher
) -> Iterator[Judgement | UnjudgeableEventError]:
    """Judge many events in order; an event that is a bad row gives its error instead of raising it."""
    for event in events:
        try:
            yield judge(event, table, words)
        except UnjudgeableEventError as error:
            yield error


def check(event: Event) -> None:
    """Raise UnjudgeableEventError where an event is a bad row."""
    if event.channel == REVIEW:
        if event.stars is None:
            raise UnjudgeableEventError("stars", "A review needs stars: give a whole number from 1 to 5.")
        if event.stars not in STARS:
            raise UnjudgeableEventError("stars", "Stars must be a whole number from 1 to 5.")
    elif event.channel not in CHANNELS:
        raise UnjudgeableEventError("channel", f"The channel must be one of {', '.join(sorted(CHANNELS))}.")


def ignores_stars(event: Event) -> bool:
    """Whether the event carries stars that are ignored, to be noted on it: only reviews have stars."""
    return event.stars is not None and event.channel != REVIEW


def judging_version(table: CodeTable, words: WordMatcher) -> str:
    """16 hex digits that change with the reason table, the word lists and the rules.

    Events stored with another version are judged again at the next recompute.
    """
    return hashlib.sha256(f"{JUDGING_RULES} {table.digest} {words.version}".encode()).hexdigest()[:16]


def _judge_by_evidence(event: Event, table: CodeTable, words: WordMatcher) -> Judgement:
    """Rules 2 to 5."""
    reason = table.lookup(event.source, event.reason)
    if event.channel == REVIEW and event.stars is not None and event.stars >= STARS_WITHOUT_COMPLAINT:
        reason = _of_carrier(reason or Reason.UNSPECIFIED, event)
        return Judgement(
            counted=False, cause=reason.cause, reason=reason, by=JudgedBy.STARS, matched=str(event.stars)
        )
    if reason is not None and reason.cause is not Cause.UNKNOWN:
        reason = _of_carrier(reason, event)
        code = normalize_code(event.reason)[:LONGEST_SHOWN]
        return Judgement(reason.cause.counts, reason.cause, reason, JudgedBy.CODE, code)
    return _judge_by_words(event, words)


def _judge_by_words(event: Event, words: WordMatcher) -> Judgement:
    """Rules 4 and 5."""
    hit = words.find(event.comment) if event.comment else None
    if hit is None:
        counted = event.channel == REVIEW
        return Judgement(counted, Cause.UNKNOWN, Reason.UNSPECIFIED, JudgedBy.DEFAULT)
    reason = _of_carrier(hit.reason, event)
    return Judgement(reason.cause.counts, reason.cause, reason, JudgedBy.WORDS, hit.words)


def _of_carrier(reason: Reason, event: Event) -> Reason:
    """Damage is the product's fault unless the carrier is named as its cause by the disposition."""
    names_carrier = reason is Reason.DAMAGED and normalize_code(event.disposition) == CARRIER_DAMAGED
    return Reason.CARRIER_DAMAGE if names_carrier else reason
