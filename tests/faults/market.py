"""A small market in which a night has much to say, and a large one in which it writes a next generation."""

import csv
from datetime import date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from time_machine import travel

from feedback.models import FeedbackEvent
from health import actions
from health.models import Notification
from health.policy_actions import activate, create_draft
from health.recompute import recompute_period, yesterday
from offers.lifecycle import Status
from offers.models import Fulfillment, Marketplace, Offer, OrderLine, Role
from tests.factories import MembershipFactory, SellerFactory
from tests.health.closed_offers import ready
from tests.health.story import LAST, ONE_DAY, Market, market, sell
from vocdash.scale.building import make_marketplace
from vocdash.scale.sizes import Size

SMALL: Final = "US"
LARGE: Final = "BIG"
BAD_SELLERS: Final = 4
BAD_OFFERS: Final = 12  # below the circuit breaker
_MORE_PEERS: Final = 72  # so that bad offers are few among them
_MEMBERS: Final = 2


def build(large_offers: int) -> date:
    """Make both, in the database in use, up to the night before the one that is due. Returns the due night.

    In the small market that night closes `BAD_OFFERS` offers, finds one at risk and one recovering, and
    writes the weekly summaries when this is their weekday.
    """
    made = _small()
    due = yesterday(made.marketplace)
    if large_offers:
        _large(large_offers, due)
    Marketplace.objects.update(recompute_hour=0)
    return due


def _small() -> Market:
    made = market(SMALL)
    due = yesterday(made.marketplace)
    for number in range(_MORE_PEERS):
        offer = made.offer(seller=f"PEER-{number % 3}")
        sell(offer, range(1, 60, 2), complaints=(1,) if number % 2 else ())
    _move_to(due)
    recovering = _bad(made, "PEER-0")
    sell(recovering, range(60), complaints=range(1, 60, 3), last=due - 3 * ONE_DAY)
    made.nights(4, due - 3 * ONE_DAY)
    _relist(recovering, due - 3 * ONE_DAY)
    OrderLine.objects.filter(offer=recovering, feedback__isnull=False).update(status="cancelled")
    for number in range(BAD_OFFERS):
        _sell_badly(_bad(made, f"BAD-{number % BAD_SELLERS}"), due)
    _sell_badly(_bad(made, "PEER-1"), due, customer=7)  # one buyer closes no offer: it stays at risk
    for code in ("PEER-0", "PEER-1", *(f"BAD-{number}" for number in range(BAD_SELLERS))):
        MembershipFactory.create_batch(_MEMBERS, seller=SellerFactory(code=code), role=Role.OWNER)
    made.nights(2, due - ONE_DAY)
    return made


def _move_to(due: date) -> None:
    """The story's market ended on a day of its own: let its last order be of the due night."""
    away = due - LAST
    for line in OrderLine.objects.all():
        OrderLine.objects.filter(pk=line.pk).update(ordered_on=line.ordered_on + away)
    for event in FeedbackEvent.objects.all():
        FeedbackEvent.objects.filter(pk=event.pk).update(occurred_on=event.occurred_on + away)


def _bad(made: Market, seller: str) -> Offer:
    return made.offer(seller=seller, fulfillment=Fulfillment.MARKETPLACE, quantity=20, title="Kettle, 1.7 L")


def _sell_badly(offer: Offer, due: date, **line: Any) -> None:
    sell(offer, range(60), complaints=range(1, 60, 3), last=due, **line)


def _relist(offer: Offer, on: date) -> None:
    """At noon of that day, as its seller would have."""
    with travel(datetime.combine(on, time(12), offer.marketplace.zone), tick=False):
        actions.relist(offer_id=offer.pk, by=None)


def _large(offers: int, due: date) -> None:
    size = Size(
        offers=offers, orders=offers * 12, days=75, events=offers // 2, sellers=max(offers // 70, 2),
        largest=max(offers // 10, 20),
    )  # fmt: skip
    made = make_marketplace(size, due, code=LARGE, beside=True, progress=lambda _name, _share: None)
    recompute_period(made.marketplace, due - ONE_DAY, 2)


def ask_for_refresh() -> None:
    """Let the large market's due night fit its benchmark anew, by a new version of its policy."""
    made = Marketplace.objects.get(code=LARGE)
    draft = create_draft(marketplace=made, by=None)
    activate(policy_id=draft.pk, by=None, reason="So that the benchmark is fitted anew.")


def prepare_relists() -> list[int]:
    """A draft that only has to be confirmed for every closed offer, each by its own owner: the cases' ids."""
    cases = []
    for offer in Offer.objects.filter(status=Status.CLOSED).select_related("seller").order_by("pk"):
        member = offer.seller.memberships.order_by("pk").first()
        if member is None:
            raise RuntimeError(f"{offer.seller} has no member.")
        cases.append(ready(offer, member.user).pk)
    return cases


def write_files(folder: Path, due: date, rows: int) -> list[Path]:
    """Files of new orders, and of feedback on every tenth of them, for the small market."""
    skus = list(
        Offer.objects.filter(marketplace__code=SMALL, status=Status.LIVE)
        .order_by("pk")
        .values_list("seller__code", "sku")
    )
    orders, events = folder / "orders.csv", folder / "returns.csv"
    with orders.open("w", newline="") as file, events.open("w", newline="") as second:
        lines, said = csv.writer(file), csv.writer(second)
        lines.writerow(("marketplace", "seller", "order_id", "sku", "ordered_at", "customer"))
        said.writerow(("marketplace", "seller", "order_id", "channel", "event_id", "sku", "occurred_at",
                       "reason", "comment"))  # fmt: skip
        for number in range(rows):
            seller, sku = skus[number % len(skus)]
            day = due - timedelta(days=number % 60)
            lines.writerow((SMALL, seller, f"N-{number:06}", sku, day.isoformat(), f"buyer-{number % 9000}"))
            if number % 10 == 0:
                said.writerow((SMALL, seller, f"N-{number:06}", "return", f"E-{number:06}", sku,
                               day.isoformat(), "DEFECTIVE", "The lid leaks."))  # fmt: skip
    return [orders, events]


def add_notices(number: int) -> None:
    """So many more weekly summaries that wait to be mailed, of weeks that never were."""
    written = list(Notification.objects.filter(kind="weekly", seller__memberships__isnull=False).distinct())
    Notification.objects.bulk_create(
        Notification(
            seller_id=one.seller_id, marketplace_id=one.marketplace_id, kind=one.kind, email="pending",
            on=one.on - (1 + place // len(written)) * ONE_DAY, evidence=one.evidence,
        )
        for place, one in zip(range(number), cycle(written), strict=False)
    )  # fmt: skip
