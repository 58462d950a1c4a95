"""FORMATS 3: what counts, first rule that decides, and by what it was decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.judging import (
    CHANNELS,
    Event,
    JudgedBy,
    Judgement,
    UnjudgeableEventError,
    ignores_stars,
    judge,
    judge_all,
    judging_version,
)
from feedback.reasons import FIRST_FILLING, Cause, CodeTable, Reason
from feedback.words import WORD_LISTS, WORDS, WordMatcher

TABLE = CodeTable(FIRST_FILLING)
DELIVERY_COMMENT = "Never arrived, the parcel was lost in the mail."
PRODUCT_COMMENT = "The kettle is broken."

events = st.builds(
    Event,
    channel=st.sampled_from(sorted(CHANNELS)),
    reason=st.one_of(st.sampled_from([code for _, code, _ in FIRST_FILLING]), st.text(max_size=40)),
    stars=st.integers(1, 5),
    comment=st.text(max_size=200),
    disposition=st.sampled_from(["", "SELLABLE", "DAMAGED", "CARRIER_DAMAGED"]),
    decision=st.sampled_from([None, None, True, False]),
)


def judged(channel: str, **known: object) -> Judgement:
    return judge(Event(channel, **known), TABLE, WORDS)  # type: ignore[arg-type]


def review(stars: int | None = 1, **known: object) -> Judgement:
    return judged("review", stars=stars, **known)


# Rule 1


@pytest.mark.parametrize("decision", [True, False])
def test_rule_1_an_operators_decision_beats_stars_code_and_words(decision: bool) -> None:
    for event in (
        Event("review", stars=5, decision=decision),
        Event("return", reason="NEVER_ARRIVED", decision=decision),
        Event("return", reason="DEFECTIVE", decision=decision),
        Event("contact", comment=PRODUCT_COMMENT, decision=decision),
    ):
        judgement = judge(event, TABLE, WORDS)
        assert (judgement.counted, judgement.by) == (decision, JudgedBy.OPERATOR)


def test_rule_1_a_decision_leaves_the_reason_that_the_evidence_gives() -> None:
    assert judged("return", reason="DEFECTIVE", decision=False).reason is Reason.DEFECTIVE
    assert judged("contact", comment=PRODUCT_COMMENT, decision=False).reason is Reason.DAMAGED


# Rule 2


@pytest.mark.parametrize("stars", [2, 3, 4, 5])
def test_rule_2_a_review_of_two_stars_or_more_does_not_count_whatever_it_says(stars: int) -> None:
    judgement = review(stars, reason="DEFECTIVE", comment=PRODUCT_COMMENT)
    assert judgement == Judgement(
        counted=False,
        cause=Cause.PRODUCT,
        reason=Reason.DEFECTIVE,
        by=JudgedBy.STARS,
        matched=str(stars),
    )


def test_rule_2_stars_on_other_channels_are_ignored_and_noted() -> None:
    with_stars = Event("return", reason="DEFECTIVE", stars=5)
    assert judge(with_stars, TABLE, WORDS).counted
    assert ignores_stars(with_stars)
    assert not ignores_stars(Event("review", stars=5))
    assert not ignores_stars(Event("return"))


# Rule 3


@pytest.mark.parametrize("code", ["DEFECTIVE", "CR-SWITCHEROO", "AMZ-PG-BAD-DESC", "too small"])
def test_rule_3_a_code_of_product_or_listing_counts_whatever_the_words(code: str) -> None:
    judgement = judged("return", reason=code, comment=DELIVERY_COMMENT)
    assert judgement.counted
    assert judgement.by is JudgedBy.CODE


@pytest.mark.parametrize("code", ["NEVER_ARRIVED", "UNDELIVERABLE_REFUSED", "MISORDERED", "late_delivery"])
def test_rule_3_a_code_of_delivery_or_buyer_does_not_count_whatever_the_words(code: str) -> None:
    judgement = judged("refund", reason=code, comment=PRODUCT_COMMENT)
    assert not judgement.counted
    assert judgement.by is JudgedBy.CODE


def test_rule_3_the_judgement_names_the_code_that_decided() -> None:
    assert judged("return", reason=" cr-Missing-Parts ").matched == "MISSING_PARTS"


def test_rule_3_a_code_that_a_row_of_its_source_maps_otherwise_follows_that_row() -> None:
    table = CodeTable([*FIRST_FILLING, ("shop", "DEFECTIVE", Reason.CHANGED_MIND)])
    assert not judge(Event("return", "DEFECTIVE", source="shop"), table, WORDS).counted
    assert judge(Event("return", "DEFECTIVE", source="own"), table, WORDS).counted


def test_rule_3_damage_is_the_products_fault_unless_the_carrier_is_named() -> None:
    assert judged("return", reason="DAMAGED_BY_FC", disposition="DAMAGED").counted
    named = judged("return", reason="DAMAGED_BY_FC", disposition="carrier-damaged")
    assert (named.counted, named.reason, named.by) == (False, Reason.CARRIER_DAMAGE, JudgedBy.CODE)
    assert not judged("return", comment=PRODUCT_COMMENT, disposition="CARRIER_DAMAGED").counted


def test_rule_3_the_carrier_is_not_to_blame_for_anything_but_damage() -> None:
    assert judged("return", reason="DEFECTIVE", disposition="CARRIER_DAMAGED").reason is Reason.DEFECTIVE


# Rule 4


@pytest.mark.parametrize("channel", sorted(CHANNELS))
@pytest.mark.parametrize("code", ["", "UNKNOWN_OTHER_REASON", "a code nobody knows"])
def test_rule_4_without_a_telling_code_the_words_decide(channel: str, code: str) -> None:
    about_delivery = judged(channel, reason=code, stars=1, comment=DELIVERY_COMMENT)
    assert (about_delivery.counted, about_delivery.by) == (False, JudgedBy.WORDS)
    about_product = judged(channel, reason=code, stars=1, comment=PRODUCT_COMMENT)
    assert (about_product.counted, about_product.by) == (True, JudgedBy.WORDS)


def test_rule_4_words_of_the_buyers_own_doing_do_not_count() -> None:
    judgement = review(comment="My mistake, I ordered the wrong size.")
    assert (judgement.counted, judgement.cause) == (False, Cause.BUYER)


def test_rule_4_any_product_word_counts_and_gives_its_reason() -> None:
    judgement = review(comment="Demorou um mês e ainda chegou quebrado")
    assert (judgement.counted, judgement.reason) == (True, Reason.DAMAGED)
    assert judgement.matched == "quebrado"


def test_rule_4_c4_a_comment_all_about_delivery_is_not_counted() -> None:
    """C4: delivery problems are shown and never counted."""
    for comment in (
        "Late. The driver left it in the rain and the tracking says nothing. Never again.",
        "Livré avec trois semaines de retard, le livreur ne répond pas.",
        "Não recebi o produto, atraso enorme na entrega, os correios não ajudam!",
    ):
        for channel in sorted(CHANNELS):
            judgement = judged(channel, stars=1, comment=comment)
            assert not judgement.counted, comment
            assert judgement.cause is Cause.DELIVERY


def test_rule_4_c4_a_delivery_and_a_product_complaint_count_for_the_product() -> None:
    """C4: an order with a delivery and a product complaint counts for the product one."""
    for comment, reason in (
        ("It came three weeks late and does not work.", Reason.DEFECTIVE),
        ("Arrivé en retard et il manque une pièce.", Reason.MISSING_PARTS),
        ("Chegou atrasado e veio errado.", Reason.WRONG_ITEM),
    ):
        judgement = review(comment=comment)
        assert (judgement.counted, judgement.reason) == (True, reason)


# Rule 5


def test_rule_5_without_telling_words_only_a_one_star_review_counts() -> None:
    for comment in ("", "Bad.", "Péssimo!", "   "):
        judgement = review(comment=comment)
        assert (judgement.counted, judgement.by, judgement.reason) == (
            True,
            JudgedBy.DEFAULT,
            Reason.UNSPECIFIED,
        )
        for channel in sorted(CHANNELS - {"review"}):
            assert judged(channel, comment=comment)[::3] == (False, JudgedBy.DEFAULT)


def test_the_rules_carry_their_numbers_of_the_specification() -> None:
    assert [by.rule for by in JudgedBy] == [1, 2, 3, 4, 5]


# Bad rows


@pytest.mark.parametrize("stars", [None, 0, 6, -1])
def test_a_review_without_one_to_five_stars_is_a_bad_row(stars: int | None) -> None:
    with pytest.raises(UnjudgeableEventError, match="1 to 5") as caught:
        review(stars, decision=True)
    assert caught.value.column == "stars"


def test_an_unknown_channel_is_a_bad_row_that_names_the_known_ones() -> None:
    with pytest.raises(UnjudgeableEventError, match="contact, refund, return, review") as caught:
        judged("telegram")
    assert caught.value.column == "channel"


def test_a_bad_row_among_many_does_not_stop_the_others() -> None:
    results = list(judge_all([Event("review"), Event("return", "DEFECTIVE")], TABLE, WORDS))
    assert isinstance(results[0], UnjudgeableEventError)
    assert isinstance(results[1], Judgement)
    assert results[1].counted


# Whatever comes


@given(events)
def test_judging_never_fails_on_any_text_and_fits_its_columns(event: Event) -> None:
    judgement = judge(event, TABLE, WORDS)
    assert judgement.cause is judgement.reason.cause
    assert len(judgement.matched) <= 80


@given(events)
def test_the_first_rule_that_decides_is_the_one_named(event: Event) -> None:
    judgement = judge(event, TABLE, WORDS)
    reason = TABLE.lookup(event.source, event.reason)
    code_tells = reason is not None and reason.cause is not Cause.UNKNOWN
    words_tell = WORDS.find(event.comment) is not None
    expected = (
        JudgedBy.OPERATOR
        if event.decision is not None
        else JudgedBy.STARS
        if event.channel == "review" and event.stars != 1
        else JudgedBy.CODE
        if code_tells
        else JudgedBy.WORDS
        if words_tell
        else JudgedBy.DEFAULT
    )
    assert judgement.by is expected


@given(events, st.sampled_from(["NEVER_ARRIVED", "DEFECTIVE"]))
def test_a_known_code_makes_the_comment_irrelevant(event: Event, code: str) -> None:
    with_comment = event._replace(reason=code, decision=None)
    without = with_comment._replace(comment="")
    assert judge(with_comment, TABLE, WORDS) == judge(without, TABLE, WORDS)


def test_the_version_changes_with_the_table_and_with_the_words() -> None:
    version = judging_version(TABLE, WORDS)
    assert version == judging_version(CodeTable(reversed(FIRST_FILLING)), WordMatcher(WORD_LISTS))
    assert version != judging_version(CodeTable(FIRST_FILLING[1:]), WORDS)
    assert version != judging_version(TABLE, WordMatcher(WORD_LISTS[1:]))
    assert len(version) == 16
