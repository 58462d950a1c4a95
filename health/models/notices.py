"""Notifications to sellers, and the views of the grid that people saved."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from offers.models import Marketplace, Offer, OfferStatusChange, Seller


class NotificationKind(models.TextChoices):
    """What a notification is about."""

    CLOSED = "closed", _("Offer closed")
    LIFTED = "lifted", _("Closed in error")
    AT_RISK = "at_risk", _("At risk of closure")
    RECOVERING = "recovering", _("Recovering")
    WEEKLY = "weekly", _("Weekly summary")
    IMPORT = "import", _("Import finished")
    REMOVAL = "removal", _("Removal order")


class Notification(models.Model):
    """One notice to one seller. Each closure makes exactly one, with the frozen evidence (PRODUCT D3).

    `on` is the night's own date; `email` says whether an e-mail is still to be sent: nights older
    than yesterday write notices and send none.
    """

    class Email(models.TextChoices):
        NONE = "none", _("None")
        PENDING = "pending", _("To be sent")
        SENT = "sent", _("Sent")

    seller = models.ForeignKey(Seller, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    offer = models.ForeignKey(
        Offer,
        on_delete=models.CASCADE,
        related_name="notifications",
        null=True,
        blank=True,
    )
    status_change = models.ForeignKey(
        OfferStatusChange,
        on_delete=models.CASCADE,
        related_name="notifications",
        null=True,
        blank=True,
    )
    kind = models.CharField(max_length=10, choices=NotificationKind)
    on = models.DateField()
    evidence = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    email = models.CharField(max_length=7, choices=Email, default=Email.NONE)
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["status_change", "kind"], name="notification_once_per_move"),
            # The same night computed twice says it once.
            models.UniqueConstraint(
                fields=["offer", "kind", "on"],
                condition=Q(kind__in=["at_risk", "recovering"]),
                name="notification_of_offer_once_a_night",
            ),
            models.UniqueConstraint(
                fields=["seller", "marketplace", "on"],
                condition=Q(kind="weekly"),
                name="notification_weekly_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["closed", "lifted"])
                | Q(status_change__isnull=False, offer__isnull=False),
                name="notification_of_move_has_evidence",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "-created_at"], name="notification_newest"),
            models.Index(
                fields=["seller"],
                condition=Q(read_at__isnull=True),
                name="notification_unread",
            ),
            models.Index(
                fields=["email"],
                condition=Q(email="pending"),
                name="notification_outbox",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"


class SavedView(models.Model):
    """A filter of the grid under a name of a person's own, for one seller."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    seller = models.ForeignKey(Seller, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "seller", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_named"),
        ]

    def __str__(self) -> str:
        return self.name
