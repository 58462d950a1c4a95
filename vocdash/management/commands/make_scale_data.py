"""manage.py make_scale_data: a made-up marketplace of any size, to measure with."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from offers.management.ready import WRONG_USE, prepare_database
from vocdash.management.progress import ProgressBar
from vocdash.scale.building import CODE, RefusedHere, make_marketplace
from vocdash.scale.sizes import Size, SizeRefused

_NUMBERS = {
    "offers": "offers",
    "orders": "order lines",
    "events": "feedback events, about",
    "sellers": "sellers",
    "largest": "offers of the largest seller",
}


class Command(BaseCommand):
    help = (
        "Fill an empty database with a made-up marketplace of any size, to measure with. The same seed, "
        "numbers and last day make the same data on every database. Exit 2 on numbers that can't be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        whole = Size()
        for name, said in _NUMBERS.items():
            parser.add_argument(f"--{name}", type=int, help=f"{said} (default {getattr(whole, name):,})")
        parser.add_argument(
            "--days", type=int, default=whole.days, help=f"days with orders (default {whole.days})"
        )
        parser.add_argument("--seed", type=int, default=whole.seed, help=f"default {whole.seed}")
        parser.add_argument(
            "--size", type=float, default=1.0, metavar="FACTOR", help="all defaults times this, such as 0.1"
        )
        parser.add_argument(
            "--until", type=date.fromisoformat, metavar="DATE", help="last day with data (default yesterday)"
        )
        parser.add_argument("--marketplace", default=CODE, metavar="CODE", help=f"default {CODE}")
        parser.add_argument(
            "--allow-other-data",
            action="store_true",
            help="also beside other data, which are locked meanwhile",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = {name: options[name] for name in _NUMBERS if options[name] is not None}
        fixed = {"days": options["days"], "seed": options["seed"]}
        bar = ProgressBar()
        try:
            size = replace(Size().scaled(options["size"]), **fixed, **given)
            prepare_database()
            made = make_marketplace(
                size,
                options["until"] or timezone.now().date() - timedelta(days=1),
                code=options["marketplace"],
                beside=options["allow_other_data"],
                progress=bar,
            )
        except SizeRefused as error:
            raise CommandError(str(error), returncode=WRONG_USE) from error
        except RefusedHere as error:
            raise CommandError(str(error)) from error
        finally:
            bar.clear()
        self.stdout.write("\n".join(made.lines_of_text()))
