"""The style sheet keeps its promises: contrast, color vision, fallback, size, no inline styles (UX 3, 9)."""

import gzip
import itertools
import math
import re
from pathlib import Path

import pytest

from tests.pages.contrast import (
    BANDS,
    CSS,
    DEFICIENCIES,
    THEMES,
    TONES,
    css,
    fallback_block,
    oklab,
    ratio,
    token_block,
    tokens,
    two_sided,
)

ROOT = Path(__file__).resolve().parents[2]
TEXT = 4.5
MARK = 3.0

SURFACES = ("bg", "surface", "surface-2", "surface-3")
PLAIN = ("bg", "surface", "surface-2")
PAIRS = [
    *[(ink, surface, TEXT) for surface in SURFACES for ink in ("ink", "ink-2", "accent")],
    *[("ink-3", surface, TEXT) for surface in PLAIN],
    *[(mark, surface, MARK) for surface in PLAIN for mark in ("control", "focus")],
    *[(ink, "accent-weak", TEXT) for ink in ("ink", "ink-2", "accent")],
    ("accent-ink", "accent-fill", TEXT),
    ("accent-ink", "accent-hover", TEXT),
    ("accent-fill", "surface", MARK),
    *[(ink, "bar", TEXT) for ink in ("bar-ink", "bar-ink-2", "bar-hover", "bar-focus")],
    ("bar-mark", "bar", MARK),
    ("count-ink", "count", TEXT),
    *[(ink, "info-bg", TEXT) for ink in ("info-fg", "ink", "ink-2")],
    *[(f"{tone}-fg", f"{tone}-bg", TEXT) for tone in TONES],
    *[(tone, surface, MARK) for tone in TONES for surface in PLAIN],
    *[(ink, f"{tone}-bg", TEXT) for tone in ("ex", "fa", "vp") for ink in ("ink", "ink-2")],
    *[(f"{tone}-fg", surface, TEXT) for tone in ("vp", "po", "fa") for surface in ("surface", "surface-2")],
    ("vp-fg", "bg", TEXT),
    ("fa-fg", "bg", TEXT),
    *[("peer-line", surface, MARK) for surface in ("surface", "surface-2", "peer-band")],
    *[("ink", surface, TEXT) for surface in ("peer-band", "peer-fill", "mark")],
    ("ink-2", "peer-band", TEXT),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "surface", "least"), PAIRS, ids=str)
def test_every_pair_of_colors_in_use_reaches_aa(ink: str, surface: str, least: float, theme: str) -> None:
    side = THEMES.index(theme)
    values = tokens()
    assert ratio(values[ink][side], values[surface][side]) >= least


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_b8_bands_stay_apart_in_color_vision_deficiency(deficiency: str, theme: str) -> None:
    side = THEMES.index(theme)
    seen = {band: oklab(tokens()[band][side], deficiency) for band in BANDS}
    nearest = min(math.dist(seen[a], seen[b]) for a, b in itertools.combinations(BANDS, 2))
    assert nearest >= 0.04


def test_browsers_without_light_dark_get_every_light_value() -> None:
    fallback = dict(re.findall(r"--([\w-]+):\s*([^;]+);", fallback_block()))
    for name, light in two_sided().items():
        if name.startswith("shadow"):
            continue
        assert fallback.get(name) == light, f"--{name} is {fallback.get(name)} in the fallback, not {light}"
    assert {"shadow-1", "shadow-2"} <= fallback.keys()


def test_only_tokens_use_light_dark() -> None:
    rules = css().replace(token_block(), "").replace("(color: light-dark(#000, #fff))", "")
    assert "light-dark(" not in rules.replace("without light-dark()", "")


def test_every_token_that_is_used_is_declared() -> None:
    declared = set(re.findall(r"--([\w-]+):", css()))
    assert set(re.findall(r"var\(--([\w-]+)\)", css())) <= declared


def test_theme_follows_the_device_unless_the_cookie_says_otherwise() -> None:
    assert re.search(r":root \{\s*color-scheme: light dark;", css())
    assert re.search(r'\[data-theme="dark"\]\s*\{ color-scheme: dark; \}', css())
    assert re.search(r'\[data-theme="light"\]\s*\{ color-scheme: light; \}', css())


def test_print_is_light_and_forced_colors_keep_borders() -> None:
    prints = css().split("@media print", 1)[1]
    assert "color-scheme: light" in prints
    assert "border: 1px solid" in css().split("(forced-colors: active)", 1)[1].split("@media", 1)[0]


def test_the_style_sheet_stays_within_its_budget() -> None:
    assert CSS.stat().st_size < 60_000
    assert len(gzip.compress(CSS.read_bytes(), 9)) < 14_000


def test_the_script_stays_within_its_budget() -> None:
    assert (ROOT / "static/js/voc.js").stat().st_size < 4_096


def test_htmx_is_version_2_and_keeps_its_licence_note() -> None:
    script = (ROOT / "static/js/htmx.min.js").read_text(encoding="utf-8")
    assert re.match(r"/\*! htmx 2\.\d+\.\d+ \| Zero-Clause BSD", script)
    assert re.search(r'version:"2\.\d+\.\d+"', script)


def test_no_template_has_styles_or_scripts_of_its_own() -> None:
    offending = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    # What is read in a mail program can't take a style sheet along.
    letters = {"mail/notice.html", "account/letter.html"}
    folder = ROOT / "templates"
    pages = [page for page in folder.rglob("*.html") if page.relative_to(folder).as_posix() not in letters]
    assert pages
    for page in pages:
        assert not offending.search(page.read_text(encoding="utf-8")), page
