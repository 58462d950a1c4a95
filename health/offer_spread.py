"""The distribution of similar offers on an offer's page.

METHOD 7 asks for the posterior means of the other sellers' offers in the named group. Reading them from the
offers themselves would touch a million rows, so each refresh keeps them per group, with their sellers; the
distribution is as old as the benchmark it stands for.
"""

from health.bands import Floats
from health.benchmark_store import SPREAD_PARTS, spread_without
from health.models import BenchmarkPiece
from health.offer_history import Compared
from health.policy import Policy


def similar_means(compared: Compared, seller_id: int, policy: Policy) -> Floats | None:
    """The posterior means of other sellers' offers in the named group; None where there are too few."""
    stored = BenchmarkPiece.objects.filter(
        refresh_id=compared.refresh_id, part=SPREAD_PARTS[compared.level], number=compared.group
    )
    body = stored.values_list("body", flat=True).order_by("pk").first()
    if body is None:
        return None
    means = spread_without(bytes(body), seller_id)
    return means if len(means) >= policy.chart_min_offers else None
