"""The cells of the offers grid: one row in, finished markup out, by f-strings.

Twenty-five to a hundred rows are drawn for every page, so nothing here asks the template engine, the
translation catalogue or the URL resolver: the words of a language are collected once (`grid_words`), the
addresses once per process (`GridLinks`), and text that people wrote is escaped where it is placed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Final, NamedTuple

from health.models import Tile
from offers.lifecycle import Status
from vocdash.pages.charts import micro, spark
from vocdash.pages.grid_words import GridWords
from vocdash.pages.icons import PLACEHOLDER, icon
from vocdash.pages.states import STATE_OF_TILE

_CLOSED: Final = Status.CLOSED.value
_DELETED: Final = Status.LISTING_DELETED.value
# A rate this near to the usual one is "comparable" in the row's short text.
_ABOVE: Final = 1.15
_BELOW: Final = 0.85


class GridRow(NamedTuple):
    """One offer as the grid shows it.

    Counts and `rate` are the plain ones of the window, rates shares of one. `similar_low`, `typical` and
    `similar_high` are the 10 % point, m and the 90 % point of similar offers, all None without a benchmark.
    """

    offer_id: int
    title: str
    sku: str
    product_id: str
    condition: str
    fulfillment: str
    manufacturer_barcode: bool
    picture: str
    """Finished markup of the picture, "" for the placeholder."""
    status: str
    tile: int
    band: int
    """The band shown; for a deleted offer the last one."""
    ordered_before: bool
    """False for a new offer, which was never ordered."""
    window_days: int
    orders: int
    ncx_orders: int
    rate: float | None
    likely_low: float
    likely_high: float
    similar_low: float | None
    typical: float | None
    similar_high: float | None
    stars_mean: float | None
    stars_count: int
    top_reason: str
    """The reason's label in the reader's language, "" for none."""
    top_reason_orders: int
    trend: Sequence[float | None]
    """The rates of up to 12 weeks, oldest first; None for a week without orders."""
    last_updated_on: date | None
    last_closed_on: date | None
    relisted_on: date | None
    discounted_before: date | None
    """The day of the latest relist, while the window still holds orders from before it."""
    discount: float
    """What such an order counts, by policy: .25."""
    recovering: bool
    marketplace: str
    """The marketplace's code where several are listed, else ""."""


@dataclass(frozen=True, slots=True)
class GridLinks:
    """Where rows lead: address patterns with %d for the offer's id, "" for a page that does not exist.

    `menu` holds (escaped label, pattern) of the row menu.
    """

    details: str = ""
    resolve: str = ""
    menu: tuple[tuple[str, str], ...] = ()


def product_cell(row: GridRow, title: str, words: GridWords, links: GridLinks) -> str:
    """Picture, title and what tells the offer apart. `title` is the row's, escaped."""
    picture = row.picture or PLACEHOLDER
    name = f'<span class="t">{title}</span>'
    if links.details:
        name = f'<a class="t" href="{links.details % row.offer_id}">{title}</a>'
    return (
        f'<div class="prod">{picture}<div>{name}<div class="meta"><span>{escape(row.sku)}</span>'
        f"{f'<span>{escape(row.product_id)}</span>' if row.product_id else ''}"
        f"<span>{words.conditions.get(row.condition, '')}</span>"
        f"<span>{words.fulfillments.get(row.fulfillment, '')}</span>"
        f"{words.barcode if row.manufacturer_barcode else ''}"
        f"{f'<span>{escape(row.marketplace)}</span>' if row.marketplace else ''}</div></div></div>"
    )


def health_cell(row: GridRow, words: GridWords) -> str:
    """The badge, and what has to be said with it."""
    tile = row.tile
    if tile == Tile.NO_RECENT_ORDERS:
        if not row.ordered_before:
            return words.new_badge
        return f'{words.badges[tile]}<div class="meta">{words.none_in_days(row.window_days)}</div>'
    if tile == Tile.DELETED:
        last = words.last_band % {"band": words.band_names[row.band]} if row.band else ""
        return words.badges[tile] + last
    extra = words.too_few_comments if tile == Tile.INSUFFICIENT else ""
    return f"{words.badges[tile]}{extra}{words.recovering if row.recovering else ''}"


def rate_cell(row: GridRow, words: GridWords) -> str:
    """The plain NCX rate against similar offers; in words where there is none."""
    rate = row.rate
    if rate is None:
        if row.ordered_before:
            return words.no_rate_now + words.next_sale
        return words.no_rate_yet + words.first_sale
    percent = words.style.percent
    similar = None
    if row.similar_low is not None and row.typical is not None and row.similar_high is not None:
        similar = (row.similar_low, row.typical, row.similar_high)
    plot = micro(rate, (row.likely_low, row.likely_high), similar, _TONES[row.tile])
    likely = words.likely % {"low": percent(row.likely_low), "high": percent(row.likely_high)}
    discount = ""
    if row.discounted_before is not None:
        discount = words.discount(row.discounted_before, row.discount)
    return (
        f'<div class="rate"><b>{percent(rate)}<span class="vh">{likely}</span></b>{plot}'
        f'<span class="peer">{_comparison(row, rate, words)}</span></div>{discount}'
    )


def _comparison(row: GridRow, rate: float, words: GridWords) -> str:
    if row.tile == Tile.INSUFFICIENT:
        return words.too_little
    if not row.typical:
        return ""
    ratio = rate / row.typical
    typical = words.style.percent(row.typical)
    if ratio >= _ABOVE:
        return words.times_similar % {"times": words.style.times(ratio), "typical": typical}
    if ratio > _BELOW:
        return words.about_similar % {"typical": typical}
    return words.below_similar % {"share": words.style.percent(1 - ratio, 0), "typical": typical}


def orders_cell(row: GridRow, words: GridWords) -> str:
    """NCX orders and total orders of the window."""
    if not row.orders:
        return words.dash["orders"]
    count = words.style.count
    return (
        f'<span class="strong">{count(row.ncx_orders)}</span> '
        f'<span class="muted">/ {count(row.orders)}</span>'
    )


def trend_cell(row: GridRow, words: GridWords) -> str:
    """The rates of the last twelve weeks."""
    known = [rate for rate in row.trend if rate is not None]
    if not known:
        return words.dash["trend"]
    percent = words.style.percent
    return spark(row.trend) + words.trend % {"first": percent(known[0]), "last": percent(known[-1])}


def star_cell(row: GridRow, words: GridWords) -> str:
    """The mean of all reviews' stars, with their number."""
    if row.stars_mean is None or not row.stars_count:
        return words.dash["stars"]
    return (
        f'<span class="strong">{words.style.decimals(row.stars_mean)}</span> <span class="muted">/ 5</span>'
        f'<div class="meta">{words.reviews(row.stars_count)}</div>'
    )


def reason_cell(row: GridRow, words: GridWords) -> str:
    """The top NCX reason with its share of the NCX orders."""
    if not row.top_reason or not row.ncx_orders:
        return words.dash["reason"]
    share = words.style.percent(row.top_reason_orders / row.ncx_orders, 0)
    return (
        f'{escape(row.top_reason)} <span class="strong">{share}</span><div class="meta">'
        f"{words.style.count(row.top_reason_orders)} {words.of_orders(row.ncx_orders)}</div>"
    )


def updated_cell(row: GridRow, words: GridWords) -> str:
    """The day of the last order or counted event."""
    if row.last_updated_on is None:
        return words.dash["updated"]
    return f'<span class="nowrap">{words.day(row.last_updated_on)}</span>'


def closed_cell(row: GridRow, title: str, words: GridWords, links: GridLinks) -> str:
    """The day of the last closure; while closed, what is asked of the seller (PRODUCT B3)."""
    if row.last_closed_on is None:
        return words.dash["closed"]
    day = f'<span class="nowrap">{words.day(row.last_closed_on)}</span>'
    if row.status == _CLOSED:
        button = ""
        if links.resolve:
            button = (
                f'<br><a class="btn primary sm" href="{links.resolve % row.offer_id}">{words.resolve}'
                f'<span class="vh">{words.resolve_for % {"title": title}}</span></a>'
            )
        return f"{day}<br>{words.action_required}{button}"
    if row.relisted_on is None or row.relisted_on < row.last_closed_on:
        return day
    return day + words.relisted % {"day": words.day(row.relisted_on)}


def menu_cell(row: GridRow, title: str, words: GridWords, links: GridLinks) -> str:
    """The row menu; "" where there is nothing to choose from, as for a deleted listing."""
    if not links.menu or row.status == _DELETED:
        return ""
    entries = "".join(f'<a href="{pattern % row.offer_id}">{label}</a>' for label, pattern in links.menu)
    return (
        f'<details class="menu dd rowmenu"><summary class="iconbtn" '
        f'aria-label="{words.more_actions % {"title": title}}">{_DOTS}</summary>'
        f'<div class="pop">{entries}</div></details>'
    )


def row_html(row: GridRow, words: GridWords, links: GridLinks) -> str:
    """The whole table row. The roles keep a table a table where the narrow layout makes cards of it."""
    title = escape(row.title)
    labels = words.labels
    kind = _ROW_CLASSES.get(row.status, "")
    never = " none" if row.last_closed_on is None else ""
    menu = ""
    if links.menu:
        menu = f'<td role="cell" class="td-menu">{menu_cell(row, title, words, links)}</td>'
    return (
        f'<tr role="row"{kind}><td role="cell" class="td-prod">{product_cell(row, title, words, links)}</td>'
        f'<td role="cell" class="td-cx" data-l="{labels["health"]}">{health_cell(row, words)}</td>'
        f'<td role="cell" class="td-rate" data-l="{labels["rate"]}">{rate_cell(row, words)}</td>'
        f'<td role="cell" class="td-ord" data-l="{labels["orders"]}">{orders_cell(row, words)}</td>'
        f'<td role="cell" class="td-trend c-trend">{trend_cell(row, words)}</td>'
        f'<td role="cell" class="td-star" data-l="{labels["stars"]}">{star_cell(row, words)}</td>'
        f'<td role="cell" class="td-reason" data-l="{labels["reason"]}">{reason_cell(row, words)}</td>'
        f'<td role="cell" class="td-upd" data-l="{labels["updated"]}">{updated_cell(row, words)}</td>'
        f'<td role="cell" class="td-closed closedcell{never}" data-l="{labels["closed"]}">'
        f"{closed_cell(row, title, words, links)}</td>{menu}</tr>"
    )


_TONES: Final = {tile: state.tone for tile, state in STATE_OF_TILE.items()}
_DOTS: Final = icon("dots")
_ROW_CLASSES: Final = {_CLOSED: ' class="closed"', _DELETED: ' class="gone"'}
