"""The French catalogue is complete, consistent and compiled (PRODUCT A4)."""

import gettext

from tests.pages.catalogue import MO, PO, Entry, placeholders, read_po, texts_in_sources

ENTRIES = read_po()


def test_texts_are_found_in_python_and_in_templates() -> None:
    texts = texts_in_sources()
    assert texts["Very poor"] == "states.py"
    assert texts["Skip to main content"] == "base.html"
    assert "Notifications, %(unread)s unread" in texts
    assert "12-week NCX trend: from %(first)s to %(last)s" in texts
    assert len(texts) > 200


def test_a4_every_text_of_the_pages_has_a_french_one() -> None:
    missing = {text: place for text, place in texts_in_sources().items() if text not in ENTRIES}
    assert not missing, f"add these to {PO} (manage.py makemessages, compilemessages): {missing}"


def test_a4_french_texts_are_filled_in_and_take_the_same_values() -> None:
    assert not {entry.text: entry.translations for entry in ENTRIES.values() if not _fits(entry)}


def _fits(entry: Entry) -> bool:
    """Whether the translation is whole: as many forms, the same values, the same marks."""
    if len(entry.translations) != (2 if entry.plural else 1) or not all(entry.translations):
        return False
    known = placeholders(entry.text) | placeholders(entry.plural)
    return (
        all(placeholders(translation) <= known for translation in entry.translations)
        and all(one.count("<strong>") == entry.text.count("<strong>") for one in entry.translations)
        and placeholders(entry.translations[-1]) == placeholders(entry.plural or entry.text)
    )


def test_the_compiled_catalogue_is_the_one_of_the_source() -> None:
    with MO.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in ENTRIES.values():
        if entry.plural:
            forms = tuple(compiled.ngettext(entry.text, entry.plural, number) for number in (1, 2))
            assert forms == entry.translations
        else:
            assert compiled.gettext(entry.text) == entry.translations[0]


def test_french_punctuation_does_not_break_away_from_its_word() -> None:
    for entry in ENTRIES.values():
        for translation in entry.translations:
            assert not any(f" {mark}" in translation for mark in (":", ";", "?", "»")), translation
