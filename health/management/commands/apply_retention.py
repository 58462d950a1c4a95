"""manage.py apply_retention: delete what need not be kept any longer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from health.retention import apply_retention
from offers.management.ready import prepare_database


class Command(BaseCommand):
    """One line for each kind of row of which something goes."""

    help = (
        "Delete what is older than it is kept (VOCDASH_KEEP_… in .env.example). A worker does it daily. "
        "It can be broken off and repeated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_database()
        done = apply_retention(dry_run=options["dry_run"])
        for name, number in done.items():
            if number:
                self.stdout.write(f"{name}: {number:,} {'would go' if options['dry_run'] else 'deleted'}")
        if not any(done.values()):
            self.stdout.write("Nothing is older than it is kept.")
