"""Nights, the runs that compute them, and closures that wait for an operator."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from health.models.policies import HealthPolicy
from offers.models import Marketplace, Offer


class RecomputeRun(models.Model):
    """One execution of the nightly job for one as-of date. The truth about a run lives here.

    At most one run of a marketplace is running. `token` belongs to the process that holds it and
    `heartbeat_at` says that the process lives: an abandoned run is taken over after its lease.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        ABANDONED = "abandoned", _("Abandoned")

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("Schedule")
        COMMAND = "command", _("Command")
        OPERATOR = "operator", _("Operator")

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="runs")
    as_of = models.DateField()
    trigger = models.CharField(max_length=8, choices=Trigger)
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    phase = models.CharField(max_length=40, blank=True)
    token = models.UUIDField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    closures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["marketplace"],
                condition=Q(state="running"),
                name="run_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
                name="run_finished_has_moment",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="run_failed_says_why"),
        ]
        indexes = [models.Index(fields=["marketplace", "-started_at"], name="run_newest")]

    def __str__(self) -> str:
        return f"{self.marketplace} {self.as_of} {self.state}"


class Night(models.Model):
    """A computed as-of date of a marketplace. A second recompute of the date replaces it."""

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="nights")
    as_of = models.DateField()
    policy = models.ForeignKey(HealthPolicy, on_delete=models.PROTECT, related_name="+")
    refreshed = models.BooleanField(default=False, help_text=_("The benchmark was refreshed on this night."))
    sum_n = models.FloatField()
    counts = models.JSONField(default=dict)
    closures = models.PositiveIntegerField(default=0)
    breaker_tripped = models.BooleanField(default=False)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["marketplace", "as_of"], name="night_once")]

    def __str__(self) -> str:
        return f"{self.marketplace} {self.as_of}"


class ClosureHold(models.Model):
    """A closure which the method asks for and an operator must release or drop.

    Either the circuit breaker held the whole night's list back, or fewer than half of the complaint
    lines carry a customer reference, so that one buyer can't be told from many.
    """

    class Cause(models.TextChoices):
        BREAKER = "breaker", _("More closures than usual")
        CUSTOMERS = "customers", _("Too few customer references")

    class State(models.TextChoices):
        OPEN = "open", _("Waiting")
        RELEASED = "released", _("Released")
        DROPPED = "dropped", _("Dropped")

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="closure_holds")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="closure_holds")
    as_of = models.DateField()
    cause = models.CharField(max_length=9, choices=Cause)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    evidence = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    outcome = models.TextField(blank=True)
    nights_start_after = models.DateField(
        null=True,
        blank=True,
        help_text=_("Dropped: only nights after this one count towards a closure again."),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(state="open"),
                name="closure_hold_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="closure_hold_decided_has_moment",
            ),
        ]
        indexes = [models.Index(fields=["marketplace", "state"], name="closure_hold_open")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.as_of} {self.cause}"


class LateNight(models.Model):
    """A date whose night did not come in time, and when the managers were told of it: once per date."""

    marketplace = models.ForeignKey(Marketplace, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["marketplace", "as_of"], name="late_night_once")]

    def __str__(self) -> str:
        return f"{self.marketplace_id} {self.as_of}"
