"""The night as one would write it at first: the ORM counts, a loop decides, bulk_update writes.

Simpler than the method: one level of similar offers and cut-offs by the ratio alone. So it flatters itself.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Max, Q, QuerySet
from scipy.special import betainc

from health.models import OfferHealth
from offers.models import Offer

SHORT, LONG, MANY = 30, 60, 100
_WRITTEN: Final = [
    *("as_of", "window_days", "orders", "ncx_orders", "comments", "n", "k", "c", "rate", "m", "band"),
    *("proposed", "last_ordered_on", "last_updated_on"),
]
_SPREAD: Final = 40.0
_AT_ONCE: Final = 1000


def plain_night(offers: "QuerySet[Offer]", day: date) -> int:
    """Count, compare and write the health of these offers; return how many they were."""
    rows = list(_counted(offers, day))
    typical = _means(rows)
    health = []
    for row in rows:
        short = row["n_short"] >= MANY
        suffix = "short" if short else "long"
        n, k, c = row[f"n_{suffix}"], row[f"k_{suffix}"], row[f"c_{suffix}"]
        mean = typical[row["category"], row["condition"]]
        band = _band(n, k, mean)
        health.append(
            OfferHealth(
                offer_id=row["pk"],
                as_of=day,
                window_days=SHORT if short else LONG,
                orders=n,
                ncx_orders=k,
                comments=c,
                n=n,
                k=k,
                c=c,
                rate=k / n if n else None,
                m=mean,
                band=band,
                proposed=band,
                last_ordered_on=row["last_ordered"],
                last_updated_on=max(filter(None, (row["last_ordered"], row["last_said"])), default=None),
            )
        )
    OfferHealth.objects.bulk_update(health, _WRITTEN, batch_size=_AT_ONCE)
    return len(health)


def _counted(offers: "QuerySet[Offer]", day: date) -> Any:
    """One row per offer with the counts of both windows."""
    sold = Q(order_lines__ordered_on__lte=day) & ~Q(order_lines__status="cancelled")
    said = Q(order_lines__feedback__counted=True, order_lines__feedback__occurred_on__lte=day)
    counts: dict[str, Any] = {}
    for name, days in (("short", SHORT), ("long", LONG)):
        recent = sold & Q(order_lines__ordered_on__gt=day - timedelta(days=days))
        worded = recent & said & ~Q(order_lines__feedback__comment="")
        counts[f"n_{name}"] = Count("order_lines", filter=recent, distinct=True)
        counts[f"k_{name}"] = Count("order_lines", filter=recent & said, distinct=True)
        counts[f"c_{name}"] = Count("order_lines", filter=worded, distinct=True)
    # Another relation in the same query would multiply the rows, so the last event is asked for by itself.
    spoken = offers.filter(
        feedback__counted=True, feedback__occurred_on__lte=day, feedback__order_line__isnull=False
    )
    last_said = dict(spoken.values_list("pk").annotate(Max("feedback__occurred_on")))
    rows = offers.annotate(**counts, last_ordered=Max("order_lines__ordered_on", filter=sold))
    for row in rows.values("pk", "category", "condition", "last_ordered", *counts):
        yield {**row, "last_said": last_said.get(row["pk"])}


def _means(rows: list[dict[str, Any]]) -> dict[tuple[int, str], float]:
    """The mean rate of each category and condition."""
    n: dict[tuple[int, str], int] = defaultdict(int)
    k: dict[tuple[int, str], int] = defaultdict(int)
    for row in rows:
        n[row["category"], row["condition"]] += row["n_long"]
        k[row["category"], row["condition"]] += row["k_long"]
    return {group: (k[group] + 5) / (n[group] + 100) for group in n}


def _band(n: int, k: int, mean: float) -> int:
    """A band by the chance of being worse than one and a half times the mean."""
    if not n:
        return 0
    a, b = mean * _SPREAD + k, (1 - mean) * _SPREAD + n - k
    worse = 1 - float(betainc(a, b, min(1.5 * mean, 0.9)))
    return 5 if worse >= 0.8 and k >= 3 else 2 if worse <= 0.05 else 3
