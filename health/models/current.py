"""The current health of every offer, one row each, as the grid reads it."""

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from offers.models import Marketplace, Offer, Seller


class Tile(models.IntegerChoices):
    """Where an offer is counted on the dashboard: its shown band, else why it has none.

    1 to 6 are the codes of `health.bands.Band`, worse is higher.
    """

    NO_RECENT_ORDERS = 0, _("No recent orders")
    EXCELLENT = 1, _("Excellent")
    GOOD = 2, _("Good")
    FAIR = 3, _("Fair")
    INSUFFICIENT = 4, _("Insufficient Feedback")
    POOR = 5, _("Poor")
    VERY_POOR = 6, _("Very poor")
    DELETED = 7, _("Listing deleted")


class Urgency(models.IntegerChoices):
    """The grid's first sort key (PRODUCT B2)."""

    CLOSED = 0
    VERY_POOR = 1
    POOR = 2
    INSUFFICIENT = 3
    FAIR = 4
    GOOD = 5
    EXCELLENT = 6
    NO_BAND = 7
    DELETED = 8


URGENCY_OF_TILE: Final[dict[Tile, Urgency]] = {
    Tile.NO_RECENT_ORDERS: Urgency.NO_BAND,
    Tile.EXCELLENT: Urgency.EXCELLENT,
    Tile.GOOD: Urgency.GOOD,
    Tile.FAIR: Urgency.FAIR,
    Tile.INSUFFICIENT: Urgency.INSUFFICIENT,
    Tile.POOR: Urgency.POOR,
    Tile.VERY_POOR: Urgency.VERY_POOR,
    Tile.DELETED: Urgency.DELETED,
}


class OfferHealth(models.Model):
    """Tonight's health of one offer. An offer that was never computed has a row with no night.

    `n`, `k`, `c` are as the method used them (orders before a relist count a quarter); `orders` and
    `ncx_orders` the plain counts that are displayed. `m`, `s`, `w` are the benchmark. `band` and
    `proposed` are codes of `health.bands.Band`, 0 for none. The fields that end in `_1` and `_2` are
    the state one and two computed nights before `as_of`, so that a second recompute of the same date
    judges from the state before it. No probabilities: they follow from n, k, m, s.

    The night may put another table in this one's place (`health.generations`). So nothing has a foreign key
    to it, and it has none in the database: each would lock the table it points to while it is exchanged.
    """

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, primary_key=True, related_name="health", db_constraint=False
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    as_of = models.DateField(null=True)
    window_days = models.PositiveSmallIntegerField(default=60)
    n = models.FloatField(default=0)
    k = models.FloatField(default=0)
    c = models.PositiveIntegerField(default=0)
    orders = models.PositiveIntegerField(default=0)
    ncx_orders = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    m = models.FloatField(null=True)
    s = models.FloatField(null=True)
    w = models.FloatField(null=True)
    level = models.PositiveSmallIntegerField(null=True)
    similar_offers = models.PositiveIntegerField(default=0)
    peer_p10 = models.FloatField(null=True)
    peer_p90 = models.FloatField(null=True)

    band = models.PositiveSmallIntegerField(default=0)
    proposed = models.PositiveSmallIntegerField(default=0)
    streak = models.PositiveIntegerField(default=0, help_text="Nights running on which it could be closed.")
    band_1 = models.PositiveSmallIntegerField(default=0)
    proposed_1 = models.PositiveSmallIntegerField(default=0)
    streak_1 = models.PositiveIntegerField(default=0)
    proposed_2 = models.PositiveSmallIntegerField(default=0)

    # What the grid shows and sorts by besides.
    tile = models.PositiveSmallIntegerField(choices=Tile, default=Tile.NO_RECENT_ORDERS)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.NO_BAND)
    closed_rank = models.IntegerField(
        default=0, help_text="Minus the ordinal of the closure date while closed."
    )
    excess = models.FloatField(default=0, help_text="k - n*m of the plain counts.")
    rate = models.FloatField(null=True)
    recovering = models.BooleanField(default=False)
    recovered_on = models.DateField(
        null=True, help_text="The first night since the relist with Fair or better."
    )
    last_ordered_on = models.DateField(null=True)
    last_updated_on = models.DateField(null=True)
    top_reason = models.CharField(max_length=40, blank=True)
    top_reason_orders = models.PositiveIntegerField(default=0)
    stars_mean = models.FloatField(null=True)
    stars_count = models.PositiveIntegerField(default=0)
    trend = models.CharField(max_length=400, blank=True, help_text="Up to 12 weekly points, 'yyyyww:rate'.")

    class Meta:
        verbose_name_plural = "offer health"
        constraints = [
            models.CheckConstraint(condition=Q(band__lte=6) & Q(proposed__lte=6), name="health_band_known"),
            models.CheckConstraint(
                condition=Q(ncx_orders__lte=models.F("orders")),
                name="health_k_at_most_n",
            ),
            models.CheckConstraint(condition=Q(k__gte=0) & Q(n__gte=0), name="health_counts_not_negative"),
            models.CheckConstraint(
                condition=Q(orders=0, rate__isnull=True) | Q(orders__gt=0, rate__isnull=False),
                name="health_rate_needs_orders",
            ),
        ]
        # Each night makes its indexes anew, so there is one for all pages of the grid (docs/adr/0009): the
        # order of urgency, and beside it whatever a large seller's rows are filtered and sorted by.
        indexes = [
            models.Index(
                fields=[
                    "seller",
                    "marketplace",
                    "urgency",
                    "closed_rank",
                    "-excess",
                    "offer",
                ],
                include=[
                    "tile",
                    "recovering",
                    "rate",
                    "orders",
                    "ncx_orders",
                    "stars_mean",
                    "top_reason",
                    "last_ordered_on",
                    "last_updated_on",
                ],
                name="health_urgency",
            ),
            models.Index(fields=["marketplace", "as_of"], name="health_by_night"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.as_of}"


class SellerSummary(models.Model):
    """The tiles of one seller on one marketplace on one night: how many offers in each.

    `counts` maps the tile's number, as text, to the count. The newest row is kept current between nights
    (a deletion moves an offer), the last one of each week makes the tiles' trend.
    """

    marketplace = models.ForeignKey(Marketplace, on_delete=models.CASCADE, related_name="+")
    seller = models.ForeignKey(Seller, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "seller summaries"
        constraints = [
            models.UniqueConstraint(fields=["seller", "marketplace", "as_of"], name="summary_once_a_night")
        ]

    def __str__(self) -> str:
        return f"{self.seller_id} {self.marketplace_id} {self.as_of}"


class GridOrder(models.Model):
    """The beginning and the end of a large seller's rows in one order of the grid, as a night left them.

    `computed_at` is the night's, `rows` how many there were: only as long as both are so it is right.
    `first` and `last` are ids of eight bytes each, little-endian, both in their order; they may overlap.
    """

    seller = models.ForeignKey(Seller, on_delete=models.CASCADE, related_name="+", db_index=False)
    marketplace = models.ForeignKey(Marketplace, on_delete=models.CASCADE, related_name="+", db_index=False)
    sort = models.CharField(max_length=16)
    computed_at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    first = models.BinaryField()
    last = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "marketplace", "sort"], name="grid_order_once_for_each_sort"
            )
        ]

    def __str__(self) -> str:
        return f"{self.seller_id} {self.marketplace_id} {self.sort}"
