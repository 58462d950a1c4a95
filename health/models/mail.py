"""The outbox of notices by e-mail, and who wants which."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from health.models.notices import Notification, NotificationKind
from offers.models import Membership


class NotificationEmail(models.Model):
    """One notice to one person by e-mail: written before anything is sent, so that none is lost.

    `claimed_at`: a sender has it in hand. One that died leaves it so, and after a while it is taken again
    with the same Message-ID, by which mail systems know a second copy.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("To be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="emails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField()
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(help_text=_("Not to be tried before."))
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "user"], name="notification_email_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sent", "failed"]), name="notification_email_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="notification_email_sent_has_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="notification_email_due")
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} {self.address}"


class EmailPreference(models.Model):
    """Whether a member wants e-mail of a kind. Without a row the kind's own default holds.

    Closures can't be turned off (PRODUCT D9).
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="email_preferences")
    kind = models.CharField(max_length=10, choices=NotificationKind)
    wanted = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "kind"], name="email_preference_once_per_kind"),
            models.CheckConstraint(
                condition=~Q(kind__in=["closed", "lifted"]), name="email_preference_not_for_closures"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=NotificationKind.values), name="email_preference_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.kind} {self.wanted}"
