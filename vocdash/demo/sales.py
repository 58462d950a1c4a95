"""Orders of one offer, day after day, and what customers say about them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp
from random import Random
from typing import Final

from feedback.reasons import Reason
from vocdash.demo.assortment import chance_of
from vocdash.demo.plans import Day, Plan
from vocdash.demo.speech import complaint, praise

_MINUTES_OPEN: Final = (6 * 60, 23 * 60 + 59)
_WEEK: Final = (1.12, 1.04, 0.97, 0.94, 0.98, 0.9, 1.05)
"""How much is sold on each day of seven, however they are called."""
_CANCELLED: Final = 0.02
_SINGLE: Final = 0.88
_BUYER: Final = 0.022
_UNSAID: Final = 0.004
_PRAISE: Final = 0.07
_SECOND_SAID: Final = 0.22
_NAMES_SKU: Final = 0.9
_MISFILED: Final = 0.4
_REGULAR: Final = 0.8
_CUSTOMERS: Final = 60_000
_LOYAL: Final = 0.12
_LOYAL_CUSTOMERS: Final = 2_500
_BUYER_REASONS: Final = {
    Reason.NO_LONGER_NEEDED: 5,
    Reason.CHANGED_MIND: 3,
    Reason.ORDERED_BY_MISTAKE: 4,
    Reason.BETTER_PRICE: 2,
    Reason.UNAUTHORIZED: 1,
}
_DELIVERY_REASONS: Final = {
    Reason.LATE_DELIVERY: 10,
    Reason.NEVER_ARRIVED: 4,
    Reason.CARRIER_DAMAGE: 4,
    Reason.UNDELIVERABLE: 1,
    Reason.REFUSED: 1,
}
_CODES: Final = {
    Reason.DEFECTIVE: "DEFECTIVE",
    Reason.POOR_QUALITY: "QUALITY_UNACCEPTABLE",
    Reason.DAMAGED: "DAMAGED_BY_FC",
    Reason.MISSING_PARTS: "MISSING_PARTS",
    Reason.WRONG_ITEM: "SWITCHEROO",
    Reason.MISLABELLED: "MISLABELED",
    Reason.EXPIRED: "EXPIRED_ITEM",
    Reason.NOT_AS_DESCRIBED: "NOT_AS_DESCRIBED",
    Reason.INACCURATE_PAGE: "BAD-DESC",
    Reason.TOO_SMALL: "APPAREL_TOO_SMALL",
    Reason.TOO_LARGE: "APPAREL_TOO_LARGE",
    Reason.STYLE_DIFFERS: "APPAREL_STYLE",
    Reason.COLOR_DIFFERS: "DID_NOT_LIKE_COLOR",
    Reason.NOT_COMPATIBLE: "NOT_COMPATIBLE",
    Reason.LATE_DELIVERY: "MISSED_ESTIMATED_DELIVERY",
    Reason.NEVER_ARRIVED: "NEVER_ARRIVED",
    Reason.CARRIER_DAMAGE: "DAMAGED_BY_CARRIER",
    Reason.UNDELIVERABLE: "UNDELIVERABLE_INSUFFICIENT_ADDRESS",
    Reason.REFUSED: "UNDELIVERABLE_REFUSED",
    Reason.NO_LONGER_NEEDED: "UNWANTED_ITEM",
    Reason.ORDERED_BY_MISTAKE: "ORDERED_WRONG_ITEM",
    Reason.BETTER_PRICE: "FOUND_BETTER_PRICE",
    Reason.UNAUTHORIZED: "UNAUTHORIZED_PURCHASE",
    Reason.UNSPECIFIED: "NO_REASON_GIVEN",
}
_UNMAPPED: Final = "WH-GRADE-C"
"""A code that the reason table lacks: it is listed for the operator, and the words decide."""
_CHANNELS: Final = {"return": 62, "contact": 15, "review": 13, "refund": 10}
_DELAY: Final = {"return": (4, 17), "contact": (1, 9), "review": (5, 24), "refund": (3, 12)}
_COMMENTED: Final = {"return": 0.62, "contact": 0.97, "review": 0.93, "refund": 0.25}


@dataclass(frozen=True, slots=True)
class Said:
    """One feedback event, "" where nothing was given.

    minute: of its day. misfiled: sent to the other shop that sells the product, where there is one.
    """

    day: Day
    minute: int
    channel: str
    event_id: str
    reason: str
    stars: int | None
    comment: str
    names_sku: bool
    misfiled: bool


@dataclass(frozen=True, slots=True)
class Sale:
    """One order line and everything that is said about it, now or later."""

    day: Day
    minute: int
    order_id: str
    quantity: int
    status: str
    customer: str
    said: tuple[Said, ...]


class SalesOf:
    """The sales of one offer. `on` must be called for each day in turn, whether they count or not."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._chance = chance_of("sales", plan.market.code, plan.shop.short, plan.sku, plan.life)
        self._owed = 0.5
        """With a steady trade: the part of a complaint that has added up."""

    def on(self, day: Day, relists: int) -> list[Sale]:
        """The sales of a day, after so many relists."""
        trade = self.plan.trade
        if not trade.first_sale <= day <= trade.last_sale or not trade.orders:
            return []
        expected = trade.orders * _WEEK[day % 7]
        number = self._evenly(expected, day) if trade.steady and expected > 1 else self._by_chance(expected)
        return [self._sale(day, trade.rate(day, relists)) for _ in range(number)]

    def of_unknown_order(self, day: Day) -> Sale:
        """An order that no file ever holds, and what its customer says all the same."""
        sale = self._sale(day, 0.0)
        return replace(sale, said=(self._about(day, self._weighed(self.plan.trade.reasons), "contact"),))

    def _evenly(self, expected: float, day: Day) -> int:
        """Whole orders whose sum follows the expectation: days differ, weeks hardly."""
        wave = expected * (1 + 0.35 * ((day * 7919) % 11 - 5) / 5)
        return int(wave + self._chance.random())

    def _by_chance(self, expected: float) -> int:
        """A Poisson number."""
        limit, product, number = exp(-expected), self._chance.random(), 0
        while product > limit:
            product *= self._chance.random()
            number += 1
        return number

    def _sale(self, day: Day, rate: float) -> Sale:
        chance = self._chance
        minute = whole(chance, *_MINUTES_OPEN)
        digits = f"{whole(chance, 100_0000000_0000000, 799_9999999_9999999)}"
        status = "cancelled" if chance.random() < _CANCELLED else "pending" if day == 0 else "shipped"
        return Sale(
            day=day,
            minute=minute,
            order_id=f"{digits[:3]}-{digits[3:10]}-{digits[10:]}",
            quantity=1 if chance.random() < _SINGLE else whole(chance, 2, 4),
            status=status,
            customer=self._customer(),
            said=tuple(self._all_said(day, rate)) if status != "cancelled" else (),
        )

    def _customer(self) -> str:
        plan, chance = self.plan, self._chance
        number = whole(chance, 1, _LOYAL_CUSTOMERS if chance.random() < _LOYAL else _CUSTOMERS)
        if plan.trade.regulars and chance.random() < _REGULAR:
            return f"C-{plan.sku}-{whole(chance, 1, plan.trade.regulars)}"
        return f"C{number:06}" if plan.shop.gives_customers else ""

    def _all_said(self, day: Day, rate: float) -> Iterator[Said]:
        chance, trade = self._chance, self.plan.trade
        if self._is_unhappy(rate):
            yield from self._unhappy(day)
            return
        roll = chance.random() - trade.delivery
        if roll < 0:
            yield self._about(day, self._weighed(_DELIVERY_REASONS), delivery=True)
        elif roll < _BUYER:
            yield self._about(day, self._weighed(_BUYER_REASONS), channel="return")
        elif roll < _BUYER + _UNSAID:
            yield self._about(day, Reason.UNSPECIFIED, channel="return")
        elif roll < _BUYER + _UNSAID + _PRAISE:
            yield self._praised(day)

    def _is_unhappy(self, rate: float) -> bool:
        if not self.plan.trade.steady:
            return self._chance.random() < rate
        self._owed += rate
        unhappy = self._owed >= 1
        self._owed -= unhappy
        return unhappy

    def _unhappy(self, day: Day) -> Iterator[Said]:
        """A complaint about the product or its page, and at times a second one about the same."""
        reason = self._weighed(self.plan.trade.reasons)
        first = self._about(day, reason)
        yield first
        if self._chance.random() < _SECOND_SAID:
            channel = "refund" if first.channel != "refund" else "review"
            yield self._about(first.day, reason, channel=channel)

    def _weighed(self, weights: dict[Reason, int]) -> Reason:
        return self._chance.choices(list(weights), list(weights.values()))[0]

    def _about(self, day: Day, reason: Reason, channel: str = "", *, delivery: bool = False) -> Said:
        chance = self._chance
        if not channel:
            channel = chance.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
        if delivery and channel == "refund":
            channel = "contact"
        commented = chance.random() < _COMMENTED[channel]
        comment = complaint(self.plan.product.kind, reason, self._language(), chance) if commented else ""
        return self._event(
            day, channel, self._code(channel, reason, comment), comment, 1 if channel == "review" else None
        )

    def _language(self) -> str:
        return "fr" if self._chance.random() < self.plan.french else "en"

    def _code(self, channel: str, reason: Reason, comment: str) -> str:
        """The code that the channel gives: returns nearly always, contacts now and then, reviews never."""
        roll = self._chance.random()
        if channel == "review" or (channel == "contact" and comment and roll < 0.55):
            return ""
        code = _CODES.get(reason, reason.value)
        if channel != "return":
            return reason.value
        if comment and reason.cause.counts and roll < 0.05:
            return "" if roll < 0.04 else _UNMAPPED
        return code if self.plan.marketplace_fulfilled else f"CR-{code}"

    def _praised(self, day: Day) -> Said:
        stars = self._chance.choices((5, 4, 3, 2), (60, 25, 10, 5))[0]
        comment = praise(stars, self._language(), self._chance) if self._chance.random() < 0.7 else ""
        return self._event(day, "review", "", comment, stars)

    def _event(self, day: Day, channel: str, reason: str, comment: str, stars: int | None) -> Said:
        chance = self._chance
        low, high = _DELAY[channel]
        if self.plan.trade.prompt:
            low, high = 2, 8
        return Said(
            day=day + whole(chance, low, high),
            minute=whole(chance, *_MINUTES_OPEN),
            channel=channel,
            event_id="" if chance.random() < 0.02 else f"{channel[:2].upper()}{whole(chance, 0, 10**10):011}",
            reason=reason,
            stars=stars,
            comment=comment,
            names_sku=chance.random() < _NAMES_SKU,
            misfiled=chance.random() < _MISFILED,
        )


def whole(chance: Random, low: int, high: int) -> int:
    """A whole number from low to high, in a third of the time of `randint`: there are many orders."""
    return low + int(chance.random() * (high - low + 1))
