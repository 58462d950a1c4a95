"""Icons, badges and formats for templates. Rows and tiles do not come here: they are drawn in Python."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from vocdash.pages import components, icons, phrases, states
from vocdash.pages.formats import Locale, locale
from vocdash.pages.shell import here

register = template.Library()

_ICON_OF_LEVEL: Final = {"success": "okc", "warning": "warn", "error": "stop"}


def _style() -> Locale:
    return locale(get_language())


@register.simple_tag
def icon(name: str, css_class: str = "i") -> SafeString:
    """Draw an icon."""
    return icons.icon(name, css_class)


@register.simple_tag
def logo() -> SafeString:
    """Draw the brand's mark."""
    return SafeString(icons.LOGO)


@register.simple_tag
def badge(state: states.HealthState, large: bool = False) -> SafeString:  # noqa: FBT001, FBT002
    """Draw the badge of a health state."""
    return states.badge(state, large=large)


@register.filter
def level_icon(level: str) -> SafeString:
    """Draw the icon of a message's level."""
    return icons.icon(_ICON_OF_LEVEL.get(level, "info"))


@register.filter
def percent(share: float | None) -> str:
    """Write a share of one as a percentage; "" for none."""
    return "" if share is None else _style().percent(share)


@register.filter
def counted(number: int | None) -> str:
    """Write a count with thousands separators; "" for none."""
    return "" if number is None else _style().count(number)


@register.filter
def day(value: date | None) -> str:
    """Write a date; "" for none."""
    return "" if value is None else _style().day(value)


@register.filter
def moment(value: datetime | None) -> str:
    """Write a moment in the zone that it carries; "" for none."""
    return "" if value is None else _style().moment(value)


@register.simple_tag
def grid_heads(heads: Sequence[components.Head]) -> SafeString:
    """Draw the columns and the head row of the offers grid."""
    return components.grid_heads(heads)


@register.simple_tag
def closed_note(count: int) -> tuple[str, str, str]:
    """The note above the grid: headline, meaning, words of its link."""
    return phrases.closed_note(count)


@register.filter
def offers_counted(count: int) -> str:
    """How many offers a list holds."""
    return phrases.offers_counted(count)


@register.filter
def no_match(search: str) -> str:
    """The headline of a search that finds nothing."""
    return phrases.no_match(search)


@register.filter
def nothing_closed(at_risk: int) -> str:
    """The line below "Nothing needs your attention"."""
    return phrases.nothing_closed(at_risk)


class FixedNode(template.Node):
    """A part of a template that is the same for everybody who reads one language; rendered once for each."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist
        self.rendered: dict[tuple[str, str, str], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """The kept text; what the context holds plays no part."""
        shell = context.get("shell")
        key = shell.key if shell else here()
        if key not in self.rendered:
            self.rendered[key] = self.nodelist.render(context.new({}))
        return self.rendered[key]


@register.tag
def fixed(parser: template.base.Parser, _token: template.base.Token) -> FixedNode:
    """{% fixed %}…{% endfixed %}: words, icons and addresses only, nothing of the request or the data."""
    nodelist = parser.parse(("endfixed",))
    parser.delete_first_token()
    return FixedNode(nodelist)
