"""The fields in which a listing is edited: each with its hint, its problem and the complaints about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from offers.models import Condition, Fulfillment
from vocdash.pages.formats import locale
from vocdash.pages.listing_form import (
    BRAND_MAX,
    BULLET_MAX,
    DESCRIPTION_MAX,
    NAME_MAX,
    TITLE_MAX,
    VALUE_MAX,
    Problem,
    Typed,
    typed_of,
)
from vocdash.pages.offer_listing import Hit
from vocdash.pages.pictures import picture_for

# Empty fields for more, so that nothing has to be added by script.
_SPARE_BULLETS: Final = 2
_SPARE_ATTRIBUTES: Final = 2
_LEAST_BULLETS: Final = 3


@dataclass(frozen=True, slots=True)
class Control:
    """One field. rows: of a text of several lines, 0 for a single one. limit: characters, 0 for none told."""

    id: str
    name: str
    label: str
    value: str
    hint: str = ""
    problem: str = ""
    hits: Sequence[Hit] = ()
    limit: int = 0
    rows: int = 0

    @property
    def described_by(self) -> str:
        """The ids of what is said about it."""
        parts = [("hint", self.hint), ("said", self.hits), ("error", self.problem)]
        return " ".join(f"{self.id}-{name}" for name, there in parts if there)

    @property
    def counter(self) -> str:
        """How many of its characters are used."""
        style = locale(get_language())
        values = {"now": style.count(len(self.value)), "most": style.count(self.limit)}
        return gettext("%(now)s of %(most)s characters") % values


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: its name, which is fixed where it stood there before, and its value."""

    name: Control
    value: Control
    known: bool


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """A picture that the listing has, or will have."""

    reference: str
    picture: SafeString
    label: str
    main: bool
    removed: bool
    new: bool


@dataclass(frozen=True, slots=True)
class ListingFields:
    """Everything that can be edited; `fixed` is what can't, with the complaints about it."""

    title: Control
    brand: Control
    description: Control
    bullets: list[Control]
    attributes: list[Attribute]
    pictures: list[PictureChoice]
    upload: Control
    fixed: list[tuple[str, str, Sequence[Hit]]] = field(default_factory=list)

    @property
    def controls(self) -> list[Control]:
        """The texts before the attributes, in their order."""
        return [self.title, self.brand, *self.bullets, self.description]


def build_fields(
    base: Mapping[str, Any],
    typed: Typed,
    hits: Mapping[str, Sequence[Hit]],
    problems: Sequence[Problem] = (),
) -> ListingFields:
    """The fields as typed. base: the listing as it stands, by which what is new is told."""
    said = {problem.control: problem.words for problem in problems}
    category = str(base.get("category") or "")
    return ListingFields(
        title=_title(typed, hits, said),
        brand=Control(
            "brand", "brand", gettext("Brand"), typed.brand, problem=said.get("brand", ""), limit=BRAND_MAX
        ),
        description=_description(typed, hits, said),
        bullets=list(_bullets(typed, hits, said)),
        attributes=list(_attributes(base, typed, hits, said)),
        pictures=list(_pictures(base, typed, category)),
        upload=_upload(hits, said),
        fixed=list(_fixed(base, hits)),
    )


def _title(typed: Typed, hits: Mapping[str, Sequence[Hit]], said: Mapping[str, str]) -> Control:
    return Control(
        id="title",
        name="title",
        label=gettext("Title"),
        value=typed.title,
        hint=gettext("Brand, product, key size, colour."),
        problem=said.get("title", ""),
        hits=hits.get("title", ()),
        limit=TITLE_MAX,
    )


def _description(typed: Typed, hits: Mapping[str, Sequence[Hit]], said: Mapping[str, str]) -> Control:
    return Control(
        id="description",
        name="description",
        label=gettext("Description"),
        value=typed.description,
        problem=said.get("description", ""),
        hits=hits.get("description", ()),
        limit=DESCRIPTION_MAX,
        rows=8,
    )


def _bullets(typed: Typed, hits: Mapping[str, Sequence[Hit]], said: Mapping[str, str]) -> Iterator[Control]:
    label = gettext("Bullet %(number)s")
    number = max(len(typed.bullets) + (0 if "" in typed.bullets else _SPARE_BULLETS), _LEAST_BULLETS)
    for place in range(number):
        control = f"bullet-{place + 1}"
        yield Control(
            id=control,
            name="bullet",
            label=label % {"number": place + 1},
            value=typed.bullets[place] if place < len(typed.bullets) else "",
            hint=gettext("Leave bullets empty that you don't need.") if place == 0 else "",
            problem=said.get(control, ""),
            hits=hits.get("bullets" if place == 0 else f"bullet {place}", ()),
            limit=BULLET_MAX,
            rows=2,
        )


def _attributes(
    base: Mapping[str, Any], typed: Typed, hits: Mapping[str, Sequence[Hit]], said: Mapping[str, str]
) -> Iterator[Attribute]:
    before = {name for name, _ in typed_of(base).attributes}
    spare = [("", "")] * (0 if ("", "") in typed.attributes else _SPARE_ATTRIBUTES)
    for place, (name, value) in enumerate([*typed.attributes, *spare], start=1):
        at, to = f"attribute-name-{place}", f"attribute-value-{place}"
        known = name in before and name not in {other for other, _ in typed.attributes[: place - 1]}
        label = name if known else gettext("Value of attribute %(number)s") % {"number": place}
        yield Attribute(
            name=Control(
                id=at,
                name="attribute-name",
                label=gettext("Name of attribute %(number)s") % {"number": place},
                value=name,
                problem=said.get(at, ""),
                limit=NAME_MAX,
            ),
            value=Control(
                id=to,
                name="attribute-value",
                label=label,
                value=value,
                problem=said.get(to, ""),
                hits=hits.get(f"attribute {name}", ()) if known else (),
                limit=VALUE_MAX,
            ),
            known=known,
        )


def _pictures(base: Mapping[str, Any], typed: Typed, category: str) -> Iterator[PictureChoice]:
    before = set(typed_of(base).pictures)
    label = gettext("Image %(number)s")
    for number, reference in enumerate(typed.pictures, start=1):
        yield PictureChoice(
            reference=reference,
            picture=picture_for(reference, category, "thumb xl"),
            label=label % {"number": number},
            main=reference == typed.main,
            removed=reference in typed.removed,
            new=reference not in before,
        )


def _upload(hits: Mapping[str, Sequence[Hit]], said: Mapping[str, str]) -> Control:
    return Control(
        id="upload",
        name="upload",
        label=gettext("Add images"),
        value="",
        hint=gettext(
            "JPEG, PNG or WebP, at least 1,000 pixels on the longest side, up to 5 MB each. Optional."
        ),
        problem=said.get("upload", ""),
        hits=hits.get("image", ()),
    )


def _fixed(
    base: Mapping[str, Any], hits: Mapping[str, Sequence[Hit]]
) -> Iterator[tuple[str, str, Sequence[Hit]]]:
    conditions, fulfillments = dict(Condition.choices), dict(Fulfillment.choices)
    for name, label, text in (
        ("product_id", gettext("Product id"), base.get("product_id")),
        ("category", gettext("Category"), base.get("category")),
        ("condition", gettext("Condition"), conditions.get(base.get("condition", ""))),
        ("fulfillment", gettext("Fulfilment"), fulfillments.get(base.get("fulfillment", ""))),
    ):
        if text:
            yield label, str(text), hits.get(name, ())
