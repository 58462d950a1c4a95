"""FORMATS 1: comments are masked, cleaned of control characters, and cut, before they are stored."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback.masking import EMAIL_MASK, LONGEST_COMMENT, PHONE_MASK, clean_comment, mask

EMAILS = [
    "a.b+c@example.co.uk",
    "fulano_99@exemplo.com.br",
    "O'Neil@example.org",
    "jean-paul.dupont@exemple.fr",
]
PHONES = [
    "416-555-0199",
    "(416) 555-0199",
    "416.555.0199",
    "416 555 0199",
    "1-416-555-0199",
    "+1 416 555 0199",
    "+14165550199",
    "06 12 34 56 78",
    "01.42.68.53.00",
    "06-12-34-56-78",
    "+33 6 12 34 56 78",
    "0033 6 12 34 56 78",
    "+33 (0)6 12 34 56 78",
    "(11) 91234-5678",
    "(11) 3234-5678",
    "(21)912345678",
    "11 91234-5678",
    "11 3234-5678",
    "011 32345678",
    "+55 11 91234-5678",
    "+55 (11) 91234-5678",
    "91234-5678",
    "1191234-5678",
    "0800 123 4567",
    "+44 20 7946 0958",
]
# Bare digits are a phone number only right after a word such as these.
BARE_PHONES = [
    ("call me at ", "4165550199"),
    ("my phone number is ", "416 5550199"),
    ("Appelez-moi au ", "0612345678"),
    ("tél. ", "0142685300"),
    ("telefone ", "40034848"),
    ("WhatsApp: ", "11 99123 4567"),
    ("contato urgente ", "11912345678"),
]
PHONES_IN_A_ROW = ["416 555 0199 ", "06 12 34 56 78 ", "tel 4165550199 ", "+1 416 555 0199 416 555 0199,"]
NOT_PERSONAL = [
    "order 702-5512345-0934001",
    "112-1234567-1234567",
    "pedido 03-492551892",
    "number 0349765972912",
    "110-220 V",
    "18/01/2018 e 2018-03-31 e 31.03.2018",
    "10/05/2017 17/05/2017",
    "20180331 20180401",
    "2016-2018",
    "R$ 1.234,56",
    "$1,299.00",
    "12 345 678 EUR",
    "ISBN 978-0-306-40615-7",
    "ISBN 0-306-40615-2",
    "9780306406157",
    "4006381333931",
    "0012345678",
    "B07XJ8C8F5",
    "SKU 12345-67890",
    "part 77-416-555-0199",
    "part 416-555-0199-77",
    "120 x 200 x 35 cm",
    "3.5 x 4.5 x 5.5 x 6.5",
    "1 2 3 4 5 6 7 8 9 10",
    "sizes 36 37 38 39 40 41 42",
    "tracking 9400 1000 0000 0000 0000 00",
    "1Z999AA10123456784",
    "PP 227 982 890 BR",
    "CEP 24220-000",
    "+10 -20 +30 degrees",
    "+1000 pieces",
    "2 @ 3.50 each",
    "see me @ store",
    "@home",
]
# Made of what numbers and addresses are made of, so that they come up often.
NEARLY = st.text(alphabet="0123456789 -.()+@ab/\ntel", max_size=80)


@pytest.mark.parametrize("email", EMAILS)
def test_an_email_address_is_masked(email: str) -> None:
    assert mask(f"Write to {email}, please.") == (f"Write to {EMAIL_MASK}, please.", True)


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_number_is_masked(phone: str) -> None:
    for before, after in (("Here is it: ", ". Thanks"), ("", ""), ("\n", "\n")):
        assert mask(before + phone + after) == (before + PHONE_MASK + after, True)


@pytest.mark.parametrize(("words", "phone"), BARE_PHONES)
def test_bare_digits_are_masked_after_a_word_of_calling(words: str, phone: str) -> None:
    assert mask(words + phone) == (words + PHONE_MASK, True)
    assert mask(f"Broken, reference {phone.replace(' ', '')}")[1] is False


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_numbers_that_are_no_phone_stay(text: str) -> None:
    assert mask(text) == (text, False)
    assert mask(f"Bonjour, {text}.") == (f"Bonjour, {text}.", False)


def test_several_in_one_comment_are_all_masked() -> None:
    text, changed = mask("416-555-0199 416 555 0123 or (11) 3234-5678, a@example.com;b@example.com")
    assert changed
    assert text == f"{PHONE_MASK} or {PHONE_MASK}, {EMAIL_MASK};{EMAIL_MASK}"


@given(NEARLY)
@example("416-555-0199-416-555-0123")
@example("tel 416-555-0199 4165550123")
@example("a@b.ab@c.ab")
def test_masking_twice_changes_nothing_more(text: str) -> None:
    masked, changed = mask(text)
    assert mask(masked) == (masked, False)
    assert changed == (masked != text)


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"], exclude_characters="@"), max_size=200))
def test_a_text_without_digits_and_at_signs_stays(text: str) -> None:
    assert mask(text) == (text, False)


def test_nul_and_control_characters_go_and_line_ends_stay() -> None:
    cleaned = clean_comment("bro\x00ken\x07\tlid\r\nand\rbase\x85\u202eed")
    assert cleaned == ("broken lid\nand\nbaseed", False, False)


def test_half_a_character_that_no_database_takes_goes() -> None:
    assert clean_comment("bad \ud83d half").text == "bad  half"
    clean_comment("good \U0001f600").text.encode()


def test_a_comment_of_the_longest_length_is_whole_and_one_longer_is_cut() -> None:
    assert clean_comment("x" * LONGEST_COMMENT) == ("x" * LONGEST_COMMENT, False, False)
    assert clean_comment("x" * (LONGEST_COMMENT + 1)) == ("x" * LONGEST_COMMENT, False, True)


def test_an_address_at_the_cut_is_masked_before_it_is_cut() -> None:
    cleaned = clean_comment("x" * (LONGEST_COMMENT - 5) + " someone@example.com")
    assert cleaned.cut
    assert cleaned.masked
    assert "someone" not in cleaned.text


def test_the_note_says_whether_anything_was_masked() -> None:
    assert clean_comment("call 416-555-0199").masked
    assert not clean_comment("broken").masked


def test_a_blank_comment_is_blank() -> None:
    assert clean_comment(" \x00\t\n").text == ""


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_comment(text)
    assert clean_comment(once.text) == (once.text, False, False)
    once.text.encode()


@pytest.mark.parametrize(
    "part",
    ["a", "@", "1", "1 ", "a.", "a@", "+1 ", "(11) ", "tel ", "416-555-", "0" * 9 + " ", *PHONES_IN_A_ROW],
)
def test_no_text_takes_long_to_mask(part: str) -> None:
    text = part * (1_000_000 // len(part))
    began = time.process_time()
    mask(text)
    assert time.process_time() - began < 5
