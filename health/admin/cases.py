"""How sellers resolved what customers reported, and the e-mails they were sent, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from health.models import EmailPreference, NotificationEmail, ResolutionCase
from offers.admin.base import EvidenceAdmin


@admin.register(ResolutionCase)
class ResolutionCaseAdmin(EvidenceAdmin):
    """Drafts, and what was done when they were confirmed."""

    list_display = ("reference", "offer", "seller", "kind", "state", "by", "updated_at", "confirmed_at")
    list_select_related = ("offer", "seller", "by")
    list_filter = ("state", "kind")
    search_fields = ("reference", "offer__sku__iexact", "seller__code")
    search_help_text = _("A reference, a SKU or a seller's code, in full.")


@admin.register(NotificationEmail)
class NotificationEmailAdmin(EvidenceAdmin):
    """The outbox: one row per notice and person."""

    list_display = ("address", "notification", "state", "attempts", "due_at", "sent_at", "error")
    list_select_related = ("notification",)
    list_filter = ("state",)
    search_fields = ("address",)
    search_help_text = _("An e-mail address, in full.")


@admin.register(EmailPreference)
class EmailPreferenceAdmin(EvidenceAdmin):
    """Which e-mails members want, where they chose."""

    list_display = ("membership", "kind", "wanted")
    list_select_related = ("membership__user", "membership__seller")
    search_fields = ("membership__user__username",)
    search_help_text = _("A user name, in full.")
