"""The page of one offer put together (PRODUCT C1-C8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from feedback.comments import CommentFilter
from health.offer_history import WEEKS_KEPT
from offers.lifecycle import CLOSING_MOVES, Move
from offers.models import Condition, Fulfillment, Offer
from vocdash.pages.access import Nights
from vocdash.pages.dashboard import night_reports
from vocdash.pages.downloads import csv_lines
from vocdash.pages.formats import locale
from vocdash.pages.freshness import Freshness, freshness
from vocdash.pages.offer_charts import (
    Distribution,
    History,
    build_distribution,
    build_history,
    points_of,
)
from vocdash.pages.offer_comments import ON_OFFER_PAGE, Comments, Source, build_comments
from vocdash.pages.offer_data import OfferData, read_computed, standing_of
from vocdash.pages.offer_listing import Listing, build_listing
from vocdash.pages.offer_numbers import Numbers, build_numbers
from vocdash.pages.offer_reasons import Reasons, build_reasons
from vocdash.pages.offer_timeline import Timeline, build_timeline
from vocdash.pages.offer_verdict import Verdict, build_verdict
from vocdash.pages.phrases import account_untouched
from vocdash.pages.pictures import picture_for
from vocdash.pages.shell import address_of
from vocdash.pages.states import STATE_OF_TILE


@dataclass(frozen=True, slots=True)
class Header:
    """What identifies the offer, and what can be done about it.

    resolve: the address of the flow, "" where there is none for this person or this offer; edit: where its
    listing is edited, "" likewise.
    """

    title: str
    picture: SafeString
    identifiers: list[str]
    barcode: bool
    crumbs: list[tuple[str, str]]
    resolve: str
    resolve_label: str
    primary: bool
    edit: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A note at the head of the page."""

    tone: str
    mark: str
    headline: str
    detail: str


@dataclass(frozen=True, slots=True)
class OfferPage:
    """Everything that the page shows."""

    header: Header
    notices: list[Notice]
    freshness: Freshness
    verdict: Verdict
    numbers: Numbers | None
    history: History | None
    distribution: Distribution | None
    reasons: Reasons | None
    comments: Comments
    listing: Listing
    timeline: Timeline
    history_csv: str


def build_page(data: OfferData) -> OfferPage:
    """The whole page, in the active language."""
    return OfferPage(
        header=build_header(data.offer, data),
        notices=_notices(data),
        freshness=fresh(data.offer, data.role, data.nights),
        verdict=build_verdict(data),
        numbers=build_numbers(data),
        history=build_history(data),
        distribution=build_distribution(data),
        reasons=build_reasons(data),
        comments=build_comments(source_of(data), page=1, size=ON_OFFER_PAGE),
        listing=build_listing(data),
        timeline=build_timeline(data),
        history_csv=address_of("offer-history-csv", data.offer.pk),
    )


def source_of(data: OfferData, chosen: CommentFilter | None = None) -> Source:
    """From where the comments are read."""
    complaints = data.computed.complaints if data.computed else None
    return Source(data.offer, data.window, complaints, chosen or CommentFilter())


def fresh(offer: Offer, role: str | None, nights: Nights) -> Freshness:
    """When the numbers were last computed and when next."""
    (report,) = night_reports(standing_of(offer, role, nights))
    return freshness(report)


def build_header(offer: Offer, data: OfferData | None = None) -> Header:
    """The header; without `data` there is nothing to resolve, as on the page of the comments."""
    resolve, label, primary = _resolve(data) if data else ("", "", False)
    here = (offer.title, "" if data else address_of("offer", offer.pk))
    crumbs = [(gettext("Voice of the Customer"), address_of("dashboard")), here]
    if data is None:
        crumbs.append((gettext("Customer comments"), ""))
    return Header(
        title=offer.title,
        picture=picture_for(offer.image_url, offer.category.path if offer.category else "", "thumb xl"),
        identifiers=_identifiers(offer),
        barcode=offer.manufacturer_barcode,
        crumbs=crumbs,
        resolve=resolve,
        resolve_label=label,
        primary=primary,
        edit=address_of("offer-edit", offer.pk) if data and data.may_act and not data.deleted else "",
    )


def _identifiers(offer: Offer) -> list[str]:
    return [
        gettext("SKU %(sku)s") % {"sku": offer.sku},
        *([gettext("Product id %(id)s") % {"id": offer.product_id}] if offer.product_id else []),
        str(Condition(offer.condition).label),
        str(Fulfillment(offer.fulfillment).label),
        offer.marketplace.name,
    ]


def _resolve(data: OfferData) -> tuple[str, str, bool]:
    """Where the flow starts: to relist a closed offer, to improve one at risk (PRODUCT C7)."""
    if not data.may_act or not (data.closed or data.at_risk):
        return "", "", False
    label = gettext("Resolve issue") if data.closed else gettext("Improve this offer")
    return address_of("offer-resolve", data.offer.pk), label, data.closed


def _notices(data: OfferData) -> list[Notice]:
    found = []
    if data.closed:
        found.append(_closed(data))
    health = data.health
    if health is not None and health.recovering and not data.closed and not data.deleted:
        found.append(_recovering(data))
    return found


def _closed(data: OfferData) -> Notice:
    style, on = locale(get_language()), data.offer.last_closed_on
    headline = gettext("Offer closed on %(day)s. !Action required!") % {"day": style.day(on) if on else "–"}
    detail = gettext(
        "Customers can't buy this offer until you review the feedback, address it and relist the offer."
    )
    said = [*_by_hand(data), detail, account_untouched()]
    return Notice("vp", "stop", headline, " ".join(said))


def _by_hand(data: OfferData) -> list[str]:
    """The reason that an operator gave, where it was not the NCX rate that closed the offer."""
    closures = [change for change in data.moves if change.move in CLOSING_MOVES]
    if not closures or closures[-1].move != Move.CLOSE_BY_HAND:
        return []
    return [gettext("An operator closed it: %(reason)s") % {"reason": closures[-1].reason}]


def _recovering(data: OfferData) -> Notice:
    style, on = locale(get_language()), data.offer.relisted_on
    headline = gettext("Recovering since the relist on %(day)s.") % {"day": style.day(on) if on else "–"}
    detail = gettext("Customers can buy this offer. It may take several weeks until it is Fair or better.")
    return Notice("", "relist", headline, detail)


def history_csv(offer: Offer, nights: Nights) -> StreamingHttpResponse:
    """The weekly history as CSV: two years, as long as benchmarks are kept."""
    computed = read_computed(offer, nights, WEEKS_KEPT)
    points = points_of(computed) if computed else []

    def rows() -> Iterator[list[Any]]:
        yield [
            *(gettext("Night"), gettext("CX health"), gettext("NCX rate"), gettext("NCX orders")),
            *(
                gettext("Total orders"),
                gettext("Window in days"),
                gettext("Likely from"),
                gettext("Likely to"),
            ),
            *(
                gettext("Similar offers"),
                gettext("Most similar offers from"),
                gettext("Most similar offers to"),
            ),
        ]
        for point in points:
            told = point.rate is not None
            yield [
                *(point.on, str(STATE_OF_TILE[point.band].label) if point.band else "", point.rate),
                *(point.ncx_orders, point.orders, point.window_days),
                *(point.low if told else None, point.high if told else None),
                *(_known(value) for value in (point.m, point.typical_low, point.typical_high)),
            ]

    response = StreamingHttpResponse(csv_lines(rows()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="history.csv"'
    return response


def _known(value: float) -> float | None:
    """None for a number that is none."""
    return value if value == value else None  # noqa: PLR0124 - NaN differs from itself
