"""What the administration's pages tell operators."""

from typing import Any

from django import template

from health.lateness import Late, late_nights

register = template.Library()


@register.simple_tag
def late_nights_for(user: Any) -> list[Late]:
    """Nights that don't come, for whoever may see the runs."""
    return late_nights() if user and user.has_perm("health.view_recomputerun") else []
