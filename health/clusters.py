"""The raw order lines behind a candidate for closing, and the cluster tests on them (METHOD 6).

Only candidates, offers on which every other condition holds, need their raw lines read.
"""

from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np

from health.benchmarks import Compared, NightOrders
from health.closing import ClusterResult, Lines, cluster_tests
from health.counting import Ints
from health.reading import columns, ordinal


def judge_clusters(night: NightOrders, compared: Compared, row: int) -> ClusterResult:
    """The cluster tests of one candidate, by its row in the roster."""
    window = int(compared.counts.window[row])
    lines = _lines(night, row, window)
    return cluster_tests(
        lines, float(compared.m[row]), float(compared.s[row]), float(compared.w[row]), window, night.policy
    )


def _lines(night: NightOrders, row: int, window: int) -> Lines:
    day, relisted = night.as_of.toordinal(), int(night.roster.relisted_on[row])
    sql = f"""
        SELECT id, {ordinal("ordered_on")}, customer FROM offers_orderline
         WHERE offer_id = %s AND status <> 'cancelled' AND ordered_on > %s AND ordered_on <= %s
         ORDER BY id
    """
    params = [int(night.roster.offer_id[row]), date.fromordinal(day - window), night.as_of]
    ids, ordered, customers = columns(sql, params, 3)
    ordered_on = np.array(ordered, dtype=np.int64)
    since = ordered_on >= relisted
    return Lines(
        order_age=day - ordered_on,
        event_age=_event_ages(night, row, np.array(ids, dtype=np.int64), day),
        customer=_customer_codes(customers),
        weight=np.where(since, 1.0, night.policy.relist_weight),
        since_relist=since,
    )


def _event_ages(night: NightOrders, row: int, line_ids: Ints, day: int) -> Ints:
    """Age of each line's first counted event, -1 where it has none."""
    mine = night.lines.offer == row
    first_on = dict(zip(night.lines.line[mine].tolist(), night.lines.first_on[mine].tolist(), strict=True))
    return np.array(
        [day - first_on[line] if line in first_on else -1 for line in line_ids.tolist()], dtype=np.int64
    )


def _customer_codes(customers: list[Any]) -> Ints:
    """A small code per customer: the stored hashes may be any number, and none means -1."""
    code = {
        value: number
        for number, value in enumerate(sorted({value for value in customers if value is not None}))
    }
    return np.array([-1 if value is None else code[value] for value in customers], dtype=np.int64)


def as_evidence(result: ClusterResult) -> dict[str, Any]:
    """The verdict as JSON, for the frozen evidence of a closure."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(result).items()
    }
