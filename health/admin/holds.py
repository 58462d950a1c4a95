"""Closures that wait for an operator: released or dropped, never edited."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from health.actions import drop_hold, release_hold
from health.models import ClosureHold
from offers.admin.asking import Question, SureForm, ask_then_act
from offers.admin.base import EvidenceAdmin
from offers.admin.evidence import EXACT_SKU

_COUNTS: Final = (("ncx", "ncx_orders"), ("orders", "orders"), ("days", "window_days"))


@admin.register(ClosureHold)
class ClosureHoldAdmin(EvidenceAdmin):
    """The list of the circuit breaker, and of closures whose buyers can't be told apart (METHOD 6)."""

    list_display = ("offer", "marketplace", "as_of", "cause", "state", "outcome", "decided_by", "decided_at")
    list_select_related = ("offer", "marketplace", "decided_by")
    list_filter = ("state", "cause", "marketplace")
    list_per_page = 100
    search_fields = ("offer__sku__iexact",)
    search_help_text = EXACT_SKU
    actions = ("release", "drop")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whoever may change held closures may decide on them."""
        return request.user.has_perm("health.change_closurehold")

    @admin.action(description=gettext_lazy("Release…"), permissions=["decide"])
    def release(self, request: HttpRequest, queryset: QuerySet[ClosureHold]) -> HttpResponse | None:
        """Let the closures happen that the latest night still asks for."""
        question = Question(
            action="release",
            title=_("Release these closures"),
            explanation=_(
                "Each offer is closed if the latest night still asks for it, and its seller is told. "
                "Either way it no longer waits here."
            ),
            button=_("Release"),
            form=SureForm,
            name=_name,
            details=_facts,
        )
        return ask_then_act(
            self, request, _waiting(queryset), question, lambda hold, _reason: _release(hold, request.user)
        )

    @admin.action(description=gettext_lazy("Drop…"), permissions=["decide"])
    def drop(self, request: HttpRequest, queryset: QuerySet[ClosureHold]) -> HttpResponse | None:
        """Let the closures not happen; the offers' nights start again."""
        question = Question(
            action="drop",
            title=_("Drop these closures"),
            explanation=_("The offers stay open, and the nights that count towards a closure start again."),
            button=_("Drop"),
            form=SureForm,
            name=_name,
            details=_facts,
        )
        return ask_then_act(
            self, request, _waiting(queryset), question, lambda hold, _reason: _drop(hold, request.user)
        )


def _waiting(queryset: QuerySet[ClosureHold]) -> QuerySet[ClosureHold]:
    return queryset.select_related("offer__seller", "marketplace")


def _release(hold: ClosureHold, by: Any) -> str:
    closed = release_hold(hold_id=hold.pk, by=by)
    return _("closed.") if closed else _("not closed: the latest night did not ask for it any more.")


def _drop(hold: ClosureHold, by: Any) -> None:
    drop_hold(hold_id=hold.pk, by=by)


def _name(hold: ClosureHold) -> str:
    return f"{hold.offer}, {hold.as_of}"


def _facts(hold: ClosureHold) -> list[str]:
    """Whose offer it is and why it waits, for a person who decides."""
    offer = hold.offer
    said = f"{offer.seller} · {offer.get_status_display()} · {hold.get_cause_display()}"
    if "ncx_orders" not in hold.evidence:
        return [said]
    counts = _("%(ncx)d NCX orders of %(orders)d in %(days)d days")
    return [said, counts % {name: hold.evidence[field] for name, field in _COUNTS}]
