"""Marketplaces, the sellers on them, and the people who may act for a seller."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

CODE = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
    _("Use letters, digits, dot, dash and underscore only."),
)


def validate_time_zone(name: str) -> None:
    """Refuse a name which the time-zone database does not know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # zoneinfo's own error is a KeyError
        raise ValidationError(_("Enter a time zone such as America/New_York.")) from error


class Marketplace(models.Model):
    """One marketplace: its own currency, time zone, language and policy (PRODUCT A4)."""

    code = models.CharField(max_length=20, unique=True, validators=[CODE])
    name = models.CharField(max_length=100)
    currency = models.CharField(max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$")])
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    language = models.CharField(max_length=20)
    recompute_hour = models.PositiveSmallIntegerField(
        default=3,
        validators=[MaxValueValidator(23)],
        help_text=_("Hour of the marketplace's own day at which the nightly job may start."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="marketplace_code_given"),
            models.CheckConstraint(condition=Q(recompute_hour__lte=23), name="marketplace_hour_of_day"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which this marketplace's dates are meant."""
        return ZoneInfo(self.time_zone)


class Seller(models.Model):
    """A tenant. Seller codes are the same on all marketplaces."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="seller_code_given")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do for a seller (PRODUCT F6)."""

    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")


class Membership(models.Model):
    """One person's role at one seller."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    seller = models.ForeignKey(Seller, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "seller"], name="membership_once_per_seller"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.seller} · {self.role}"
