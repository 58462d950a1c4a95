"""The tiles as they are kept, against a full count of the rows: they must be equal at every moment."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from health.models import OfferHealth, SellerSummary, Urgency
from health.snapshots import one_snapshot
from offers.models import Marketplace


class Difference(NamedTuple):
    """A seller whose newest tiles are not what its rows count. None: no summary, or no rows."""

    seller_id: int
    kept: Mapping[str, int] | None
    counted: Mapping[str, int] | None


def differing_summaries(marketplace: Marketplace) -> list[Difference]:
    """The sellers of a marketplace whose newest summary is wrong, by id. Reads one snapshot."""
    with one_snapshot():
        counted = _counted(marketplace)
        summaries = SellerSummary.objects.filter(marketplace=marketplace).order_by("as_of")
        # The newest of each seller comes last, and stays.
        kept: dict[int, Mapping[str, int]] = dict(summaries.values_list("seller_id", "counts"))
    return [
        Difference(seller_id, kept.get(seller_id), counted.get(seller_id))
        for seller_id in sorted(kept.keys() | counted.keys())
        if kept.get(seller_id, {}) != counted.get(seller_id, {})
    ]


def _counted(marketplace: Marketplace) -> dict[int, Counter[str]]:
    """Row by row, as the words of the dashboard say it, and not as summaries are made."""
    counted: dict[int, Counter[str]] = {}
    rows = OfferHealth.objects.filter(marketplace=marketplace)
    for seller_id, tile, urgency, recovering in rows.values_list(
        "seller_id", "tile", "urgency", "recovering"
    ).iterator(chunk_size=10_000):
        names = {
            str(tile): True,
            "closed": urgency == Urgency.CLOSED,
            "at_risk": urgency in {Urgency.VERY_POOR, Urgency.POOR},
            "recovering": recovering,
        }
        mine = counted.setdefault(seller_id, Counter())
        mine.update(name for name, holds in names.items() if holds)
    return counted
