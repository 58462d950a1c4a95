"""Actions that ask before they act: on which rows, what will happen and, mostly, why."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from offers.actions import MoveRefused
from offers.admin.base import ModelAdmin

MOST_AT_ONCE: Final = 100
_MOST_LISTED: Final = 10
_CONFIRMED: Final = "confirmed"


class ReasonForm(forms.Form):
    """Why it is done."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
    )


class SureForm(forms.Form):
    """Asks nothing but whether it is meant."""


@dataclass(frozen=True)
class Question:
    """What is asked before an action. `name` names a row, `details` says what matters about it."""

    action: str
    title: str
    explanation: str
    button: str
    form: type[forms.Form] = ReasonForm
    name: Callable[[Any], str] = str
    details: Callable[[Any], Iterable[str]] = lambda row: ()  # noqa: ARG005


# Does the action to one row; whatever it returns is shown instead of counting the row as done.
Act = Callable[[Any, str], "str | None"]


def ask_then_act(
    model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet[Any], question: Question, act: Act
) -> TemplateResponse | None:
    """Show the question; once it is answered, act on each row and tell what happened.

    A row for which the action is refused (ValueError, MoveRefused, gone) is told of, and the others go on.
    """
    chosen = list(rows.order_by("pk")[: MOST_AT_ONCE + 1])
    if len(chosen) > MOST_AT_ONCE:
        said = _("Choose at most %(most)d rows at once.") % {"most": MOST_AT_ONCE}
        model_admin.message_user(request, said, messages.ERROR)
        return None
    form = question.form(request.POST if _CONFIRMED in request.POST else None)
    if not form.is_valid():
        return _ask(model_admin, request, chosen, question, form)
    outcome = _act_on_all(chosen, question.name, act, form.cleaned_data.get("reason", ""))
    for row in outcome.done:
        said = f"{question.title}: {form.cleaned_data.get('reason', '')}".rstrip(": ")
        model_admin.log_change(request, row, said)
    _tell(model_admin, request, question, outcome)
    return None


def _ask(
    model_admin: ModelAdmin,
    request: HttpRequest,
    chosen: Sequence[Model],
    question: Question,
    form: forms.Form,
) -> TemplateResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": question.title,
        "question": question,
        "rows": [(row.pk, question.name(row), list(question.details(row))) for row in chosen],
        "form": form,
        "opts": model_admin.opts,
        "media": model_admin.media,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "confirmed": _CONFIRMED,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/ask_then_act.html", context)


@dataclass(frozen=True)
class _Outcome:
    done: list[Model]
    said: list[str]
    refused: list[str]


def _act_on_all(chosen: Sequence[Model], name: Callable[[Any], str], act: Act, reason: str) -> _Outcome:
    outcome = _Outcome([], [], [])
    for row in chosen:
        called = name(row)
        try:
            said = act(row, reason)
        except MoveRefused:
            outcome.refused.append(_("%(row)s: not possible in its present state.") % {"row": called})
        except ObjectDoesNotExist:
            outcome.refused.append(_("%(row)s: somebody else was faster.") % {"row": called})
        except ValueError as refusal:
            outcome.refused.append(f"{called}: {refusal}")
        else:
            outcome.done.append(row)
            outcome.said.extend([f"{called}: {said}"] if said else [])
    return outcome


def _tell(model_admin: ModelAdmin, request: HttpRequest, question: Question, outcome: _Outcome) -> None:
    silent = len(outcome.done) - len(outcome.said)
    if silent:
        said = ngettext("%(title)s: done for %(count)d.", "%(title)s: done for %(count)d.", silent)
        values = {"title": question.title, "count": silent}
        model_admin.message_user(request, said % values, messages.SUCCESS)
    for level, texts in ((messages.SUCCESS, outcome.said), (messages.ERROR, outcome.refused)):
        for text in texts[:_MOST_LISTED]:
            model_admin.message_user(request, text, level)
        if len(texts) > _MOST_LISTED:
            more = _("… and %(count)d more.") % {"count": len(texts) - _MOST_LISTED}
            model_admin.message_user(request, more, level)
