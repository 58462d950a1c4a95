"""Changes word by word: what stays, goes and comes, for eyes and for ears (PRODUCT D4)."""

import re
from time import perf_counter

from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from vocdash.pages.word_diff import Piece, compare, word_diff

TITLE = "Northlight gooseneck electric kettle, {} L, matte black"


def shown(before: str, after: str, **options: bool) -> str:
    """The markup without what is for screen readers only."""
    return re.sub(r'<span class="vh">.*?</span>', "", word_diff(before, after, **options))


def test_d4_a_changed_word_is_struck_and_its_successor_underlined() -> None:
    found = shown(TITLE.format("1.7"), TITLE.format("1.2"))
    assert found == "Northlight gooseneck electric kettle, <del>1.7</del> <ins>1.2</ins> L, matte black"


def test_changes_with_only_spaces_between_them_are_one() -> None:
    assert compare("Lid that leaks and drips, ever", "Lid tight and dry, ever") == [
        Piece("same", "Lid "),
        Piece("removed", "that leaks"),
        Piece("added", "tight"),
        Piece("same", " and "),
        Piece("removed", "drips"),
        Piece("added", "dry"),
        Piece("same", ", ever"),
    ]
    assert shown("a red kettle here", "a dark blue kettle here") == (
        "a <del>red</del> <ins>dark blue</ins> kettle here"
    )


def test_words_that_are_put_at_the_end_change_nothing_before_them() -> None:
    assert shown("Sheet set, queen, white", "Sheet set, queen, white, cotton") == (
        "Sheet set, queen, white<ins>, cotton</ins>"
    )
    assert shown("a kettle here", "a kettle, here") == "a kettle<ins>,</ins> here"
    assert shown("Sheet set, white", "Sheet set, white v2") == "Sheet set, white<ins> v2</ins>"


def test_texts_with_little_in_common_are_shown_whole() -> None:
    before, after = "Leak-free locking lid", "Fitted, press down until it clicks"
    assert shown(before, after) == f"<del>{before}</del> <ins>{after}</ins>"


def test_a_new_and_an_emptied_text() -> None:
    assert shown("", "New") == "<ins>New</ins>"
    assert shown("Old", "") == "<del>Old</del> "
    assert compare("", "") == []


def test_an_unchanged_text_is_shown_as_it_is() -> None:
    assert word_diff("As & before", "As & before") == "As &amp; before"


def test_what_people_typed_is_escaped() -> None:
    found = word_diff("<b>old</b> & text", "<script>new</script> & text")
    assert "<b>" not in found
    assert "<script>" not in found


def test_changes_are_told_to_those_who_listen() -> None:
    found = re.sub(r"<[^>]+>", "", word_diff("holds 1.7 L", "holds 1.2 L"))
    assert found == "holds [Removed: 1.7 – end of the change]  [Added: 1.2 – end of the change]  L"
    with override("fr"):
        assert "Removed" not in word_diff("a", "b")


def test_long_unchanged_parts_can_be_cut() -> None:
    before = " ".join(f"word{number}" for number in range(60))
    after = before.replace("word30", "other")
    found = shown(before, after, cut=True)
    assert found.startswith("… word24 ")
    assert found.endswith(" word36 …")
    assert "word5 " not in found
    assert shown("a b c", "a b d", cut=True) == "a b <del>c</del> <ins>d</ins>"


def test_texts_too_long_to_compare_are_shown_whole() -> None:
    before, after = "a " * 2100, "b " * 2100
    assert [piece.kind for piece in compare(before, after)] == ["removed", "added"]
    # What both begin and end with is found before anything is compared.
    assert [piece.kind for piece in compare(before, before + "b")] == ["same", "added"]


def test_a_long_text_of_few_words_is_compared_quickly() -> None:
    """Every second word the same: without bounds this took 24 seconds."""
    before = " ".join(f"v{number} the" for number in range(800))
    after = " ".join(f"w{number} the" for number in range(800))
    started = perf_counter()
    assert len(compare(before, after)) < 5
    assert perf_counter() - started < 2


@given(st.text(" ab1.,\n", max_size=40), st.text(" ab1.,\n", max_size=40))
def test_both_texts_can_be_put_together_again(before: str, after: str) -> None:
    pieces = compare(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before.strip()
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after.strip()
