"""What the offers' state was before a night: the night before's band, earlier proposals, the streak.

The usual night follows the last computed one and finds it in the current rows; so does a second
recompute of the last night. Only a period that starts earlier is replayed from the history.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from health.bands import Bands, Floats, Ints
from health.models import HealthChange, HealthPolicy, Night, OfferHealth
from health.reading import Roster, fetch_of
from offers.models import Marketplace


@dataclass(frozen=True, slots=True)
class State:
    """One value per offer of the roster, as of the computed nights before the one at hand.

    prev: band shown one night before. one_before, two_before: proposals of the two nights before.
    streak: nights running, up to the night before, on which the offer could be closed.
    """

    prev: Bands
    one_before: Bands
    two_before: Bands
    streak: Ints


@dataclass(frozen=True, slots=True)
class Typical:
    """What last night found to be the middle of similar offers, and for which m and s; NaN for none."""

    m: Floats
    s: Floats
    low: Floats
    high: Floats


def read_typical(
    marketplace: Marketplace, roster: Roster, last_night: date | None, policy_row: HealthPolicy
) -> Typical:
    """What the night before found by the same policy version; of no offer where there was none."""
    laid = np.full((4, len(roster)), np.nan)
    nights = Night.objects.filter(marketplace=marketplace, policy=policy_row)
    if last_night and nights.filter(as_of=last_night).exists():
        sql = f"""
            SELECT offer_id, m, s, peer_p10, peer_p90 FROM {OfferHealth._meta.db_table}
             WHERE marketplace_id = %s AND as_of = %s AND peer_p10 IS NOT NULL
        """  # noqa: S608
        kinds = ("int", *["float"] * 4)
        offers, *columns = fetch_of(roster, sql, [marketplace.pk, last_night], kinds)
        index, known = roster.positions(offers)
        for row, values in enumerate(columns):
            laid[row, index[known]] = values[known]
    return Typical(*laid)


def nights_before(marketplace: Marketplace, as_of: date, limit: int | None = None) -> list[date]:
    """The computed nights before a date, newest first."""
    nights = Night.objects.filter(marketplace=marketplace, as_of__lt=as_of).order_by("-as_of")
    return list(nights.values_list("as_of", flat=True)[:limit])


def read_state(marketplace: Marketplace, roster: Roster, as_of: date) -> State:
    """The state before `as_of`."""
    last = (
        Night.objects.filter(marketplace=marketplace)
        .order_by("-as_of")
        .values_list("as_of", flat=True)
        .first()
    )
    if last is None:
        return _state(roster, [])
    if as_of > last:
        return _current(marketplace, roster, last, ("band", "proposed", "proposed_1", "streak"))
    if as_of == last:
        return _current(marketplace, roster, last, ("band_1", "proposed_1", "proposed_2", "streak_1"))
    return _replayed(marketplace, roster, as_of)


def _state(roster: Roster, rows: Iterable[tuple[int, int, int, int, int]]) -> State:
    """Rows of (offer id, prev, one before, two before, streak), laid out along the roster."""
    read = np.array(list(rows), dtype=np.int64).reshape(-1, 5)
    return _laid_out(roster, read[:, 0], list(read[:, 1:].T))


def _laid_out(roster: Roster, offers: Ints, columns: list[Ints]) -> State:
    prev, one_before, two_before, streak = roster.lay_out(offers, *columns)
    return State(prev.astype(np.int8), one_before.astype(np.int8), two_before.astype(np.int8), streak)


def _current(marketplace: Marketplace, roster: Roster, last: date, names: tuple[str, ...]) -> State:
    # A row of an older night belongs to an offer that was not computed last night: it has no state.
    table = OfferHealth._meta.db_table
    sql = f"SELECT offer_id, {', '.join(names)} FROM {table} WHERE marketplace_id = %s AND as_of = %s"  # noqa: S608
    offers, *columns = fetch_of(roster, sql, [marketplace.pk, last], ("int", *["short"] * 4))
    return _laid_out(roster, offers, columns)


def _replayed(marketplace: Marketplace, roster: Roster, as_of: date) -> State:
    """From the history: for each offer the latest change up to each of the two nights before."""
    nights = nights_before(marketplace, as_of)
    if not nights:
        return _state(roster, [])
    changes = HealthChange.objects.filter(
        offer__marketplace=marketplace, offer__id__range=roster.range, as_of__lt=as_of
    ).order_by("offer_id", "as_of")
    by_offer: dict[int, list[tuple[date, int, int, bool]]] = {}
    for offer_id, *change in changes.values_list("offer_id", "as_of", "band", "proposed", "closable"):
        by_offer.setdefault(offer_id, []).append(tuple(change))  # type: ignore[arg-type]
    return _state(roster, ((pk, *_state_of(known, nights)) for pk, known in by_offer.items()))


def _state_of(changes: list[tuple[date, int, int, bool]], nights: list[date]) -> tuple[int, int, int, int]:
    """prev, one before, two before and streak of one offer; nights newest first."""
    one = _on(changes, nights[0])
    two = _on(changes, nights[1]) if len(nights) > 1 else None
    streak = 0
    for night in nights:
        if not (change := _on(changes, night)) or not change[3]:
            break
        streak += 1
    return (one[1] if one else 0), (one[2] if one else 0), (two[2] if two else 0), streak


def _on(changes: list[tuple[date, int, int, bool]], night: date) -> Any:
    """The change in force on a night."""
    return next((change for change in reversed(changes) if change[0] <= night), None)
