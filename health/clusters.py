"""The raw order lines behind a candidate for closing, and the cluster tests on them (METHOD 6).

Only candidates, offers on which every other condition holds, need their raw lines read.
"""

from dataclasses import asdict
from datetime import date
from typing import Any, Final

import numpy as np

from health.bands import Ints
from health.benchmarks import Compared, NightOrders
from health.closing import ClusterResult, Lines, cluster_tests
from health.grouping import find
from offers.bulk import fetch_columns


def judge_clusters(night: NightOrders, compared: Compared, row: int) -> ClusterResult:
    """The cluster tests of one candidate, by its row in the roster."""
    window = int(compared.counts.window[row])
    lines = _lines(night, row, window)
    return cluster_tests(
        lines, float(compared.m[row]), float(compared.s[row]), float(compared.w[row]), window, night.policy
    )


_LINES: Final = """
    SELECT id, ordered_on, COALESCE(customer, 0), CASE WHEN customer IS NULL THEN 0 ELSE 1 END
      FROM offers_orderline
     WHERE offer_id = %s AND NOT (status = 'cancelled') AND ordered_on > %s AND ordered_on <= %s
     ORDER BY id
"""


def _lines(night: NightOrders, row: int, window: int) -> Lines:
    day = night.as_of.toordinal()
    params = [int(night.roster.offer_id[row]), date.fromordinal(day - window), night.as_of]
    line, ordered_on, customer, named = fetch_columns(_LINES, params, ("int", "day", "int", "int"))
    since = ordered_on >= night.roster.relisted_on[row]
    _, code = np.unique(customer, return_inverse=True)
    return Lines(
        order_age=day - ordered_on,
        event_age=_event_ages(night, row, line),
        # Stored hashes may be any number; the tests want small codes, and -1 for no reference.
        customer=np.where(named > 0, code, -1).astype(np.int64),
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
