"""The demo as a whole: whether it is there, making it, and making it anew."""

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from health.models import HealthPolicy
from health.recompute import yesterday
from offers.models import Marketplace, Offer, Seller
from vocdash.demo.accounts import WELL_KNOWN_PASSWORD, SignIn, make_accounts, new_password
from vocdash.demo.assortment import assortment
from vocdash.demo.clearing import clear
from vocdash.demo.dating import date_back
from vocdash.demo.plans import Plan
from vocdash.demo.removing import make_removals
from vocdash.demo.replay import Replay
from vocdash.demo.shops import MARKETS, shops
from vocdash.demo.stories import stories
from vocdash.marketplaces import create_marketplace

NIGHTS: Final = 60
SIZE: Final = 2000
# The reason of a marketplace's first policy version says that it is the demo's, and for which day.
_MARK: Final = "Demo marketplace"
_UNFINISHED: Final = f"{_MARK}, being built"


class RefusedHere(Exception):
    """The demo can't be made in this database; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """The demo that is there. built_for: the date of its last night when it was built, "" if unfinished."""

    marketplaces: list[Marketplace]
    sellers: list[Seller]
    built_for: str

    @property
    def is_of_today(self) -> bool:
        """Whether it was built for the night that is the last one now."""
        return self.built_for == yesterday(self.marketplaces[0]).isoformat()


Say = Callable[[str], None]
Progress = Callable[[str, float], None]
"""Hears what is being done and which share of it is done."""


def find() -> Found | None:
    """The demo in this database, if there is one. Raises RefusedHere where its codes are somebody else's."""
    marketplaces = list(Marketplace.objects.filter(code__in=[market.code for market in MARKETS]))
    sellers = list(Seller.objects.filter(code__in=[shop.code for shop in shops().values()]))
    marks = HealthPolicy.objects.filter(marketplace__in=marketplaces, version=1, reason__startswith=_MARK)
    ours = dict(marks.values_list("marketplace_id", "reason"))
    for marketplace in marketplaces:
        if marketplace.pk not in ours:
            raise RefusedHere(
                f"There is a marketplace {marketplace.code} that is not the demo's. "
                "Load the demo into another database: DATABASE_URL, or VOCDASH_VAR for SQLite."
            )
    elsewhere = Offer.objects.filter(seller__in=sellers).exclude(marketplace__in=marketplaces)
    if elsewhere.exists():
        raise RefusedHere(
            "Sellers of the demo have offers on other marketplaces: it can't be told apart any more."
        )
    if not marketplaces:
        return None
    dates = {reason.removeprefix(f"{_MARK}, built for ") for reason in ours.values()}
    whole = len(dates) == 1 and len(marketplaces) == len(MARKETS) and _UNFINISHED not in dates
    return Found(marketplaces, sellers, dates.pop() if whole else "")


def build(*, size: int = SIZE, nights: int = NIGHTS, say: Say, progress: Progress) -> list[SignIn]:
    """Make the demo, after taking away the one that is there. Returns the sign-ins.

    Raises RefusedHere, or ValueError for too small a size, before anything is changed.
    """
    plans = assortment(size, stories())
    found = find()
    if found:
        say("Removing the demo that is there")
        clear(found.marketplaces, found.sellers)
    for shop in shops().values():
        Seller.objects.get_or_create(code=shop.code, defaults={"name": shop.name})
    password = new_password() if settings.PRODUCTION else WELL_KNOWN_PASSWORD
    people = make_accounts(password)
    made = [_marketplace(market.code) for market in MARKETS]
    for marketplace in made:
        say(f"{marketplace}: {nights} nights")
        _replay(marketplace, plans, nights, progress)
    for marketplace in made:
        _mark(marketplace, f"{_MARK}, built for {yesterday(marketplace)}")
    return people


def _marketplace(code: str) -> Marketplace:
    market = next(market for market in MARKETS if market.code == code)
    made, _ = create_marketplace(
        code=market.code,
        name=market.name,
        currency=market.currency,
        time_zone=market.time_zone,
        language=market.language,
    )
    _mark(made, _UNFINISHED)
    return made


def _mark(marketplace: Marketplace, reason: str) -> None:
    HealthPolicy.objects.filter(marketplace=marketplace, version=1).update(reason=reason)


def _replay(marketplace: Marketplace, plans: list[Plan], nights: int, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(prefix="vocdash-demo-") as folder:
        here = [plan for plan in plans if plan.market.code == marketplace.code]
        done = itertools.count(1)
        replay = Replay(
            marketplace,
            here,
            nights,
            Path(folder),
            progress=lambda night: progress(f"{marketplace} {night.as_of}", next(done) / nights),
        )
        replay.run()
        make_removals(replay)
    date_back(marketplace)
    HealthPolicy.objects.filter(marketplace=marketplace, version=1).update(activated_at=timezone.now())
