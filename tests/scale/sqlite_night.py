"""Nights on SQLite: `-m tests.scale.sqlite_night OFFERS ORDERS` in a process and a folder of its own."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from statistics import median
from time import perf_counter
from typing import Any, Final

LAST_DAY: Final = date(2026, 3, 31)
NIGHTS: Final = (9, 8, 7, 2, 1, 0)  # days ago: a Sunday, a Monday and a Tuesday of two weeks
LIMIT: Final = (50_000, 2_000_000)  # what is asked for: such a night in 10 s
SECONDS: Final = 10


def measure_sqlite(report: Any, offers: int, orders: int) -> None:
    """Run this module, and add its figures."""
    from tests.scale.report import Figure

    command = [sys.executable, "-m", "tests.scale.sqlite_night", str(offers), str(orders)]
    with tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as var:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        done = subprocess.run(
            command, env=environment | {"VOCDASH_VAR": var}, stdout=subprocess.PIPE, text=True, check=True
        )
    nights: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    report.raw["sqlite"] = nights
    goal = SECONDS if (offers, orders) == LIMIT else None
    for kind, refreshed in (("frozen", False), ("refreshed", True)):
        seconds = [night["seconds"] for night in nights[1:] if night["refreshed"] is refreshed]
        what = f"{offers:,} offers, {orders:,} orders, {kind} benchmark"
        report.add(Figure("SQLite", what, "", median(seconds), "s", min(seconds), max(seconds), goal))


def main(offers: int, orders: int) -> None:
    """Make the data and compute the nights; what each took goes to standard output."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vocdash.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from health.recompute import recompute_night
    from vocdash.scale.building import make_marketplace
    from vocdash.scale.sizes import Size

    call_command("migrate", verbosity=0, interactive=False)
    size = Size(offers, orders, 180, orders // 20, max(2, offers // 50), max(1, offers // 10))
    market = make_marketplace(size, LAST_DAY, progress=lambda _name, _share: None).marketplace
    nights = []
    for age in NIGHTS:
        day = LAST_DAY - timedelta(days=age)
        began = perf_counter()
        night = recompute_night(market, day, trigger="command")
        seconds = perf_counter() - began
        nights.append({"as_of": day.isoformat(), "seconds": seconds, "refreshed": night.refreshed})
    print(json.dumps(nights))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
