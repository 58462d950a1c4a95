"""Marketplaces, sellers and the people who act for them."""
# ruff: noqa: ARG002 - the signatures are Django's

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from offers.admin.base import BigAdmin, TabularInline
from offers.models import Membership, Seller


class KeptAdmin(BigAdmin):
    """Rows that others rest on: made and edited, their code once given and for ever, never deleted."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """The code, once there is one: files name rows by it."""
        return ["created_at", *(["code"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: offers, orders and evidence hang on it."""
        return False


class MarketplaceAdmin(KeptAdmin):
    """What a marketplace is. The floor of health registers it, with what can be done to it."""

    list_display = ("code", "name", "currency", "time_zone", "language", "recompute_hour")
    search_fields = ("code__istartswith", "name__icontains")


class MembershipInline(TabularInline):
    """The people who act for a seller."""

    model = Membership
    extra = 0
    fields = ("user", "role", "created_at")
    readonly_fields = ("created_at",)
    autocomplete_fields = ("user",)


@admin.register(Seller)
class SellerAdmin(KeptAdmin):
    """Sellers and their members."""

    list_display = ("code", "name", "created_at")
    search_fields = ("code__istartswith", "name__icontains")
    search_help_text = "The beginning of the code, or a part of the name."
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(BigAdmin):
    """Who may do what for which seller."""

    list_display = ("user", "seller", "role", "created_at")
    list_select_related = ("user", "seller")
    list_filter = ("role",)
    search_fields = ("user__username", "user__email", "seller__code")
    search_help_text = "A user name, an e-mail address or a seller's code, in full."
    autocomplete_fields = ("user", "seller")
    readonly_fields = ("created_at",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Who and for whom stays; another person is another row."""
        return ["created_at", *(["user", "seller"] if obj else [])]
