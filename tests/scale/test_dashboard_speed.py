"""make bench: the dashboard's page against the barest thing that could show the same rows."""

import io
import os
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import psycopg2
import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment

from health.recompute import recompute_night
from offers.models import Membership, Seller
from tests.scale.market import LAST_DAY, make_market
from vocdash.pages.drawn_rows import _kept

pytestmark = [pytest.mark.scale, pytest.mark.django_db(transaction=True)]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "300"))

BAREST = """
    SELECT h.offer_id, o.title, o.sku, o.product_id, o.condition, o.fulfillment, o.manufacturer_barcode,
           o.status, o.last_closed_on, o.relisted_on, h.tile, h.window_days, h.orders, h.ncx_orders, h.rate,
           h.m, h.peer_p10, h.peer_p90, h.stars_mean, h.stars_count, h.top_reason, h.top_reason_orders,
           h.trend, h.last_updated_on
      FROM health_offerhealth h JOIN offers_offer o ON o.id = h.offer_id
     WHERE h.seller_id = %s AND h.marketplace_id = %s
     ORDER BY h.urgency, h.closed_rank, h.excess DESC, h.offer_id
     LIMIT 25
"""


def _bare_page(cursor: Any, seller_id: int, marketplace_id: int) -> str:
    """One query, and an f-string table of the same text cells."""
    cursor.execute(BAREST, (seller_id, marketplace_id))
    cells = "".join(
        f"<tr><td>{r[1]}<br>{r[2]} {r[3]} {r[4]} {r[5]}</td><td>{r[10]}</td>"
        f"<td>{r[14] or 0:.1%} {r[15] or 0:.1%}</td>"
        f"<td>{r[13]} / {r[12]}</td><td>{r[22]}</td><td>{r[18]} {r[19]}</td><td>{r[20]} {r[21]}</td>"
        f"<td>{r[23]}</td><td>{r[8]}</td></tr>"
        for r in cursor.fetchall()
    )
    return f"<table>{cells}</table>"


def _environ(cookie: str, address: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": "", "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_COOKIE": f"sessionid={cookie}; csrftoken={'c' * 32}",
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip


def _page(application: WSGIHandler, cookie: str, address: str = "/voc/") -> bytes:
    said: list[str] = []

    def start(status: str, _headers: object, _exc_info: object = None) -> None:
        said.append(status)

    response = application(_environ(cookie, address), start)  # type: ignore[arg-type]
    body = b"".join(response)
    response.close()
    assert said == ["200 OK"], said
    return body


def _timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def test_dashboard_against_bare_query(settings: Any) -> None:
    """25 rows of a seller with 5,000 offers; both in this process, in turns; the ratio is asked to be 7."""
    assert connection.vendor == "postgresql", "make bench measures on PostgreSQL"
    settings.DATABASE_PREPARE = True
    marketplace = make_market([5000, *[250] * 60])
    recompute_night(marketplace, LAST_DAY, trigger="command")
    seller = Seller.objects.get(code="S00000")
    user = User.objects.create_user("owner@bench.example")
    Membership.objects.create(user=user, seller=seller, role="owner")
    client = Client()
    client.force_login(user)
    # What pytest puts between, for tests that look at templates, is no part of the page.
    teardown_test_environment()
    cookie = client.cookies["sessionid"].value
    from vocdash.wsgi import application  # as a server loads it, and not before it is needed

    bare = psycopg2.connect(**connection.get_connection_params())
    bare.autocommit = True
    cursor = bare.cursor()
    body = _page(application, cookie)
    assert body.count(b'class="micro') == 25
    for _ in range(30):
        _page(application, cookie), _bare_page(cursor, seller.pk, marketplace.pk)
    pages, bares = [], []
    for _ in range(ROUNDS):
        bares.append(_timed(lambda: _bare_page(cursor, seller.pk, marketplace.pk)))
        pages.append(_timed(lambda: _page(application, cookie)))
    first = []
    for _ in range(ROUNDS // 4):
        _kept.clear()
        first.append(_timed(lambda: _page(application, cookie)))
    bare.close()
    setup_test_environment()
    ratio = median(pages) / median(bares)
    print(
        f"\nDashboard, 25 rows of 5,000 offers: page {median(pages) * 1e3:.2f} ms, bare query and f-strings "
        f"{median(bares) * 1e3:.2f} ms, ratio {ratio:.1f} (asked for: at most 7); {len(body):,} bytes; "
        f"with no row kept: {median(first) * 1e3:.2f} ms, ratio {median(first) / median(bares):.1f}"
    )
