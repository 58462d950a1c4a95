"""What the installation knows about itself."""

from django.db import models
from django.db.models.functions import Now


class KeyFingerprint(models.Model):
    """Which key this database's contents were made with: a fingerprint, from which no key can be told.

    Customers are stored only as a hash keyed with CUSTOMER_HASH_KEY. Were that key lost and another one
    made, the same customer would silently become another: so a database remembers its key.
    """

    name = models.CharField(max_length=40, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
