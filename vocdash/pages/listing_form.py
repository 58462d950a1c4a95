"""What a seller typed about a listing: read, put in order, compared with what stood there, checked (D4).

Only what a page says can be edited here. What the item is (product id, category, condition, who ships it)
decides with which offers it is compared, so that comes from the marketplace's own catalogue.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import get_language, gettext

from vocdash.pages.formats import locale
from vocdash.pages.offer_listing import pictures_of

EDITABLE: Final = ("title", "brand", "description", "bullets", "attributes", "image_url", "images")
TITLE_MAX: Final = 200
BRAND_MAX: Final = 200
DESCRIPTION_MAX: Final = 10_000
BULLET_MAX: Final = 500
NAME_MAX: Final = 100
VALUE_MAX: Final = 500
# More than anybody fills in, few enough for one form.
BULLETS_MAX: Final = 20
PICTURES_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a control of a form, named by its id, and what to do."""

    control: str
    words: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A listing as it stands in a form. Attributes are names with values, also half-filled ones.

    `pictures` are all that are shown, the main one first; `removed` those that are ticked to go; `main`
    the one that is to come first.
    """

    title: str
    brand: str
    description: str
    bullets: list[str]
    attributes: list[tuple[str, str]]
    pictures: list[str]
    removed: frozenset[str] = frozenset()
    main: str = ""


def typed_of(content: Mapping[str, Any]) -> Typed:
    """The form of a listing before anybody has typed."""
    attributes = content.get("attributes")
    pictures = pictures_of(content)
    return Typed(
        title=_line(str(content.get("title") or "")),
        brand=_line(str(content.get("brand") or "")),
        description=_clean(str(content.get("description") or "")),
        bullets=[_clean(str(text)) for text in content.get("bullets") or []],
        attributes=[
            (_clean(str(name)), _clean(str(value)))
            for name, value in (attributes if isinstance(attributes, dict) else {}).items()
        ],
        pictures=pictures,
        main=pictures[0] if pictures else "",
    )


def read_typed(post: QueryDict, allowed: Collection[str]) -> Typed:
    """What was sent. `allowed`: the references of pictures that may be in this listing."""
    names, values = post.getlist("attribute-name"), post.getlist("attribute-value")
    pictures = [reference for reference in dict.fromkeys(post.getlist("picture")) if reference in allowed]
    main = post.get("main", "")
    return Typed(
        title=_line(post.get("title", "")),
        brand=_line(post.get("brand", "")),
        description=_clean(post.get("description", "")),
        bullets=[_clean(text) for text in post.getlist("bullet")],
        attributes=[(_clean(name), _clean(value)) for name, value in zip(names, values, strict=False)],
        pictures=pictures,
        removed=frozenset(post.getlist("remove")) & frozenset(pictures),
        main=main if main in pictures else "",
    )


def whole(text: str) -> int:
    """A whole number that a form carries; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _clean(text: str) -> str:
    """A text as it is kept: line ends as one character, nothing around it, nothing that can't be stored."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def _line(text: str) -> str:
    return _clean(text).replace("\n", " ")


def with_uploads(typed: Typed, references: Sequence[str]) -> Typed:
    """The form with pictures that came with it; the first of all is the main one where none was chosen."""
    known = list(dict.fromkeys([*typed.pictures, *references]))
    return replace(typed, pictures=known, main=typed.main or (known[0] if known else ""))


def content_of_form(typed: Typed) -> dict[str, Any]:
    """The fields of EDITABLE as the form says them."""
    kept = [reference for reference in typed.pictures if reference not in typed.removed]
    if typed.main in kept:
        kept.remove(typed.main)
        kept.insert(0, typed.main)
    return {
        "title": typed.title,
        "brand": typed.brand,
        "description": typed.description,
        "bullets": [text for text in typed.bullets if text],
        "attributes": {name: value for name, value in typed.attributes if name and value},
        "image_url": kept[0] if kept else "",
        "images": kept[1:],
    }


def edits(base: Mapping[str, Any], typed: Typed) -> dict[str, Any]:
    """The fields that differ from `base`, with their new values; what only looks otherwise is no edit."""
    before, after = content_of_form(typed_of(base)), content_of_form(typed)
    changed = {name: after[name] for name in EDITABLE if before[name] != after[name]}
    if {"image_url", "images"} & set(changed):
        changed |= {name: after[name] for name in ("image_url", "images")}
    if "attributes" in changed:
        changed["attributes"] = _as_stored(base.get("attributes"), changed["attributes"])
    return changed


def _as_stored(before: object, after: dict[str, str]) -> dict[str, Any]:
    """Values that nobody touched stay what they were, such as numbers."""
    known = before if isinstance(before, dict) else {}
    same = {name: known[name] for name in after if name in known and _clean(str(known[name])) == after[name]}
    return {**after, **same}


def problems_of(base: Mapping[str, Any], typed: Typed) -> list[Problem]:
    """What keeps this form from being saved. Texts that stood there before may be longer than allowed."""
    found: list[Problem] = []
    if not typed.title:
        found.append(Problem("title", gettext("Enter a title")))
    before = typed_of(base)
    found += _too_long(before, typed)
    found += _attribute_problems(typed.attributes)
    bullets, pictures = sum(map(bool, typed.bullets)), len(typed.pictures) - len(typed.removed)
    if bullets > max(BULLETS_MAX, len(before.bullets)):
        found.append(_too_many("bullet-1", gettext("Keep %(most)s bullets or fewer."), BULLETS_MAX))
    if pictures > max(PICTURES_MAX, len(before.pictures)):
        found.append(_too_many("upload", gettext("Keep %(most)s images or fewer."), PICTURES_MAX))
    return found


def _too_many(control: str, words: str, most: int) -> Problem:
    return Problem(control, words % {"most": locale(get_language()).count(most)})


def _too_long(before: Typed, typed: Typed) -> list[Problem]:
    bullet = gettext("Bullet %(number)s")
    texts = [
        ("title", gettext("Title"), before.title, typed.title, TITLE_MAX),
        ("brand", gettext("Brand"), before.brand, typed.brand, BRAND_MAX),
        (
            "description",
            gettext("Description"),
            before.description,
            typed.description,
            DESCRIPTION_MAX,
        ),
    ]
    for place, text in enumerate(typed.bullets):
        was = before.bullets[place] if place < len(before.bullets) else ""
        texts.append((f"bullet-{place + 1}", bullet % {"number": place + 1}, was, text, BULLET_MAX))
    return [
        Problem(control, too_long(label, len(text), most))
        for control, label, was, text, most in texts
        if len(text) > most and text != was
    ]


def too_long(label: str, length: int, most: int) -> str:
    """The words for a text that is too long."""
    style = locale(get_language())
    return gettext("%(field)s must be %(most)s characters or fewer. It's %(now)s now") % {
        "field": label,
        "most": style.count(most),
        "now": style.count(length),
    }


def _attribute_problems(attributes: list[tuple[str, str]]) -> list[Problem]:
    found: list[Problem] = []
    seen: set[str] = set()
    for place, (name, value) in enumerate(attributes, start=1):
        at, to = f"attribute-name-{place}", f"attribute-value-{place}"
        if value and not name:
            words = gettext("Enter a name for the attribute “%(value)s”") % {"value": value[:60]}
            found.append(Problem(at, words))
        if name and value and name in seen:
            words = gettext("The attribute “%(name)s” is there twice. Keep one of them") % {"name": name[:60]}
            found.append(Problem(at, words))
        if value:
            seen.add(name)
        if len(name) > NAME_MAX:
            found.append(Problem(at, too_long(gettext("Attribute name"), len(name), NAME_MAX)))
        if len(value) > VALUE_MAX:
            found.append(Problem(to, too_long(name[:60] or gettext("Attribute"), len(value), VALUE_MAX)))
    return found
