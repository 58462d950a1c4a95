"""What the listing says, with the complaints that point to each of its fields (UX 5b)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.http import urlencode
from django.utils.translation import get_language, gettext, ngettext

from feedback.comments import ORDERS
from feedback.reasons import Reason
from offers.lifecycle import CLOSING_MOVES
from offers.models import Condition, Fulfillment, ListingRevision, Offer
from vocdash.pages.formats import locale
from vocdash.pages.offer_data import OfferData
from vocdash.pages.offer_reasons import by_reason
from vocdash.pages.rows import reason_label
from vocdash.pages.shell import address_of

# A text longer than this is cut: the whole of it stands on the product page.
_LONGEST: Final = 400
_SIZE_WORDS: Final = (
    "size",
    "fit",
    "width",
    "length",
    "height",
    "dimension",
    "taille",
    "tamanho",
    "pointure",
)
_COLOR_WORDS: Final = ("color", "colour", "couleur", "cor")
_FITS_WORDS: Final = ("compatib", "model", "fits", "modèle", "modelo")
_DESCRIBED: Final = (Reason.NOT_AS_DESCRIBED, Reason.INACCURATE_PAGE, Reason.INCOMPLETE_PAGE)
# To which field a reason points; some point to an attribute with a telling name, else to the second field.
_FIELD_OF: Final[dict[Reason, str]] = {
    **dict.fromkeys(_DESCRIBED, "description"),
    Reason.MISSING_PARTS: "bullets",
    Reason.USED_SOLD_AS_NEW: "condition",
    Reason.STYLE_DIFFERS: "image",
    Reason.WRONG_ITEM: "title",
    Reason.MISLABELLED: "product_id",
}
_ATTRIBUTE_OF: Final[dict[Reason, tuple[tuple[str, ...], str]]] = {
    Reason.TOO_SMALL: (_SIZE_WORDS, "description"),
    Reason.TOO_LARGE: (_SIZE_WORDS, "description"),
    Reason.COLOR_DIFFERS: (_COLOR_WORDS, "image"),
    Reason.NOT_COMPATIBLE: (_FITS_WORDS, "description"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Complaints that point to a field: words, and the address of the feedback."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the listing."""

    label: str
    text: str
    hits: list[Hit]


@dataclass(frozen=True, slots=True)
class Listing:
    """The fields, and as of when. `since` is the closure, None for the listing as it is now."""

    fields: list[Field]
    since: date | None
    edited_since: bool


def build_listing(data: OfferData) -> Listing:
    """The listing as it was when the offer was closed, or as it is now."""
    revision, since = _shown(data)
    content = revision.content if revision else content_now(data.offer)
    hits = hits_of(data.offer, by_reason(data), content)
    newest = data.revisions[-1].number if data.revisions else 0
    edited = bool(revision and since and newest > revision.number)
    return Listing(_fields(content, hits), since, edited)


def _shown(data: OfferData) -> tuple[ListingRevision | None, date | None]:
    """The revision at the closure of a closed offer; none for every other one."""
    closures = [change for change in data.moves if change.move in CLOSING_MOVES]
    if not data.closed or not closures:
        return None, None
    before = [revision for revision in data.revisions if revision.at <= closures[-1].at]
    return (before[-1] if before else None), closures[-1].on


def content_now(offer: Offer) -> dict[str, Any]:
    """The listing's fields that are shown, as a revision keeps them."""
    names = (
        "title",
        "brand",
        "condition",
        "fulfillment",
        "product_id",
        "description",
        "bullets",
        "attributes",
    )
    content = {name: getattr(offer, name) for name in (*names, "image_url", "images")}
    return {**content, "category": offer.category.path if offer.category else ""}


def _fields(content: dict[str, Any], hits: dict[str, list[Hit]]) -> list[Field]:
    conditions, fulfillments = dict(Condition.choices), dict(Fulfillment.choices)
    plain = [
        ("title", gettext("Title"), content.get("title", "")),
        ("product_id", gettext("Product id"), content.get("product_id", "")),
        ("brand", gettext("Brand"), content.get("brand", "")),
        ("category", gettext("Category"), content.get("category", "")),
        ("condition", gettext("Condition"), conditions.get(content.get("condition", ""), "")),
        ("fulfillment", gettext("Fulfilment"), fulfillments.get(content.get("fulfillment", ""), "")),
        ("description", gettext("Description"), content.get("description", "")),
        *_bullets(content),
        *((f"attribute {name}", str(name), str(value)) for name, value in _attributes(content).items()),
        ("image", gettext("Images"), images_counted(content)),
    ]
    # A field that is empty is worth a line only where customers missed it.
    return [
        Field(label, _cut(str(text)) or gettext("nothing"), hits.get(name, []))
        for name, label, text in plain
        if text or name in hits
    ]


def _bullets(content: dict[str, Any]) -> list[tuple[str, str, str]]:
    texts = [str(text) for text in content.get("bullets") or []]
    if not texts:
        return [("bullets", gettext("Bullets"), "")]
    number = gettext("Bullet %(number)s")
    # Complaints about the bullets as a whole stand with the first.
    return [
        ("bullets" if place == 0 else f"bullet {place}", number % {"number": place + 1}, text)
        for place, text in enumerate(texts)
    ]


def _attributes(content: dict[str, Any]) -> dict[str, Any]:
    found = content.get("attributes")
    return found if isinstance(found, dict) else {}


def pictures_of(content: Mapping[str, Any]) -> list[str]:
    """The references of a listing's pictures, the main one first, each once."""
    further = content.get("images")
    found = [content.get("image_url"), *(further if isinstance(further, list) else [])]
    return list(dict.fromkeys(str(reference) for reference in found if reference))


def images_counted(content: Mapping[str, Any]) -> str:
    """How many pictures a listing has, in words; "" for none."""
    number = len(pictures_of(content))
    if not number:
        return ""
    words = ngettext("%(count)s image", "%(count)s images", number)
    return words % {"count": locale(get_language()).count(number)}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"


def hits_of(offer: Offer, reasons: Mapping[str, int], content: dict[str, Any]) -> dict[str, list[Hit]]:
    """The complaints by field. `reasons`: how many orders complained of each."""
    found: dict[str, list[Hit]] = {}
    for reason, orders in _ranked(reasons):
        field = field_of(reason, _attributes(content))
        if field:
            found.setdefault(field, []).append(_hit(offer, reason, orders))
    return found


def _ranked(reasons: Mapping[str, int]) -> list[tuple[Reason, int]]:
    known = [(Reason(reason), orders) for reason, orders in reasons.items() if reason in set(Reason)]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))


def field_of(reason: Reason, attributes: dict[str, Any]) -> str:
    """The field to which a reason points, "" where it is about the item alone."""
    if reason not in _ATTRIBUTE_OF:
        return _FIELD_OF.get(reason, "")
    words, otherwise = _ATTRIBUTE_OF[reason]
    for name in attributes:
        if any(word in str(name).casefold() for word in words):
            return f"attribute {name}"
    return otherwise


def _hit(offer: Offer, reason: Reason, orders: int) -> Hit:
    words = ngettext(
        "%(count)s customer reported: %(reason)s", "%(count)s customers reported: %(reason)s", orders
    ) % {"count": locale(get_language()).count(orders), "reason": reason_label(reason)}
    query = urlencode({"reason": reason.value, "counted": ORDERS})
    return Hit(words, f"{address_of('offer-feedback', offer.pk)}?{query}")
