"""Sixty nights of one marketplace: data comes in, the nights are computed, the shops act on what they see."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from health.actions import delete_listing, relist
from health.bands import Band
from health.models import Night, OfferHealth, RecomputeRun
from health.recompute import recompute_period, yesterday
from offers.lifecycle import Move, Status
from offers.listing_actions import edit_listing
from offers.models import ListingRevision, Marketplace, Offer, OfferStatusChange
from vocdash.demo.accounts import actor_of
from vocdash.demo.files import SaidOf, SoldOf, date_of, write_feedback, write_offers, write_orders
from vocdash.demo.plans import Day, Plan
from vocdash.demo.sales import SalesOf
from vocdash.imports import import_files

Progress = Callable[[Night], None]
_STEP: Final = 4
"""Nights between two imports: an offer neither shown nor proposed Very poor can't be closed sooner."""
_FIRST_STEP: Final = 3
"""On its first night an offer is shown as proposed, so the third one may close it."""
_LAST_SINGLE: Final = 3
"""The last nights come one by one, so that at the end nothing is held back."""
_TO_SHOWN: Final = 3
"""Nights from a first proposal of Very poor to the earliest closure."""
_LONG_WINDOW: Final = 60
"""The first night counts orders of so many days; older ones would be seen by nobody."""
_UNKNOWN_ORDERS: Final = 9
_UNKNOWN_SINCE: Final = -10
"""The day of orders that were left out of all files."""
_ACTS_AT: Final = time(10, 15)
_IMPORTED_AT: Final = time(2, 40)


class BadRows(Exception):
    """The import refused rows of the demo's own data: the message holds the first."""


@dataclass
class Life:
    """One offer as the replay goes on. next_day: the first day whose sales were not looked at yet."""

    plan: Plan
    sales: SalesOf
    next_day: Day
    offer_id: int = 0
    closures: int = 0
    relists: int = 0
    closed_since: Day | None = None
    gone_since: Day | None = None

    def sells_on(self, day: Day) -> bool:
        """Whether customers could buy on a day."""
        closed = self.closed_since is not None and day >= self.closed_since
        return not closed and (self.gone_since is None or day < self.gone_since)

    def sold_until(self, limit: Day) -> Iterator[SoldOf]:
        """Sales up to a day that were not yet handed out; what a closed offer would have sold is lost."""
        for day in range(self.next_day, limit + 1):
            sales = self.sales.on(day, self.relists)
            if self.sells_on(day):
                yield from ((self.plan, sale) for sale in sales)
        self.next_day = max(self.next_day, limit + 1)

    @property
    def relist_day(self) -> Day | None:
        """When its shop means to relist it."""
        waits = self.plan.story.relist_after
        if self.closed_since is None or self.closures > len(waits):
            return None
        return self.closed_since + waits[self.closures - 1]


@dataclass
class Replay:
    """The nights of one marketplace. `folder` takes the files that are imported."""

    marketplace: Marketplace
    plans: list[Plan]
    nights: int
    folder: Path
    progress: Progress
    lives: list[Life] = field(default_factory=list)
    to_come: list[SaidOf] = field(default_factory=list)
    last_change: int = 0

    def __post_init__(self) -> None:
        self.last_night = yesterday(self.marketplace)
        self.last_change = max(OfferStatusChange.objects.values_list("pk", flat=True), default=0)

    def run(self) -> None:
        """Import, compute and act until yesterday."""
        self._list_offers([plan for plan in self.plans if plan.life == 1], before=1 - self.nights)
        for step in steps(self.nights):
            self._act(step[0])
            self._bring_in(step)
            recompute_period(
                self.marketplace,
                date_of(step[-1], self.last_night),
                len(step),
                trigger=RecomputeRun.Trigger.SCHEDULE,
                progress=self.progress,
            )
            self._see_closures()

    def moment(self, day: Day, at: time) -> datetime:
        """A time of a day in the marketplace's zone."""
        return datetime.combine(date_of(day, self.last_night), at, self.marketplace.zone)

    def _list_offers(self, plans: list[Plan], before: Day) -> None:
        """Bring listings in, the morning of a day."""
        if not plans:
            return
        self._import([write_offers(self.folder / "offers.csv", plans, self.last_night)], before)
        ids = {
            (code, sku): pk
            for pk, code, sku in Offer.objects.filter(marketplace=self.marketplace)
            .exclude(status=Status.LISTING_DELETED)
            .values_list("pk", "seller__code", "sku")
        }
        for plan in plans:
            first = max(plan.trade.first_sale, 2 - self.nights - _LONG_WINDOW)
            self.lives.append(Life(plan, SalesOf(plan), first, ids[plan.shop.code, plan.sku]))

    def _act(self, day: Day) -> None:
        """What shops do on a day: delete, relist, list again."""
        for life in self.lives:
            deleted, relisted = life.plan.story.deleted, life.relist_day
            if deleted is not None and deleted <= day and life.gone_since is None:
                delete_listing(
                    offer_id=life.offer_id, by=actor_of(life.plan.shop), at=self.moment(day, _ACTS_AT)
                )
                life.gone_since = day
            elif relisted is not None and relisted <= day and life.gone_since is None:
                self._relist(life, day)
        again = [plan for plan in self.plans if plan.life > 1]
        self._list_offers([plan for plan in again if self._comes_back(plan, day)], day)

    def _comes_back(self, plan: Plan, day: Day) -> bool:
        """Whether a SKU is listed again now that was deleted before."""
        lives = [life for life in self.lives if life.plan.sku == plan.sku]
        if plan.life != len(lives) + 1 or plan.listed > day:
            return False
        gone_since = lives[-1].gone_since
        return gone_since is not None and gone_since < plan.listed

    def _relist(self, life: Life, day: Day) -> None:
        if life.plan.story.edits and not life.relists:
            self._edit(life, day)
        relist(offer_id=life.offer_id, by=actor_of(life.plan.shop), at=self.moment(day, _ACTS_AT))
        # What is sold from the next day on: the importer refuses orders of this day's early hours.
        life.next_day = max(life.next_day, day + 1)
        life.closed_since, life.relists = None, life.relists + 1

    def _edit(self, life: Life, day: Day) -> None:
        """The listing as its shop improves it, a little before it is relisted."""
        offer = Offer.objects.get(pk=life.offer_id)
        values = dict(life.plan.story.edits)
        bullets = list(offer.bullets)
        for name in [name for name in values if name.startswith("bullet_")]:
            place, said = int(name.removeprefix("bullet_")) - 1, values.pop(name)
            bullets[place : place + 1] = [said]
        edit_listing(
            offer_id=offer.pk,
            values={**values, "bullets": bullets},
            seen_revision=offer.revision,
            by=actor_of(life.plan.shop),
            source=ListingRevision.Source.SELLER,
        )
        edited_at = self.moment(day, _ACTS_AT) - timedelta(minutes=12)
        ListingRevision.objects.filter(offer=offer, number=offer.revision + 1).update(at=edited_at)

    def _bring_in(self, step: range) -> None:
        """Orders and feedback up to the end of a step; of what may close within it only what it may sell."""
        limits = self._limits(step[0] - 1)
        sold = [sale for life in self.lives for sale in life.sold_until(limits.get(life.offer_id, step[-1]))]
        said = self.to_come + [(plan, sale, one) for plan, sale in sold for one in sale.said]
        said += self._said_of_unknown_orders(step)
        known = [one for one in said if one[2].day <= step[-1]]
        self.to_come = [one for one in said if one[2].day > step[-1]]
        self._import(
            [
                write_orders(self.folder / "orders.csv", sold, self.last_night),
                write_feedback(self.folder / "feedback.csv", known, self.last_night),
            ],
            step[0],
        )

    def _said_of_unknown_orders(self, step: range) -> Iterator[SaidOf]:
        """Some feedback comes before its orders do: it waits."""
        for life in self.lives[:: max(1, len(self.lives) // _UNKNOWN_ORDERS)]:
            if _UNKNOWN_SINCE in step and life.sells_on(_UNKNOWN_SINCE):
                sale = life.sales.of_unknown_order(_UNKNOWN_SINCE)
                yield from ((life.plan, sale, one) for one in sale.said)

    def _limits(self, last: Day) -> dict[int, Day]:
        """For offers that may be closed in the coming nights the last day on which they surely sell."""
        rows = OfferHealth.objects.filter(marketplace=self.marketplace, offer__status=Status.LIVE)
        very_poor = int(Band.VERY_POOR)
        shown = rows.filter(band=very_poor).values_list("offer_id", "streak")
        proposed = rows.filter(proposed=very_poor).exclude(band=very_poor).values_list("offer_id", flat=True)
        limits = dict.fromkeys(proposed, last + _TO_SHOWN)
        return limits | {pk: last + max(1, _TO_SHOWN - streak) for pk, streak in shown}

    def _import(self, paths: list[Path], day: Day) -> None:
        """Import files, on the morning of a day. Raises BadRows: the demo's data has none."""
        outcome = import_files(self.marketplace, paths)
        at = self.moment(day, _IMPORTED_AT)
        for job in outcome.jobs:
            if job.report.error or job.report.bad:
                first = next(iter(job.report.problems), None)
                raise BadRows(f"{job.report.name}: {job.report.error or first}")
            job.row.started_at, job.row.finished_at = at, at + timedelta(seconds=20)
            job.row.save(update_fields=["started_at", "finished_at"])

    def _see_closures(self) -> None:
        """Take note of what the nights closed."""
        closures = OfferStatusChange.objects.filter(
            offer__marketplace=self.marketplace, move=Move.CLOSE.value, pk__gt=self.last_change
        )
        by_offer = {life.offer_id: life for life in self.lives}
        for pk, offer_id, on in closures.order_by("pk").values_list("pk", "offer_id", "on"):
            self.last_change = pk
            life = by_offer[offer_id]
            life.closed_since = (on - self.last_night).days
            life.closures += 1


def steps(nights: int) -> list[range]:
    """The days of the nights, in steps between which data comes in and shops act."""
    day, ends = 1 - nights, 1
    lengths = [_FIRST_STEP]
    while sum(lengths) < nights - _LAST_SINGLE:
        lengths.append(min(_STEP, nights - _LAST_SINGLE - sum(lengths)))
    lengths += [1] * (nights - sum(lengths))
    made = []
    for length in lengths:
        made.append(range(day, min(day + length, ends)))
        day += length
    return [step for step in made if step]
