"""The sentences of all eight states, word for word (METHOD 7, UX 5b and 6)."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override

from health.grouping import Level
from health.models import Tile
from vocdash.pages import states
from vocdash.pages.facts import Chance, Facts, Minimums, Similar
from vocdash.pages.formats import ENGLISH, FRENCH
from vocdash.pages.phrases import (
    account_untouched,
    change_since_last_week,
    closed_note,
    closing_evidence,
    group_label,
    no_match,
    nothing_closed,
    offers_counted,
    orders_to_fair,
    weeks_to_fair,
)
from vocdash.pages.wording import as_html, as_text, chance_percent, verdict

HERE = Path(__file__).parent

SIMILAR = Similar(typical=0.041, group="offers in Kettles", offers=214)
TWICE = Chance(mean=0.101, probability=0.9321, cutoff=0.082, multiple=2.0, cap=0.99)
MINIMUMS = Minimums(ncx_orders=3, comments=2, orders=10)

VERY_POOR = Facts(
    state=states.VERY_POOR,
    window_days=60,
    orders=250,
    ncx_orders=31,
    comments=20,
    similar=SIMILAR,
    chance=TWICE,
)
POOR = replace(VERY_POOR, state=states.POOR, ncx_orders=22, chance=replace(TWICE, multiple=1.5))
FAIR = replace(VERY_POOR, state=states.FAIR, ncx_orders=11, chance=None)
GOOD = replace(FAIR, state=states.GOOD, ncx_orders=6)
EXCELLENT = replace(FAIR, state=states.EXCELLENT, orders=2204, ncx_orders=6, window_days=30)
INSUFFICIENT = Facts(
    state=states.INSUFFICIENT,
    window_days=60,
    orders=9,
    ncx_orders=2,
    comments=1,
    similar=SIMILAR,
    minimums=MINIMUMS,
)
QUIET = Facts(state=states.QUIET, window_days=60, last_ordered_on=date(2026, 8, 1))
NEW = Facts(state=states.NEW, window_days=60)
DELETED = Facts(state=states.DELETED, window_days=60, orders=190, ncx_orders=14, deleted_on=date(2026, 9, 2))

EXPLAINED = {
    "very poor": VERY_POOR,
    "poor": POOR,
    "fair": FAIR,
    "good": GOOD,
    "excellent": EXCELLENT,
    "excellent without any problem": replace(EXCELLENT, ncx_orders=0),
    "insufficient feedback": INSUFFICIENT,
    "insufficient feedback, one of one": replace(INSUFFICIENT, orders=1, ncx_orders=1),
    "capped by the comment minimum": replace(INSUFFICIENT, orders=40, ncx_orders=9, comments=1),
    "capped, nobody wrote": replace(INSUFFICIENT, orders=40, ncx_orders=9, comments=0),
    "insufficient feedback, few orders": replace(INSUFFICIENT, orders=8, ncx_orders=3, comments=3),
    "no recent orders": QUIET,
    "new": NEW,
    "listing deleted": DELETED,
}


def snapshots(language: str) -> dict[str, str]:
    """What each state says, by its name: blocks of "# name" and the sentences."""
    blocks = (HERE / "snapshots" / f"verdicts.{language}.txt").read_text(encoding="utf-8").split("# ")[1:]
    return {name: text.strip() for name, text in (block.split("\n", 1) for block in blocks)}


def text_of(facts: Facts) -> str:
    return as_text(verdict(facts)).replace("\u00a0", " ")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", EXPLAINED)
def test_c1_every_state_is_explained_word_for_word(name: str, language: str) -> None:
    """C1, and A4 for the French one."""
    with override(language):
        assert text_of(EXPLAINED[name]) == snapshots(language)[name]


def test_b5_new_and_quiet_offers_read_differently_from_insufficient_feedback() -> None:
    assert "no NCX rate" in text_of(NEW)
    assert "no NCX rate" in text_of(QUIET)
    assert "no NCX rate" not in text_of(INSUFFICIENT)
    assert text_of(NEW) != text_of(QUIET)


def test_where_the_margin_or_the_cap_set_the_cutoff_the_sentence_names_the_rate() -> None:
    facts = replace(VERY_POOR, chance=replace(TWICE, multiple=None, cutoff=0.0612))
    assert text_of(facts).endswith("there is a 93% chance that it is above 6.1%.")


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.9999, "99%"), (0.9999999, "99%"), (0.989, "98%"), (0.29, "29%"), (0.656, "65%")],
)
def test_chances_are_rounded_down_and_capped(probability: float, shown: str) -> None:
    assert chance_percent(probability, 0.99, ENGLISH) == shown


def test_a_ratio_that_says_nothing_is_left_out() -> None:
    facts = replace(POOR, ncx_orders=11)
    assert "times the 4.1%" not in text_of(facts)
    assert "(4.4%) had a product or listing problem. 4.1% is usual" in text_of(facts)


def test_a_relisted_offer_says_that_older_orders_count_a_quarter() -> None:
    relisted = replace(POOR, discounted_before=date(2026, 10, 13), relist_weight=0.25)
    assert text_of(relisted).endswith("Orders before 13 Oct 2026 count a quarter.")
    assert text_of(replace(relisted, relist_weight=0.5)).endswith("Orders before 13 Oct 2026 count 50%.")


@pytest.mark.parametrize(
    ("offers", "start"),
    [
        (0, "No other seller had orders in kettles of this price"),
        (1, "The 1 offer of another seller in kettles of this price had too few orders to compare with"),
        (7, "The 7 offers of other sellers in kettles of this price had too few orders to compare with"),
    ],
)
def test_c1_a_wider_group_is_named_with_the_reason(offers: int, start: str) -> None:
    similar = replace(SIMILAR, narrower="kettles of this price", narrower_offers=offers)
    sentence = text_of(replace(FAIR, similar=similar))
    assert sentence.endswith(f"{start}, so a wider group of similar offers was used.")


def test_one_other_offer_and_none_read_right() -> None:
    assert "(1 offer of another seller)" in text_of(replace(FAIR, similar=replace(SIMILAR, offers=1)))
    assert "usual for offers in Kettles." in text_of(replace(FAIR, similar=replace(SIMILAR, offers=0)))


def test_markup_escapes_the_values_and_keeps_the_emphasis() -> None:
    facts = replace(VERY_POOR, similar=replace(SIMILAR, group="<b>Kettles</b> & more"))
    markup = as_html(verdict(facts))
    assert "<strong>significantly worse than similar offers</strong>" in markup
    assert "&lt;b&gt;Kettles&lt;/b&gt; &amp; more" in markup
    assert "<strong>" not in text_of(facts)
    assert "<b>Kettles</b> & more" in text_of(facts)


def test_percent_signs_in_names_do_no_harm() -> None:
    facts = replace(FAIR, similar=replace(SIMILAR, group="100%(n)s cotton"))
    assert "usual for 100%(n)s cotton" in text_of(facts)


@pytest.mark.parametrize("name", EXPLAINED)
def test_a4_no_state_stays_english_in_french(name: str) -> None:
    with override("fr"):
        french = as_html(verdict(EXPLAINED[name]))
    assert french != as_html(verdict(EXPLAINED[name]))
    assert " orders " not in french
    assert french.count("<strong>") == french.count("</strong>")


def test_b8_states_carry_label_tone_and_shape_together() -> None:
    for state in (*states.BANDS, *states.OTHERS, states.NEW):
        markup = states.badge(state)
        assert str(state.label) in markup
        assert f"b-{state.tone}" in markup
        assert "<svg" in markup
    shapes = [state.shape for state in (*states.BANDS, *states.OTHERS)]
    assert len(set(shapes)) == len(shapes)


def test_b8_the_five_bands_mean_what_the_product_says() -> None:
    meanings = {str(state.label): str(state.meaning) for state in states.BANDS}
    assert "significantly better than similar offers" in meanings["Excellent"]
    assert "as well as or better than similar offers" in meanings["Good"]
    assert "comparably to similar offers" in meanings["Fair"]
    assert "worse than similar offers. It may be at risk of closure" in meanings["Poor"]
    assert "significantly worse than similar offers. It may already be closed" in meanings["Very poor"]


@pytest.mark.parametrize("tile", list(Tile))
def test_every_tile_has_a_state(tile: Tile) -> None:
    assert states.state_of(tile, ordered_before=True).tile == tile
    assert states.state_of(tile, ordered_before=False).tile == tile


def test_b5_a_new_offer_and_a_quiet_one_have_badges_of_their_own() -> None:
    assert states.state_of(Tile.NO_RECENT_ORDERS, ordered_before=False) is states.NEW
    assert states.state_of(Tile.NO_RECENT_ORDERS, ordered_before=True) is states.QUIET


def test_a5_the_account_is_untouched_and_says_so() -> None:
    assert account_untouched() == "NCX rates and CX health never lead to account-level action."
    assert "Closures don't affect your seller account." in closed_note(1)[1]


def test_counts_take_their_plural() -> None:
    assert offers_counted(1) == "1 offer"
    assert offers_counted(12000) == "12,000 offers"
    assert closed_note(1)[0] == "1 offer is closed."
    assert closed_note(3)[0] == "3 offers are closed."
    assert closed_note(3)[2] == "Show the 3 offers"


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (4, 3, "1 more than last week"),
        (9, 11, "2 fewer than last week"),
        (5, 5, "As last week"),
        (5, None, ""),
    ],
)
def test_b1_tiles_say_how_they_moved(now: int, before: int | None, words: str) -> None:
    assert change_since_last_week(now, before) == words


def test_nothing_found_and_nothing_closed_say_what_it_means() -> None:
    assert no_match("ketle") == "No offers match “ketle” with these filters"
    assert no_match("") == "No offers match these filters"
    assert nothing_closed(13) == "No offers are closed. 13 offers are Poor or Very poor and may be at risk."
    assert nothing_closed(0) == "No offers are closed, and none is Poor or Very poor."


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (Level.MARKETPLACE, "all offers on Canada"),
        (Level.TOP_CATEGORY, "offers in Kettles"),
        (Level.CATEGORY, "offers in Kettles"),
        (Level.PEER_GROUP, "offers in Kettles of a similar price and the same condition"),
    ],
)
def test_c1_groups_of_similar_offers_have_names(level: Level, words: str) -> None:
    assert group_label(level, "Kettles", "Canada") == words


def test_c6_what_it_takes_to_reach_fair() -> None:
    assert orders_to_fair(304) == (
        "About 304 more orders in a row without a problem, if none of today's orders aged out."
    )
    assert orders_to_fair(1) == "About 1 more order without a problem, if none of today's orders aged out."
    assert orders_to_fair(0).startswith("Its numbers are already Fair or better")
    assert weeks_to_fair(5, 60) == "5 weeks"
    assert weeks_to_fair(None, 60) == "more than 60 days"


def test_the_cluster_tests_are_told_to_the_seller() -> None:
    assert closing_evidence(7, 7, 20) == (
        "Each buyer was counted once. Leaving out any 7 days of orders, or all complaints that came in "
        "within any 7 days, the offer would still be rated Poor, and the "
        "newest 20 days show the same problem."
    )


def test_formats_follow_the_language() -> None:
    assert ENGLISH.percent(0.124) == "12.4%"
    assert FRENCH.percent(0.124) == "12,4\u00a0%"
    assert ENGLISH.count(1120) == "1,120"
    assert FRENCH.count(1120) == "1\u202f120"
    assert ENGLISH.day(date(2026, 11, 18)) == "18\u00a0Nov\u00a02026"
    assert FRENCH.day(date(2026, 8, 1)) == "1er\u00a0août\u00a02026"
    assert FRENCH.times(3.04) == "3,0×"
    assert FRENCH.decimals(-1.25) == "\u22121,2"
