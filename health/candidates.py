"""Of which offers of a judged shard there is something to tell or to do: closures, at risk, recovered.

Read and judged with the shard. Who is LIVE when the night is published, and was told already, is decided then
(`closures.py`, `notices.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db.models import Count, F, OuterRef, Q, Subquery

from health.bands import Band, Ints
from health.counting import NEVER
from health.evidence import closure_evidence, night_evidence
from health.findings import Findings, OrderSums, Told
from health.judge import HEALTHY, Judged
from health.models import HealthChange
from health.state import nights_before
from offers.lifecycle import Status
from offers.models import Offer, OrderLine

AT_RISK_NIGHTS: Final = 3
"""So many computed nights running an offer is shown Poor or Very poor before its seller is told."""
_AT_RISK: Final = (Band.POOR, Band.VERY_POOR)
_PIECE: Final = 500


def findings_of(judged: Judged) -> Findings:
    """All that the publishing of the night needs of this shard besides its rows."""
    return Findings(
        sums=OrderSums.of(judged.compared.counts, judged.night.taking_part),
        placed=list(judged.compared.placed),
        due=_told(judged, _due(judged)),
        recovered=_told(judged, _recovered(judged)),
        at_risk=_told(judged, _at_risk(judged)),
    )


def _told(judged: Judged, rows: Iterable[tuple[int, dict[str, Any], bool]]) -> list[Told]:
    roster = judged.roster
    return [
        Told(int(roster.offer_id[row]), int(roster.seller[row]), evidence, held=held)
        for row, evidence, held in rows
    ]


def _due(judged: Judged) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """LIVE offers that could be closed on enough nights running, and were not relisted since."""
    day, roster = judged.as_of.toordinal(), judged.roster
    due = (judged.streak >= judged.policy.close_nights) & roster.live & (roster.latest_relist <= day)
    for row in np.flatnonzero(due).tolist():
        yield row, closure_evidence(judged, row), judged.clusters[row].held


def _recovered(judged: Judged) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """LIVE offers that are shown Fair or better tonight, for the first time since their relist it seems."""
    roster, day = judged.roster, judged.as_of.toordinal()
    relisted = (roster.relisted_on > NEVER) & (roster.latest_relist <= day) & roster.live
    # Who was well last night already, and relisted by then, has been told.
    before = (judged.tonight.before or date.min).toordinal()
    news = ~np.isin(judged.state.prev, HEALTHY) | (roster.relisted_on > before)
    for row in np.flatnonzero(relisted & news & np.isin(judged.band, HEALTHY)).tolist():
        yield row, night_evidence(judged, row), False


# --- at risk


@dataclass(frozen=True, slots=True)
class Spell:
    """The nights that decide: the first of those that must be at risk, and the one before it, if any."""

    first: date
    before: date | None

    @classmethod
    def up_to(cls, judged: Judged) -> "Spell | None":
        """The spell whose last night is tonight; None while too few nights are computed."""
        nights = nights_before(judged.marketplace, judged.as_of, AT_RISK_NIGHTS)
        if len(nights) < AT_RISK_NIGHTS - 1:
            return None
        return cls(nights[AT_RISK_NIGHTS - 2], next(iter(nights[AT_RISK_NIGHTS - 1 :]), None))


@dataclass(frozen=True, slots=True)
class _Past:
    """What an offer was on the two nights of a `Spell`."""

    lifted_on: date | None
    on_first: int
    on_before: int
    orders_first: int
    orders_before: int


def _at_risk(judged: Judged) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """LIVE offers whose third night at risk this is: once per spell.

    A spell ends with another band, with a closure, and it begins anew after a lift. While an offer is in
    grace it can't be closed, so its nights there count towards this notice as little as towards a closure
    (METHOD 6): after a relist the spell begins when the grace is over.
    """
    spell = Spell.up_to(judged)
    if spell is None:
        return
    for piece in _pieces(judged, _candidates(judged, spell)):
        pasts = _pasts(judged, piece, spell)
        for offer_id, row in piece.items():
            past = pasts.get(offer_id)
            if past and _begins(judged, row, past, spell):
                yield row, {**night_evidence(judged, row), "nights": AT_RISK_NIGHTS}, False


def _pieces(judged: Judged, rows: Ints) -> Iterator[dict[int, int]]:
    """Rows of the roster in pieces that a query can take, as offer id to row."""
    for start in range(0, len(rows), _PIECE):
        piece = rows[start : start + _PIECE]
        yield dict(zip(judged.roster.offer_id[piece].tolist(), piece.tolist(), strict=True))


def _candidates(judged: Judged, spell: Spell) -> Ints:
    """Rows of offers at risk tonight and last night whose spell may have begun with its first night.

    Either the band changed on that night, which the history tells, or a relist or a lift began it.
    """
    roster, day = judged.roster, judged.as_of.toordinal()
    now = roster.live & np.isin(judged.band, _AT_RISK) & np.isin(judged.state.prev, _AT_RISK)
    now &= roster.latest_relist <= day
    began = np.zeros(len(roster), np.bool_)
    for piece in _pieces(judged, np.flatnonzero(now & (roster.relisted_on == NEVER))):
        changes = HealthChange.objects.filter(offer__in=piece, as_of=spell.first, band__in=_AT_RISK)
        began[[piece[offer] for offer in changes.values_list("offer_id", flat=True)]] = True
    grace_may_be_over = roster.relisted_on + judged.policy.grace_days <= spell.first.toordinal()
    opened = (roster.relisted_on > NEVER) & grace_may_be_over
    return np.flatnonzero(now & (began | opened | (roster.counts_from > NEVER)))


def _pasts(judged: Judged, piece: dict[int, int], spell: Spell) -> dict[int, _Past]:
    """What is known of those offers that are still LIVE, by two queries."""
    relisted = [offer for offer, row in piece.items() if judged.roster.relisted_on[row] > NEVER]
    orders = _orders_since_relist(relisted, spell) if relisted else {}
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


def _orders_since_relist(relisted: list[int], spell: Spell) -> dict[int, tuple[int, int]]:
    """Plain orders from the latest relist up to the first night, and up to the one before it."""
    lines = OrderLine.objects.filter(
        offer_id__in=relisted, ordered_on__gte=F("offer__relisted_on"), ordered_on__lte=spell.first
    ).exclude(status=OrderLine.Status.CANCELLED)
    before = Count("pk", filter=Q(ordered_on__lte=spell.before or date.min))
    rows = lines.values_list("offer_id").annotate(first=Count("pk"), before=before).order_by()
    return {pk: (first, earlier) for pk, first, earlier in rows}


def _begins(judged: Judged, row: int, past: _Past, spell: Spell) -> bool:
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
