"""The policy of a marketplace: every number of the method, versioned."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from health.policy import Policy
from offers.models import Marketplace


class HealthPolicy(models.Model):
    """One version of a marketplace's policy. Only a draft is edited; exactly one version is active."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    numbers = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("The numbers that differ from the defaults."),
    )
    reason = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "health policies"
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "version"], name="policy_version_once"),
            models.UniqueConstraint(
                fields=["marketplace"],
                condition=Q(state="active"),
                name="policy_one_active",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(activated_at__isnull=False),
                name="policy_active_has_moment",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="policy_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.marketplace} v{self.version}"

    def clean(self) -> None:
        """Refuse numbers that the method can't use."""
        try:
            self.policy  # noqa: B018 - building it is the check
        except (ValueError, TypeError) as error:
            raise ValidationError({"numbers": str(error)}) from error

    @property
    def policy(self) -> Policy:
        """The numbers as the engine takes them. Raises ValueError where one is impossible."""
        return Policy.from_dict(self.numbers)
