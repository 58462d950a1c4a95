"""What customers said about orders, and how each word was judged."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from offers.models import Marketplace, Offer, OrderLine, Seller


class Channel(models.TextChoices):
    """Where the customer spoke."""

    RETURN = "return", _("Return")
    REFUND = "refund", _("Refund")
    CONTACT = "contact", _("Customer service contact")
    REVIEW = "review", _("Product review")


class FeedbackEvent(models.Model):
    """One event: a return, refund, contact or review about one order line.

    An event whose order is not there yet waits (`order_line` empty). With the manufacturer barcode an
    event can belong to another seller's order of the same product: it is attached to the offer
    without an order line (`foreign_order`), shown with its note and never counted.

    `counted`, `cause`, `reason`, `judged_by`, `judged_on` and `judged_version` are the judgement of
    FORMATS 3; `decision` is an operator's on a dispute and beats everything else.

    `ordered_on` repeats the date of the order line, empty where there is none or it is cancelled: so a night
    reads its window of events without looking up their lines. Nobody writes it: the database does, whoever
    writes an event or a line (feedback/order_dates.py).
    """

    class JudgedBy(models.TextChoices):
        OPERATOR = "operator", _("An operator's decision")
        STARS = "stars", _("Two stars or more")
        CODE = "code", _("The reason code")
        WORDS = "words", _("The words of the comment")
        DEFAULT = "default", _("No reason and no telling words")

    class Cause(models.TextChoices):
        PRODUCT = "product", _("Product")
        LISTING = "listing", _("Listing")
        DELIVERY = "delivery", _("Delivery")
        BUYER = "buyer", _("Buyer")
        UNKNOWN = "unknown", _("Unknown")

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="+", db_index=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=7, choices=Channel)
    event_id = models.CharField(max_length=200)
    source = models.CharField(max_length=40, default="own")
    order_ref = models.CharField(max_length=100, blank=True)
    sku = models.CharField(max_length=200, blank=True)
    offer = models.ForeignKey(
        Offer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feedback",
        db_index=False,
    )
    order_line = models.ForeignKey(
        OrderLine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feedback",
        db_index=False,
    )
    ordered_on = models.DateField(null=True, blank=True, editable=False)
    foreign_order = models.BooleanField(default=False)
    raw_reason = models.CharField(max_length=200, blank=True)
    disposition = models.CharField(max_length=60, blank=True)
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    occurred_on = models.DateField()
    occurred_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    notes = models.JSONField(default=list, blank=True)

    counted = models.BooleanField(default=False)
    cause = models.CharField(max_length=8, choices=Cause, default=Cause.UNKNOWN)
    reason = models.CharField(max_length=40, default="unspecified")
    judged_by = models.CharField(max_length=8, choices=JudgedBy, default=JudgedBy.DEFAULT)
    judged_on = models.CharField(max_length=100, blank=True, help_text=_("The code or word that decided."))
    judged_version = models.CharField(max_length=16, blank=True, editable=False)

    decision = models.BooleanField(
        null=True, blank=True, help_text=_("An operator's decision: counted or not.")
    )
    decision_reason = models.TextField(blank=True)
    decision_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    decision_at = models.DateTimeField(null=True, blank=True)

    import_digest = models.CharField(max_length=32, blank=True, editable=False)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "marketplace", "channel", "event_id"],
                name="event_once_per_source",
            ),
            models.CheckConstraint(condition=~Q(event_id=""), name="event_id_given"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="event_channel_known"),
            models.CheckConstraint(
                condition=Q(stars__isnull=True) | Q(stars__gte=1, stars__lte=5),
                name="event_stars_one_to_five",
            ),
            models.CheckConstraint(
                condition=~Q(channel="review") | Q(stars__isnull=False),
                name="event_review_has_stars",
            ),
            models.CheckConstraint(
                condition=Q(order_line__isnull=True) | Q(offer__isnull=False),
                name="event_line_has_offer",
            ),
            models.CheckConstraint(
                condition=Q(foreign_order=False) | Q(order_line__isnull=True, offer__isnull=False),
                name="event_foreign_has_no_line",
            ),
            models.CheckConstraint(
                condition=Q(decision__isnull=True) | (~Q(decision_reason="") & Q(decision_at__isnull=False)),
                name="event_decision_has_reason",
            ),
        ]
        indexes = [
            # On PostgreSQL it carries more columns (migration 3): the night reads it alone.
            models.Index(fields=["offer", "occurred_on"], name="event_by_offer"),
            models.Index(fields=["order_line"], name="event_by_line"),
            models.Index(
                fields=["offer", "ordered_on"],
                condition=Q(counted=True, order_line__isnull=False),
                name="event_counted",
            ),
            models.Index(
                fields=["seller", "marketplace", "order_ref"],
                condition=Q(order_line__isnull=True),
                name="event_waiting",
            ),
            models.Index(fields=["marketplace", "judged_version"], name="event_by_judgement"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.event_id}"


class ReasonCode(models.Model):
    """A raw code of a source and the normal reason it means. `source` "*" holds for every source."""

    source = models.CharField(max_length=40, default="*")
    code = models.CharField(max_length=200)
    reason = models.CharField(max_length=40)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "code"], name="reason_code_once_per_source"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(source=""), name="reason_code_given"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.code}"


class ReasonCodeChange(models.Model):
    """One change of the reason table: who, when, from what to what."""

    source = models.CharField(max_length=40)
    code = models.CharField(max_length=200)
    reason_before = models.CharField(max_length=40, blank=True)
    reason_after = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="reason_code_change_newest")]

    def __str__(self) -> str:
        return f"{self.source}: {self.code} {self.reason_before} -> {self.reason_after}"
