"""What a night tells sellers of their offers besides closures: at risk, and recovered (PRODUCT D9).

Closures and lifts write their notices where they are made (`closures.py`, `actions.py`). A night's notices
are written in its own transaction and by few queries, however many offers it has; the same date computed
twice writes them once. A notice that was written stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db.models import Count, F, OuterRef, Q, Subquery

from health.bands import Band, Bools
from health.closures import ONE_DAY, moment_of
from health.counting import NEVER
from health.evidence import night_evidence
from health.judge import HEALTHY, Judged
from health.models import HealthChange, Notification, NotificationKind, OfferHealth
from health.state import nights_before
from offers import bulk
from offers.lifecycle import Status
from offers.models import Offer, OrderLine

AT_RISK_NIGHTS: Final = 3
"""So many computed nights running an offer is shown Poor or Very poor before its seller is told."""
_AT_RISK: Final = (Band.POOR, Band.VERY_POOR)
_PIECE: Final = 500
_COLUMNS: Final = ("seller_id", "marketplace_id", "offer_id", "kind", "on", "evidence", "email", "created_at")


def notify_night(judged: Judged, newest: date) -> int:
    """Write what a night has to tell of its offers. Returns how many notices are new.

    Runs inside the transaction that publishes the night, after its rows were written: an offer that was
    closed tonight is not LIVE any more. `newest` is yesterday: older nights send no e-mail.
    """
    return _write(judged, newest, NotificationKind.AT_RISK, _at_risk(judged)) + _write(
        judged, newest, NotificationKind.RECOVERING, _recovered(judged)
    )


def _write(judged: Judged, newest: date, kind: str, told: Iterator[tuple[int, dict[str, Any]]]) -> int:
    """Notices of one kind, as (row of the roster, evidence), about offers that have none of tonight."""
    on = judged.as_of + ONE_DAY
    marketplace = judged.marketplace
    here = Notification.objects.filter(marketplace=marketplace, kind=kind, on=on)
    known = set(here.values_list("offer_id", flat=True))
    email = Notification.Email.PENDING if judged.as_of >= newest else Notification.Email.NONE
    at = moment_of(marketplace, judged.as_of, newest)
    rows = (
        (int(judged.roster.seller[row]), marketplace.pk, offer_id, kind, on, evidence, email, at)
        for row, evidence in told
        if (offer_id := int(judged.roster.offer_id[row])) not in known
    )
    # Read before they are written: on PostgreSQL nothing can be asked while rows are copied in.
    return bulk.insert(Notification, _COLUMNS, list(rows))


def _rows(judged: Judged, chosen: Bools) -> Iterator[dict[int, int]]:
    """The chosen rows of the roster in pieces that a query can take, as offer id to row."""
    rows = np.flatnonzero(chosen)
    for start in range(0, len(rows), _PIECE):
        piece = rows[start : start + _PIECE]
        yield dict(zip(judged.roster.offer_id[piece].tolist(), piece.tolist(), strict=True))


# --- recovering


def _recovered(judged: Judged) -> Iterator[tuple[int, dict[str, Any]]]:
    """LIVE offers that are shown Fair or better tonight for the first time since their relist."""
    roster, day = judged.roster, judged.as_of.toordinal()
    before = next(iter(nights_before(judged.marketplace, judged.as_of, 1)), None)
    relisted = (roster.relisted_on > NEVER) & (roster.latest_relist <= day) & roster.live
    # Who was well last night already, and relisted by then, has been told.
    news = ~np.isin(judged.state.prev, HEALTHY) | (roster.relisted_on > (before or date.min).toordinal())
    for piece in _rows(judged, relisted & news & np.isin(judged.band, HEALTHY)):
        well = OfferHealth.objects.filter(pk__in=piece, recovered_on=judged.as_of, offer__status=Status.LIVE)
        for offer_id in well.order_by("pk").values_list("pk", flat=True):
            yield piece[offer_id], night_evidence(judged, piece[offer_id])


# --- at risk


@dataclass(frozen=True, slots=True)
class _Spell:
    """The nights that decide: the first of those that must be at risk, and the one before it, if any."""

    first: date
    before: date | None


@dataclass(frozen=True, slots=True)
class _Past:
    """What an offer was on the two nights of a `_Spell`."""

    lifted_on: date | None
    on_first: int
    on_before: int
    orders_first: int
    orders_before: int


def _at_risk(judged: Judged) -> Iterator[tuple[int, dict[str, Any]]]:
    """LIVE offers whose third night at risk this is: once per spell.

    A spell ends with another band, with a closure, and it begins anew after a lift. While an offer is in
    grace it can't be closed, so its nights there count towards this notice as little as towards a closure
    (METHOD 6): after a relist the spell begins when the grace is over.
    """
    nights = nights_before(judged.marketplace, judged.as_of, AT_RISK_NIGHTS)
    if len(nights) < AT_RISK_NIGHTS - 1:
        return
    spell = _Spell(nights[AT_RISK_NIGHTS - 2], next(iter(nights[AT_RISK_NIGHTS - 1 :]), None))
    told = _told_since(judged, spell)
    for piece in _rows(judged, _candidates(judged, spell)):
        pasts = _pasts(piece, spell)
        for offer_id, row in piece.items():
            past = pasts.get(offer_id)
            if past and offer_id not in told and _begins(judged, row, past, spell):
                yield row, {**night_evidence(judged, row), "nights": AT_RISK_NIGHTS}


def _candidates(judged: Judged, spell: _Spell) -> Bools:
    """Offers at risk tonight and last night whose spell may have begun with its first night.

    Either the band changed on that night, which the history tells, or a relist or a lift began it.
    """
    roster, day = judged.roster, judged.as_of.toordinal()
    now = roster.live & np.isin(judged.band, _AT_RISK) & np.isin(judged.state.prev, _AT_RISK)
    now &= roster.latest_relist <= day
    changes = HealthChange.objects.filter(
        offer__marketplace=judged.marketplace, as_of=spell.first, band__in=_AT_RISK
    )
    changed = np.array(changes.values_list("offer_id", flat=True), dtype=np.int64)
    began = np.isin(roster.offer_id, changed) & (roster.relisted_on == NEVER)
    grace_may_be_over = roster.relisted_on + judged.policy.grace_days <= spell.first.toordinal()
    opened = (roster.relisted_on > NEVER) & grace_may_be_over
    candidates: Bools = now & (began | opened | (roster.counts_from > NEVER))
    return candidates


def _told_since(judged: Judged, spell: _Spell) -> set[int | None]:
    """Offers that were told of this spell already: data that came late may have moved its nights."""
    told = Notification.objects.filter(
        marketplace=judged.marketplace,
        kind=NotificationKind.AT_RISK,
        on__gt=spell.first + ONE_DAY,
        on__lte=judged.as_of + ONE_DAY,
    )
    return set(told.values_list("offer_id", flat=True))


def _pasts(piece: dict[int, int], spell: _Spell) -> dict[int, _Past]:
    """What is known of those offers that are still LIVE, by two queries."""
    orders = _orders_since_relist(piece, spell)
    rows = Offer.objects.filter(pk__in=piece, status=Status.LIVE).values_list(
        "pk", "lifted_on", _band_on(spell.first), _band_on(spell.before or date.min)
    )
    return {
        pk: _Past(lifted_on, on_first or 0, on_before or 0, *orders.get(pk, (0, 0)))
        for pk, lifted_on, on_first, on_before in rows
    }


def _band_on(night: date) -> Subquery:
    changes = HealthChange.objects.filter(offer=OuterRef("pk"), as_of__lte=night).order_by("-as_of")
    return Subquery(changes.values("band")[:1])


def _orders_since_relist(piece: dict[int, int], spell: _Spell) -> dict[int, tuple[int, int]]:
    """Plain orders from the latest relist up to the first night, and up to the one before it."""
    lines = OrderLine.objects.filter(
        offer_id__in=piece, ordered_on__gte=F("offer__relisted_on"), ordered_on__lte=spell.first
    ).exclude(status=OrderLine.Status.CANCELLED)
    before = Count("pk", filter=Q(ordered_on__lte=spell.before or date.min))
    rows = lines.values_list("offer_id").annotate(first=Count("pk"), before=before).order_by()
    return {pk: (first, earlier) for pk, first, earlier in rows}


def _begins(judged: Judged, row: int, past: _Past, spell: _Spell) -> bool:
    """Whether the spell began with its first night: it counts, and the night before did not."""
    relisted = int(judged.roster.relisted_on[row])

    def counts(night: date, band: int, orders: int) -> bool:
        if band not in _AT_RISK or (past.lifted_on and night < past.lifted_on):
            return False
        if relisted == NEVER:
            return True
        days = night.toordinal() - relisted
        return days >= judged.policy.grace_days and orders >= judged.policy.grace_orders

    if not counts(spell.first, past.on_first, past.orders_first):
        return False
    return spell.before is None or not counts(spell.before, past.on_before, past.orders_before)
