"""Load the demo marketplace: `manage.py load_demo`."""

import argparse
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from offers.management.ready import prepare_database
from vocdash.demo import building
from vocdash.demo.accounts import WELL_KNOWN_PASSWORD, SignIn, sign_ins
from vocdash.demo.tour import TOUR
from vocdash.management.progress import ProgressBar


class Command(BaseCommand):
    help = (
        "Load the demo marketplace: invented shops and customers, sixty nights computed by the real engine."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="remove the demo that is there and make it anew"
        )
        parser.add_argument(
            "--size", type=int, default=building.SIZE, help=f"how many offers (default {building.SIZE})"
        )
        parser.add_argument(
            "--allow-production",
            action="store_true",
            help="also with VOCDASH_PRODUCTION; passwords are made up and shown once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION and not options["allow_production"]:
            raise CommandError(
                "This site is in production. "
                "To have the demo in its database all the same, give --allow-production."
            )
        prepare_database()
        try:
            self._load(again=options["again"], size=options["size"])
        except (building.RefusedHere, ValueError) as error:
            raise CommandError(str(error)) from error

    def _load(self, *, again: bool, size: int) -> None:
        found = building.find()
        if found and found.built_for and not again:
            self._say_it_is_there(found)
            people = [] if settings.PRODUCTION else sign_ins(WELL_KNOWN_PASSWORD)
        else:
            started = time.monotonic()
            bar = ProgressBar()
            people = building.build(size=size, say=self._say, progress=bar)
            bar.clear()
            self._say(f"Loaded in {time.monotonic() - started:.0f} s")
        self._print_people(people)

    def _say_it_is_there(self, found: building.Found) -> None:
        self._say(f"The demo is there already, built for the night of {found.built_for}.")
        if not found.is_of_today:
            self._say("Since then nobody ordered anything: --again makes it anew, up to yesterday.")
        if settings.PRODUCTION:
            self._say("Passwords are shown only once, when the demo is made.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _print_people(self, people: list[SignIn]) -> None:
        if not people:
            return
        width = max(len(person.user_name) for person in people)
        self._say("\nSign in as")
        for person in people:
            who = (
                f"{person.shop}, {person.role}"
                if person.shop
                else "operator: all sellers' pages, and /admin/"
            )
            self._say(f"  {person.user_name:<{width}}  {person.password}  {who}")
        self._say("\nWhat to look at")
        for line in TOUR:
            self._say(f"  {line}")
