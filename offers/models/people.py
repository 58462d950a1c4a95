"""People at sellers: who is invited, and what each of them prefers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from offers.models.sellers import Role, Seller


class Invitation(models.Model):
    """An invitation by e-mail to join a seller (PRODUCT F6). Of its token only the hash is kept.

    It ends by being accepted or revoked, or by its time running out.
    """

    seller = models.ForeignKey(Seller, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # The address is stored in lower case.
            models.UniqueConstraint(
                fields=["seller", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once_per_address",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(condition=~Q(email=""), name="invitation_address_given"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="invitation_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | Q(accepted_at__isnull=False),
                name="invitation_accepted_by_means_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.seller}"


class Preferences(models.Model):
    """What a person chose for pages and e-mails. Empty: as the browser asks, or the marketplace speaks."""

    class Theme(models.TextChoices):
        DEVICE = "", "device"
        LIGHT = "light", "light"
        DARK = "dark", "dark"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    language = models.CharField(max_length=20, blank=True)
    theme = models.CharField(max_length=5, choices=Theme, blank=True, default=Theme.DEVICE)
    shortcuts = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(
                condition=Q(theme__in=["", "light", "dark"]), name="preferences_theme_known"
            )
        ]

    def __str__(self) -> str:
        return str(self.user_id)
