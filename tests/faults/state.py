"""Everything that must be the same whatever was killed, in words that don't depend on row numbers."""

import hashlib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.db import connection

from offers import bulk
from offers.models import Marketplace

State = dict[str, list[str]]

# What is told of a row: natural keys, never ids or moments. Order lines are numbered as they come, and a file
# that is imported again after a kill numbers them anew.
_OFFER: Final = "m.code || ' ' || s.code || ' ' || o.sku || ' ' || coalesce(o.deleted_on::text, '')"
_OFFERS: Final = """offers_offer o JOIN offers_marketplace m ON m.id = o.marketplace_id
                    JOIN offers_seller s ON s.id = o.seller_id"""
_TABLES: Final = {
    "offers": f"SELECT {_OFFER}, o.status, o.last_closed_on, o.relisted_on, o.revision, o.quantity, o.title "
    f"FROM {_OFFERS}",
    "moves": f"SELECT {_OFFER}, c.move, c.on, c.reason, c.in_error, c.by_id, c.evidence "
    f"FROM offers_offerstatuschange c JOIN {_OFFERS} ON o.id = c.offer_id",
    "orders": f"SELECT {_OFFER}, l.order_ref, l.ordered_on, l.quantity, l.status, l.customer "
    f"FROM offers_orderline l JOIN {_OFFERS} ON o.id = l.offer_id",
    "events": "SELECT e.marketplace_id, e.seller_id, e.channel, e.event_id, e.occurred_on, e.counted, "
    "e.reason, l.order_ref FROM feedback_feedbackevent e "
    "LEFT JOIN offers_orderline l ON l.id = e.order_line_id",
    "imports": "SELECT name, kind, state, read, added, changed, unchanged, bad, waiting "
    "FROM offers_importfile WHERE state <> 'failed'",
    "problems": "SELECT f.name, p.line, p.message FROM offers_importproblem p "
    "JOIN offers_importfile f ON f.id = p.file_id",
    "nights": "SELECT m.code, n.as_of, n.counts, n.closures, n.refreshed, n.sum_n, n.breaker_tripped "
    "FROM health_night n JOIN offers_marketplace m ON m.id = n.marketplace_id",
    "history": f"SELECT {_OFFER}, c.as_of, c.band, c.proposed, c.closable, c.window_days, c.n, c.k, c.c, "
    f"c.m, c.s FROM health_healthchange c JOIN {_OFFERS} ON o.id = c.offer_id",
    "grid": f"SELECT {_OFFER}, h.as_of, h.tile, h.urgency, h.closed_rank, h.recovering, h.recovered_on, "
    "h.streak, h.band_1, h.proposed_1, h.proposed_2, h.trend FROM health_offerhealth h "
    f"JOIN {_OFFERS} ON o.id = h.offer_id",
    "tiles": "SELECT marketplace_id, seller_id, as_of, counts FROM health_sellersummary",
    "benchmarks": "SELECT marketplace_id, as_of, sum_n, offers, groups, md5(fit) "
    "FROM health_benchmarkrefresh",
    "holds": "SELECT offer_id, as_of, cause, state FROM health_closurehold",
    "notices": "SELECT n.kind, n.seller_id, n.marketplace_id, n.offer_id, n.on, n.email, n.evidence "
    "FROM health_notification n",
    "e-mails": "SELECT n.kind, n.seller_id, n.offer_id, n.on, e.user_id, e.state "
    "FROM health_notificationemail e JOIN health_notification n ON n.id = e.notification_id",
    "cases": "SELECT offer_id, by_id, kind, state, version, reference, relist_id IS NULL, "
    "removal_id IS NULL, revision_id IS NULL FROM health_resolutioncase",
    "removals": "SELECT offer_id, kind, quantity, state FROM offers_removalorder",
    "revisions": "SELECT offer_id, number, source, changed_fields, content FROM offers_listingrevision",
}
_MESSAGE_ID: Final = re.compile(rb"^Message-ID: (<notice-[^>]+>)", re.MULTILINE | re.IGNORECASE)


def state() -> State:
    """The state of the database in use, by subject; `export` is every marketplace's, to the byte."""
    found = {name: _lines(sql) for name, sql in _TABLES.items()}
    found["export"] = [
        _export(code) for code in Marketplace.objects.order_by("code").values_list("code", flat=True)
    ]
    found["at work"] = _at_work()
    found["left over"] = _left_over()
    return found


def differences(wanted: State, found: State) -> list[str]:
    """In which subjects two states differ, with the first lines that do."""
    return [f"{name}: {_first(wanted[name], found[name])}" for name in wanted if wanted[name] != found[name]]


def _first(wanted: list[str], found: list[str]) -> str:
    missing, extra = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    parts = [(f"{sum(missing.values())} missing", missing), (f"{sum(extra.values())} too many", extra)]
    return "; ".join(f"{what}, such as {min(lines)[:200]}" for what, lines in parts if lines)


def _lines(sql: str) -> list[str]:
    return sorted(
        json.dumps([_plain(value) for value in row], default=str, sort_keys=True) for row in bulk.fetch(sql)
    )


def _plain(value: Any) -> Any:
    """A value without row numbers of order lines: of those only how many there are."""
    if isinstance(value, str) and value.startswith("{"):
        return _plain(json.loads(value))
    if isinstance(value, dict):
        return {key: len(inner) if key == "order_lines" else inner for key, inner in value.items()}
    return value


def _export(code: str) -> str:
    with tempfile.TemporaryDirectory(prefix="vocdash-faults-", dir="/tmp") as folder:
        path = Path(folder, "health.csv")
        call_command("export_health", marketplace=code, output=path, stdout=StringIO())
        body = path.read_bytes()
    return f"{code} {len(body)} bytes {hashlib.sha256(body).hexdigest()}"


def _at_work() -> list[str]:
    """What seems to be under way; when all has ended, nothing may."""
    rows: Iterable[tuple[Any, ...]] = bulk.fetch(
        "SELECT 'run', as_of::text, phase FROM health_recomputerun WHERE state = 'running' "
        "UNION ALL SELECT 'import', name, state FROM offers_importfile WHERE state = 'running' "
        "UNION ALL SELECT 'lock', locktype, mode FROM pg_locks WHERE locktype = 'advisory' "
        "UNION ALL SELECT 'transaction', usename::text, state FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    )
    return sorted(" ".join(map(str, row)) for row in rows)


def _left_over() -> list[str]:
    """Schemas, and tables that no migration made."""
    known = set(connection.introspection.django_table_names()) | {"django_migrations"}
    schemas = bulk.fetch("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'health%%'")
    tables = bulk.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace IN "
        "(SELECT oid FROM pg_namespace WHERE nspname = 'public' OR nspname LIKE 'pg\\_temp%%')"
    )
    return sorted([name for (name,) in schemas] + [name for (name,) in tables if name not in known])


def copies(mail: Path) -> Counter[str]:
    """How often each notice's e-mail lies in the folder, by its Message-ID."""
    found: Counter[str] = Counter()
    for path in mail.glob("*"):
        found.update(match.decode() for match in _MESSAGE_ID.findall(path.read_bytes()))
    return found


def expected_messages() -> set[str]:
    """The Message-IDs of all e-mails that are marked as sent."""
    from health.mailing import message_id
    from health.models import NotificationEmail

    return {message_id(row) for row in NotificationEmail.objects.filter(state="sent")}
