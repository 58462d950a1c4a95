"""Words that recur in comments: what tells wins over what is said about every purchase."""

import pytest

from feedback.recurring import Recurring, recurring, stem

BAG = [
    "The zipper broke after two days.",
    "Zipper gets stuck every time I close it",
    "Zippers are cheap and the ZIPPER came apart.",
    "I love the colour but the zipper is stuck",
    "Strap ripped on day one.",
    "Very disappointed, the strap ripped. I want my money back.",
    "the strap RIPPED off!!",
    "Bad quality. I want my money back.",
    "Would not buy again",
    "I am returning it today. My old bag was better.",
]
OTHERS = [
    "The bag is too small",
    "Too small for my laptop, the bag looked bigger",
    "Late delivery of the bag",
    "I don't need the bag any more",
    "Bag smells of plastic, I want my money back",
    "nice bag",
]


def words(found: list[Recurring]) -> list[tuple[str, int]]:
    return [(one.words, len(one.places)) for one in found]


def test_telling_words_win_over_fillers_and_the_product_itself() -> None:
    found = recurring(BAG, OTHERS, subject="Weekend bag")
    assert words(found) == [("zipper", 4), ("strap ripped", 3)]
    assert [one.places for one in found] == [(0, 1, 2, 3), (4, 5, 6)]


def test_a_word_that_is_as_frequent_elsewhere_tells_nothing() -> None:
    group = ["The kettle flickers", "kettle flickers at night", "The kettle light flickers"]
    alone = recurring(group, ["my kettle", "the kettle leaks", "kettle", "a kettle", "kettle, late"])
    assert words(alone) == [("flickers", 3)]


def test_the_products_own_name_alone_tells_nothing_where_nothing_else_is_known() -> None:
    group = ["The kettle is bad", "bad kettle", "kettle!"]
    assert recurring(group, subject="Electric Kettles") == []
    assert words(recurring(group)) == [("kettle", 3)]


def test_a_part_that_the_products_name_mentions_tells_where_hardly_anybody_else_speaks_of_it() -> None:
    group = ["The zipper broke", "zipper stuck", "zipper came off", "the zipper"]
    others = ["small", "late", "plastic smell", "dark", "heavy", "scratched"]
    assert words(recurring(group, others, subject="Bag with zipper")) == [("zipper", 4)]
    others = [*others, "zipper fine", "zipper okay"]
    assert recurring(group, others, subject="Bag with zipper") == []
    assert words(recurring(group, others, subject="Bag")) == [("zipper", 4)]


def test_the_groups_own_heading_tells_nothing_new() -> None:
    group = ["damaged lid", "The lid was damaged", "damaged, the lid fell off", "Damaged!"]
    assert words(recurring(group)) == [("damaged", 4)]
    assert words(recurring(group, heading="Damaged")) == [("lid", 3)]


def test_two_words_with_fillers_between_are_one_phrase_within_a_part_of_a_sentence() -> None:
    group = ["The lid doesn't close.", "lid does not close properly, and steam", "Lid doesn't close anymore"]
    assert words(recurring(group)) == [("lid doesn't close", 3)]
    apart = ["The lid. It closes", "a lid, closes", "lid! closes"]
    assert {one.words for one in recurring(apart)} <= {"lid", "closes"}


def test_a_phrase_wins_over_its_word_only_where_the_word_hardly_stands_without_it() -> None:
    group = ["lid leaks"] * 3 + ["lid loose", "lid cracked", "lid bent"]
    assert words(recurring(group)) == [("lid", 6)]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (
            [
                "La fermeture éclair s'est cassée au bout de deux jours",
                "fermeture éclair cassée",
                "Fermeture éclair coincée, très déçue",
                "Je veux être remboursée",
            ],
            "fermeture éclair",
        ),
        (["Le couvercle ferme mal", "couvercles trop petits", "Le COUVERCLE fuit", "Dommage."], "couvercle"),
        (
            ["A luz fica piscando", "Luz piscando depois de 2 dias", "a luz está piscando", "Não gostei"],
            "luz piscando",
        ),
        (["o zíper quebrou", "Ziper não fecha", "zíper soltou", "péssimo produto"], "zíper"),
    ],
)
def test_french_and_portuguese_are_read_with_their_accents(group: list[str], expected: str) -> None:
    assert recurring(group)[0].words == expected


def test_each_comment_falls_under_one_phrase_and_a_phrase_needs_enough_of_them() -> None:
    found = recurring(BAG, OTHERS, subject="Weekend bag")
    places = [place for one in found for place in one.places]
    assert len(places) == len(set(places))
    assert words(recurring(BAG, OTHERS, subject="Weekend bag", least=4)) == [("zipper", 4)]
    assert words(recurring(BAG, OTHERS, subject="Weekend bag", share=0.35)) == [("zipper", 4)]
    assert recurring(BAG, OTHERS, subject="Weekend bag", share=0.5) == []
    assert words(recurring(BAG, OTHERS, subject="Weekend bag", most=1)) == [("zipper", 4)]


def test_the_same_comments_in_another_order_say_the_same() -> None:
    turned = recurring(BAG[::-1], OTHERS[::-1], subject="Weekend bag")
    assert words(turned) == words(recurring(BAG, OTHERS, subject="Weekend bag"))


@pytest.mark.parametrize(
    "group", [[], [""], ["", " ", "!!!"], ["12345 67"], ["\U0001f621"] * 5, ["a b c"] * 4]
)
def test_comments_without_words_have_no_phrases(group: list[str]) -> None:
    assert recurring(group) == []


@pytest.mark.parametrize(
    "forms",
    [
        ("zipper", "zippers"),
        ("heat", "heats", "heated", "heating"),
        ("stop", "stopped"),
        ("glass", "glasses"),
        ("cassé", "cassee", "casses"),
        ("quebrado", "quebrada", "quebrados"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form.replace("é", "e")) for form in forms}) == 1
