"""How a person resolves what customers reported about an offer."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from offers.models import ListingRevision, Offer, OfferStatusChange, RemovalKind, RemovalOrder, Seller


class ResolutionCase(models.Model):
    """One pass through Resolve issue, or through Improve this offer: a draft until it is confirmed.

    Each person has a draft of their own per offer, so nobody's words are lost when a colleague is faster.
    `version` grows with every save: a form that was drawn from an older one is told so. `themes`: what was
    read, dicts of key, orders, cause. `listing`: the edited fields alone, as LISTING_FIELDS names them;
    `seen_revision`: the revision on which the edits are based. `summary`: frozen at the confirmation, what
    was done and what was forecast, for the page that says so.
    """

    class Kind(models.TextChoices):
        RELIST = "relist", _("Resolve and relist")
        IMPROVE = "improve", _("Improve")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="cases")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    closure = models.ForeignKey(
        OfferStatusChange, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    themes = models.JSONField(default=list, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    fixes = models.JSONField(default=list, blank=True)
    listing = models.JSONField(encoder=DjangoJSONEncoder, default=dict, blank=True)
    seen_revision = models.PositiveIntegerField(default=1)
    removal_kind = models.CharField(max_length=8, choices=RemovalKind, blank=True)
    removal_quantity = models.PositiveIntegerField(null=True, blank=True)
    remedy = models.TextField(blank=True)
    fixed_at = models.DateTimeField(null=True, blank=True)

    reference = models.CharField(max_length=40, unique=True, null=True, blank=True)
    relist = models.OneToOneField(
        OfferStatusChange, on_delete=models.PROTECT, null=True, blank=True, related_name="relist_case"
    )
    removal = models.OneToOneField(
        RemovalOrder, on_delete=models.PROTECT, null=True, blank=True, related_name="case"
    )
    revision = models.OneToOneField(
        ListingRevision, on_delete=models.PROTECT, null=True, blank=True, related_name="case"
    )
    summary = models.JSONField(encoder=DjangoJSONEncoder, default=dict, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "by"], condition=Q(state="draft"), name="case_one_draft_per_person"
            ),
            models.CheckConstraint(condition=Q(kind__in=["relist", "improve"]), name="case_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "done", "dropped"]), name="case_state_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="relist", closure__isnull=False) | Q(kind="improve", closure__isnull=True),
                name="case_of_closure_relists",
            ),
            models.CheckConstraint(
                condition=Q(state="done", confirmed_at__isnull=False, reference__isnull=False)
                | (~Q(state="done") & Q(confirmed_at__isnull=True, reference__isnull=True)),
                name="case_done_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(relist__isnull=True, kind="improve")
                | Q(relist__isnull=True, kind="relist") & ~Q(state="done")
                | Q(relist__isnull=False, kind="relist", state="done"),
                name="case_relists_when_done",
            ),
            models.CheckConstraint(
                condition=Q(state="done") | Q(removal__isnull=True, revision__isnull=True),
                name="case_changes_nothing_before_done",
            ),
            models.CheckConstraint(
                condition=Q(removal_kind__in=["", *RemovalKind.values]), name="case_removal_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(removal_quantity__isnull=True) | Q(removal_quantity__gte=1),
                name="case_removal_of_one_at_least",
            ),
        ]
        indexes = [models.Index(fields=["seller", "-updated_at"], name="case_newest")]

    def __str__(self) -> str:
        return self.reference or f"draft {self.pk}"
