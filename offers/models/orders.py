"""Order lines: one row is one order of one offer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from offers.models.catalog import Offer


class OrderLine(models.Model):
    """One order line of one offer.

    `ordered_on` is the date in the marketplace's zone, and the only one that counts; `ordered_at` is
    kept where the file gave a moment. `customer` is a keyed 64-bit hash, never the reference itself.
    """

    class Status(models.TextChoices):
        SHIPPED = "shipped", _("Shipped")
        PENDING = "pending", _("Pending")
        CANCELLED = "cancelled", _("Cancelled")

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="order_lines", db_index=False)
    order_ref = models.CharField(max_length=100)
    ordered_on = models.DateField()
    ordered_at = models.DateTimeField(null=True, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=9, choices=Status, default=Status.SHIPPED)
    customer = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "order_ref"], name="order_line_once_per_offer"),
            models.CheckConstraint(condition=~Q(order_ref=""), name="order_line_order_given"),
            models.CheckConstraint(
                condition=Q(status__in=["shipped", "pending", "cancelled"]),
                name="order_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["order_ref"], name="order_line_by_order"),
            # Counting reads this index alone; cancelled lines count nowhere.
            models.Index(
                fields=["offer", "ordered_on"],
                condition=~Q(status="cancelled"),
                name="order_line_counting",
            ),
        ]

    def __str__(self) -> str:
        return self.order_ref
