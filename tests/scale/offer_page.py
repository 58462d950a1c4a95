"""The page of a busy offer against the barest thing that could tell the same facts."""

from datetime import timedelta
from typing import Any, Final

import numpy as np

from feedback.models import FeedbackEvent
from health.models import BenchmarkPiece, BenchmarkRefresh, HealthChange, Night
from health.recompute import recompute_night
from offers import bulk
from offers.models import Offer, OrderLine
from tests.scale.databases import Databases
from tests.scale.night import LAST_DAY, Market
from tests.scale.pages import Reader, bare_cursor, owner_of
from tests.scale.report import Report, against
from tests.scale.timing import interleaved

PART: Final = "offer page"
NIGHTS: Final = 400
COMMENTS: Final = 5_000
ORDERS: Final = 40_000

# What the page can't be without, each by the index that serves it.
BARE: Final = """
SELECT o.*, h.* FROM offers_offer o JOIN health_offerhealth h ON h.offer_id = o.id WHERE o.id = %s;
SELECT ordered_on, count(*) FROM offers_orderline
 WHERE offer_id = %s AND status <> 'cancelled' GROUP BY ordered_on ORDER BY ordered_on;
SELECT e.id, e.order_line_id, l.ordered_on, e.occurred_on, e.channel, e.event_id, e.reason, e.comment <> ''
  FROM feedback_feedbackevent e JOIN offers_orderline l ON l.id = e.order_line_id
 WHERE e.offer_id = %s AND e.counted AND l.status <> 'cancelled';
SELECT channel, reason, counted, count(*) FROM feedback_feedbackevent WHERE offer_id = %s GROUP BY 1, 2, 3;
SELECT e.channel, e.reason, e.comment, e.occurred_on, l.order_ref
  FROM feedback_feedbackevent e JOIN offers_orderline l ON l.id = e.order_line_id
 WHERE e.offer_id = %s ORDER BY e.occurred_on DESC, e.id DESC LIMIT 10;
SELECT as_of, band, proposed, n, k, m FROM health_healthchange WHERE offer_id = %s ORDER BY as_of
"""


def _bare_page(cursor: Any, offer_id: int) -> str:
    """The facts as text, nothing worked out of them."""
    parts = []
    for sql in BARE.split(";"):
        cursor.execute(sql, (offer_id,))
        rows = cursor.fetchall()
        parts.append("".join(f"<li>{row}</li>" for row in rows[:60]))
    return "".join(f"<ul>{part}</ul>" for part in parts)


def measure_offer_page(report: Report, databases: Databases, market: Market, *, rounds: int) -> None:
    """Give one offer of the market a long history, and ask for its page. The market is another afterwards."""
    databases.use(market.database)
    offer = _busy_offer(market)
    bulk.refresh_statistics(OrderLine, FeedbackEvent)
    recompute_night(market.marketplace, LAST_DAY, trigger="command")
    _long_history(offer)
    reader, address = Reader(owner_of(offer.seller)), f"/voc/offers/{offer.pk}/"
    with bare_cursor() as cursor:
        works = {"bare": lambda: _bare_page(cursor, offer.pk), "page": lambda: reader.page(address)}
        took = interleaved(rounds, works, warm_up=5)
    what = f"{ORDERS:,} orders, {COMMENTS:,} comments, {NIGHTS} nights"
    report.add(against(PART, what, took["page"], "bare queries of the same facts", took["bare"]))


def _busy_offer(market: Market) -> Offer:
    """An offer with many orders and comments in 400 days."""
    offer = Offer.objects.select_related("seller").filter(marketplace=market.marketplace).order_by("pk")[0]
    rng = np.random.default_rng(3)
    days = [LAST_DAY - timedelta(days=int(age)) for age in rng.integers(0, NIGHTS, ORDERS)]
    lines = ((offer.pk, f"B{number:09}", day, number) for number, day in enumerate(days))
    bulk.insert(OrderLine, ["offer_id", "order_ref", "ordered_on", "customer"], lines)
    made = OrderLine.objects.filter(offer=offer, order_ref__startswith="B").order_by("pk")
    reasons = ("defective", "not_as_described", "too_small", "missing_parts", "late_delivery")
    events = (
        {
            "marketplace_id": offer.marketplace_id,
            "seller_id": offer.seller_id,
            "channel": "return",
            "event_id": f"B{pk}",
            "offer_id": offer.pk,
            "order_line_id": pk,
            "occurred_on": min(day + timedelta(days=4), LAST_DAY),
            "comment": f"The lid broke after {pk % 9} days of use, quite a pity.",
            "raw_reason": reasons[pk % 5],
            "counted": pk % 5 < 4,
            "cause": "product" if pk % 5 < 4 else "delivery",
            "reason": reasons[pk % 5],
            "judged_by": "code",
        }
        for pk, day in made.values_list("pk", "ordered_on")[:COMMENTS]
    )
    rows = [tuple(event.values()) for event in events]
    columns = (
        *("marketplace_id", "seller_id", "channel", "event_id", "offer_id", "order_line_id", "occurred_on"),
        *("comment", "raw_reason", "counted", "cause", "reason", "judged_by"),
    )
    bulk.insert(FeedbackEvent, columns, rows)
    return offer


def _long_history(offer: Offer) -> None:
    """Nights, weekly benchmarks and changes as if the last night had been computed 400 times."""
    last = Night.objects.get(marketplace=offer.marketplace_id, as_of=LAST_DAY)
    refresh = BenchmarkRefresh.objects.filter(marketplace=offer.marketplace_id).latest("as_of")
    pieces = list(BenchmarkPiece.objects.filter(refresh=refresh))
    change = HealthChange.objects.filter(offer=offer).latest("as_of")
    computed = set(Night.objects.filter(marketplace=offer.marketplace_id).values_list("as_of", flat=True))
    changed = set(HealthChange.objects.filter(offer=offer).values_list("as_of", flat=True))
    for age in range(1, NIGHTS):
        as_of = LAST_DAY - timedelta(days=age)
        if as_of not in computed:
            Night.objects.create(**{**_values(last), "as_of": as_of})
            if age % 7 == 0:
                older = BenchmarkRefresh.objects.create(**{**_values(refresh), "as_of": as_of})
                BenchmarkPiece.objects.bulk_create(
                    BenchmarkPiece(refresh=older, part=piece.part, number=piece.number, body=piece.body)
                    for piece in pieces
                )
        if age % 9 == 0 and as_of not in changed:
            HealthChange.objects.create(**{**_values(change), "as_of": as_of, "band": 3 + age % 4})


def _values(row: Any) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return {field.attname: getattr(row, field.attname) for field in fields}
