"""Where the problems were reported: NCX orders by reason and channel, each once (PRODUCT C3, METHOD 1)."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from feedback.comments import ORDERS
from feedback.models import Channel
from health.offer_detail import Cell, cells
from vocdash.pages.charts import hbar
from vocdash.pages.formats import locale
from vocdash.pages.offer_data import Computed, OfferData
from vocdash.pages.rows import reason_label
from vocdash.pages.shell import address_of

CHANNELS: Final = (Channel.RETURN, Channel.REFUND, Channel.CONTACT, Channel.REVIEW)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of orders, and the address that lists their feedback; "" for none."""

    orders: int
    address: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason: its orders by channel, in all, and their share of all NCX orders."""

    label: str
    address: str
    counts: list[Count]
    total: Count
    share: str
    bar: SafeString


@dataclass(frozen=True, slots=True)
class Reasons:
    """The table. `orders` is k, `channels` and `totals` go with the columns."""

    rows: list[ReasonRow]
    channels: list[str]
    totals: list[Count]
    orders: int


def channel_heads() -> dict[str, str]:
    """The names of the columns."""
    return {
        Channel.RETURN: gettext("Returns"),
        Channel.REFUND: gettext("Refunds"),
        Channel.CONTACT: gettext("Customer service"),
        Channel.REVIEW: gettext("1-star reviews"),
    }


def by_reason(data: OfferData) -> Counter[str]:
    """NCX orders by reason."""
    return reasons_of(data.computed) if data.computed else Counter()


def reasons_of(computed: Computed) -> Counter[str]:
    """NCX orders of the last computed night's window by reason."""
    found: Counter[str] = Counter()
    for cell, number in cells(computed.complaints, computed.day, computed.health.window_days).items():
        found[cell.reason] += number
    return found


def _cells(data: OfferData) -> Counter[Cell]:
    computed = data.computed
    if computed is None:
        return Counter()
    return cells(computed.complaints, computed.day, computed.health.window_days)


def build_reasons(data: OfferData) -> Reasons | None:
    """The table; None without NCX orders."""
    found = _cells(data)
    if not found:
        return None
    heads = channel_heads()
    orders = sum(found.values())
    most = by_reason(data)
    ordered = sorted(most, key=lambda reason: (-most[reason], reason))
    return Reasons(
        rows=[_row(data, reason, found, orders, max(most.values())) for reason in ordered],
        channels=[heads[channel] for channel in CHANNELS],
        totals=[_count(data, sum(found[Cell(reason, c)] for reason in most), channel=c) for c in CHANNELS],
        orders=orders,
    )


def _row(data: OfferData, reason: str, found: Counter[Cell], orders: int, most: int) -> ReasonRow:
    label = reason_label(reason)
    counts = [
        _count(data, found[Cell(reason, channel)], label, reason=reason, channel=channel)
        for channel in CHANNELS
    ]
    total = sum(count.orders for count in counts)
    return ReasonRow(
        label=label,
        address=_address(data, reason=reason),
        counts=counts,
        total=_count(data, total, label, reason=reason),
        share=locale(get_language()).percent(total / orders, 0),
        bar=SafeString(hbar(total / most, 110)),
    )


def _count(data: OfferData, orders: int, label: str = "", **chosen: str) -> Count:
    if not orders:
        return Count(0, "")
    heads = channel_heads()
    words = [label, heads[chosen["channel"]] if "channel" in chosen else ""]
    return Count(orders, _address(data, **chosen), ", ".join(word for word in words if word))


def _address(data: OfferData, **chosen: str) -> str:
    """The feedback behind a cell: of each of its orders the one event that it belongs to."""
    query = urlencode({**chosen, "counted": ORDERS})
    return f"{address_of('offer-feedback', data.offer.pk)}?{query}"
