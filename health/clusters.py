"""The raw order lines behind a candidate for closing, and the cluster tests on them (METHOD 6).

Only candidates, offers on which every other condition holds, need their raw lines read.
"""

from dataclasses import asdict
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np

from health.bands import Ints
from health.benchmarks import Compared, NightOrders
from health.closing import ClusterResult, Lines, cluster_tests
from health.grouping import find
from offers.bulk import fetch_columns

_PIECE: Final = 500  # candidates whose lines are read at once


def judge_clusters(night: NightOrders, compared: Compared, rows: Ints) -> dict[int, ClusterResult]:
    """The cluster tests of the candidates, by their rows in the roster."""
    found: dict[int, ClusterResult] = {}
    for start in range(0, len(rows), _PIECE):
        piece = rows[start : start + _PIECE]
        for row, raw in zip(piece.tolist(), _read(night, piece), strict=True):
            window = int(compared.counts.window[row])
            m, s, w = (float(values[row]) for values in (compared.m, compared.s, compared.w))
            found[row] = cluster_tests(
                _lines(night, row, raw.of_window(window)), m, s, w, window, night.policy
            )
    return found


class _Raw(NamedTuple):
    """Order lines as they are stored, one value per line, in the order of their ids."""

    line: Ints
    age: Ints
    customer: Ints
    named: Ints

    def of_window(self, window: int) -> "_Raw":
        """Those of a window of so many days."""
        inside = self.age < window
        return _Raw(*(values[inside] for values in self))


def _read(night: NightOrders, rows: Ints) -> list[_Raw]:
    """The lines of each of these offers in the long window."""
    day, window = night.as_of.toordinal(), night.policy.long_window_days
    ids = night.roster.offer_id[rows]
    sql = f"""
        SELECT offer_id, id, ordered_on, COALESCE(customer, 0), CASE WHEN customer IS NULL THEN 0 ELSE 1 END
          FROM offers_orderline
         WHERE offer_id IN ({", ".join(map(str, ids.tolist()))}) AND NOT (status = 'cancelled')
           AND ordered_on > %s AND ordered_on <= %s
         ORDER BY id
    """  # noqa: S608 - ids are numbers
    params = [date.fromordinal(day - window), night.as_of]
    offer, line, ordered_on, customer, named = fetch_columns(sql, params, ("int", "int", "day", "int", "int"))
    order = np.argsort(offer, kind="stable")
    first, last = (np.searchsorted(offer[order], ids, side) for side in ("left", "right"))
    raw = _Raw(line, day - ordered_on, customer, named)
    return [_Raw(*(values[order[a:b]] for values in raw)) for a, b in zip(first, last, strict=True)]


def _lines(night: NightOrders, row: int, raw: _Raw) -> Lines:
    since = raw.age <= night.as_of.toordinal() - night.roster.relisted_on[row]
    _, code = np.unique(raw.customer, return_inverse=True)
    return Lines(
        order_age=raw.age,
        event_age=_event_ages(night, row, raw.line),
        # Stored hashes may be any number; the tests want small codes, and -1 for no reference.
        customer=np.where(raw.named > 0, code, -1).astype(np.int64),
        weight=np.where(since, 1.0, night.policy.relist_weight),
        since_relist=since,
    )


def _event_ages(night: NightOrders, row: int, line: Ints) -> Ints:
    """Age of each line's first counted event, -1 where it has none."""
    mine = night.lines.at(night.lines.offer == row)
    place = find(mine.line, line)
    ages = night.as_of.toordinal() - mine.first_on
    return np.where(place < 0, -1, np.append(ages, -1)[place])


def as_evidence(result: ClusterResult) -> dict[str, Any]:
    """The verdict as JSON, for the frozen evidence of a closure."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(result).items()
    }
