"""What is kept of offers and imports, to be read."""

from typing import ClassVar, Final

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from offers.admin.base import EvidenceAdmin, shortened
from offers.lifecycle import Move
from offers.models import (
    Category,
    ImportFile,
    ImportProblem,
    ListingImage,
    ListingRevision,
    OfferStatusChange,
    OrderLine,
)

EXACT_SKU = _("The SKU, in full.")
_MOVES: Final = {
    Move.CLOSE: _("Closed by the nightly job"),
    Move.CLOSE_BY_HAND: _("Closed by hand"),
    Move.RELIST: _("Relisted"),
    Move.LIFT: _("Closure lifted"),
    Move.DELETE: _("Listing deleted"),
}


def move_label(move: str) -> str:
    """A move in words."""
    return str(_MOVES[Move(move)])


@admin.register(Category)
class CategoryAdmin(EvidenceAdmin):
    """Categories come with imports; the benchmark's groups bear their numbers."""

    list_display = ("path", "top")
    list_select_related = ("top",)
    search_fields = ("path__icontains",)


@admin.register(ListingRevision)
class ListingRevisionAdmin(EvidenceAdmin):
    """What a listing said after each change."""

    list_display = ("offer", "number", "source", "fields_changed", "by", "at")
    list_select_related = ("offer", "by")
    search_fields = ("offer__sku__iexact",)
    search_help_text = EXACT_SKU

    @admin.display(description=_("changed fields"))
    def fields_changed(self, revision: ListingRevision) -> str:
        """Their names; of the first revision none."""
        return ", ".join(revision.changed_fields)


@admin.register(ListingImage)
class ListingImageAdmin(EvidenceAdmin):
    """Pictures that sellers uploaded."""

    list_display = ("id", "offer", "content_type", "width", "height", "size", "by", "at")
    list_select_related = ("offer", "by")
    search_fields = ("offer__sku__iexact",)
    search_help_text = EXACT_SKU
    ordering: ClassVar[tuple[str, ...]] = ("-at", "pk")


@admin.register(OfferStatusChange)
class OfferStatusChangeAdmin(EvidenceAdmin):
    """Every move of every offer, with its evidence."""

    list_display = ("offer", "move", "from_status", "to_status", "on", "by", "reason_begins", "in_error")
    list_select_related = ("offer", "by")
    search_fields = ("offer__sku__iexact",)
    search_help_text = EXACT_SKU
    shown = {"move": move_label}

    @admin.display(description=_("reason"))
    def reason_begins(self, change: OfferStatusChange) -> str:
        """The beginning of the reason."""
        return shortened(change.reason)


@admin.register(OrderLine)
class OrderLineAdmin(EvidenceAdmin):
    """Orders, without anything that tells who the customer is."""

    list_display = ("order_ref", "offer", "ordered_on", "quantity", "status")
    list_select_related = ("offer",)
    search_fields = ("order_ref",)
    search_help_text = _("The order's reference, in full.")
    hidden = ("customer",)


@admin.register(ImportFile)
class ImportFileAdmin(EvidenceAdmin):
    """Imported files and their counts."""

    list_display = (
        *("name", "marketplace", "kind", "state", "read", "added", "changed", "unchanged"),
        *("problems", "waiting", "by", "started_at"),
    )
    list_select_related = ("marketplace", "by")
    list_filter = ("marketplace", "state")

    @admin.display(description=_("bad"))
    def problems(self, file: ImportFile) -> str:
        """How many bad rows, with a link to them."""
        address = reverse("admin:offers_importproblem_changelist")
        link = format_html('<a href="{}?file__id__exact={}">{}</a>', address, file.pk, file.bad)
        return link if file.bad else "0"


@admin.register(ImportProblem)
class ImportProblemAdmin(EvidenceAdmin):
    """Bad rows, and what to do about each."""

    list_display = ("file", "line", "column", "value", "message_begins")
    list_select_related = ("file",)

    @admin.display(description=_("message"))
    def message_begins(self, problem: ImportProblem) -> str:
        """The beginning of the message."""
        return shortened(problem.message, 120)
