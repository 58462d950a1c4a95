"""Pictures of products: our own drawings, pictures from hosts that are allowed, else a placeholder."""

from functools import lru_cache
from html import escape
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.safestring import SafeString

from vocdash.pages.drawings import BOX, DRAWINGS, Drawing
from vocdash.pages.shell import address_of

# An offer's image_url of this form names one of our own drawings: "demo:kettle" or "demo:kettle/slate".
OWN: Final = "demo:"
# And this is a picture that its seller uploaded: "upload:<uuid>".
UPLOADED: Final = "upload:"

TINTS: Final = {
    "black": "#30343a",
    "white": "#d9dee3",
    "gray": "#8d959e",
    "slate": "#5f7183",
    "navy": "#2f4a78",
    "blue": "#4b83c4",
    "teal": "#2b8a8f",
    "green": "#4f8a54",
    "sage": "#93ab8b",
    "yellow": "#e0b53c",
    "orange": "#d98141",
    "red": "#b8443f",
    "pink": "#d58aa4",
    "plum": "#7c5585",
    "brown": "#8a6544",
    "sand": "#cdb692",
    "steel": "#a3b1bd",
    "copper": "#b87852",
}

# What to draw for an offer without a picture, by the first of these words in its category.
_BY_CATEGORY: Final = {
    "appliance": "kettle", "kettle": "kettle", "coffee": "mug", "kitchen": "saucepan", "bed": "sheet",
    "bath": "towel", "light": "lamp", "garden": "pot", "shoe": "sneaker", "fashion": "shirt",
    "cloth": "shirt", "apparel": "shirt", "audio": "speaker", "computer": "mouse",
    "telephon": "powerbank", "electronic": "plug", "watch": "clock", "sport": "dumbbell",
    "outdoor": "tent", "pet": "leash", "toy": "blocks", "baby": "plush", "book": "notebook",
    "office": "pen", "stationery": "notebook", "tool": "screwdriver", "health": "serum",
    "beauty": "serum", "perfume": "serum", "furniture": "shelf", "decor": "vase", "home": "vase",
    "house": "basket", "luggage": "backpack", "bag": "backpack", "construction": "drill",
    "game": "puzzle", "music": "headphones", "photo": "frame", "food": "jar", "drink": "bottle",
    "cuisine": "saucepan", "flower": "pot", "christmas": "candle", "party": "candle",
}  # fmt: skip


def picture_for(image_url: str, category: str = "", css_class: str = "thumb") -> SafeString:
    """The finished markup of an offer's picture. It says nothing that the text beside it doesn't.

    image_url: as stored with the offer: one of our own drawings, an uploaded picture, or an address, which
    is used only if its host is in IMAGE_HOSTS (the CSP admits no other); else the drawing that fits the
    category's path best.
    """
    if image_url.startswith(OWN):
        name, _, tint = image_url.removeprefix(OWN).partition("/")
        return drawing_svg(name, tint, css_class)
    source = address_of_upload(image_url) or (image_url if is_allowed(image_url) else "")
    if source:
        return SafeString(
            f'<img class="{css_class}" src="{escape(source)}" alt="" width="44" height="44" loading="lazy">'
        )
    return drawing_svg(drawing_of_category(category), "", css_class)


def upload_id(reference: str) -> UUID | None:
    """The id of the uploaded picture that a reference names; None for every other one."""
    if not reference.startswith(UPLOADED):
        return None
    try:
        return UUID(reference.removeprefix(UPLOADED))
    except ValueError:
        return None


def address_of_upload(reference: str) -> str:
    """Where an uploaded picture is served, "" for every other reference."""
    image_id = upload_id(reference)
    return address_of("listing-image", image_id) if image_id else ""


def is_allowed(image_url: str) -> bool:
    """Whether pages may show the picture at this address."""
    return any(image_url.startswith(f"https://{host}/") for host in settings.IMAGE_HOSTS)


@lru_cache(maxsize=4096)
def drawing_of_category(category: str) -> str:
    """The name of the drawing that stands for a category path, "" for none; its last steps say most."""
    steps = [step.casefold() for step in category.split(">")]
    for step in reversed(steps):
        for word, name in _BY_CATEGORY.items():
            if word in step:
                return name
    return ""


@lru_cache(maxsize=4096)
def drawing_svg(name: str, tint: str = "", css_class: str = "thumb") -> SafeString:
    """One of our own drawings; a plain box where there is none of this name, no tint where it is unknown."""
    drawing: Drawing = DRAWINGS.get(name, BOX)
    fill = f' fill="{TINTS[tint]}" fill-opacity=".55"' if tint in TINTS else ""
    details = f'<path d="{drawing.details}"/>' if drawing.details else ""
    return SafeString(
        f'<svg class="{css_class}" viewBox="0 0 25 25" aria-hidden="true">'
        f'<path{fill} d="{drawing.body}"/>{details}</svg>'
    )
