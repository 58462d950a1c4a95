"""Judging the 32,670 real reviews of FORMATS 1, against some 850 one-star ones labeled by hand.

The labels (tests/data/one_star_labels.csv) hold no text: a person read each comment and said whether
it tells of delivery or the buyer only ("not_counted"), of the product or its page ("counted"), or of
neither. The reviews themselves are not part of the project.
"""

import csv
import gzip
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback.judging import Event, JudgedBy, judge
from feedback.masking import clean_comment
from feedback.reasons import FIRST_FILLING, CodeTable
from feedback.words import WORDS

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("VOCDASH_MARKETPLACE_DATA", ROOT.parent / "shared" / "data" / "marketplace"))
FILE = DATA / "feedback.csv.gz"
LABELS = ROOT / "tests" / "data" / "one_star_labels.csv"
TABLE = CodeTable(FIRST_FILLING)

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason=f"no real reviews at {FILE}: set VOCDASH_MARKETPLACE_DATA to their folder"
)


def rows() -> Iterator[dict[str, str]]:
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def event_of(row: dict[str, str]) -> Event:
    return Event(row["channel"], row["reason"], int(row["stars"]), clean_comment(row["comment"]).text)


def test_every_real_review_is_judged_by_its_rule() -> None:
    found = Counter[tuple[JudgedBy, bool]]()
    for row in rows():
        judgement = judge(event_of(row), TABLE, WORDS)
        found[judgement.by, judgement.counted] += 1
        by_stars = row["stars"] != "1"
        assert (judgement.by is JudgedBy.STARS) == by_stars
        assert not (judgement.counted and (by_stars or row["reason"] == "late_delivery"))
    assert sum(found.values()) == 32_670
    assert found[JudgedBy.CODE, False] == 2_047
    assert found[JudgedBy.WORDS, False] > 500


def test_the_words_agree_with_a_reader() -> None:
    labels = {row["event_id"]: row["label"] for row in csv.DictReader(LABELS.open(encoding="utf-8"))}
    agreement = Counter[tuple[bool, bool]]()
    for row in rows():
        label = labels.pop(row["event_id"], None)
        if label is not None:
            hit = WORDS.find(clean_comment(row["comment"]).text)
            kept_out = hit is not None and not hit.reason.cause.counts
            agreement[kept_out, label == "not_counted"] += 1
    assert not labels
    right, wrong, missed = agreement[True, True], agreement[True, False], agreement[False, True]
    assert right / (right + wrong) > 0.97
    assert right / (right + missed) > 0.97


def test_few_real_comments_are_masked_and_none_loses_its_order_number() -> None:
    cleaned = [(row["comment"], clean_comment(row["comment"])) for row in rows()]
    assert sum(clean.masked for _, clean in cleaned) == 12
    assert not any(clean.cut for _, clean in cleaned)
    assert all("03-49" in clean.text for comment, clean in cleaned if "03-49" in comment)
