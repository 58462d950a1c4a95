"""Policies: versions are drafted and activated; what a night was computed with is never edited."""
# ruff: noqa: ARG002 - the signatures are Django's

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from health.models import HealthPolicy
from health.policy_actions import (
    PolicyRefused,
    activate,
    changes_by,
    create_draft,
    discard_draft,
    edit_draft,
)
from offers.admin.asking import Question, SureForm, ask_then_act
from offers.admin.base import BigAdmin, ModelForm, PrettyJSONField, pretty_json, shortened


class PolicyForm(ModelForm):
    """The numbers of a draft; the model checks that the method can use them."""

    numbers = PrettyJSONField(
        required=False,
        initial=dict,
        widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField"}),
        help_text=gettext_lazy(
            "The numbers that differ from the method's own, such as {&quot;close_min_n&quot;: 12}."
        ),
    )

    def clean_numbers(self) -> dict[str, Any]:
        """An object, maybe an empty one."""
        numbers = self.cleaned_data["numbers"] or {}
        if not isinstance(numbers, dict):
            raise ValidationError(_('Give the numbers as an object, such as {"close_min_n": 12}.'))
        return numbers


@admin.register(HealthPolicy)
class HealthPolicyAdmin(BigAdmin):
    """The versions of every marketplace's policy."""

    form = PolicyForm
    list_display = (
        "__str__",
        "state",
        "reason_begins",
        "created_by",
        "created_at",
        "activated_by",
        "activated_at",
    )
    list_select_related = ("marketplace", "created_by", "activated_by")
    list_filter = ("marketplace", "state")
    autocomplete_fields = ("marketplace",)
    actions = ("draft", "activate_drafts")

    @admin.display(description=gettext_lazy("reason"))
    def reason_begins(self, version: HealthPolicy) -> str:
        """The beginning of the reason."""
        return shortened(version.reason)

    @admin.display(description=gettext_lazy("changes against the active version"))
    def changes(self, version: HealthPolicy) -> str:
        """What activating the draft would change."""
        lines = ((line,) for line in what_it_changes(version))
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", lines))

    @admin.display(description=gettext_lazy("all numbers"))
    def all_numbers(self, version: HealthPolicy) -> str:
        """Every number of the method as this version has it."""
        try:
            return pretty_json(version.policy.to_dict())
        except ValueError as error:
            return str(error)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """A new draft is asked for what it needs; a version that is there shows everything."""
        if obj is None:
            return ["marketplace", "numbers", "reason"]
        made = ["created_by", "created_at", "activated_by", "activated_at"]
        return ["marketplace", "version", "state", "numbers", "reason", "changes", "all_numbers", *made]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """All but the numbers and the reason of a draft."""
        return (
            [name for name in self.get_fields(request, obj) if name not in {"numbers", "reason"}]
            if obj
            else []
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Drafts only."""
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Drafts only."""
        return _is_draft(obj) and super().has_delete_permission(request, obj)

    def has_activate_permission(self, request: HttpRequest) -> bool:
        """Whoever may change policies may activate one."""
        return request.user.has_perm("health.change_healthpolicy")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; where an edit is refused at the last moment, the page again and why."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except PolicyRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: HealthPolicy, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write through the actions: the version's number and state are theirs."""
        if change:
            edit_draft(policy_id=obj.pk, numbers=obj.numbers, reason=obj.reason)
            return
        by: Any = request.user
        made = create_draft(marketplace=obj.marketplace, by=by, reason=obj.reason, numbers=obj.numbers)
        obj.pk, obj.version = made.pk, made.version

    def delete_model(self, request: HttpRequest, obj: HealthPolicy) -> None:
        """Only ever a draft."""
        discard_draft(policy_id=obj.pk)

    @admin.action(description=gettext_lazy("New draft with these numbers…"), permissions=["add"])
    def draft(self, request: HttpRequest, queryset: QuerySet[HealthPolicy]) -> HttpResponse | None:
        """Make a draft from each of these versions."""
        question = Question(
            action="draft",
            title=_("Make new drafts"),
            explanation=_(
                "Each draft begins with the numbers of its version. Nothing changes until it is activated."
            ),
            button=_("Make drafts"),
            form=SureForm,
        )
        return ask_then_act(
            self,
            request,
            _with_marketplace(queryset),
            question,
            lambda old, _reason: _draft(old, request.user),
        )

    @admin.action(description=gettext_lazy("Activate…"), permissions=["activate"])
    def activate_drafts(self, request: HttpRequest, queryset: QuerySet[HealthPolicy]) -> HttpResponse | None:
        """Activate drafts, with a reason."""
        question = Question(
            action="activate_drafts",
            title=_("Activate these drafts"),
            explanation=_(
                "The version that is active now retires. The next night is computed with the new one, and "
                "its benchmark is refreshed. This is what changes:"
            ),
            button=_("Activate"),
            details=what_it_changes,
        )
        return ask_then_act(
            self,
            request,
            _with_marketplace(queryset),
            question,
            lambda version, reason: _activate(version, request.user, reason),
        )


def what_it_changes(version: HealthPolicy) -> list[str]:
    """The numbers that differ from the active version's, one line each."""
    try:
        changes = changes_by(version)
    except ValueError as error:
        return [str(error)]
    lines = [f"{change.name}: {change.before} → {change.after}" for change in changes]
    return lines or [_("nothing: the numbers are the same")]


def _is_draft(obj: Model | None) -> bool:
    """Whether it is a draft; asked for no row in particular, it may be."""
    return not isinstance(obj, HealthPolicy) or obj.state == HealthPolicy.State.DRAFT


def _with_marketplace(queryset: QuerySet[HealthPolicy]) -> QuerySet[HealthPolicy]:
    return queryset.select_related("marketplace")


def _draft(old: HealthPolicy, by: Any) -> str:
    made = create_draft(marketplace=old.marketplace, by=by, numbers=old.numbers)
    return _("version %(version)d is its draft.") % {"version": made.version}


def _activate(version: HealthPolicy, by: Any, reason: str) -> None:
    activate(policy_id=version.pk, by=by, reason=reason)
