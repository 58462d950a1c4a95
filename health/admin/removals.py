"""Removal orders, with how an operator moves them on; their sellers are told when they end (PRODUCT D7)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from health.removal_notices import move_and_tell
from offers.admin.asking import Question, SureForm, ask_then_act
from offers.admin.removals import RemovalOrderAdmin
from offers.models import RemovalOrder, RemovalState


class DoneForm(forms.Form):
    """How many units are done so far, of each chosen order."""

    done = forms.IntegerField(
        label=gettext_lazy("Units done so far, of each order"), min_value=1, required=False
    )


@admin.register(RemovalOrder)
class RemovalOrderWithMovesAdmin(RemovalOrderAdmin):
    """The page of the lower floor, with what an operator can say about an order."""

    actions = ("process", "complete", "cancel_orders")

    def has_move_permission(self, request: HttpRequest) -> bool:
        """Whoever may change removal orders may move them on."""
        return request.user.has_perm("offers.change_removalorder")

    @admin.action(description=gettext_lazy("Processing…"), permissions=["move"])
    def process(self, request: HttpRequest, queryset: QuerySet[RemovalOrder]) -> HttpResponse | None:
        """The marketplace has begun, or is further than before."""
        question = Question(
            action="process",
            title=_("Say that these orders are being processed"),
            explanation=_(
                "Their sellers can't cancel them any more. Units that are done leave the offer's stock. "
                "Empty: as many as before."
            ),
            button=_("Processing"),
            form=DoneForm,
            details=_facts,
        )
        return self._ask(request, queryset, question, RemovalState.PROCESSING)

    @admin.action(description=gettext_lazy("Complete…"), permissions=["move"])
    def complete(self, request: HttpRequest, queryset: QuerySet[RemovalOrder]) -> HttpResponse | None:
        """The orders have ended, with all units done or with some."""
        question = Question(
            action="complete",
            title=_("Complete these orders"),
            explanation=_(
                "Units that are done leave the offer's stock, the others are available again; the seller is "
                "told. Empty: all units that were not cancelled. This can't be undone."
            ),
            button=_("Complete"),
            form=DoneForm,
            details=_facts,
        )
        return self._ask(request, queryset, question, RemovalState.COMPLETED)

    @admin.action(description=gettext_lazy("Cancel…"), permissions=["move"])
    def cancel_orders(self, request: HttpRequest, queryset: QuerySet[RemovalOrder]) -> HttpResponse | None:
        """Nothing will be done."""
        question = Question(
            action="cancel_orders",
            title=_("Cancel these orders"),
            explanation=_("Their units are available again; the seller is told. This can't be undone."),
            button=_("Cancel the orders"),
            form=SureForm,
            details=_facts,
        )
        return self._ask(request, queryset, question, RemovalState.CANCELLED)

    def _ask(
        self, request: HttpRequest, queryset: QuerySet[RemovalOrder], question: Question, to: str
    ) -> HttpResponse | None:
        rows = queryset.select_related("offer", "seller")

        def move(order: RemovalOrder, _reason: str) -> None:
            move_and_tell(removal_id=order.pk, to=to, by=_actor(request), done=_done(request))

        return ask_then_act(self, request, rows, question, move)


def _done(request: HttpRequest) -> int | None:
    """The number that was asked for; it was checked with the rest of the answer."""
    answer = DoneForm(request.POST)
    return answer.cleaned_data["done"] if answer.is_valid() else None


def _facts(order: RemovalOrder) -> list[str]:
    """What it is about and how far, for a person who decides on it."""
    units = _("%(quantity)d units, %(done)d done, %(cancelled)d cancelled") % {
        "quantity": order.quantity,
        "done": order.done,
        "cancelled": order.cancelled,
    }
    return [
        f"{order.seller} · {order.offer} · {order.get_kind_display()}",
        f"{order.get_state_display()}: {units}",
    ]


def _actor(request: HttpRequest) -> Any:
    return request.user
