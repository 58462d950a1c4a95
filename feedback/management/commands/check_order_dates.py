"""manage.py check_order_dates: does every event know the date of its order, by which nights find it?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feedback.order_dates import repair, wrong_dates

_SHOWN = 20


class Command(BaseCommand):
    """The slow way, by joining every event to its order line, as a check of what triggers keep."""

    help = (
        "Compare the date that each feedback event keeps of its order with the order itself. May run at any "
        "time. Exit 1 where they differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="right the dates, and what keeps them right"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        number, first = wrong_dates(_SHOWN)
        for wrong in first:
            said, of_line = (day or "no date" for day in (wrong.said, wrong.of_line))
            self.stdout.write(f"  event {wrong.event_id}: says {said}, its order {of_line}")
        if options["repair"]:
            self.stdout.write(f"{repair():,} repaired.")
        elif number:
            raise CommandError(
                f"{number:,} events say a wrong date of their order: nights count them on another day, or "
                "not at all. Repair them with: manage.py check_order_dates --repair. "
                "Please report how it came about."
            )
        else:
            self.stdout.write("Every event knows the date of its order.")
