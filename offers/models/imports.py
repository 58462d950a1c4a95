"""What was imported, and what could not be."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from offers.models.sellers import Marketplace


class ImportFile(models.Model):
    """One imported file: its counts and its state."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Refused: bad rows and the strict mode")

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="imports")
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0, help_text=_("Events that wait for their order."))
    notes = models.JSONField(default=list, blank=True)
    error = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed", "refused"]),
                name="import_state_known",
            )
        ]
        indexes = [models.Index(fields=["marketplace", "-started_at"], name="import_by_marketplace")]

    def __str__(self) -> str:
        return self.name


class ImportProblem(models.Model):
    """One bad row: where, what, and what to do. `row` is the row as it stood in the file."""

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=200, blank=True)
    message = models.TextField()
    row = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(message=""), name="import_problem_says_what"),
            models.UniqueConstraint(fields=["file", "line"], name="import_problem_once_per_line"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"
