"""The evidence that a closure freezes: every number that led to it, and the orders behind them."""

from datetime import date
from typing import Any

import numpy as np

from health.bands import Band, cutoffs, posterior, probabilities
from health.clusters import as_evidence
from health.counting import NEVER
from health.grouping import Level
from health.judge import Judged
from health.reading_feedback import REASONS


def night_evidence(judged: Judged, row: int) -> dict[str, Any]:
    """What a night knew of one offer that has orders, as JSON: counts, benchmark, main reason."""
    counts, compared, extras = judged.compared.counts, judged.compared, judged.extras
    reason, relisted = int(extras.reason[row]), int(judged.roster.relisted_on[row])
    return {
        "as_of": judged.as_of.isoformat(),
        "policy_version": judged.tonight.policy_row.version,
        "band": Band(int(judged.band[row])).name,
        "window_days": int(counts.window[row]),
        "n": float(counts.n[row]),
        "k": float(counts.k[row]),
        "c": int(counts.c[row]),
        "orders": int(counts.orders[row]),
        "ncx_orders": int(counts.ncx_orders[row]),
        "comments": int(counts.comments[row]),
        "m": float(compared.m[row]),
        "s": float(compared.s[row]),
        "w": float(compared.w[row]),
        "level": Level(int(compared.level[row])).name,
        "similar_offers": int(compared.similar[row]),
        "top_reason": REASONS[reason] if reason >= 0 else "",
        "top_reason_orders": int(extras.reason_orders[row]),
        "relisted_on": date.fromordinal(relisted).isoformat() if relisted > NEVER else None,
    }


def closure_evidence(judged: Judged, row: int) -> dict[str, Any]:
    """The whole evidence for one offer, as JSON: also probabilities, tests, reasons, orders."""
    counts, compared, verdict = judged.compared.counts, judged.compared, judged.clusters[row]
    n, k, m, s = (values[row : row + 1] for values in (counts.n, counts.k, compared.m, compared.s))
    a, b = posterior(n, k, m, s)
    return {
        **night_evidence(judged, row),
        "since_relist": [int(counts.since_n[row]), int(counts.since_k[row]), int(counts.since_c[row])],
        "a": float(a[0]),
        "b": float(b[0]),
        "cutoffs": _first(cutoffs(m, judged.policy)._asdict()),
        "probabilities": _first(probabilities(n, k, m, s, judged.policy)._asdict()),
        "nights": int(judged.streak[row]),
        "tests": as_evidence(verdict),
        "reasons": _reasons(judged, row),
        "order_lines": _order_lines(judged, row),
    }


def _first(values: dict[str, Any]) -> dict[str, float]:
    return {name: float(value[0]) for name, value in values.items()}


def _in_window(judged: Judged, row: int) -> np.ndarray:
    lines, window = judged.lines, judged.compared.counts.window[row]
    return np.flatnonzero((lines.offer == row) & (lines.ordered_on > judged.as_of.toordinal() - window))


def _reasons(judged: Judged, row: int) -> dict[str, int]:
    """NCX orders by reason, most first."""
    codes, tally = np.unique(judged.lines.reason[_in_window(judged, row)], return_counts=True)
    found = {REASONS[code]: int(number) for code, number in zip(codes, tally, strict=True)}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _order_lines(judged: Judged, row: int) -> list[int]:
    """Ids of the order lines with a counted event."""
    found: list[int] = judged.lines.line[_in_window(judged, row)].tolist()
    return sorted(found)
