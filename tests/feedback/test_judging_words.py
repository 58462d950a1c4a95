"""FORMATS 3, rule 4: what the words of a comment say, in three languages."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.reasons import Reason
from feedback.words import WORD_LISTS, WORDLIST_VERSION, WORDS, WordList, WordMatcher
from tests.feedback.sentences import ENGLISH, FRENCH, PORTUGUESE
from tests.feedback.sentences_by_cause import ABOUT_THE_PRODUCT, DELIVERY_OR_BUYER_ONLY

SENTENCES = [
    (comment, reason)
    for language in (ENGLISH, FRENCH, PORTUGUESE)
    for reason, comments in language.items()
    for comment in comments
]


def matcher(entries: dict[Reason | None, str], **spellings: str) -> WordMatcher:
    return WordMatcher([WordList("xx", entries, spellings)])


def reason_of(comment: str, words: WordMatcher = WORDS) -> Reason | None:
    hit = words.find(comment)
    return None if hit is None else hit.reason


@pytest.mark.parametrize(("comment", "reason"), SENTENCES)
def test_a_comment_gives_the_reason_that_its_words_tell(comment: str, reason: Reason | None) -> None:
    assert reason_of(comment) is reason


@pytest.mark.parametrize("comment", DELIVERY_OR_BUYER_ONLY)
def test_c4_words_of_delivery_or_of_the_buyer_alone_do_not_count(comment: str) -> None:
    """C4: delivery problems are shown and never counted."""
    reason = reason_of(comment)
    assert reason is not None
    assert not reason.cause.counts


@pytest.mark.parametrize("comment", ABOUT_THE_PRODUCT)
def test_words_about_the_product_or_its_page_count(comment: str) -> None:
    reason = reason_of(comment)
    assert reason is not None
    assert reason.cause.counts


def test_case_accents_and_drawn_out_letters_do_not_matter() -> None:
    plain = reason_of("nao chegou")
    assert plain is Reason.NEVER_ARRIVED
    for written in ("NÃO CHEGOU", "Não chegou", "na\u0303o chegou", "Nãooooo chegouuuu", "ñ chegou"):
        assert reason_of(written) is plain, written


def test_typed_and_printed_apostrophes_are_one() -> None:
    for written in ("It doesn't work", "It doesn\u2019t work", "It doesnt work", "IT DOESN'T WORK"):
        assert reason_of(written) is Reason.DEFECTIVE, written
    assert reason_of("Je n\u2019ai jamais reçu") is reason_of("Je n'ai jamais recu") is Reason.NEVER_ARRIVED


def test_a_word_matches_as_a_whole_and_a_stem_at_its_beginning() -> None:
    words = matcher({Reason.DAMAGED: "torn", Reason.DEFECTIVE: "defect*"})
    assert reason_of("a torn box", words) is Reason.DAMAGED
    assert reason_of("a tornado", words) is None
    assert reason_of("defective", words) is Reason.DEFECTIVE
    assert reason_of("undefective", words) is None


def test_a_gap_holds_up_to_three_words_and_no_end_of_a_sentence() -> None:
    words = matcher({Reason.NEVER_ARRIVED: "not .. arrived"})
    assert reason_of("not arrived", words) is Reason.NEVER_ARRIVED
    assert reason_of("not to this day arrived", words) is Reason.NEVER_ARRIVED
    assert reason_of("not to this very day arrived", words) is None
    assert reason_of("not. Arrived", words) is None
    assert reason_of("not, arrived", words) is None


def test_a_number_matches_digits_and_the_languages_number_words() -> None:
    words = WordMatcher([WordList("xx", {Reason.MISSING_PARTS: "only #"}, {"#": "two"})])
    assert reason_of("only 2", words) is reason_of("only two", words) is Reason.MISSING_PARTS
    assert reason_of("only them", words) is None


def test_alternatives_stand_for_one_place() -> None:
    words = matcher({Reason.LATE_DELIVERY: "came/arrived late"})
    assert reason_of("arrived late", words) is reason_of("came late", words) is Reason.LATE_DELIVERY
    assert reason_of("came arrived", words) is None


def test_a_false_friend_silences_what_it_contains_and_nothing_else() -> None:
    words = matcher({None: "no defect*", Reason.DEFECTIVE: "defect*", Reason.DAMAGED: "torn"})
    assert reason_of("no defects", words) is None
    assert reason_of("no defects but torn", words) is Reason.DAMAGED
    assert reason_of("no defects at first, then a defect", words) is Reason.DEFECTIVE


def test_a_false_friend_can_be_a_longer_beginning_of_the_same_word() -> None:
    words = matcher({None: "demoralis*", Reason.LATE_DELIVERY: "demor*"})
    assert reason_of("demora", words) is Reason.LATE_DELIVERY
    assert reason_of("demoralisant", words) is None


def test_a_longer_entry_silences_a_shorter_one_inside_it() -> None:
    words = matcher({Reason.CARRIER_DAMAGE: "damaged by .. courier", Reason.DAMAGED: "damaged"})
    assert reason_of("damaged by the courier", words) is Reason.CARRIER_DAMAGE
    assert reason_of("damaged by the courier and damaged inside", words) is Reason.DAMAGED


def test_any_product_word_beats_earlier_words_of_delivery() -> None:
    words = matcher({Reason.LATE_DELIVERY: "late", Reason.DAMAGED: "torn", Reason.TOO_SMALL: "small"})
    assert reason_of("late late late torn small", words) is Reason.DAMAGED
    assert reason_of("small torn late", words) is Reason.TOO_SMALL


def test_the_hit_shows_the_words_of_the_comment() -> None:
    hit = WORDS.find("Olá! NÃO me entregaram.")
    assert hit is not None
    assert hit.words == "não entregaram"


def test_what_is_shown_of_an_endless_word_is_cut() -> None:
    hit = matcher({Reason.DEFECTIVE: "defect*"}).find("defect" + "iv" * 100)
    assert hit is not None
    assert len(hit.words) == 80


def test_all_languages_are_tried_on_every_comment() -> None:
    assert {word_list.language for word_list in WORD_LISTS} == {"en", "fr", "pt"}
    assert reason_of("Thanks. Le produit est cassé.") is Reason.DAMAGED


@pytest.mark.parametrize(
    "entries",
    [
        {Reason.DAMAGED: "torn", Reason.DEFECTIVE: "torn"},
        {Reason.DAMAGED: ".. torn"},
        {Reason.DAMAGED: "torn .."},
        {Reason.DAMAGED: "Torn"},
        {Reason.DAMAGED: "cassé"},
        {Reason.DAMAGED: "don't"},
        {Reason.DAMAGED: "#"},
    ],
)
def test_an_entry_that_could_never_match_or_contradicts_another_is_refused(
    entries: dict[Reason | None, str],
) -> None:
    with pytest.raises(ValueError, match=r"mapped to two reasons|gap|not one unaccented"):
        matcher(entries)


def test_every_reason_but_unspecified_has_words() -> None:
    told = {reason for word_list in WORD_LISTS for reason in word_list.entries}
    assert set(Reason) - told == {Reason.UNSPECIFIED}


def test_the_version_changes_with_an_entry_and_not_with_the_layout() -> None:
    version = matcher({Reason.DAMAGED: "torn, bent"}).version
    assert version == matcher({Reason.DAMAGED: "bent\n  torn"}).version
    assert version != matcher({Reason.DAMAGED: "torn"}).version
    assert version != matcher({Reason.DEFECTIVE: "torn, bent"}).version
    assert version != matcher({Reason.DAMAGED: "torn, bent"}, torn="thorn").version
    assert WordMatcher(WORD_LISTS).version == WORDLIST_VERSION


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    hit = WORDS.find(text)
    assert hit is None or (hit.words and len(hit.words) <= 80)


@settings(max_examples=6)
@given(st.lists(st.sampled_from(["nao", "recebi", "so", "um", "errado", ".", "not", "late", "pas", "recu"])))
def test_what_a_comment_says_does_not_depend_on_what_was_read_before(words: list[str]) -> None:
    comment = " ".join(words)
    assert WORDS.find(comment) == WordMatcher(WORD_LISTS).find(comment)


def test_the_longest_comment_is_read_in_a_moment() -> None:
    worst = "nao recebi not only pas " * 420
    began = time.process_time()
    WORDS.find(worst[:10_000])
    assert time.process_time() - began < 1
