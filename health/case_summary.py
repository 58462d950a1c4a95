"""What is frozen when a case is confirmed: what was done, and what was forecast then (UX 5c, METHOD 7)."""

from dataclasses import asdict
from typing import Any, Final

import numpy as np

from health.cases import stock_left
from health.forecast import rates_ahead
from health.models import Night, OfferHealth, ResolutionCase
from health.offer_detail import read_complaints, read_order_days, way_to_fair
from health.policy import Policy
from offers.listing import changed_fields
from offers.listing_actions import content_of
from offers.models import Offer, RemovalOrder

_DAYS_PER_WEEK: Final = 7


def changes_of(case: ResolutionCase, offer: Offer) -> dict[str, Any]:
    """The edits as they will be made: the names of the fields that change, the edited ones before and after.

    {} where the listing stays as it is. `offer` is still unchanged.
    """
    if "listing" not in case.fixes:
        return {}
    content = content_of(offer)
    fields = changed_fields(content, {**content, **case.listing})
    before = {name: content[name] for name in case.listing}
    return {"fields": fields, "before": before, "after": dict(case.listing)} if fields else {}


def summarize(case: ResolutionCase, offer: Offer) -> dict[str, Any]:
    """What is frozen, but for the removal, which is there only later. Read before anything is changed.

    listing: see `changes_of`. remedy. themes: as they were read. stock_left: units after the removal, None
    for unknown; nothing_to_sell: known to be none. forecast: see `forecast`, None where there is none.
    grace: days and orders in which the offer is not closed again.
    """
    health = OfferHealth.objects.filter(offer=offer, as_of__isnull=False).first()
    policy = _policy_of(health)
    left = stock_left(case)
    return {
        "title": offer.title,
        "listing": changes_of(case, offer),
        "removal": {},
        "remedy": case.remedy if "other" in case.fixes else "",
        "themes": case.themes,
        "closed_on": case.closure.on if case.closure else None,
        "stock_left": left,
        "nothing_to_sell": left == 0,
        "forecast": forecast(offer, health, policy) if health and policy else None,
        "grace": {"days": policy.grace_days, "orders": policy.grace_orders} if policy else None,
    }


def removal_facts(removal: RemovalOrder | None) -> dict[str, Any]:
    """The removal order as the summary names it."""
    if removal is None:
        return {}
    return {"reference": removal.reference, "kind": removal.kind, "quantity": removal.quantity}


def _policy_of(health: OfferHealth | None) -> Policy | None:
    """The policy by which the offer's last night was computed."""
    if health is None or health.as_of is None:
        return None
    nights = Night.objects.filter(marketplace=health.marketplace_id, as_of=health.as_of)
    night = nights.select_related("policy").first()
    return night.policy.policy if night else None


def forecast(offer: Offer, health: OfferHealth, policy: Policy) -> dict[str, Any] | None:
    """What it takes to reach Fair; None for an offer that has nothing to compare with or is Fair already.

    as_of, band, orders, ncx_orders, rate, window_days; typical: what similar offers average; clean_orders,
    weeks_clean (new orders without problems), weeks_usual (with as many as similar offers), None for more
    than the window; pace: orders a day; from_relist; ahead: the rate at the end of each week to come, both
    ways, as [clean, usual], null where no orders are left.
    """
    if health.as_of is None:
        return None
    orders, complaints = (
        read_order_days(offer.pk, health.as_of),
        read_complaints(offer.pk, health.as_of),
    )
    way = way_to_fair(offer, health, orders, complaints, policy)
    if way is None or health.m is None:
        return None
    day, window = health.as_of.toordinal(), health.window_days
    plain = orders.by_age(day, window)
    ncx = np.bincount(day - complaints.known_on(day, window).ordered_on, minlength=window)
    ahead = [rates_ahead(plain, ncx, way.pace, rate) for rate in (0.0, health.m)]
    ends = range(_DAYS_PER_WEEK, window + 1, _DAYS_PER_WEEK)
    return {
        "as_of": health.as_of,
        "band": health.band,
        "orders": health.orders,
        "ncx_orders": health.ncx_orders,
        "rate": health.rate,
        "window_days": window,
        "typical": health.m,
        **asdict(way),
        "ahead": [[_known(rates[end]) for rates in ahead] for end in ends],
    }


def _known(rate: float) -> float | None:
    return None if np.isnan(rate) else float(rate)
