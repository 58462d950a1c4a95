"""The same marketplace computed in every way there is: its export must be the same to the byte.

`-m tests.scale.equality OFFERS` computes it with the database that the environment names, and prints digests.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from offers.models import Marketplace
    from tests.scale.databases import Databases
    from tests.scale.report import Report
    from vocdash.scale.sizes import Size

LAST_DAY: Final = date(2026, 3, 31)
NIGHTS: Final = 7  # a Monday among them; the first closures on the third, relists after the fifth
RELISTS_AFTER: Final = 5
RELISTS: Final = 3
Digests = dict[str, str]

_IN_PLACE: Final = "health.generations:WORTH_IT=1000000000"
_GENERATION: Final = "health.generations:WORTH_IT=0"
_ONE: Final = "health.reading:SHARD=131072"
_MANY: Final = "health.reading:SHARD=256"
WAYS: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    "PostgreSQL, in place, one shard, 1 process": (1, (_IN_PLACE, _ONE)),
    "PostgreSQL, generations, one shard, 1 process": (1, (_GENERATION, _ONE)),
    "PostgreSQL, generations, many shards, 1 process": (1, (_GENERATION, _MANY)),
    "PostgreSQL, generations, many shards, 2 processes": (2, (_GENERATION, _MANY)),
}
"""Each way's number of worker processes, and the numbers that are set in them."""


def measure_equality(report: "Report", databases: "Databases", *, offers: int) -> None:
    """Compute a marketplace on SQLite and in all ways on PostgreSQL, and compare the exports."""
    from tests.scale.report import Figure

    found = {"SQLite": _on_sqlite(offers)}
    template = databases.make(f"equal_{offers}")
    marketplace = _make(offers)
    for number, (way, (processes, numbers)) in enumerate(WAYS.items()):
        databases.copy(template, f"equal_{offers}_{number}")
        found[way] = _on_postgresql(databases, marketplace, processes, numbers)
        databases.drop(f"equal_{offers}_{number}")
    wrong = differing(found)
    what = f"exports of {NIGHTS} nights of {offers:,} offers that differ from SQLite's"
    note = f"of {(len(found) - 1) * NIGHTS}: " + ("; ".join(wrong or WAYS))
    report.raw["equality"] = found
    report.add(Figure("equality", what, "", len(wrong), "exports", goal=0, note=note))


def differing(found: Mapping[str, Digests]) -> list[str]:
    """Way and day of every export that is not that of the first way."""
    (_, first), *others = found.items()
    return [f"{way} on {day}" for way, digests in others for day in first if digests.get(day) != first[day]]


def _size(offers: int) -> "Size":
    from vocdash.scale.sizes import Size

    return Size(offers, offers * 50, 180, offers * 5 // 2, max(12, offers // 50), max(1, offers // 10))


def _make(offers: int) -> "Marketplace":
    from vocdash.scale.building import make_marketplace

    return make_marketplace(_size(offers), LAST_DAY, progress=lambda _name, _share: None).marketplace


def story(marketplace: "Marketplace", night: Callable[[date], object]) -> Digests:
    """Some nights, relists between them; the digest of the export after each night."""
    digests = {}
    for number in range(1, NIGHTS + 1):
        day = LAST_DAY - timedelta(days=NIGHTS - number)
        night(day)
        digests[day.isoformat()] = _exported(marketplace)
        if number == RELISTS_AFTER:
            _relist(marketplace, day + timedelta(days=1))
    return digests


def _relist(marketplace: "Marketplace", day: date) -> None:
    """The sellers relist some of the offers that were closed."""
    from health.actions import relist
    from offers.models import Offer

    closed = Offer.objects.filter(marketplace=marketplace, status="CLOSED").order_by("sku")
    for offer in closed[:RELISTS]:
        relist(offer_id=offer.pk, by=None, at=datetime.combine(day, time(12), UTC))


def _exported(marketplace: "Marketplace") -> str:
    from django.core.management import call_command

    with tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as folder:
        path = Path(folder) / "health.csv"
        call_command("export_health", marketplace=marketplace.code, output=path, stdout=sys.stderr)
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _on_postgresql(
    databases: "Databases", marketplace: "Marketplace", processes: int, numbers: tuple[str, ...]
) -> Digests:
    from tests.scale.workers import Workers

    url, environment = databases.url(databases.used), {"BENCH_SET": ",".join(numbers)}
    with Workers(url, marketplace, processes, environment) as workers:
        return story(marketplace, workers.night)


def _on_sqlite(offers: int) -> Digests:
    command = [sys.executable, "-m", "tests.scale.equality", str(offers)]
    with tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as var:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        done = subprocess.run(
            command, env=environment | {"VOCDASH_VAR": var}, stdout=subprocess.PIPE, text=True, check=True
        )
    digests: Digests = json.loads(done.stdout.splitlines()[-1])
    return digests


def main(offers: int) -> None:
    """Make the marketplace and compute its nights; the digests go to standard output."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vocdash.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from health.recompute import recompute_night

    call_command("migrate", verbosity=0, interactive=False)
    marketplace: Any = _make(offers)
    print(json.dumps(story(marketplace, lambda day: recompute_night(marketplace, day, trigger="command"))))


if __name__ == "__main__":
    main(int(sys.argv[1]))
