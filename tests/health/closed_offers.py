"""An offer that was closed with evidence, and all that Resolve issue needs, without computing nights."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from health.bands import Band
from health.cases import CaseRefused, Fix
from health.models import Night, Notification, OfferHealth, ResolutionCase, Tile, Urgency
from health.resolving import confirm, open_case, save_fix, save_review
from health.themes import read_themes
from offers.lifecycle import Status
from offers.models import Fulfillment, ListingRevision, Offer, OfferStatusChange, RemovalOrder
from tests.factories import (
    A_DAY,
    A_MOMENT,
    EventFactory,
    HealthFactory,
    NightFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    OrderLineFactory,
    PolicyFactory,
)

NOON = datetime(2024, 3, 17, 16, 0, tzinfo=UTC)
"""The moment at which people act in these tests."""
OTHER = frozenset({"other"})
LISTING = {"title": "Gooseneck kettle, 1.2 L"}
REMEDY = "The supplier now tests every lid."
BAND = {"as_of": A_DAY, "band": Band.VERY_POOR, "tile": Tile.VERY_POOR, "m": 0.05, "s": 60.0, "w": 500.0}


def at_risk_offer(**fields: Any) -> Offer:
    """A LIVE offer shown Very poor after the night of A_DAY: 8 of its 40 orders had a problem."""
    given = {"title": "Gooseneck kettle, 1.7 L", "fulfillment": Fulfillment.MARKETPLACE, "quantity": 20}
    offer = OfferFactory(**(given | fields))
    lines = [OrderLineFactory(offer=offer, ordered_on=A_DAY - timedelta(days=age)) for age in range(40)]
    for number, line in enumerate(lines[:8]):
        lid = number < 5
        EventFactory(
            order_line=line,
            reason="defective" if lid else "inaccurate_page",
            comment=f"The lid leaks, order {number}" if lid else f"Holds 1.2 L only, says {number}",
        )
    counts = {"n": 40.0, "k": 8.0, "c": 8, "orders": 40, "ncx_orders": 8, "comments": 8, "rate": 0.2}
    HealthFactory(offer=offer, urgency=Urgency.VERY_POOR, **BAND, **counts)
    if not Night.objects.filter(marketplace=offer.marketplace).exists():
        NightFactory(policy=PolicyFactory(marketplace=offer.marketplace), as_of=A_DAY)
    return offer


def closed_offer(**fields: Any) -> Offer:
    """The same, closed on the day after."""
    offer = at_risk_offer(**fields)
    close(offer)
    return offer


def close(offer: Offer, days_later: int = 1) -> None:
    """Close an offer as a night does, with the evidence that Resolve issue reads."""
    on = A_DAY + timedelta(days=days_later)
    complaints = offer.feedback.filter(counted=True).order_by("order_line_id")
    lines = list(complaints.values_list("order_line_id", flat=True))
    evidence = {"as_of": A_DAY.isoformat(), "window_days": 60, "ncx_orders": len(lines), "order_lines": lines}
    at = A_MOMENT + timedelta(days=days_later - 1)
    OfferStatusChangeFactory(offer=offer, at=at, on=on, evidence=evidence)
    Offer.objects.filter(pk=offer.pk).update(status=Status.CLOSED, last_closed_on=on)
    OfferHealth.objects.filter(pk=offer.pk).update(urgency=Urgency.CLOSED, closed_rank=-on.toordinal())
    offer.refresh_from_db()


def reviewed(case: ResolutionCase, by: Any) -> ResolutionCase:
    """The case with every theme read."""
    themes = read_themes(case.offer, case.closure).themes
    read = [{"key": theme.key, "orders": theme.orders, "cause": "product"} for theme in themes]
    return save_review(case_id=case.pk, by=by, seen_version=case.version, themes=read)


def ready(offer: Offer, by: Any, **fix: Any) -> ResolutionCase:
    """A draft that only has to be confirmed: by default the title is edited, and 5 units are returned."""
    case = reviewed(open_case(offer_id=offer.pk, by=by), by)
    given = {
        "fixes": frozenset({"listing", "removal"}),
        "listing": dict(LISTING),
        "removal_kind": "return",
        "removal_quantity": 5,
    }
    return save_fix(case_id=case.pk, by=by, seen_version=case.version, fix=Fix(**(fix or given)))


def finish(case: ResolutionCase, by: Any, **said: Any) -> ResolutionCase:
    """Confirm the case as it is."""
    return confirm(case_id=case.pk, by=by, **({"seen_version": case.version, "attested": True} | said))


def refusal(act: Callable[[], object]) -> tuple[str, dict[str, Any]]:
    """The code with which an act is refused, and what belongs to it."""
    with pytest.raises(CaseRefused) as caught:
        act()
    return caught.value.code, caught.value.said


def everything() -> list[Any]:
    """All that a case could change."""
    models = (
        Offer,
        ResolutionCase,
        OfferStatusChange,
        RemovalOrder,
        ListingRevision,
        OfferHealth,
        Notification,
    )
    return [list(model.objects.order_by("pk").values()) for model in models]
