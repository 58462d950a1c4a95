"""Taking personal data and control characters out of a customer's comment before it is stored. Pure.

FORMATS.md section 1: e-mail addresses and phone numbers are masked at import, comments are cut at
10,000 characters with a note, NUL bytes and control characters are removed.

A phone number is masked where its form can hardly be anything else: an international number with
`+` or `00` and its country code, a number with area code in the groups in which North Americans,
Brazilians and the French write theirs, or a bare number right after a word such as "call" or
"telefone". Order numbers (702-5512345-0934001), dates, prices, measures (110-220), product codes
and ISBNs stay: where in doubt nothing is masked, because sellers need those to repair an offer.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_COMMENT = 10_000
EMAIL_MASK = "[e-mail]"
PHONE_MASK = "[phone]"

# Nothing below can match without an @ or without this many digits close together.
_MAY_HOLD_PHONE = re.compile(r"\d(?:\D{0,3}\d){7}")

_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")

# No digit, and no digit across one separator, before or after: a part of a longer number is not a phone.
_ALONE = r"(?<![\w+])(?<!\d[-./ ])(?<!\d[-./]\()"
# Across a space another phone number may follow, with its own separators.
_END = r"(?!\w)(?![-./]\d)(?! \d(?!\d{0,3}[-.)]))"
_GAP = r"[ .\-]"

_NINE_DIGITS = r"(?=(?:\D{0,2}\d){9})"
_COUNTRIES_AFTER_00 = r"(?:1|3[1-9]|351|4[0-9]|5[0-8]|6[0-6]|81|86|9[0-8])"
_INTERNATIONAL = rf"\+{_NINE_DIGITS}{_GAP}?\(?[1-9]\d{{0,2}}\)?(?:{_GAP}?\(?\d{{1,5}}\)?){{2,6}}"
_INTERNATIONAL_00 = rf"00{_GAP}?{_NINE_DIGITS}{_COUNTRIES_AFTER_00}{_GAP}(?:\(?\d{{1,5}}\)?{_GAP}?){{2,6}}\d"
_NORTH_AMERICAN = (
    rf"(?:1{_GAP})?(?:\([2-9]\d\d\) ?[2-9]\d\d{_GAP}\d{{4}}"
    rf"|[2-9]\d\d(?P<same>{_GAP})[2-9]\d\d(?P=same)\d{{4}})"
)
_FRENCH = rf"0[1-9](?P<each>{_GAP})\d\d(?:(?P=each)\d\d){{3}}"
_BRAZILIAN = (
    rf"(?:\(0?[1-9]\d\) ?(?:9{_GAP}?)?\d{{4}}{_GAP}?\d{{4}}"  # (11) 91234-5678, (11) 1234-5678
    rf"|0?[1-9]\d{_GAP}9{_GAP}?\d{{4}}{_GAP}?\d{{4}}"  # 11 91234-5678
    rf"|0?[1-9]\d [2-5]\d{{3}}-\d{{4}}"  # 11 3234-5678
    rf"|0[1-9]\d [2-5]\d{{7}}|[1-9]\d9\d{{4}}-\d{{4}}"  # 011 32345678, 1191234-5678
    rf"|0[38]00{_GAP}\d{{3}}{_GAP}?\d{{4}}"  # 0800 123 4567
    r"|9\d{4}-\d{4})"  # 91234-5678
)
_ONE_PHONE = f"(?:{_NORTH_AMERICAN}|{_FRENCH}|{_BRAZILIAN}|{_INTERNATIONAL}|{_INTERNATIONAL_00})"
# Several in a row are masked as one, because none of them stands alone.
_PHONE = re.compile(rf"{_ALONE}(?:(?:(?<=\d)[ ,;/]{{1,3}})?{_ONE_PHONE})+{_END}")

# "call me at 4165550199", "telefone 011 44278493": bare digits are a phone only right after such a word.
_CALLING_WORDS = (
    r"tel|tél|téléphone|telephone|telefone|phone number|phone|cell|mobile|whatsapp|whats|wpp|zap|call|text|"
    r"contact|contactez|appelez|appeler|appel|contato|ligue|liguem|ligar|liguei|fone|cel|celular"
)
_LINKING_WORDS = (
    r"me|moi|us|at|on|is|to|au|le|est|no|para|pra|é|o|n|nº|n°|number|numéro|numero|número|comigo|urgente"
)
_BARE = re.compile(
    rf"\b((?:{_CALLING_WORDS})\b[ .,:\-]{{0,3}}(?:(?:{_LINKING_WORDS})\b[ .:º°]{{1,3}}){{0,3}})"
    rf"(\(?\d{{2,4}}\)?{_GAP}?\d{{3,5}}{_GAP}?\d{{4,5}}|\d{{4,5}}[ -]\d{{4}}|\d{{8}}){_END}",
    re.IGNORECASE,
)

# Control characters but tab and newline, lone surrogates (no database takes them), and the marks
# that turn the direction of the text that follows, with which a comment could disguise a page.
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class CleanComment(NamedTuple):
    """A comment as it may be stored; `masked` and `cut` are for the note on the event."""

    text: str
    masked: bool
    cut: bool


def mask(text: str) -> tuple[str, bool]:
    """The text with e-mail addresses and phone numbers replaced, and whether any was.

    Masking a masked text changes nothing.
    """
    masked = text
    while True:
        before = masked
        if "@" in masked:
            masked = _EMAIL.sub(EMAIL_MASK, masked)
        if _MAY_HOLD_PHONE.search(masked):
            masked = _BARE.sub(rf"\1{PHONE_MASK}", _PHONE.sub(PHONE_MASK, masked))
        # Taking one number away can leave a second that was not alone beside it.
        if masked == before:
            return masked, masked != text


def remove_control_characters(text: str) -> str:
    """The text without control characters; a tab becomes a space, every line end a newline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _UNWANTED.sub("", text)


def clean_comment(text: str) -> CleanComment:
    """A comment ready to be stored: no control characters, masked, at most LONGEST_COMMENT long.

    Masked before it is cut, so that no half of an address is left at the end.
    """
    text, masked = mask(remove_control_characters(text).strip())
    return CleanComment(text[:LONGEST_COMMENT].rstrip(), masked, len(text) > LONGEST_COMMENT)
