"""Removal orders: units that a seller has taken out of the marketplace's stock, or disposed of."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offers.models.catalog import Offer
from offers.models.sellers import Seller


class RemovalKind(models.TextChoices):
    """What happens to the units."""

    RETURN = "return", _("Return to seller")
    DISPOSAL = "disposal", _("Disposal")


class RemovalState(models.TextChoices):
    """How far a removal order is. Completed and cancelled ones stay as they are."""

    REQUESTED = "requested", _("Requested")
    PROCESSING = "processing", _("Processing")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", pgettext_lazy("removal", "Cancelled")


class RemovalOrder(models.Model):
    """Units of one marketplace-fulfilled offer that are to leave the stock (PRODUCT D7).

    From the request on, the units that are neither done nor cancelled are reserved: stock that can be
    asked for is the offer's quantity less these. `reference` is ours, and what a removal report names.
    `form_key` is that of the form in which it was asked for: sent twice, a form makes one order.
    """

    reference = models.CharField(max_length=40, unique=True)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="removal_orders")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=RemovalKind)
    state = models.CharField(max_length=10, choices=RemovalState, default=RemovalState.REQUESTED)
    quantity = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0, help_text=_("Units shipped or disposed of."))
    cancelled = models.PositiveIntegerField(default=0, help_text=_("Units that stay in stock after all."))
    note = models.TextField(blank=True)
    form_key = models.CharField(max_length=40, blank=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    requested_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "form_key"], condition=~Q(form_key=""), name="removal_once_per_form"
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="removal_reference_given"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="removal_of_one_at_least"),
            models.CheckConstraint(condition=Q(kind__in=RemovalKind.values), name="removal_kind_known"),
            models.CheckConstraint(condition=Q(state__in=RemovalState.values), name="removal_state_known"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("done") + F("cancelled")), name="removal_within_quantity"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RemovalState.COMPLETED.value, RemovalState.CANCELLED.value])
                | Q(quantity=F("done") + F("cancelled")),
                name="removal_ended_leaves_nothing_open",
            ),
            models.CheckConstraint(
                condition=~Q(state=RemovalState.CANCELLED.value) | Q(done=0),
                name="removal_cancelled_did_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "-requested_at", "-id"], name="removal_newest"),
            models.Index(
                fields=["offer"],
                condition=Q(state__in=["requested", "processing"]),
                name="removal_outstanding",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class RemovalChange(models.Model):
    """One step of a removal order: evidence that is never changed. The request itself is the first."""

    class Source(models.TextChoices):
        SELLER = "seller", _("Seller")
        OPERATOR = "operator", _("Operator")
        IMPORT = "import", _("Import")

    order = models.ForeignKey(RemovalOrder, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=10, choices=RemovalState)
    done = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=8, choices=Source)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RemovalState.values), name="removal_change_state_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["seller", "operator", "import"]), name="removal_change_source_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"
