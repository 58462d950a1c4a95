"""What all lists and pages of the admin share: bounded queries, evidence that nobody edits, plain words."""
# ruff: noqa: ARG002 - the signatures are Django's

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from offers.admin.paging import OpenEndedChangeList, OpenEndedPaginator, page_asked_for

if TYPE_CHECKING:
    ModelAdmin: TypeAlias = admin.ModelAdmin[Any]
    TabularInline: TypeAlias = admin.TabularInline[Any, Any]
    ModelForm: TypeAlias = forms.ModelForm[Any]
else:  # generic in the stubs only
    ModelAdmin, TabularInline, ModelForm = admin.ModelAdmin, admin.TabularInline, forms.ModelForm

# How many rows of a related table a search follows: a SKU may be every seller's.
MOST_RELATED: Final = 200

Cell: TypeAlias = Callable[[Any], object]
Columns: TypeAlias = list[Any]  # of names and Cells


class BigAdmin(ModelAdmin):
    """A list of rows of which there may be a million.

    Nothing is counted, sorted by a column or filtered by one without an index. `search_fields` are
    lookups of indexed columns, exact or from the start, also of one related table, and the whole search
    text is one value. `shown` turns codes into words: field name to function.
    """

    ordering: ClassVar[tuple[str, ...]] = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = OpenEndedPaginator
    shown: ClassVar[Mapping[str, Callable[[Any], object]]] = {}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that takes its rows from the paginator."""
        return OpenEndedChangeList

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,  # noqa: FBT001, FBT002
    ) -> OpenEndedPaginator:
        """The paginator of the page that is asked for."""
        return OpenEndedPaginator(queryset, per_page, number=page_asked_for(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows of which one of `search_fields` is the text: words are not taken apart."""
        term = search_term.replace("\x00", "").strip()
        return (queryset.filter(self.wanted(request, term)) if term else queryset), False

    def wanted(self, request: HttpRequest, term: str) -> Q:
        """The condition of a search."""
        found = Q()
        for lookup in self.get_search_fields(request):
            found |= self._is_wanted(str(lookup), term)
        return found

    def _is_wanted(self, lookup: str, term: str) -> Q:
        """The condition of one lookup. Related rows are found first: an OR across a join uses no index."""
        name, _, rest = lookup.partition("__")
        field = self.opts.get_field(name)
        if not (rest and isinstance(field, models.ForeignKey)):
            return Q((lookup, term))
        related = field.related_model._default_manager.filter(Q((rest, term)))
        return Q((f"{name}__in", list(related.values_list("pk", flat=True)[:MOST_RELATED])))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """All actions but deleting many: that page would load everything that hangs on the rows."""
        return {name: row for name, row in super().get_actions(request).items() if name != "delete_selected"}

    def get_list_display(self, request: HttpRequest) -> Columns:
        """The columns, codes in words."""
        return [self.in_words(name) for name in super().get_list_display(request)]

    def in_words(self, name: Any) -> Any:
        """What shows the field: itself or, for a code or JSON, a function that words it."""
        if not isinstance(name, str) or name not in {field.name for field in self.opts.get_fields()}:
            return name
        field = self.opts.get_field(name)
        if name in self.shown:
            return cell(field, self.shown[name])
        return cell(field, pretty_json) if isinstance(field, models.JSONField) else name


class EvidenceAdmin(BigAdmin):
    """Rows that are read and nothing else: nobody may add, change or delete them here."""

    hidden: ClassVar[Sequence[str]] = ()

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Columns:
        """Every field that is not `hidden`, codes in words and JSON laid out."""
        names = [field.name for field in self.opts.concrete_fields if field.name not in self.hidden]
        return [self.in_words(name) for name in names]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Columns:
        """All of them."""
        return self.get_fields(request, obj)


def cell(field: Any, show: Callable[[Any], object]) -> Cell:
    """A column that shows the field's value through a function; nothing where there is no value."""

    def shown(row: Any) -> object:
        value = getattr(row, field.name)
        return None if value is None else show(value)

    shown.__name__ = field.name
    shown.short_description = field.verbose_name  # type: ignore[attr-defined]  # how Django reads it
    return shown


class PrettyJSONField(forms.JSONField):
    """JSON in a form, one name per line."""

    def prepare_value(self, value: Any) -> Any:
        """The value laid out; what somebody typed stays as it was typed."""
        if isinstance(value, InvalidJSONInput):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False, cls=self.encoder)


def pretty_json(value: object) -> SafeString | str:
    """JSON laid out for reading, escaped; an empty one is nothing."""
    if value in ({}, [], ""):
        return ""
    text = json.dumps(value, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
    return format_html("<pre>{}</pre>", text)


def shortened(text: str, length: int = 80) -> str:
    """The beginning of a text, for lists."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
