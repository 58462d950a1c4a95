"""The parts in which a benchmark is stored, to be looked at without their bytes."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from health.models import BenchmarkPiece
from offers.admin.base import EvidenceAdmin


@admin.register(BenchmarkPiece)
class BenchmarkPieceAdmin(EvidenceAdmin):
    """Which pieces a refresh has."""

    list_display = ("refresh", "part", "number")
    list_filter = ("part",)
    hidden = ("body",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the refresh, but neither its fit nor the piece's body."""
        rows = super().get_queryset(request).select_related("refresh__marketplace")
        return rows.defer("body", "refresh__fit")
