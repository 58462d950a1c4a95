"""What differs between two versions of a listing, field by field, for people (PRODUCT D4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from vocdash.pages.formats import locale
from vocdash.pages.listing_form import Typed, typed_of
from vocdash.pages.word_diff import word_diff


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed: which, its name, and the change as markup.

    `field` is as complaints name it: "title", "bullet 1", "attribute Size", "image".
    """

    field: str
    label: str
    words: SafeString


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, cut: bool = False) -> list[Change]:
    """The fields that differ. `cut` leaves out long unchanged parts of texts."""
    old, new = typed_of(before), typed_of(after)
    return [
        *_texts(old, new, cut=cut),
        *_bullets(old, new, cut=cut),
        *_attributes(old, new),
        *_images(old, new),
    ]


def _texts(old: Typed, new: Typed, *, cut: bool) -> Iterator[Change]:
    for field, label, was, now in (
        ("title", gettext("Title"), old.title, new.title),
        ("brand", gettext("Brand"), old.brand, new.brand),
        ("description", gettext("Description"), old.description, new.description),
    ):
        if was != now:
            yield Change(field, label, word_diff(was, now, cut=cut))


def _bullets(old: Typed, new: Typed, *, cut: bool) -> Iterator[Change]:
    """Bullets by place; one that was put in or taken out shifts the others, which is no change of theirs."""
    label = gettext("Bullet %(number)s")
    for place, was, now in _paired(old.bullets, [text for text in new.bullets if text]):
        field = "bullets" if place == 0 else f"bullet {place}"
        yield Change(field, label % {"number": place + 1}, word_diff(was, now, cut=cut))


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """(place, before, after) of what differs; the place is that of the new one where there is one."""
    for what, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if what == "equal":
            continue
        for offset in range(max(old_to - old_from, new_to - new_from)):
            was = old[old_from + offset] if old_from + offset < old_to else ""
            now = new[new_from + offset] if new_from + offset < new_to else ""
            yield (new_from if now else old_from) + offset, was, now


def _attributes(old: Typed, new: Typed) -> Iterator[Change]:
    before, after = dict(old.attributes), dict(new.attributes)
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            yield Change(f"attribute {name}", name, word_diff(was, now))


def _images(old: Typed, new: Typed) -> Iterator[Change]:
    parts = list(_image_words(old.pictures, new.pictures))
    if parts:
        yield Change("image", gettext("Images"), SafeString(escape(", ".join(parts))))


def _image_words(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    style = locale(get_language())
    added, removed = len(set(new) - set(old)), len(set(old) - set(new))
    if added:
        yield ngettext("%(count)s image added", "%(count)s images added", added) % {
            "count": style.count(added)
        }
    if removed:
        words = ngettext("%(count)s image removed", "%(count)s images removed", removed)
        yield words % {"count": style.count(removed)}
    if old and new and old[0] != new[0]:
        yield gettext("another main picture")
    elif list(old) != list(new) and not added and not removed:
        yield gettext("another order")
