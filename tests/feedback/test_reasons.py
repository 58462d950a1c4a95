"""FORMATS 3: normal reasons, their causes, and the table of raw codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.reasons import ALL_SOURCES, FIRST_FILLING, Cause, CodeTable, Reason, normalize_code

TABLE = CodeTable(FIRST_FILLING)

# Every code that FORMATS.md section 3 names, with the cause under which it names it.
CODES_OF_THE_SPECIFICATION = {
    Cause.PRODUCT: """
        DEFECTIVE QUALITY_UNACCEPTABLE MISSING_PARTS SWITCHEROO DAMAGED_BY_FC NOT_COMPATIBLE
        PART_NOT_COMPATIBLE EXTRA_ITEM EXCESSIVE_INSTALLATION JEWELRY_LOOSE_STONE EXPIRED
    """,
    Cause.LISTING: """
        NOT_AS_DESCRIBED APPAREL_TOO_SMALL APPAREL_TOO_LARGE APPAREL_STYLE DID_NOT_LIKE_FABRIC
        DID_NOT_LIKE_COLOR POOR_FIT AMZ-PG-BAD-DESC
    """,
    Cause.DELIVERY: """
        MISSED_ESTIMATED_DELIVERY NEVER_ARRIVED DAMAGED_BY_CARRIER UNDELIVERABLE_UNKNOWN
        UNDELIVERABLE_REFUSED UNDELIVERABLE_UNCLAIMED UNDELIVERABLE_INSUFFICIENT_ADDRESS
        UNDELIVERABLE_FAILED_DELIVERY_ATTEMPTS UNDELIVERABLE_MISSING_LABEL UNDELIVERABLE_CARRIER_MISS_SORTED
    """,
    Cause.BUYER: """
        UNWANTED_ITEM ORDERED_WRONG_ITEM MISORDERED FOUND_BETTER_PRICE UNAUTHORIZED_PURCHASE
    """,
    Cause.UNKNOWN: "NO_REASON_GIVEN UNKNOWN_OTHER_REASON",
}
NORMAL_REASONS_OF_THE_SPECIFICATION = {
    Cause.PRODUCT: """
        defective poor_quality damaged missing_parts wrong_item mislabelled expired used_sold_as_new
        counterfeit_suspected safety not_compatible
    """,
    Cause.LISTING: """
        not_as_described inaccurate_page incomplete_page too_small too_large style_differs color_differs
    """,
    Cause.DELIVERY: "late_delivery never_arrived carrier_damage undeliverable refused",
    Cause.BUYER: "changed_mind ordered_by_mistake better_price no_longer_needed unauthorized",
    Cause.UNKNOWN: "unspecified",
}


def test_the_normal_reasons_are_those_of_the_specification() -> None:
    for cause, slugs in NORMAL_REASONS_OF_THE_SPECIFICATION.items():
        assert {reason.value for reason in Reason if reason.cause is cause} == set(slugs.split())


def test_only_product_and_listing_count() -> None:
    assert {cause for cause in Cause if cause.counts} == {Cause.PRODUCT, Cause.LISTING}


def test_every_reason_and_cause_has_a_label_of_its_own() -> None:
    for choices in (list(Reason), list(Cause)):
        labels = [choice.label for choice in choices]
        assert all(labels)
        assert len(set(labels)) == len(labels)
    assert Reason.TOO_SMALL.label == "Too small"


@pytest.mark.parametrize(
    ("code", "cause"),
    [(code, cause) for cause, codes in CODES_OF_THE_SPECIFICATION.items() for code in codes.split()],
)
def test_the_first_filling_gives_every_code_of_the_specification_its_cause(code: str, cause: Cause) -> None:
    reason = TABLE.lookup("own", code)
    assert reason is not None
    assert reason.cause is cause


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("CR-QUALITY_UNACCEPTABLE", Reason.POOR_QUALITY),
        ("AMZ-PG-APP-TOO-SMALL", Reason.TOO_SMALL),
        ("AMZ-PG-BAD-DESC", Reason.INACCURATE_PAGE),
        ("BAD-DESC", Reason.INACCURATE_PAGE),
        ("AMZ-PG-MISORDERED", Reason.ORDERED_BY_MISTAKE),
        ("  switcheroo ", Reason.WRONG_ITEM),
        ("Not as described", Reason.NOT_AS_DESCRIBED),
        ("never-arrived", Reason.NEVER_ARRIVED),
        ("UNDELIVERABLE_REFUSED", Reason.REFUSED),
        ("UNDELIVERABLE_SOMETHING_NEW", Reason.UNDELIVERABLE),
        ("CR-UNDELIVERABLE_UNKNOWN", Reason.UNDELIVERABLE),
    ],
)
def test_codes_are_compared_without_case_prefix_and_punctuation(raw: str, reason: Reason) -> None:
    assert TABLE.lookup("own", raw) is reason


@pytest.mark.parametrize("blank", ["", "   ", "\t"])
def test_a_blank_code_is_unspecified(blank: str) -> None:
    assert TABLE.lookup("own", blank) is Reason.UNSPECIFIED


def test_a_code_that_the_table_lacks_is_told_apart_from_unspecified() -> None:
    assert TABLE.lookup("own", "SOMETHING_NEW") is None


@pytest.mark.parametrize("reason", list(Reason))
def test_a_normal_reasons_own_name_is_a_code_in_every_source(reason: Reason) -> None:
    for table in (TABLE, CodeTable([])):
        assert table.lookup("own", reason.value) is reason
        assert table.lookup("any other", reason.value.upper().replace("_", "-")) is reason


def test_a_row_for_a_source_beats_one_for_all_sources() -> None:
    table = CodeTable([("*", "X1", Reason.DEFECTIVE), ("Shop ", "x1", Reason.REFUSED)])
    assert table.lookup("shop", "X1") is Reason.REFUSED
    assert table.lookup("other", "X1") is Reason.DEFECTIVE


def test_a_row_beats_a_reasons_own_name() -> None:
    assert CodeTable([("*", "damaged", "carrier_damage")]).lookup("own", "DAMAGED") is Reason.CARRIER_DAMAGE


def test_an_exact_row_beats_a_prefix_row_and_the_longest_prefix_wins() -> None:
    table = CodeTable(
        [
            ("*", "LOST_*", Reason.NEVER_ARRIVED),
            ("*", "LOST_BY_*", Reason.CARRIER_DAMAGE),
            ("*", "LOST_BY_ME", Reason.CHANGED_MIND),
        ]
    )
    assert table.lookup("own", "lost at sea") is Reason.NEVER_ARRIVED
    assert table.lookup("own", "lost by them") is Reason.CARRIER_DAMAGE
    assert table.lookup("own", "lost by me") is Reason.CHANGED_MIND


def test_a_sources_prefix_row_beats_an_exact_row_for_all_sources() -> None:
    table = CodeTable([("*", "LOST_BY_ME", Reason.CHANGED_MIND), ("shop", "LOST_*", Reason.NEVER_ARRIVED)])
    assert table.lookup("shop", "LOST_BY_ME") is Reason.NEVER_ARRIVED


def test_contradicting_rows_are_refused_and_repeated_ones_are_not() -> None:
    CodeTable([("*", "X-1", Reason.DEFECTIVE), ("*", "x 1", Reason.DEFECTIVE)])
    with pytest.raises(ValueError, match="X_1"):
        CodeTable([("*", "X-1", Reason.DEFECTIVE), ("*", "x 1", Reason.REFUSED)])


def test_a_row_with_an_unknown_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such_reason"):
        CodeTable([("*", "X1", "no_such_reason")])


def test_the_first_filling_fits_the_table_of_the_database() -> None:
    keys = [(source, code) for source, code, _ in FIRST_FILLING]
    assert len(set(keys)) == len(keys) > 100
    assert {source for source, _ in keys} == {ALL_SOURCES}
    assert all(code and code == normalize_code(code) for _, code in keys)


def test_the_digest_changes_with_any_row_and_not_with_their_order() -> None:
    assert CodeTable(FIRST_FILLING).digest == CodeTable(FIRST_FILLING[::-1]).digest == TABLE.digest
    assert CodeTable(FIRST_FILLING[1:]).digest != TABLE.digest
    assert CodeTable([("*", "X", "refused")]).digest != CodeTable([("*", "X*", "refused")]).digest
    assert CodeTable([("*", "X", "refused")]).digest != CodeTable([("own", "X", "refused")]).digest


@given(st.text(max_size=60))
def test_normalizing_a_code_twice_changes_nothing_more(raw: str) -> None:
    assert normalize_code(normalize_code(raw)) == normalize_code(raw)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_code_of_any_source_can_be_looked_up(source: str, raw: str) -> None:
    reason = TABLE.lookup(source, raw)
    assert reason is None or isinstance(reason, Reason)
    assert TABLE.lookup(source, raw) is reason
