"""Small multiples: one little chart for each of several things, all on one scale."""

from collections.abc import Sequence
from typing import Final

from vocdash.pages.charts.frame import figure, path

_WIDTH: Final = 200
_HEIGHT: Final = 64
_FLOOR: Final = 60
_ROOM: Final = 52


def small_area(values: Sequence[float], top: float, *, title: str, description: str, uid: str) -> str:
    """Draw a series from left to right over a filled area, with a dot on the latest value; "" for none.

    `top` is the scale that all multiples share: the highest value of any of them.
    """
    if not values:
        return ""
    step = (_WIDTH - 4) / max(len(values) - 1, 1)
    scale = _ROOM / top if top else 0.0
    points = [(2 + i * step, _FLOOR - value * scale) for i, value in enumerate(values)]
    last_x, last_y = points[-1]
    content = (
        f'<path d="M2 {_FLOOR}H{_WIDTH - 2}" class="ax"/>'
        f'<path d="{path(points)}L{last_x:.1f} {_FLOOR}L2 {_FLOOR}Z" class="fan2"/>'
        f'<path d="{path(points)}" class="ln thin"/>'
        f'<circle cx="{last_x:.1f}" cy="{last_y:.1f}" r="3" class="dot"/>'
    )
    return figure(_WIDTH, _HEIGHT, content, title=title, description=description, uid=uid)
