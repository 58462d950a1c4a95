"""What a judged shard writes per offer, as arrays: its row in the grid, and its entry in the history."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from health.bands import Bools, Floats, Ints
from health.counting import NEVER
from health.judge import HEALTHY, Judged
from health.models import Tile, Urgency
from health.models.current import URGENCY_OF_TILE
from health.reading_feedback import REASONS
from health.trend import advance
from offers import bulk

Column: TypeAlias = NDArray[Any]

_PIECE: Final = 1 << 14  # rows made at once: bounds the memory for what only the database keeps
_URGENCY: Final = np.array([URGENCY_OF_TILE[tile] for tile in Tile], dtype=np.int64)


def current_rows(judged: Judged) -> Iterator[bulk.Arrays]:
    """The columns of `OfferHealth` for every offer of the shard, in pieces, by rising offer id."""
    recovery = _Recovery.of(judged)
    for start in range(0, len(judged.roster), _PIECE):
        rows = np.arange(start, min(start + _PIECE, len(judged.roster)))
        yield {
            **_of_offer(judged, rows),
            **_of_method(judged, rows),
            **_of_grid(judged, rows, recovery),
            **_of_extras(judged, rows),
        }


def changed_rows(judged: Judged) -> bulk.Arrays:
    """The columns of `HealthChange` for the offers whose state differs from the night before.

    On the first night those are all that have a state.
    """
    counts, compared, state = judged.compared.counts, judged.compared, judged.state
    changed = (judged.band != state.prev) | (judged.proposed != state.one_before)
    changed |= judged.closable != (state.streak > 0)
    changed |= (counts.window != compared.window_before) & (compared.window_before > 0)
    rows = np.flatnonzero(changed)
    has = compared.level[rows] >= 0
    return {
        "offer_id": judged.roster.offer_id[rows],
        "as_of": np.full(len(rows), judged.as_of.toordinal()),
        "band": judged.band[rows],
        "proposed": judged.proposed[rows],
        "closable": judged.closable[rows],
        "window_days": counts.window[rows],
        "n": counts.n[rows],
        "k": counts.k[rows],
        "c": counts.c[rows],
        **{name: np.where(has, getattr(compared, name)[rows], np.nan) for name in "msw"},
        "level": compared.level[rows],
        "policy_version": np.full(len(rows), judged.tonight.policy_row.version),
    }


def _of_offer(judged: Judged, rows: Ints) -> dict[str, Column]:
    return {
        "offer_id": judged.roster.offer_id[rows],
        "seller_id": judged.roster.seller[rows],
        "marketplace_id": np.full(len(rows), judged.marketplace.pk),
        "as_of": np.full(len(rows), judged.as_of.toordinal()),
    }


def _of_method(judged: Judged, rows: Ints) -> dict[str, Column]:
    """Counts, benchmark, and the state with that of the nights before."""
    counts, compared, state = judged.compared.counts, judged.compared, judged.state
    columns: dict[str, Column] = {
        "window_days": counts.window,
        "n": counts.n,
        "k": counts.k,
        "c": counts.c,
        "orders": counts.orders,
        "ncx_orders": counts.ncx_orders,
        "comments": counts.comments,
        "m": compared.m,
        "s": compared.s,
        "w": compared.w,
        "level": compared.level,
        "similar_offers": compared.similar,
        "peer_p10": judged.peer_p10,
        "peer_p90": judged.peer_p90,
        "band": judged.band,
        "proposed": judged.proposed,
        "streak": judged.streak,
        "band_1": state.prev,
        "proposed_1": state.one_before,
        "streak_1": state.streak,
        "proposed_2": state.two_before,
    }
    return {name: values[rows] for name, values in columns.items()}


def _of_grid(judged: Judged, rows: Ints, recovery: "_Recovery") -> dict[str, Column]:
    """What the grid sorts and filters by. The same rule as `publishing.grid_place`, for many offers."""
    counts, band, closed_on = judged.compared.counts, judged.band[rows], judged.roster.closed_on[rows]
    orders, ncx_orders = counts.orders[rows], counts.ncx_orders[rows]
    excess = np.nan_to_num(ncx_orders - orders * judged.compared.m[rows], nan=0.0)
    rate = _share(ncx_orders, orders)
    return {
        "tile": band,
        "urgency": np.where(closed_on > NEVER, Urgency.CLOSED, _URGENCY[band]),
        "closed_rank": -closed_on,
        "excess": excess,
        "rate": rate,
        "recovering": recovery.going_on[rows],
        "recovered_on": recovery.ended_on[rows],
        "trend": advance(judged.known.trend[rows], judged.as_of, rate),
    }


def _of_extras(judged: Judged, rows: Ints) -> dict[str, Column]:
    extras = judged.extras
    names = np.array([b"", *(name.encode() for name in REASONS)])
    return {
        "last_ordered_on": extras.last_ordered[rows],
        "last_updated_on": extras.last_updated[rows],
        "top_reason": names[extras.reason[rows] + 1],
        "top_reason_orders": extras.reason_orders[rows],
        "stars_mean": _share(extras.stars_sum[rows], extras.stars_count[rows]),
        "stars_count": extras.stars_count[rows],
    }


def _share(part: Ints, whole: Ints) -> Floats:
    """The part of the whole, NaN where the whole is nothing."""
    share: Floats = np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
    return share


@dataclass(frozen=True, slots=True)
class _Recovery:
    """Of every offer: whether it is LIVE, relisted and not shown Fair or better since; else since when it is.

    `ended_on`: the first such night; what an earlier computation said stands. NEVER where there is none.
    """

    going_on: Bools
    ended_on: Ints

    @classmethod
    def of(cls, judged: Judged) -> "_Recovery":
        day, relisted = judged.as_of.toordinal(), judged.roster.latest_relist
        before = judged.known.recovered_on
        stands = (before > NEVER) & (before >= relisted)
        tonight = (relisted > NEVER) & (relisted <= day) & np.isin(judged.band, HEALTHY)
        ended_on = np.where(stands, before, np.where(tonight, day, NEVER))
        going_on: Bools = judged.roster.live & (relisted > NEVER) & (ended_on == NEVER)
        return cls(going_on, ended_on)
