"""Tiles, views, filters, chips, pages: the repeated parts of the dashboard (PRODUCT B1, B4)."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.translation import override

from vocdash.pages import states
from vocdash.pages.components import (
    Chip,
    FilterMenu,
    Option,
    Pages,
    SavedView,
    SortChoice,
    TileView,
    chips,
    filters,
    page_links,
    page_range,
    sort_menu,
    tiles,
    views,
)
from vocdash.pages.icons import ICONS, SHAPES, glyph, icon

NASTY = '"><script>&'


def shown(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def parsed(markup: str) -> ET.Element:
    """The markup as XML: inputs closed, and `checked` with a value."""
    closed = re.sub(r"<input([^>]*)>", r"<input\1/>", markup).replace(" checked/>", ' checked=""/>')
    return ET.fromstring(f"<div>{closed}</div>")


def a_page(number: int, count: int) -> Pages:
    return Pages(
        number=number,
        count=count,
        first=1,
        last=25,
        total=count * 25,
        address=lambda n: f"?page={n}",
        per_page=25,
    )


def test_b1_tiles_count_the_five_bands_and_apart_from_them_the_rest() -> None:
    bands = [TileView(state, number, f"?band={state.key}") for number, state in enumerate(states.BANDS)]
    others = [TileView(state, 10, f"?band={state.key}") for state in states.OTHERS]
    markup = tiles(bands, others)
    assert markup.count('class="tile ') == 5
    beside = markup.split('class="tile-more"')[1]
    assert shown(beside.split(">", 1)[1]) == "Insufficient Feedback 10 No recent orders 10 Listing deleted 10"


def test_b1_each_tile_filters_and_the_chosen_one_says_so() -> None:
    markup = tiles([TileView(states.POOR, 9, "?", chosen=True), TileView(states.FAIR, 3, "?band=fair")], [])
    assert '<a class="tile t-po" href="?" aria-current="true">' in markup
    assert '<a class="tile t-fa" href="?band=fair">' in markup


def test_b1_poor_and_very_poor_together_is_one_click() -> None:
    markup = tiles([], [], TileView(states.VERY_POOR, 13, "?band=very-poor&band=poor"))
    assert 'href="?band=very-poor&amp;band=poor"' in markup
    assert "Poor and Very poor 13" in shown(markup)


def test_b1_a_tile_shows_its_trend_and_change_only_where_there_is_one() -> None:
    plain = tiles([TileView(states.POOR, 9, "?")], [])
    assert "spark" not in plain
    assert "sub" not in plain
    told = tiles([TileView(states.POOR, 9, "?", trend=[7, 8, 9], change="1 more than last week")], [])
    assert 'class="spark"' in told
    assert "1 more than last week" in told


def test_b4_saved_views_are_links_with_or_without_a_count() -> None:
    markup = views([SavedView("All offers", "?", chosen=True, count=1259), SavedView(NASTY, "?view=1")])
    assert '<a href="?" aria-current="page">All offers <i>1,259</i></a>' in markup
    assert "<script>" not in markup


def test_b4_a_filter_is_a_menu_of_checkboxes_that_works_without_scripts() -> None:
    options = [
        Option("fair", "Fair", chosen=True, count=38, mark=str(glyph("fair"))),
        Option("poor", "Poor", count=9),
    ]
    menu = parsed(filters([FilterMenu("band", "CX health", options, "?q=x")]))
    boxes = menu.findall(".//input")
    assert [(box.attrib["name"], box.attrib["value"], "checked" in box.attrib) for box in boxes] == [
        ("band", "fair", True),
        ("band", "poor", False),
    ]
    assert menu.find(".//legend") is not None
    assert menu.find(".//button") is not None
    assert menu.find(".//a[@href='?q=x']") is not None


@pytest.mark.parametrize(
    ("chosen", "summary"),
    [((), "CX health"), (("Fair",), "CX health: Fair"), (("Fair", "Poor"), "CX health: 2")],
)
def test_b4_a_filter_says_what_is_chosen(chosen: tuple[str, ...], summary: str) -> None:
    options = [Option(label, label, chosen=label in chosen) for label in ("Fair", "Poor", "Good")]
    markup = filters([FilterMenu("band", "CX health", options, "?")])
    assert shown(markup.split("</summary>")[0]) == summary
    assert ("set" in markup.split(">")[0]) == bool(chosen)


def test_a_filter_for_one_value_has_radio_buttons() -> None:
    markup = filters([FilterMenu("updated", "Last updated", [Option("7", "Last 7 days")], "?", single=True)])
    assert 'type="radio"' in markup


def test_b4_chips_remove_one_filter_each_and_all_can_be_cleared() -> None:
    markup = chips([Chip("Poor", "?q=x"), Chip(NASTY, "?band=poor")], "?")
    links = parsed(markup).findall("a")
    assert [link.attrib["href"] for link in links] == ["?q=x", "?band=poor", "?"]
    assert shown(markup).startswith("Remove filter: Poor")
    assert chips([], "?") == ""


def test_the_order_can_be_chosen_where_column_heads_are_not_shown() -> None:
    markup = sort_menu(
        [SortChoice("Most urgent first", "?", chosen=True), SortChoice("NCX rate", "?sort=-rate")]
    )
    assert shown(markup.split("</summary>")[0]) == "Sort: Most urgent first"
    assert 'class="menu dd f only-m"' in markup


@pytest.mark.parametrize(
    ("number", "count", "shown_numbers"),
    [
        (1, 1, ""),
        (1, 2, "1 2"),
        (3, 22, "1 2 3 4 … 22"),
        (10, 22, "1 … 9 10 11 … 22"),
        (22, 22, "1 … 21 22"),
        (4, 5, "1 2 3 4 5"),
        (5, 9, "1 … 4 5 6 … 9"),
    ],
)
def test_page_links_show_the_neighborhood_and_both_ends(number: int, count: int, shown_numbers: str) -> None:
    assert shown(page_links(a_page(number, count))) == shown_numbers


def test_page_links_name_the_present_page_and_the_arrows() -> None:
    markup = page_links(a_page(1, 3))
    assert '<a href="?page=1" aria-current="page">1</a>' in markup
    assert 'aria-label="Next page"' in markup
    assert "Previous page" not in markup


def test_page_range_counts_in_the_readers_language() -> None:
    pages = Pages(number=2, count=60, first=26, last=50, total=1500, address=str, per_page=25)
    assert page_range(pages) == "26–50 of 1,500 offers"
    with override("fr"):
        assert page_range(pages) == "26–50 sur 1\u202f500 offres"


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_valid_and_hidden_from_screen_readers(name: str) -> None:
    assert ET.fromstring(icon(name)).attrib["aria-hidden"] == "true"


def test_every_state_has_a_shape_of_its_own() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES) == 8
    for name in SHAPES:
        ET.fromstring(glyph(name))


def test_a_note_shows_headline_detail_and_a_link_only_where_there_is_one() -> None:
    told = render_to_string(
        "components/note.html",
        {"tone": "vp", "mark": "stop", "headline": NASTY, "detail": "Why", "address": "?x", "action": "Show"},
    )
    assert '<div class="note vp">' in told
    assert "<script>" not in told
    assert '<a class="btn" href="?x">Show</a>' in told
    assert "<a " not in render_to_string(
        "components/note.html", {"tone": "", "mark": "info", "headline": "x"}
    )


def test_progress_marks_what_is_done_and_where_one_is() -> None:
    steps = [
        {"label": "Review", "hint": "a", "state": "done", "address": "/1/"},
        {"label": "Fix", "hint": "b", "state": "current"},
        {"label": "Confirm", "hint": "c", "state": "next"},
    ]
    markup = render_to_string("components/steps.html", {"steps": steps})
    assert markup.count('aria-current="step"') == 1
    assert '<a href="/1/">Review</a>' in markup
    assert "2. Fix" in markup


def test_crumbs_lead_back_and_end_here() -> None:
    markup = render_to_string(
        "components/crumbs.html", {"crumbs": [("Voice of the Customer", "/voc/"), ("Kettle", "")]}
    )
    assert '<a href="/voc/">Voice of the Customer</a>' in markup
    assert '<li aria-current="page">Kettle</li>' in markup


def test_template_filters_write_numbers_and_dates_in_the_readers_language() -> None:
    source = (
        "{% load voc %}{{ rate|percent }} {{ number|counted }} {{ on|day }} {{ at|moment }} {% badge state %}"
    )
    values = {
        "rate": 0.124,
        "number": 1120,
        "on": date(2026, 11, 18),
        "at": datetime(2026, 11, 18, 3, 12, tzinfo=UTC),
        "state": states.FAIR,
    }
    with override("fr"):
        french = shown(Template(source).render(Context(values)))
    assert french == "12,4 % 1 120 18 nov. 2026 18 nov. 2026, 03:12 Correct"
    nothing = Template("{% load voc %}{{ no|percent }}{{ no|counted }}{{ no|day }}{{ no|moment }}")
    assert nothing.render(Context({"no": None})) == ""
