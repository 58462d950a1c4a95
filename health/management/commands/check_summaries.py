"""manage.py check_summaries: are the tiles of every seller what a full count of its offers says?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from health.summary_check import differing_summaries
from offers.management.ready import WRONG_USE
from offers.models import Marketplace

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compare the tiles of every seller with a full count of its offers, at one moment. May run at any "
        "time. Exit 1 where they differ, 2 on a marketplace that does not exist."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--marketplace", metavar="CODE", help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        marketplaces = Marketplace.objects.order_by("code")
        if options["marketplace"]:
            marketplaces = marketplaces.filter(code=options["marketplace"])
            if not marketplaces:
                raise CommandError(f"There is no marketplace {options['marketplace']}.", returncode=WRONG_USE)
        wrong = sum(self._check(marketplace) for marketplace in marketplaces)
        if wrong:
            raise CommandError(
                f"{wrong} differ. The next night counts them all anew; please report how it came about."
            )

    def _check(self, marketplace: Marketplace) -> int:
        """Say what differs on one marketplace. Returns for how many sellers."""
        found = differing_summaries(marketplace)
        self.stdout.write(
            f"{marketplace.code}: " + (f"{len(found)} differ" if found else "all tiles are right")
        )
        for one in found[:_SHOWN]:
            self.stdout.write(f"  seller {one.seller_id}: kept {one.kept}, counted {one.counted}")
        return len(found)
