"""The words by which a comment without a telling code is judged, one list per language."""

from feedback.words.en import EN
from feedback.words.fr import FR
from feedback.words.matching import WordHit, WordList, WordMatcher
from feedback.words.pt import PT

# All of them are tried on every comment: what language a customer writes in is not known.
WORD_LISTS = (EN, FR, PT)
WORDS = WordMatcher(WORD_LISTS)
WORDLIST_VERSION = WORDS.version

__all__ = ["WORDLIST_VERSION", "WORDS", "WORD_LISTS", "WordHit", "WordList", "WordMatcher"]
