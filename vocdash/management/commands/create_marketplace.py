"""manage.py create_marketplace: one marketplace, with its first policy."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from offers.management.ready import WRONG_USE, prepare_database
from vocdash.marketplaces import MarketplaceRefused, create_marketplace


class Command(BaseCommand):
    help = "Make a marketplace with its first policy. The same again changes nothing. Exit 2 on wrong values."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="such as BR; the marketplace column of import files")
        parser.add_argument("--name", required=True)
        parser.add_argument("--currency", required=True, metavar="USD", help="three letters")
        parser.add_argument("--timezone", required=True, metavar="America/New_York")
        parser.add_argument(
            "--language", required=True, metavar="en", help="any code; English where there is no catalog"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_database()
        try:
            marketplace, is_new = create_marketplace(
                code=options["code"],
                name=options["name"],
                currency=options["currency"],
                time_zone=options["timezone"],
                language=options["language"],
            )
        except MarketplaceRefused as error:
            raise CommandError(str(error), returncode=WRONG_USE) from error
        self.stdout.write(
            f"Marketplace {marketplace.code} was made, with version 1 of its policy."
            if is_new
            else f"There is a marketplace {marketplace.code} with these values already."
        )
