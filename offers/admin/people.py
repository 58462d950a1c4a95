"""Who is invited, and what people prefer, to be read: both are made on people's own pages."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from offers.admin.base import EvidenceAdmin
from offers.models import Invitation, Preferences


@admin.register(Invitation)
class InvitationAdmin(EvidenceAdmin):
    """Invitations to join a seller, without anything by which one could be accepted."""

    list_display = ("email", "seller", "role", "by", "sent_at", "expires_at", "accepted_at", "revoked_at")
    list_select_related = ("seller", "by")
    search_fields = ("email", "seller__code")
    search_help_text = _("An e-mail address or a seller's code, in full.")
    hidden = ("token_hash",)


@admin.register(Preferences)
class PreferencesAdmin(EvidenceAdmin):
    """Language, theme and shortcuts of people."""

    list_display = ("user", "language", "theme", "shortcuts")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    search_help_text = _("A user name, in full.")
