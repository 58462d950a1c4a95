"""make bench: the page of one offer against the barest thing that could tell the same facts."""

import cProfile
import os
import pstats
from datetime import timedelta
from statistics import median
from typing import Any

import numpy as np
import psycopg2
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment

from feedback.models import FeedbackEvent
from health.models import BenchmarkPiece, BenchmarkRefresh, HealthChange, Night
from health.recompute import recompute_night
from offers import bulk
from offers.models import Membership, Offer, OrderLine
from tests.scale.market import LAST_DAY, make_market
from tests.scale.test_dashboard_speed import _page, _timed

pytestmark = [pytest.mark.scale, pytest.mark.django_db(transaction=True)]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "300")) // 3
NIGHTS = 400
COMMENTS = 5000
ORDERS = 40_000

# What the page can't be without, each by the index that serves it.
BARE = """
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


def _busy_offer() -> Offer:
    """An offer with 40,000 orders and 5,000 comments in 400 days."""
    offer = Offer.objects.select_related("marketplace", "seller").order_by("pk")[0]
    rng = np.random.default_rng(3)
    days = [LAST_DAY - timedelta(days=int(age)) for age in rng.integers(0, NIGHTS, ORDERS)]
    bulk.insert(
        OrderLine,
        ["offer_id", "order_ref", "ordered_on", "customer"],
        ((offer.pk, f"B{number:09}", day, number) for number, day in enumerate(days)),
    )
    lines = OrderLine.objects.filter(offer=offer, order_ref__startswith="B").order_by("pk")
    reasons = ("defective", "not_as_described", "too_small", "missing_parts", "late_delivery")
    rows = (
        (offer.marketplace_id, offer.seller_id, "return", f"B{pk}", offer.pk, pk,
         min(day + timedelta(days=4), LAST_DAY), f"The lid broke after {pk % 9} days of use, quite a pity.",
         pk % 5 < 4, "product" if pk % 5 < 4 else "delivery", reasons[pk % 5], "code", "x")
        for pk, day in lines.values_list("pk", "ordered_on")[:COMMENTS]
    )  # fmt: skip
    events = [
        "marketplace_id",
        "seller_id",
        "channel",
        "event_id",
        "offer_id",
        "order_line_id",
        "occurred_on",
    ]
    judged = ["comment", "counted", "cause", "reason", "judged_by", "judged_version"]
    bulk.insert(FeedbackEvent, [*events, *judged], rows)
    return offer


def _long_history(offer: Offer) -> None:
    """Nights, weekly benchmarks and changes as if the last night had been computed 400 times."""
    last = Night.objects.get(as_of=LAST_DAY)
    refresh = BenchmarkRefresh.objects.get()
    pieces = list(BenchmarkPiece.objects.filter(refresh=refresh))
    change = HealthChange.objects.filter(offer=offer).latest("as_of")
    for age in range(1, NIGHTS):
        as_of = LAST_DAY - timedelta(days=age)
        Night.objects.create(**{**_values(last), "as_of": as_of})
        if age % 7 == 0:
            older = BenchmarkRefresh.objects.create(**{**_values(refresh), "as_of": as_of})
            BenchmarkPiece.objects.bulk_create(
                BenchmarkPiece(refresh=older, part=piece.part, number=piece.number, body=piece.body)
                for piece in pieces
            )
        if age % 9 == 0:
            HealthChange.objects.create(**{**_values(change), "as_of": as_of, "band": 3 + age % 4})


def _values(row: Any) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return {field.attname: getattr(row, field.attname) for field in fields}


def test_offer_page_against_bare_queries(settings: Any) -> None:
    """5,000 comments and 400 nights; both in this process, in turns."""
    assert connection.vendor == "postgresql", "make bench measures on PostgreSQL"
    settings.DATABASE_PREPARE = True
    marketplace = make_market([300, *[250] * 8])
    offer = _busy_offer()
    bulk.refresh_statistics(OrderLine, FeedbackEvent)
    recompute_night(marketplace, LAST_DAY, trigger="command")
    _long_history(offer)
    user = User.objects.create_user("owner@bench.example")
    Membership.objects.create(user=user, seller=offer.seller, role="owner")
    client = Client()
    client.force_login(user)
    teardown_test_environment()
    cookie, address = client.cookies["sessionid"].value, f"/voc/offers/{offer.pk}/"
    from vocdash.wsgi import application

    bare = psycopg2.connect(**connection.get_connection_params())
    bare.autocommit = True
    cursor = bare.cursor()
    body = _page(application, cookie, address)
    pages, bares = [], []
    for round_ in range(ROUNDS + 10):
        pair = (
            _timed(lambda: _bare_page(cursor, offer.pk)),
            _timed(lambda: _page(application, cookie, address)),
        )
        if round_ >= 10:
            bares.append(pair[0])
            pages.append(pair[1])
    bare.close()
    profile = cProfile.Profile()
    profile.runcall(lambda: [_page(application, cookie, address) for _ in range(10)])
    setup_test_environment()
    print(
        f"\nOffer page, {COMMENTS:,} comments, {NIGHTS} nights: page {median(pages) * 1e3:.1f} ms, "
        f"bare queries {median(bares) * 1e3:.1f} ms, ratio {median(pages) / median(bares):.1f}; "
        f"{len(body):,} bytes"
    )
    pstats.Stats(profile).sort_stats("cumulative").print_stats(r"vocdash|health|feedback|execute", 40)
