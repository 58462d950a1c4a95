"""Kill everything at random moments and see that nothing comes of it: `make faults`.

Real PostgreSQL (fsync on), Redis (append-only), two workers, clock and web server, in a temporary folder.
Exit 1 when an end state differs from that of the undisturbed run. The matrix goes to var/faults.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.faults.processes import KEYS, Site, site
from tests.scale.databases import ROOT, Databases, server

if TYPE_CHECKING:
    from tests.faults.runs import Kill, Stage
    from tests.faults.scenarios import Scenario

# How many of 12 kills fall to each, where no scenario is chosen.
SCENARIOS: Final = {"night": 3, "refreshed night": 3, "import": 2, "relist": 2, "e-mails": 2}
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def main(arguments: list[str]) -> int:
    """Run what is asked for, print the matrix; 1 when something came out otherwise."""
    asked = _parser().parse_args(arguments)
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    os.environ |= KEYS
    os.environ["SUMMARY_DAY"] = _WEEKDAYS[date.today().weekday()]  # noqa: DTZ011 - the small market's morning
    print(f"seed {seed}", flush=True)
    began, kills = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="vocdash-faults-", dir="/tmp") as folder:
        try:
            with site(Path(folder)) as here:
                for kill in _all(here, asked, seed):
                    print(f"{kill.scenario}: {kill.target}, {kill.during}: {_outcome(kill)}", flush=True)
                    kills.append(kill)
        finally:
            if asked.keep_logs:
                _keep_logs(Path(folder), ROOT / "var" / "faults")
    return _report(kills, seed, asked, time.monotonic() - began)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=48, help="how many there are at least, in all (48)")
    parser.add_argument("--seed", type=int, help="repeats the choice of moments; printed")
    parser.add_argument("--only", default="", metavar="A,B", help=", ".join(SCENARIOS))
    parser.add_argument(
        "--offers", type=int, default=20_500,
        help="of the large market, whose nights write a next generation; 0 for none (20500)",
    )  # fmt: skip
    parser.add_argument("--keep-logs", action="store_true", help="copy the processes' logs to var/faults")
    return parser


def _outcome(kill: "Kill") -> str:
    return f"same, {kill.seconds:.1f} s" if kill.same else "DIFFERS " + "\n  ".join(kill.found)


def _all(here: Site, asked: argparse.Namespace, seed: int) -> "Iterator[Kill]":
    """All kills that are asked for, one scenario after the other."""
    os.environ["DATABASE_URL"] = here.postgres.url
    with server() as url:
        os.environ["EMAIL_URL"] = f"file://{here.mail}"
        import django

        django.setup()
        databases = Databases(url)
        from tests.faults.runs import Stage
        from tests.faults.scenarios import prepared

        stage = Stage(here, databases, random.Random(seed), here.folder)
        names = asked.only.split(",") if asked.only else list(SCENARIOS)
        parts = sum(SCENARIOS[name] for name in names)
        for name in names:
            share = -(-asked.kills * SCENARIOS[name] // parts)
            yield from _kills_of(stage, prepared(stage, name, asked.offers), share)


def _kills_of(stage: "Stage", scenario: "Scenario", number: int) -> "Iterator[Kill]":
    """Each target in turn, some in one run."""
    order = [scenario.targets[place % len(scenario.targets)] for place in range(number)]
    stage.chance.shuffle(order)
    while order:
        kills = scenario.run(order[: scenario.together])
        del order[: len(kills)]  # what had ended before its turn has its turn in the next run
        yield from kills


def _keep_logs(folder: Path, kept: Path) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        (kept / log.name).write_bytes(log.read_bytes())


def _report(kills: "list[Kill]", seed: int, asked: argparse.Namespace, seconds: float) -> int:
    from tests.faults.report import table, write

    facts: dict[str, object] = {"seed": seed, "offers": asked.offers, "seconds": round(seconds)}
    write(kills, facts, ROOT / "var" / "faults")
    print(f"\n{table(kills)}\n\n{len(kills)} kills, seed {seed}, {seconds:.0f} s", flush=True)
    return 0 if all(kill.same for kill in kills) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
