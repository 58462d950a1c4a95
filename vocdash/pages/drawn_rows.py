"""Rows of the grid, drawn, and kept while nothing in them changes.

A row changes once a night at most, and is shown again whenever somebody comes back, sorts or filters. What
is kept is found by everything that a drawing depends on, so it is never out of date.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.conf import settings
from django.utils.safestring import SafeString

from health.grid_page import Row
from health.policy import Policy
from vocdash.pages.cells import GridLinks, row_html
from vocdash.pages.grid_words import grid_words
from vocdash.pages.rows import grid_rows

# Some 3 KB each: a dozen megabytes in a process.
MOST_KEPT: Final = 4096


class Style(NamedTuple):
    """What drawings of one row can differ in. `codes`: (marketplace id, code) where several are listed."""

    language: str
    links: GridLinks
    wilson_z: float
    relist_weight: float
    codes: tuple[tuple[int, str], ...]
    image_hosts: tuple[str, ...]


_kept: dict[tuple[Row, Style], str] = {}


def drawn_rows(
    rows: Sequence[Row], *, policy: Policy, codes: dict[int, str], language: str, links: GridLinks
) -> SafeString:
    """The body of the grid for these rows."""
    hosts = tuple(settings.IMAGE_HOSTS)
    style = Style(language, links, policy.wilson_z, policy.relist_weight, tuple(codes.items()), hosts)
    # Looked up once each: another thread may empty what is kept at any moment.
    drawn = {row: html for row in rows if (html := _kept.get((row, style))) is not None}
    missing = [row for row in rows if row not in drawn]
    if missing:
        if len(_kept) + len(missing) > MOST_KEPT:
            _kept.clear()
        words = grid_words(language)
        for row, shown in zip(missing, grid_rows(missing, policy, codes), strict=True):
            drawn[row] = _kept[row, style] = row_html(shown, words, links)
    return SafeString("".join([drawn[row] for row in rows]))
