"""manage.py recompute_health: compute one night, or several that end at a date."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from health.models import Night, RecomputeRun, Tile
from health.recompute import DateRefused, recompute_period
from health.runs import RunInProgress, RunLost
from offers.management.ready import WRONG_USE, marketplace_by_code, prepare_database


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


_FAILED: Final = 1


class Command(BaseCommand):
    """Compute nights in this process. Exit 1 when a night failed, 2 on wrong use."""

    help = "Recompute CX health: counts, benchmarks, bands and closures of one night or of several in a row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--marketplace", required=True, metavar="CODE")
        parser.add_argument("--as-of", required=True, type=iso_date, metavar="YYYY-MM-DD", help="the last")
        parser.add_argument("--nights", type=positive, default=1, metavar="N", help="how many end there")

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_database()
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
            raise CommandError(str(error), returncode=WRONG_USE) from error
        except (RunInProgress, RunLost) as error:
            raise CommandError(str(error), returncode=_FAILED) from error
        except Exception as error:
            # The run's row has the whole story; here one line, unless --traceback asks for more.
            raise CommandError(
                f"A night failed: {type(error).__name__}: {error}", returncode=_FAILED
            ) from error

    def _say(self, night: Night) -> None:
        counted = ((tile.label, night.counts[str(tile.value)]) for tile in reversed(Tile))
        bands = ", ".join(f"{label} {number:,}" for label, number in counted)
        refreshed = ", benchmark refreshed" if night.refreshed else ""
        self.stdout.write(f"{night.as_of}: {bands}; {night.closures} closed{refreshed}")
