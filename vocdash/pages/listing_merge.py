"""A person's edits on top of what somebody else changed meanwhile (PRODUCT D5). Nothing is lost unseen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vocdash.pages.listing_changes import changes
from vocdash.pages.listing_form import EDITABLE

Content = Mapping[str, Any]
# A field's label, what others changed in it, what this person did: markup, "" for who changed nothing.
Side = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """`edits`: fields that differ from the listing as it is now. `conflicts`: fields that both changed."""

    edits: dict[str, Any]
    conflicts: list[str]


def merge(base: Content, mine: Content, now: Content, *, theirs: Collection[str] = ()) -> Merged:
    """My edits, made on `base`, on top of the listing as it is `now`.

    mine: the edited fields alone. theirs: the conflicts (as `conflicts` names them) in which the other's
    version is to stand; in every other one mine does. Attributes are put together one by one.
    """
    edits: dict[str, Any] = {}
    conflicts: list[str] = []
    for name in EDITABLE:
        if name not in mine or mine[name] == now.get(name):
            continue
        if name == "attributes":
            before, wanted, there = (_mapping(content, name) for content in (base, mine, now))
            value, both = _attributes(before, wanted, there, theirs)
            conflicts += both
            if value != now.get(name):
                edits[name] = value
        elif _differs(base, now, name) and _part(name) in theirs:
            conflicts.append(_part(name))
        else:
            conflicts += [_part(name)] if _differs(base, now, name) else []
            edits[name] = mine[name]
    return Merged(_whole_pictures(edits, mine), list(dict.fromkeys(conflicts)))


def _part(name: str) -> str:
    """The main picture and the others are one choice."""
    return "images" if name == "image_url" else name


def _differs(base: Content, now: Content, name: str) -> bool:
    names = ("image_url", "images") if _part(name) == "images" else (name,)
    return any(base.get(one) != now.get(one) for one in names)


def _whole_pictures(edits: dict[str, Any], mine: Content) -> dict[str, Any]:
    """A list of pictures without its main one would be another list."""
    if not {"image_url", "images"} & set(edits):
        return edits
    return {**edits, **{name: mine[name] for name in ("image_url", "images") if name in mine}}


def _mapping(content: Content, name: str) -> dict[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _attributes(
    base: Content, mine: Content, now: Content, theirs: Collection[str]
) -> tuple[dict[str, Any], list[str]]:
    merged, conflicts = dict(now), []
    for name in dict.fromkeys([*base, *mine]):
        if mine.get(name) == base.get(name):
            continue
        conflict = f"attribute {name}"
        if now.get(name) not in (base.get(name), mine.get(name)):
            conflicts.append(conflict)
            if conflict in theirs:
                continue
        if name in mine:
            merged[name] = mine[name]
        else:
            merged.pop(name, None)
    return merged, conflicts


def both_sides(base: Content, mine: Content, now: Content) -> list[Side]:
    """Each field that anybody changed."""
    theirs, ours = changes(base, now), changes(base, {**base, **mine})
    labels = {change.field: change.label for change in [*theirs, *ours]}
    by_them = {change.field: change.words for change in theirs}
    by_me = {change.field: change.words for change in ours}
    return [(label, by_them.get(name, ""), by_me.get(name, "")) for name, label in labels.items()]
