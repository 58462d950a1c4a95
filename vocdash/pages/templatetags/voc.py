"""Icons, badges and formats for templates. Rows and tiles do not come here: they are drawn in Python."""

from datetime import date, datetime
from html import escape
from typing import Any, Final

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from vocdash.pages import icons, states
from vocdash.pages.formats import Locale, locale

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


@register.simple_tag(takes_context=True)
def grid_heads(context: template.Context, table: Any) -> SafeString:
    """Draw the column heads of the offers grid, all at once: each link is the present address, sorted anew.

    A first click sorts, a second turns the order round, a third goes back to the most urgent first.
    """
    query = context["request"].GET.copy()
    query.pop("page", None)
    query.pop(table.order_by_field, None)
    kept = f"{query.urlencode()}&" if query else ""
    heads = [
        _head(column, kept, table.order_by_field, unsorted=not table.order_by) for column in table.columns
    ]
    return SafeString("".join(heads))


def _head(column: Any, kept: str, parameter: str, *, unsorted: bool) -> str:
    css, label = column.column.css, escape(str(column.header))
    below = f'<div class="meta">{escape(str(column.column.hint))}</div>' if column.column.hint else ""
    if css == "c-rate":
        below = _SCALE
    opening = f'<th scope="col" role="columnheader" class="{css}"'
    if not column.orderable:
        return f"{opening}>{label}{below}</th>"
    alias, direction = column.order_by_alias, ""
    following = alias.next
    if column.is_ordered:
        direction = "descending" if alias.is_descending else "ascending"
        turned = alias.is_descending != column.column.initial_sort_descending
        following = "" if turned else alias.opposite
    elif unsorted and css == "c-cx":
        direction, following = "descending", alias.opposite
    address = escape(f"?{kept}{parameter}={following}" if following else f"?{kept}")
    sorted_by = f' aria-sort="{direction}"' if direction else ""
    mark = icons.icon(_SORT_MARKS[direction])
    return f'{opening}{sorted_by}><a class="sort" href="{address}">{label}{mark}</a>{below}</th>'


_SORT_MARKS: Final = {"": "updown", "ascending": "up", "descending": "down"}
_SCALE: Final = (
    '<span class="scale" aria-hidden="true"><span>0%</span><span>10%</span><span>20%+</span></span>'
)
