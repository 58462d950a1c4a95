"""manage.py recompute_health: compute one night, or several that end at a date."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from health.models import Night, RecomputeRun, Tile
from health.recompute import DateRefused, recompute_period
from health.runs import RunInProgress, RunLost
from offers.models import Marketplace


def iso_date(text: str) -> date:
    """A date argument."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a date. Write it as YYYY-MM-DD.") from error


def positive(text: str) -> int:
    """A number of nights."""
    if not text.isdigit() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a number of nights. Give 1 or more.")
    return int(text)


def marketplace_by_code(code: str) -> Marketplace:
    """The marketplace with this code. CommandError (exit 2) says which there are."""
    try:
        return Marketplace.objects.get(code=code)
    except Marketplace.DoesNotExist as error:
        known = ", ".join(Marketplace.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise CommandError(
            f"There is no marketplace {code}. Known: {known}. Make one with create_marketplace.", returncode=2
        ) from error


class Command(BaseCommand):
    """Compute nights in this process. Exit 1 when a night failed, 2 on wrong use."""

    help = "Recompute CX health: counts, benchmarks, bands and closures of one night or of several in a row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--marketplace", required=True, metavar="CODE")
        parser.add_argument("--as-of", required=True, type=iso_date, metavar="YYYY-MM-DD", help="the last")
        parser.add_argument("--nights", type=positive, default=1, metavar="N", help="how many end there")

    def handle(self, *args: Any, **options: Any) -> None:
        marketplace = marketplace_by_code(options["marketplace"])
        try:
            recompute_period(
                marketplace,
                options["as_of"],
                options["nights"],
                trigger=RecomputeRun.Trigger.COMMAND,
                progress=self._say,
            )
        except DateRefused as error:
            raise CommandError(str(error), returncode=2) from error
        except (RunInProgress, RunLost) as error:
            raise CommandError(str(error), returncode=1) from error

    def _say(self, night: Night) -> None:
        bands = ", ".join(f"{tile.label} {night.counts[str(tile.value)]:,}" for tile in reversed(Tile))
        refreshed = ", benchmark refreshed" if night.refreshed else ""
        self.stdout.write(f"{night.as_of}: {bands}; {night.closures} closed{refreshed}")
