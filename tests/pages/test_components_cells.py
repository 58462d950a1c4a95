"""The rows of the offers grid (PRODUCT B2-B8)."""

import re
import time
import timeit
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date

import pytest

from health.models import Tile
from tests.pages.grid_sample import (
    CLOSED,
    DELETED,
    EVERY_STATE,
    INSUFFICIENT,
    LINKS,
    NEW,
    NO_LINKS,
    QUIET,
    RELISTED,
    a_row,
)
from vocdash.pages import cells
from vocdash.pages.cells import GridRow, row_html
from vocdash.pages.grid_words import grid_words

ENGLISH = grid_words("en")
FRENCH = grid_words("fr")


def shown(markup: str) -> str:
    """The text that a person reads, blanks squeezed."""
    text = " ".join(re.sub(r"<[^>]+>", " ", markup).split())
    return text.replace("\u00a0", " ")


def parsed(row: GridRow) -> ET.Element:
    """The row as XML: wrong nesting or a stray character is an error."""
    return ET.fromstring(
        row_html(row, ENGLISH, LINKS).replace("<br>", "<br/>").replace('loading="lazy">', "/>")
    )


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("state", EVERY_STATE)
def test_b2_every_state_is_a_well_formed_row_of_ten_cells(state: str, language: str) -> None:
    markup = row_html(EVERY_STATE[state], grid_words(language), LINKS).replace("<br>", "<br/>")
    row = ET.fromstring(markup)
    assert row.attrib["role"] == "row"
    assert [cell.attrib["role"] for cell in row] == ["cell"] * 10


def test_b2_the_product_cell_tells_the_offer_apart() -> None:
    row = a_row(manufacturer_barcode=True, marketplace="CA", condition="refurbished", fulfillment="seller")
    text = shown(cells.product_cell(row, row.title, ENGLISH, LINKS))
    assert text == "Gooseneck kettle, 1.2 L KET-12 P0C7K2M4QX Refurbished FBM Manufacturer barcode CA"


def test_b2_counts_rate_stars_and_top_reason_with_its_share() -> None:
    row = a_row()
    assert shown(cells.orders_cell(row, ENGLISH)) == "11 / 250"
    assert shown(cells.star_cell(row, ENGLISH)) == "4.2 / 5 37 reviews"
    assert shown(cells.reason_cell(row, ENGLISH)) == "Too small 82% 9 of 11 NCX orders"
    assert shown(cells.updated_cell(row, ENGLISH)) == "20 Nov 2026"


def test_b3_a_closed_offer_shows_date_flag_and_button_in_this_order() -> None:
    text = shown(cells.closed_cell(CLOSED, CLOSED.title, ENGLISH, LINKS))
    assert text == "18 Nov 2026 !Action required! Resolve issue for Gooseneck kettle, 1.2 L"
    assert 'href="/voc/offers/7/resolve/"' in cells.closed_cell(CLOSED, CLOSED.title, ENGLISH, LINKS)


def test_b3_after_relisting_the_date_stays_and_the_flag_goes() -> None:
    assert shown(cells.closed_cell(RELISTED, "x", ENGLISH, LINKS)) == "6 Oct 2026 Relisted 13 Oct 2026"


def test_b3_a_later_closure_hides_the_relist_before_it() -> None:
    row = RELISTED._replace(last_closed_on=date(2026, 11, 2))
    assert shown(cells.closed_cell(row, "x", ENGLISH, LINKS)) == "2 Nov 2026"


def test_b3_never_closed_is_empty_but_for_screen_readers() -> None:
    assert shown(cells.closed_cell(a_row(), "x", ENGLISH, LINKS)) == "– Never closed"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (NEW, "No orders yet"),
        (QUIET, "No recent orders None in the last 60 days"),
        (INSUFFICIENT, "Insufficient Feedback Too little feedback to rate"),
    ],
    ids=["new", "quiet", "insufficient"],
)
def test_b5_new_quiet_and_insufficient_are_told_apart(row: GridRow, words: str) -> None:
    assert shown(cells.health_cell(row, ENGLISH)) == words


def test_b5_without_orders_there_is_no_rate_and_no_plot() -> None:
    assert shown(cells.rate_cell(NEW, ENGLISH)) == "No rate yet Shown after the first sale"
    assert shown(cells.rate_cell(QUIET, ENGLISH)) == "No rate now Shown after the next sale"
    assert "<svg" not in cells.rate_cell(QUIET, ENGLISH)


def test_b6_insufficient_feedback_still_shows_the_rate() -> None:
    text = shown(cells.rate_cell(INSUFFICIENT, ENGLISH))
    assert text == "22.2% , likely 8.0% to 50.0% Too little feedback to compare"


def test_b7_a_deleted_listing_keeps_its_last_band_and_counts_and_offers_no_action() -> None:
    markup = row_html(DELETED, ENGLISH, LINKS)
    assert 'class="gone"' in markup
    assert shown(cells.health_cell(DELETED, ENGLISH)) == "Listing deleted Last: Poor"
    assert "11 / 250" in shown(markup)
    assert "Resolve issue" not in markup
    assert "rowmenu" not in markup


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.124, "3.0× similar offers (4.1%)"),
        (0.041, "similar offers 4.1%"),
        (0.0, "100% below similar offers (4.1%)"),
    ],
)
def test_a_rate_is_never_shown_without_its_peers_and_its_range(rate: float, words: str) -> None:
    text = shown(cells.rate_cell(a_row(rate=rate, likely_low=0.0, likely_high=0.2), ENGLISH))
    assert words in text
    assert "likely 0.0% to 20.0%" in text


def test_a_relisted_offer_says_that_older_orders_count_less() -> None:
    assert "Orders before 13 Oct 2026 count a quarter." in shown(cells.rate_cell(RELISTED, ENGLISH))
    assert "Recovering" in shown(cells.health_cell(RELISTED, ENGLISH))
    half = RELISTED._replace(discount=0.5)
    assert "Orders before 13 Oct 2026 count 50%." in shown(cells.rate_cell(half, ENGLISH))


def test_b8_each_band_has_label_and_shape_besides_its_color() -> None:
    badges = [cells.health_cell(a_row(tile=tile), ENGLISH) for tile in range(1, 8)]
    assert len({shown(badge) for badge in badges}) == 7
    assert len({re.sub(r".*(<svg.*</svg>).*", r"\1", badge) for badge in badges}) == 7


def test_trend_says_in_words_where_it_started_and_ended() -> None:
    assert shown(cells.trend_cell(a_row(), ENGLISH)) == "12-week NCX trend: from 5.0% to 4.4%"
    assert shown(cells.trend_cell(a_row(trend=(None, None)), ENGLISH)) == "– No trend"


def test_text_that_people_wrote_is_escaped_everywhere() -> None:
    nasty = '"><script>alert(1)</script>&'
    row = CLOSED._replace(title=nasty, sku=nasty, product_id=nasty, top_reason=nasty, marketplace=nasty)
    markup = row_html(row, ENGLISH, LINKS)
    assert "<script>" not in markup
    assert markup.count("&lt;script&gt;") == 7


def test_a_picture_replaces_the_placeholder() -> None:
    row = a_row(picture='<img class="thumb" src="/pictures/7.webp" alt=""/>')
    image = parsed(row).find(".//img")
    assert image is not None
    assert (image.attrib["src"], image.attrib["alt"]) == ("/pictures/7.webp", "")
    assert parsed(a_row()).find(".//svg[@class='thumb']") is not None


def test_links_to_pages_that_do_not_exist_are_left_out() -> None:
    markup = row_html(CLOSED, ENGLISH, NO_LINKS)
    assert "<a " not in markup
    assert "!Action required!" in markup
    assert "td-menu" not in markup


def test_the_row_menu_names_its_row() -> None:
    assert 'aria-label="More actions for Gooseneck kettle, 1.2 L"' in row_html(a_row(), ENGLISH, LINKS)


def test_every_cell_carries_its_label_for_narrow_screens() -> None:
    labels = {cell.attrib["data-l"] for cell in parsed(a_row()) if "data-l" in cell.attrib}
    assert {
        "CX health",
        "NCX rate",
        "NCX orders / total orders",
        "Star rating",
        "Last offer closed date",
    } <= labels


def test_a4_the_grid_comes_in_french() -> None:
    text = shown(row_html(CLOSED, FRENCH, LINKS))
    assert "12,4 %" in text
    assert "18 nov. 2026" in text
    assert "!Action requise!" in text
    assert "Très mauvais" in text


def test_the_words_of_every_language_are_complete() -> None:
    for name, word in vars_of(FRENCH).items():
        if name not in {"style", "day"} and isinstance(word, str):
            assert word, name


def vars_of(words: object) -> dict[str, object]:
    return {name: getattr(words, name) for name in words.__slots__}  # type: ignore[attr-defined]


def test_a_page_of_rows_is_drawn_in_a_few_milliseconds() -> None:
    """25 rows take about half a millisecond on a quiet machine; the best of many runs counts."""
    rows = (list(EVERY_STATE.values()) * 3)[:25]
    seconds = (
        min(
            timeit.repeat(
                lambda: [row_html(row, ENGLISH, LINKS) for row in rows],
                timer=time.process_time,
                number=5,
                repeat=10,
            )
        )
        / 5
    )
    assert seconds < 0.004


def test_fulfillment_is_spelled_out_for_those_who_ask() -> None:
    markup = cells.product_cell(a_row(), "x", ENGLISH, LINKS)
    assert '<abbr title="Marketplace-fulfilled (FBA)">FBA</abbr>' in markup


def test_unknown_tile_numbers_are_an_error_not_a_blank() -> None:
    with pytest.raises(KeyError):
        row_html(a_row(tile=99), ENGLISH, LINKS)


def test_links_can_be_changed_one_by_one() -> None:
    links = replace(NO_LINKS, details="/offers/%d")
    assert '<a class="t" href="/offers/7">' in row_html(a_row(tile=Tile.GOOD), ENGLISH, links)
