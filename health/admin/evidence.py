"""What the nights wrote, to be read."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from health.admin.labels import band_label, level_label, tile_label, tiles_in_words
from health.late_mail import advice
from health.models import (
    BenchmarkPlacement,
    BenchmarkRefresh,
    GridOrder,
    HealthChange,
    LateNight,
    Night,
    Notification,
    OfferHealth,
    RecomputeRun,
    SavedView,
    SellerSummary,
)
from offers.admin.base import Columns, EvidenceAdmin
from offers.admin.evidence import EXACT_SKU

_SHOWN_BANDS = dict.fromkeys(("band", "proposed", "band_1", "proposed_1", "proposed_2"), band_label)


@admin.display(description=_("What to do"))
def what_to_do(run: RecomputeRun) -> str:
    """What an operator does about a run that ended badly."""
    return advice(run.error)


_EXACT_SELLER = _("A seller's code, in full.")


@admin.register(OfferHealth)
class OfferHealthAdmin(EvidenceAdmin):
    """The health of every offer after the last night."""

    list_display = (
        *("offer", "seller", "as_of", "band", "proposed", "rate", "ncx_orders", "orders", "level", "streak"),
        "last_updated_on",
    )
    list_select_related = ("offer", "seller")
    list_filter = ("marketplace",)
    search_fields = ("offer__sku__iexact",)
    search_help_text = EXACT_SKU
    shown = {**_SHOWN_BANDS, "level": level_label, "tile": tile_label, "rate": "{:.2%}".format}


@admin.register(HealthChange)
class HealthChangeAdmin(EvidenceAdmin):
    """Every change of every offer's state."""

    list_display = ("offer", "as_of", "band", "proposed", "closable", "window_days", "n", "k", "c", "m")
    list_select_related = ("offer",)
    search_fields = ("offer__sku__iexact",)
    search_help_text = EXACT_SKU
    shown = {**_SHOWN_BANDS, "level": level_label}


@admin.register(SellerSummary)
class SellerSummaryAdmin(EvidenceAdmin):
    """The tiles of each seller, one night a week."""

    list_display = ("seller", "marketplace", "as_of", "counts")
    list_select_related = ("seller", "marketplace")
    search_fields = ("seller__code",)
    search_help_text = _EXACT_SELLER
    shown = {"counts": tiles_in_words}


@admin.register(GridOrder)
class GridOrderAdmin(EvidenceAdmin):
    """Which orders of large sellers' offers are kept, without the ids."""

    list_display = ("seller", "marketplace", "sort", "computed_at", "rows")
    list_select_related = ("seller", "marketplace")
    search_fields = ("seller__code",)
    search_help_text = _EXACT_SELLER
    hidden = ("first", "last")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Never read the ids."""
        return super().get_queryset(request).defer("first", "last")


@admin.register(Night)
class NightAdmin(EvidenceAdmin):
    """The computed nights."""

    list_display = ("as_of", "marketplace", "policy", "counts", "refreshed", "closures", "breaker_tripped")
    list_select_related = ("marketplace", "policy__marketplace")
    list_filter = ("marketplace",)
    shown = {"counts": tiles_in_words}


@admin.register(RecomputeRun)
class RecomputeRunAdmin(EvidenceAdmin):
    """The runs that computed them, also those that failed or are at work."""

    list_display = (
        *("as_of", "marketplace", "trigger", "state", "phase", "by", "started_at", "finished_at", "closures"),
        "error",
    )
    list_select_related = ("marketplace", "by")
    list_filter = ("marketplace", "state")
    shown = {"counts": tiles_in_words}
    hidden = ("token",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Columns:
        """What the run was, and of one that ended badly what to do about it."""
        fields = super().get_fields(request, obj)
        return [*fields, what_to_do] if isinstance(obj, RecomputeRun) and obj.error else fields


@admin.register(LateNight)
class LateNightAdmin(EvidenceAdmin):
    """Nights that did not come in time, and when the managers were told."""

    list_display = ("as_of", "marketplace", "told_at")
    list_select_related = ("marketplace",)
    list_filter = ("marketplace",)


@admin.register(BenchmarkRefresh)
class BenchmarkRefreshAdmin(EvidenceAdmin):
    """The weekly benchmarks, without the fit itself: a million offers are 24 MB."""

    list_display = ("as_of", "marketplace", "policy", "sum_n", "offers", "groups", "created_at")
    list_select_related = ("marketplace", "policy__marketplace")
    list_filter = ("marketplace",)
    hidden = ("fit",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Never read the fit."""
        return super().get_queryset(request).defer("fit")


@admin.register(BenchmarkPlacement)
class BenchmarkPlacementAdmin(EvidenceAdmin):
    """Offers that came between two refreshes."""

    list_display = ("offer", "refresh", "since", "m", "s", "w", "level", "similar_offers")
    list_select_related = ("offer",)
    search_fields = ("offer__sku__iexact",)
    search_help_text = EXACT_SKU
    shown = {"level": level_label, "finest": level_label}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the refresh, but never its fit."""
        rows = super().get_queryset(request).select_related("offer", "refresh__marketplace")
        return rows.defer("refresh__fit")


@admin.register(Notification)
class NotificationAdmin(EvidenceAdmin):
    """What sellers were told."""

    list_display = ("kind", "seller", "marketplace", "offer", "on", "email", "read_at")
    list_select_related = ("seller", "marketplace", "offer")
    list_filter = ("marketplace",)
    search_fields = ("offer__sku__iexact", "seller__code")
    search_help_text = _("A SKU or a seller's code, in full.")


@admin.register(SavedView)
class SavedViewAdmin(EvidenceAdmin):
    """Filters of the grid under people's own names."""

    list_display = ("name", "user", "seller", "query")
    list_select_related = ("user", "seller")
    search_fields = ("user__username", "seller__code")
    search_help_text = _("A user name or a seller's code, in full.")
