"""Pictures that sellers upload for their listings."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from offers.models.catalog import Offer


class ListingImage(models.Model):
    """One picture, encoded anew by us. Listings name it as `upload:<id>`; revisions keep it for ever.

    `digest` is the SHA-256 of the stored file in hex: the same picture is kept once per offer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="uploads")
    file = models.FileField(upload_to="listings/%Y/%m/")
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "digest"], name="listing_image_once_per_offer"),
            models.CheckConstraint(
                condition=Q(content_type__in=["image/jpeg", "image/png", "image/webp"]),
                name="listing_image_type_known",
            ),
            models.CheckConstraint(
                condition=Q(width__gte=1) & Q(height__gte=1) & Q(size__gte=1),
                name="listing_image_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
