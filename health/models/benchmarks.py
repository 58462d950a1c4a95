"""The weekly benchmark, frozen between refreshes."""

from django.db import models

from health.models.policies import HealthPolicy
from offers.models import Marketplace, Offer


class BenchmarkRefresh(models.Model):
    """One refresh of a marketplace's benchmark: what every offer is compared with until the next.

    `fit` is the stored fit (per offer m, s, W, level, N, window; per group its sums and the sellers'
    parts), as `health.benchmarks` writes it. A million offers are 24 MB.
    """

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="benchmarks")
    as_of = models.DateField()
    policy = models.ForeignKey(HealthPolicy, on_delete=models.PROTECT, related_name="+")
    sum_n = models.FloatField()
    offers = models.PositiveIntegerField()
    groups = models.PositiveIntegerField()
    fit = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "as_of"], name="benchmark_once_a_night")
        ]

    def __str__(self) -> str:
        return f"{self.marketplace} {self.as_of}"


class BenchmarkPlacement(models.Model):
    """An offer that came between two refreshes, with what it got from the stored sums of its group."""

    refresh = models.ForeignKey(BenchmarkRefresh, on_delete=models.CASCADE, related_name="placements")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="+", db_index=False)
    since = models.DateField()
    window_days = models.PositiveSmallIntegerField()
    m = models.FloatField()
    s = models.FloatField()
    w = models.FloatField()
    level = models.PositiveSmallIntegerField()
    finest = models.PositiveSmallIntegerField(help_text="The finest level whose group was known.")
    similar_offers = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refresh", "offer"], name="placement_once_per_refresh")
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} since {self.since}"
