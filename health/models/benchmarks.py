"""The weekly benchmark, frozen between refreshes."""

from django.db import models

from health.models.policies import HealthPolicy
from offers.models import Marketplace, Offer


class BenchmarkRefresh(models.Model):
    """One refresh of a marketplace's benchmark: what every offer is compared with until the next.

    `fit` holds the sums of every group with the sellers' parts, from which newcomers are placed; what each
    offer got lies in `pieces`, saved together with the refresh. `health.benchmark_store` reads and writes
    both. A million offers are 30 MB.
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
        verbose_name_plural = "benchmark refreshes"
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "as_of"], name="benchmark_once_a_night")
        ]

    def __str__(self) -> str:
        return f"{self.marketplace} {self.as_of}"


class Part(models.IntegerChoices):
    """What a piece holds: the spread of a group on a level of the ladder, or some offers' benchmarks."""

    MARKETPLACE = 0
    TOP_CATEGORY = 1
    CATEGORY = 2
    PEER_GROUP = 3
    OFFERS = 4


class BenchmarkPiece(models.Model):
    """A part of a refresh that can be read alone.

    OFFERS: the benchmarks of the offers whose ids lie close together, `number` says where. Else the
    posterior means of one group, whose number on that level is `number`.
    """

    refresh = models.ForeignKey(
        BenchmarkRefresh, on_delete=models.CASCADE, related_name="pieces", db_index=False
    )
    part = models.PositiveSmallIntegerField(choices=Part)
    number = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refresh", "part", "number"], name="benchmark_piece_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.number}"


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
    nearest = models.PositiveIntegerField(
        default=0, help_text="Other sellers' offers with orders in the closest group."
    )
    group = models.BigIntegerField(default=-1, help_text="The number of the group that `level` names.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refresh", "offer"], name="placement_once_per_refresh")
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} since {self.since}"
