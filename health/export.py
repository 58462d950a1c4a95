"""The table of a marketplace's last computed night, as other programs read it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import numpy as np

from health.bands import Band, probabilities
from health.grouping import Level
from health.models import HealthPolicy, OfferHealth
from health.recompute import active_policy
from offers.models import Marketplace

HEADER: Final = (
    *("seller", "sku", "status", "band", "proposed_band", "n", "k", "c", "window_days", "m", "s", "w"),
    *("p_exc", "p_good", "p_poor", "p_vp", "rate", "last_updated", "last_closed_on", "level"),
)
BAND_WORDS: Final = {
    Band.NONE: "",
    Band.EXCELLENT: "Excellent",
    Band.GOOD: "Good",
    Band.FAIR: "Fair",
    Band.INSUFFICIENT: "Insufficient Feedback",
    Band.POOR: "Poor",
    Band.VERY_POOR: "Very poor",
}
LEVEL_WORDS: Final = {
    Level.MARKETPLACE: "marketplace",
    Level.TOP_CATEGORY: "top category",
    Level.CATEGORY: "category",
    Level.PEER_GROUP: "peer group",
}
_BATCH: Final = 20_000


def export_rows(marketplace: Marketplace) -> Iterator[tuple[Any, ...]]:
    """One row per offer, in the order of `HEADER`, sorted by (seller code, sku); None where there is none.

    Probabilities are computed in full from the stored n, k, m, s: no shortcut's zero.
    """
    keys = OfferHealth.objects.filter(marketplace=marketplace).values_list(
        "offer__seller__code", "offer__sku", "offer_id"
    )
    ids = iter([pk for *_, pk in sorted(keys)])
    policy_row = active_policy(marketplace)
    while batch := list(islice(ids, _BATCH)):
        yield from _rows(batch, policy_row)


_FIELDS: Final = (
    *("offer_id", "offer__seller__code", "offer__sku", "offer__status", "offer__last_closed_on"),
    *(
        "as_of",
        "band",
        "proposed",
        "n",
        "k",
        "c",
        "window_days",
        "m",
        "s",
        "w",
        "rate",
        "last_updated_on",
        "level",
    ),
)


def _rows(offer_ids: list[int], policy_row: HealthPolicy) -> Iterator[tuple[Any, ...]]:
    # SQLite allows 250,000 parameters in one statement: a batch stays far below.
    read = {
        row["offer_id"]: row for row in OfferHealth.objects.filter(offer_id__in=offer_ids).values(*_FIELDS)
    }
    rows = [read[pk] for pk in offer_ids]
    rated = [row for row in rows if row["n"] > 0]
    n, k, m, s = (np.array([row[name] for row in rated], dtype=np.float64) for name in "nkms")
    chances = probabilities(n, k, m, s, policy_row.policy)
    by_offer = {
        row["offer_id"]: chance for row, chance in zip(rated, zip(*chances, strict=True), strict=True)
    }
    for row in rows:
        yield _row(row, by_offer.get(row["offer_id"]))


def _row(row: dict[str, Any], chances: tuple[Any, ...] | None) -> tuple[Any, ...]:
    benchmark = (row["m"], row["s"], row["w"]) if chances else (None, None, None)
    return (
        row["offer__seller__code"],
        row["offer__sku"],
        row["offer__status"],
        BAND_WORDS[Band(row["band"])],
        BAND_WORDS[Band(row["proposed"])],
        row["n"],
        row["k"],
        row["c"],
        row["window_days"],
        *benchmark,
        *(float(chance) for chance in chances or ()),
        *(() if chances else (None,) * 4),
        row["rate"],
        row["last_updated_on"],
        row["offer__last_closed_on"],
        LEVEL_WORDS[Level(row["level"])] if chances else None,
    )
