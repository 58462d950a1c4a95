"""The weekly benchmark, frozen between refreshes."""

from django.db import models

from health.models.policies import HealthPolicy
from offers.models import Marketplace


class BenchmarkRefresh(models.Model):
    """One refresh of a marketplace's benchmark: what every offer is compared with until the next.

    `fit` is the stored fit (per offer m, s, W, level, N, window; per group its sums and the sellers'
    parts), as `health.benchmark_store` writes it. A million offers are 24 MB.
    """

    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.PROTECT, related_name="benchmarks"
    )
    as_of = models.DateField()
    policy = models.ForeignKey(HealthPolicy, on_delete=models.PROTECT, related_name="+")
    sum_n = models.FloatField()
    offers = models.PositiveIntegerField()
    groups = models.PositiveIntegerField()
    fit = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["marketplace", "as_of"], name="benchmark_once_a_night"
            )
        ]

    def __str__(self) -> str:
        return f"{self.marketplace} {self.as_of}"
