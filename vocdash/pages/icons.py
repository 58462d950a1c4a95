"""Icons and band shapes as inline SVG, made once. No Django tags: plain strings of markup."""

from functools import lru_cache
from typing import Final

from django.utils.safestring import SafeString

ICONS: Final = {
    "search": '<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>',
    "bell": '<path d="M4 11V7.2a4 4 0 0 1 8 0V11l1.2 1.6H2.8zM6.6 14.2h2.8"/>',
    "help": (
        '<circle cx="8" cy="8" r="6"/><path d="M6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.6-.8 1.2M8 11.3v.1"/>'
    ),
    "down": '<path d="m4 6.2 4 4 4-4"/>',
    "up": '<path d="m4 9.8 4-4 4 4"/>',
    "updown": '<path d="m5 6 3-3 3 3M5 10l3 3 3-3"/>',
    "right": '<path d="m6.2 4 4 4-4 4"/>',
    "left": '<path d="m9.8 4-4 4 4 4"/>',
    "x": '<path d="m4.5 4.5 7 7m0-7-7 7"/>',
    "check": '<path d="m3.2 8.4 3.2 3.2 6.4-7"/>',
    "okc": '<circle cx="8" cy="8" r="6"/><path d="m5.3 8.2 1.9 1.9 3.5-3.9"/>',
    "warn": '<path d="M8 2.2 14.3 13.4H1.7z"/><path d="M8 6.4v3.2M8 11.5v.1"/>',
    "stop": '<path d="M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4z"/><path d="M8 4.9v3.6M8 10.9v.1"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.6M8 5.1v.1"/>',
    "dots": '<path d="M3.4 8h.1M8 8h.1M12.5 8h.1" stroke-width="2.4"/>',
    "dl": '<path d="M8 2.5v7.3m-3-2.8 3 3 3-3M2.8 13.3h10.4"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.3 1.6"/>',
    "edit": '<path d="M10.6 2.9 13 5.3 5.7 12.6l-3 .6.6-3z"/>',
    "box": '<path d="M2.5 5 8 2.2 13.5 5v6L8 13.8 2.5 11zM2.5 5 8 7.8 13.5 5M8 7.8v6"/>',
    "trash": '<path d="M3 4.4h10M6.2 4.4V2.8h3.6v1.6M4.4 4.4l.6 9h6l.6-9"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "user": '<circle cx="8" cy="5.6" r="2.7"/><path d="M2.8 13.8c.6-2.7 2.6-4.2 5.2-4.2s4.6 1.5 5.2 4.2"/>',
    "bookmark": '<path d="M4.2 2.6h7.6v11L8 10.9l-3.8 2.7z"/>',
    "msg": '<path d="M2.4 3.2h11.2v7.6H7.4L4.6 13v-2.2H2.4z"/>',
    "relist": '<path d="M13 8a5 5 0 1 1-1.6-3.7M13.2 2.4v2.8h-2.8"/>',
    "mail": '<rect x="2" y="3.4" width="12" height="9.2" rx="1"/><path d="m2.4 4.2 5.6 4.4 5.6-4.4"/>',
    "upload": '<path d="M8 10.2V3m-3 2.7 3-3 3 3M2.8 13.3h10.4"/>',
    "star": '<path d="m8 1.8 1.9 4 4.3.6-3.1 3 .8 4.4L8 11.7l-3.9 2.1.8-4.4-3.1-3 4.3-.6z"/>',
}

# The shape carries the meaning: better than, comparable to, worse than similar offers.
SHAPES: Final = {
    "excellent": '<path d="M3.5 8 8 3.5 12.5 8M3.5 12.5 8 8l4.5 4.5"/>',
    "good": '<path d="M3.5 10.2 8 5.8l4.5 4.4"/>',
    "fair": '<path d="M3.5 6h9M3.5 10.2h9"/>',
    "poor": '<path d="M3.5 5.8 8 10.2l4.5-4.4"/>',
    "very-poor": '<path d="M3.5 3.5 8 8l4.5-4.5M3.5 8 8 12.5 12.5 8"/>',
    "insufficient": '<circle cx="8" cy="8" r="5.2" stroke-dasharray="2.2 2.6" stroke-width="1.8"/>',
    "no-orders": '<path d="M3.5 8h9" stroke-dasharray="1.5 3"/>',
    "deleted": '<path d="M4.5 4.5l7 7M11.5 4.5l-7 7"/>',
}

PLACEHOLDER: Final = (
    '<svg class="thumb" viewBox="0 0 25 25" aria-hidden="true">'
    '<path d="M4 8l8.5-4L21 8v9l-8.5 4L4 17zM4 8l8.5 4L21 8M12.5 12v9"/></svg>'
)
LOGO: Final = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 4.5h18v12.5H11l-4.5 4V17H3z" fill="#5BBFD0"/>'
    '<path d="M7 13.5v-2M10.3 13.5V9.5M13.7 13.5v-5M17 13.5V7.3" stroke="#0E1D27" '
    'stroke-width="1.9" stroke-linecap="round"/></svg>'
)


def _svg(css_class: str, content: str) -> SafeString:
    return SafeString(f'<svg class="{css_class}" viewBox="0 0 16 16" aria-hidden="true">{content}</svg>')


@lru_cache(maxsize=256)
def icon(name: str, css_class: str = "i") -> SafeString:
    """Return an icon. KeyError for a name that is not in ICONS."""
    return _svg(css_class, ICONS[name])


@lru_cache(maxsize=256)
def glyph(shape: str, css_class: str = "g") -> SafeString:
    """Return the shape of a health state. KeyError for a name that is not in SHAPES."""
    return _svg(css_class, SHAPES[shape])
