"""A process that computes the nights whose dates it reads, one a line: `-m tests.scale.one_night CODE`."""

import json
import os
import sys
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    # Not getrusage: there a process begins with the peak of the one that started it.
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main(code: str) -> None:
    """Answer every date with what its night took."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vocdash.settings")
    import django

    django.setup()
    from health.recompute import recompute_night
    from offers.models import Marketplace

    marketplace = Marketplace.objects.get(code=code)
    _say({"peak_mb": peak_mb()})
    for line in sys.stdin:
        began = perf_counter()
        night = recompute_night(marketplace, date.fromisoformat(line.strip()), trigger="command")
        seconds = perf_counter() - began
        _say(
            {
                "seconds": seconds,
                "peak_mb": peak_mb(),
                "refreshed": night.refreshed,
                "closures": night.closures,
            }
        )


if __name__ == "__main__":
    main(sys.argv[1])
