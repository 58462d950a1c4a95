"""The operators' page for what the installation knows about itself."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from offers.admin.base import EvidenceAdmin
from vocdash.models import KeyFingerprint

admin.site.site_header = _("vocdash for operators")
admin.site.site_title = _("vocdash")


@admin.register(KeyFingerprint)
class KeyFingerprintAdmin(EvidenceAdmin):
    """Which key the database's contents were made with: a fingerprint, from which no key can be told."""

    list_display = ("name", "fingerprint", "recorded_at")
