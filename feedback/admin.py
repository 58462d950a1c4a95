"""The operators' pages for feedback: events and decisions on them, and the table of reasons."""
# ruff: noqa: ARG002 - the signatures are Django's

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.decisions import decide_event, withdraw_decision
from feedback.models import FeedbackEvent, ReasonCode, ReasonCodeChange
from feedback.reason_table import (
    NEWEST_EVENTS,
    CodeRefused,
    map_code,
    normal_key,
    unmap_code,
    unmapped_codes,
)
from feedback.reasons import Cause, Reason
from offers.admin.asking import Question, SureForm, ask_then_act
from offers.admin.base import BigAdmin, EvidenceAdmin, ModelForm, shortened


def reason_label(reason: str) -> str:
    """A normal reason and its cause in words."""
    if reason not in {known.value for known in Reason}:
        return reason
    known = Reason(reason)
    return f"{_(known.label)} ({_(known.cause.label)})"


def reason_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The normal reasons by cause."""
    return [
        (_(cause.label), [(reason.value, _(reason.label)) for reason in Reason if reason.cause is cause])
        for cause in Cause
    ]


@admin.register(FeedbackEvent)
class FeedbackEventAdmin(EvidenceAdmin):
    """What customers said. An operator may decide whether an event counts; nothing else is changed."""

    list_display = (
        *("event_id", "channel", "counted", "reason", "judged_by", "offer", "occurred_on", "raw_reason"),
        "comment_begins",
    )
    list_select_related = ("offer",)
    list_filter = ("marketplace", "channel", "judged_by")
    search_fields = ("event_id", "order_line__order_ref", "offer__sku__iexact")
    search_help_text = gettext_lazy("An event's id, an order's reference or a SKU, in full.")
    shown = {"reason": reason_label}
    actions = ("count_it", "do_not_count_it", "withdraw")

    @admin.display(description=gettext_lazy("comment"))
    def comment_begins(self, event: FeedbackEvent) -> str:
        """The beginning of the comment."""
        return shortened(event.comment)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whoever may change events may decide on them."""
        return request.user.has_perm("feedback.change_feedbackevent")

    @admin.action(description=gettext_lazy("Decide that it counts…"), permissions=["decide"])
    def count_it(self, request: HttpRequest, queryset: QuerySet[FeedbackEvent]) -> HttpResponse | None:
        """Count the events, with a reason."""
        return self._decide(request, queryset, "count_it", counted=True)

    @admin.action(description=gettext_lazy("Decide that it does not count…"), permissions=["decide"])
    def do_not_count_it(self, request: HttpRequest, queryset: QuerySet[FeedbackEvent]) -> HttpResponse | None:
        """Leave the events out, with a reason."""
        return self._decide(request, queryset, "do_not_count_it", counted=False)

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[FeedbackEvent], action: str, *, counted: bool
    ) -> HttpResponse | None:
        question = Question(
            action=action,
            title=_("Count these events") if counted else _("Do not count these events"),
            explanation=_(
                "Your decision beats the reason, the stars and the words. Sellers read its reason. "
                "Rates change at the next recompute."
            ),
            button=_("Count") if counted else _("Do not count"),
            details=what_it_says,
        )
        return ask_then_act(
            self,
            request,
            queryset,
            question,
            lambda event, reason: _silent(
                decide_event(event_id=event.pk, counted=counted, by=_actor(request), reason=reason)
            ),
        )

    @admin.action(description=gettext_lazy("Withdraw the decision…"), permissions=["decide"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[FeedbackEvent]) -> HttpResponse | None:
        """Let the events' reasons, stars and words decide again."""
        question = Question(
            action="withdraw",
            title=_("Withdraw the decisions on these events"),
            explanation=_("Their reasons, stars and words decide again, from the next recompute."),
            button=_("Withdraw"),
            form=SureForm,
            details=what_it_says,
        )
        return ask_then_act(
            self,
            request,
            queryset,
            question,
            lambda event, _reason: _silent(withdraw_decision(event_id=event.pk)),
        )


def what_it_says(event: FeedbackEvent) -> list[str]:
    """An event's reason, words and judgement, for a person who decides on it."""
    counted = _("counted") if event.counted else _("not counted")
    by = f"{event.get_judged_by_display()} {event.judged_on}".strip()
    said = [f"{_('Reason')}: {event.raw_reason or '—'} → {reason_label(event.reason)}", f"{counted}: {by}"]
    return [*said, *([shortened(event.comment, 300)] if event.comment else [])]


def _silent(_done: object) -> None:
    """Nothing to be said of a row but that it is done."""


def _actor(request: HttpRequest) -> Any:
    return request.user


class ReasonCodeForm(ModelForm):
    """One row of the table: source and code in the form in which they are compared."""

    reason = forms.ChoiceField(choices=reason_choices)

    def clean(self) -> dict[str, Any]:
        """Bring the code into its normal form and refuse one that stands there already."""
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is None and "code" in cleaned:
            try:
                cleaned["source"], cleaned["code"] = normal_key(cleaned.get("source", ""), cleaned["code"])
            except CodeRefused as refusal:
                raise ValidationError({"code": str(refusal)}) from refusal
        return cleaned


@admin.register(ReasonCode)
class ReasonCodeAdmin(BigAdmin):
    """The table: raw code to normal reason. Every change is logged and applies from the next recompute."""

    form = ReasonCodeForm
    fields = ("source", "code", "reason")
    list_display = ("code", "source", "reason", "updated_at")
    list_filter = ("source", "reason")
    search_fields = ("code__istartswith",)
    search_help_text = gettext_lazy("The beginning of the code.")
    shown = {"reason": reason_label}
    list_per_page = 200
    change_list_template = "admin/feedback/reasoncode/change_list.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """The key of a row stays; another code is another row."""
        return ("source", "code") if obj else ()

    def save_model(self, request: HttpRequest, obj: ReasonCode, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write through the action that keeps the log."""
        row = map_code(source=obj.source, code=obj.code, reason=obj.reason, by=_actor(request))
        obj.pk, obj.updated_at = row.pk, row.updated_at

    def delete_model(self, request: HttpRequest, obj: ReasonCode) -> None:
        """Take it out through the action that keeps the log."""
        unmap_code(row_id=obj.pk, by=_actor(request))

    def get_urls(self) -> list[URLPattern]:
        """The list of codes that the table lacks, besides the usual pages."""
        unmapped = self.admin_site.admin_view(self.unmapped_view)
        return [path("unmapped/", unmapped, name="feedback_reasoncode_unmapped"), *super().get_urls()]

    def unmapped_view(self, request: HttpRequest) -> HttpResponse:
        """The codes among the newest events that the table lacks, with a way to map each."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Codes that the table lacks"),
            "opts": self.opts,
            "codes": unmapped_codes(),
            "newest": NEWEST_EVENTS,
            "may_map": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/feedback/reasoncode/unmapped.html", context)


@admin.register(ReasonCodeChange)
class ReasonCodeChangeAdmin(EvidenceAdmin):
    """The log of the table."""

    list_display = ("code", "source", "reason_before", "reason_after", "by", "at")
    list_select_related = ("by",)
    search_fields = ("code",)
    search_help_text = gettext_lazy("The code, in full.")
    shown = {"reason_before": reason_label, "reason_after": reason_label}
