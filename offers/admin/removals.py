"""Removal orders and their steps, to be read. The floor of health registers the orders, with their moves."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from offers.admin.base import EvidenceAdmin
from offers.models import RemovalChange


class RemovalOrderAdmin(EvidenceAdmin):
    """Units that sellers have taken out of the stock."""

    list_display = ("reference", "offer", "seller", "kind", "state", "quantity", "done", "requested_at")
    list_select_related = ("offer", "seller")
    list_filter = ("state", "kind")
    search_fields = ("reference", "offer__sku__iexact", "seller__code")
    search_help_text = _("A reference, a SKU or a seller's code, in full.")
    hidden = ("form_key",)


@admin.register(RemovalChange)
class RemovalChangeAdmin(EvidenceAdmin):
    """Every step of every removal order."""

    list_display = ("order", "state", "done", "cancelled", "source", "by", "at")
    list_select_related = ("order", "by")
