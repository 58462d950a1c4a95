"""Offers, what their listings say, and every move they made."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from offers.lifecycle import Move, Status
from offers.models.sellers import Marketplace, Seller


class Category(models.Model):
    """A category path. `key` is the path trimmed and folded, so that spelling makes no second category.

    `top` is the first step of the path (itself for a path of one step): the ids of both are the
    group codes of the benchmark, so they are never reused.
    """

    path = models.CharField(max_length=1000)
    key = models.CharField(max_length=1000, unique=True)
    top = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "categories"
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="category_key_given")]

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        """The last step of the path."""
        return self.path.rsplit(">", 1)[-1].strip()


class Condition(models.TextChoices):
    """Condition of the item as listed. Empty means new."""

    NEW = "new", _("New")
    USED = "used", _("Used")
    REFURBISHED = "refurbished", _("Refurbished")
    COLLECTIBLE = "collectible", _("Collectible")


class Fulfillment(models.TextChoices):
    """Who ships the item."""

    MARKETPLACE = "marketplace", _("Marketplace-fulfilled (FBA)")
    SELLER = "seller", _("Seller-fulfilled (FBM)")


STATUS_CHOICES = [
    (Status.LIVE.value, _("Live")),
    (Status.CLOSED.value, _("Closed")),
    (Status.LISTING_DELETED.value, _("Listing deleted")),
]


class Offer(models.Model):
    """One seller's SKU on one marketplace, with its listing.

    A deleted offer stays for ever; a SKU that comes again after its deletion is a new row, so the
    key (marketplace, seller, sku) is unique among offers that are not deleted.
    """

    # Both keys stand first in wider indexes. Those for titles, closures and words are PostgreSQL's alone:
    # see the migration "postgres_indexes".
    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.PROTECT, related_name="offers", db_index=False
    )
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="offers", db_index=False)
    sku = models.CharField(max_length=200)
    product_id = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=1000)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="offers"
    )
    brand = models.CharField(max_length=200, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    condition = models.CharField(max_length=12, choices=Condition, default=Condition.NEW)
    fulfillment = models.CharField(max_length=12, choices=Fulfillment, default=Fulfillment.SELLER)
    manufacturer_barcode = models.BooleanField(default=False)
    quantity = models.PositiveIntegerField(null=True, blank=True, help_text=_("Stock. Empty means unknown."))
    # When the stock was last told: what left before that moment is no longer in it (see removal_actions).
    quantity_at = models.DateTimeField(null=True, blank=True, editable=False)
    listed_on = models.DateField(null=True, blank=True)
    deleted_on = models.DateField(null=True, blank=True)
    description = models.TextField(blank=True)
    bullets = models.JSONField(default=list, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    image_url = models.CharField(max_length=2000, blank=True)
    images = models.JSONField(
        default=list, blank=True, help_text=_("Further pictures: addresses, or upload:<id>.")
    )

    status = models.CharField(max_length=16, choices=STATUS_CHOICES, default=Status.LIVE.value)
    last_closed_on = models.DateField(null=True, blank=True)
    relisted_on = models.DateField(null=True, blank=True)
    lifted_on = models.DateField(null=True, blank=True)

    # The digest of the row last imported: an equal row changes nothing, even after a seller's edit.
    import_digest = models.CharField(max_length=32, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["marketplace", "seller", "sku"],
                condition=~Q(status=Status.LISTING_DELETED.value),
                name="offer_sku_once_while_listed",
            ),
            models.CheckConstraint(condition=~Q(sku=""), name="offer_sku_given"),
            models.CheckConstraint(condition=~Q(title=""), name="offer_title_given"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0),
                name="offer_price_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(condition__in=Condition.values),
                name="offer_condition_known",
            ),
            models.CheckConstraint(
                condition=Q(fulfillment__in=Fulfillment.values),
                name="offer_fulfillment_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]),
                name="offer_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.LISTING_DELETED.value, deleted_on__isnull=False)
                | (~Q(status=Status.LISTING_DELETED.value) & Q(deleted_on__isnull=True)),
                name="offer_deleted_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED.value) | Q(last_closed_on__isnull=False),
                name="offer_closed_has_date",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "marketplace", "sku"], name="offer_by_seller_sku"),
            models.Index(fields=["marketplace", "product_id"], name="offer_by_product"),
            models.Index(
                fields=["marketplace", "seller"],
                condition=Q(status=Status.CLOSED.value),
                name="offer_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} · {self.title}"


class ListingRevision(models.Model):
    """What the listing said after each change. Revision 1 is the first import."""

    class Source(models.TextChoices):
        IMPORT = "import", _("Import")
        SELLER = "seller", _("Seller")
        OPERATOR = "operator", _("Operator")

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source)
    changed_fields = models.JSONField(default=list)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="listing_revision_numbered_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="listing_revision_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} r{self.number}"


class OfferStatusChange(models.Model):
    """One move of an offer: evidence that is never changed, except that a closure can be marked an error.

    `at` is the moment from which the move holds (a replayed night closes at its own date), `on` the
    same as a date in the marketplace's zone, `recorded_at` when it was written.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="status_changes")
    move = models.CharField(max_length=14, choices=[(move.value, move.value) for move in Move])
    from_status = models.CharField(max_length=16, choices=STATUS_CHOICES)
    to_status = models.CharField(max_length=16, choices=STATUS_CHOICES)
    at = models.DateTimeField()
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(encoder=DjangoJSONEncoder, default=dict, blank=True)
    in_error = models.BooleanField(default=False, help_text=_("A closure that an operator lifted."))
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(from_status=F("to_status")), name="status_change_changes"),
            models.CheckConstraint(
                condition=Q(move__in=[move.value for move in Move]),
                name="status_change_move_known",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=[Move.LIFT.value, Move.CLOSE_BY_HAND.value]) | ~Q(reason=""),
                name="status_change_by_hand_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(in_error=False) | Q(move__in=[Move.CLOSE.value, Move.CLOSE_BY_HAND.value]),
                name="status_change_only_closure_in_error",
            ),
        ]
        indexes = [
            models.Index(fields=["offer", "at"], name="status_change_by_offer"),
            models.Index(fields=["on", "move"], name="status_change_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.move} {self.on}"
