"""What changed on which night, for ever."""

from django.db import models
from django.db.models import Q

from offers.models import Offer


class HealthChange(models.Model):
    """The state of an offer from a night on, written only when it differs from the night before.

    Carries what the state machine needs to be replayed from any night (band, proposal, whether the
    night counted towards a closure, window), and the evidence of that night for the timeline.
    """

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="health_changes")
    as_of = models.DateField()
    band = models.PositiveSmallIntegerField()
    proposed = models.PositiveSmallIntegerField()
    closable = models.BooleanField(default=False)
    window_days = models.PositiveSmallIntegerField()
    n = models.FloatField()
    k = models.FloatField()
    c = models.PositiveIntegerField()
    m = models.FloatField(null=True)
    s = models.FloatField(null=True)
    w = models.FloatField(null=True)
    level = models.PositiveSmallIntegerField(null=True)
    policy_version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "as_of"], name="health_change_once_a_night"),
            models.CheckConstraint(
                condition=Q(band__lte=6) & Q(proposed__lte=6),
                name="health_change_band_known",
            ),
        ]
        indexes = [models.Index(fields=["as_of"], name="health_change_by_night")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.as_of} {self.band}"
