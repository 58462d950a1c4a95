"""The operators' page for what the installation knows about itself."""

from django.contrib import admin

from offers.admin.base import EvidenceAdmin
from vocdash.models import KeyFingerprint


@admin.register(KeyFingerprint)
class KeyFingerprintAdmin(EvidenceAdmin):
    """Which key the database's contents were made with: a fingerprint, from which no key can be told."""

    list_display = ("name", "fingerprint", "recorded_at")
