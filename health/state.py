"""What the offers' state was before a night: the night before's band, earlier proposals, the streak.

The usual night follows the last computed one and finds it in the current rows; so does a second
recompute of the last night. Only a period that starts earlier is replayed from the history.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from health.bands import Bands, Floats, Ints
from health.counting import NEVER
from health.models import HealthChange, HealthPolicy, Night, OfferHealth
from health.reading import Roster
from health.trend import LONGEST
from offers.bulk import fetch_columns
from offers.models import Marketplace

_Columns: TypeAlias = dict[str, NDArray[Any]]
Value = TypeVar("Value", bound=np.generic)


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


class Past(NamedTuple):
    """Which nights of a marketplace are computed, as the night of `as_of` sees them.

    before: the last one before it, None for the first; alike: whether that one was judged by tonight's policy
    version. last: the newest of all, which is `as_of` itself or later when dates are computed again.
    """

    as_of: date
    before: date | None
    alike: bool
    last: date | None

    @classmethod
    def of(cls, marketplace: Marketplace, as_of: date, policy_row: HealthPolicy) -> "Past":
        """As it stands in the caller's snapshot."""
        nights = Night.objects.filter(marketplace=marketplace).order_by("-as_of")
        before = nights.filter(as_of__lt=as_of).first()
        last = nights.values_list("as_of", flat=True).first()
        alike = before is not None and before.policy_id == policy_row.pk
        return cls(as_of, before.as_of if before else None, alike, last)


@dataclass(frozen=True, slots=True)
class Known:
    """What the grid's rows say before tonight is written: one value per offer of the roster.

    recovered_on: the day of the recovery that is known of before tonight, NEVER for none. trend: as stored,
    empty for an offer without a row.
    """

    state: State
    typical: Typical
    recovered_on: Ints
    trend: NDArray[np.bytes_]


_NUMBERS: Final = ("band", "proposed", "streak", "band_1", "proposed_1", "streak_1", "proposed_2")
_FLOATS: Final = ("m", "s", "peer_p10", "peer_p90")
_KINDS: Final = {
    "offer_id": "int",
    "as_of": "day",
    "recovered_on": "day",
    **dict.fromkeys(_NUMBERS, "short"),
    **dict.fromkeys(_FLOATS, "float"),
    "trend": f"S{LONGEST}",
}


def read_known(marketplace: Marketplace, roster: Roster, past: Past) -> Known:
    """Everything that the night asks the grid's rows for, in one reading: finding them is half its cost."""
    table, names = OfferHealth._meta.db_table, list(_KINDS)
    sql = f"SELECT {', '.join(names)} FROM {table} WHERE offer_id BETWEEN %s AND %s"  # noqa: S608
    read = fetch_columns(sql, roster.range, list(_KINDS.values()))
    index, columns = _along(roster, dict(zip(names, read, strict=True)))
    recovered = np.where(columns["recovered_on"] < past.as_of.toordinal(), columns["recovered_on"], NEVER)
    return Known(
        state=_state_before(marketplace, roster, past, index, columns),
        typical=_typical(roster, past, index, columns),
        recovered_on=_laid(roster, index, recovered),
        trend=_laid(roster, index, columns["trend"]),
    )


def nights_before(marketplace: Marketplace, as_of: date, limit: int | None = None) -> list[date]:
    """The computed nights before a date, newest first."""
    nights = Night.objects.filter(marketplace=marketplace, as_of__lt=as_of).order_by("-as_of")
    return list(nights.values_list("as_of", flat=True)[:limit])


def _along(roster: Roster, columns: _Columns) -> tuple[Ints, _Columns]:
    """The rows of the roster's offers: their places in it, and their columns."""
    index, known = roster.positions(columns["offer_id"])
    if known.all():
        return index, columns
    return index[known], {name: values[known] for name, values in columns.items()}


def _laid(roster: Roster, index: Ints, values: NDArray[Value]) -> NDArray[Value]:
    """Values at these places of the roster, nothing (0, empty) at the others."""
    laid = np.zeros(len(roster), values.dtype)
    laid[index] = values
    return laid


def _typical(roster: Roster, past: Past, index: Ints, columns: _Columns) -> Typical:
    """By the same policy version only; of no offer where there was no such night."""
    laid = np.full((len(_FLOATS), len(roster)), np.nan)
    if past.before and past.alike:
        told = (columns["as_of"] == past.before.toordinal()) & ~np.isnan(columns["peer_p10"])
        for row, name in enumerate(_FLOATS):
            laid[row, index[told]] = columns[name][told]
    return Typical(*laid)


def _state_before(
    marketplace: Marketplace, roster: Roster, past: Past, index: Ints, columns: _Columns
) -> State:
    if past.last is None:
        return _state(roster, [])
    if past.as_of < past.last:
        return _replayed(marketplace, roster, past.as_of)
    names = ("band", "proposed", "proposed_1", "streak")
    if past.as_of == past.last:
        names = ("band_1", "proposed_1", "proposed_2", "streak_1")
    # A row of an older night belongs to an offer that was not computed last night: it has no state.
    told = columns["as_of"] == past.last.toordinal()
    prev, one_before, two_before, streak = (_laid(roster, index[told], columns[name][told]) for name in names)
    return State(prev.astype(np.int8), one_before.astype(np.int8), two_before.astype(np.int8), streak)


def _state(roster: Roster, rows: Iterable[tuple[int, int, int, int, int]]) -> State:
    """Rows of (offer id, prev, one before, two before, streak), laid out along the roster."""
    read = np.array(list(rows), dtype=np.int64).reshape(-1, 5)
    prev, one_before, two_before, streak = roster.lay_out(read[:, 0], *read[:, 1:].T)
    return State(prev.astype(np.int8), one_before.astype(np.int8), two_before.astype(np.int8), streak)


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
