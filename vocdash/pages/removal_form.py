"""The form that asks for a removal order, and what it says when that is refused (UX 6)."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from offers.models import Offer, RemovalKind
from offers.removal_actions import RemovalRefused
from offers.removals import available_units
from vocdash.pages.formats import locale

MOST: Final = 1_000_000
_NOTE: Final = 2_000
_NO_KIND: Final = _("Choose what should happen to these units")


class KindSelect(forms.RadioSelect):
    """Radio buttons of which the first one is what a problem leads to."""

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """The id of a button; without an index that of the first."""
        return super().id_for_label(id_, index or "0")


class RemovalForm(forms.Form):
    """What is asked for. Whether the stock suffices is the action's business, which holds the stock.

    `key` makes one order of a form that is sent twice. Beside the fields the form sends `stock` and `seen`:
    the stock and what of it was available when it was drawn (`seen_stock`). They choose words, nothing else.
    """

    kind = forms.ChoiceField(
        label=_("What should happen to these units?"),
        choices=RemovalKind.choices,
        widget=KindSelect,
        error_messages={"required": _NO_KIND, "invalid_choice": _NO_KIND},
    )
    quantity = forms.IntegerField(
        label=_("Units to remove"),
        widget=forms.TextInput(attrs={"class": "input w-s", "inputmode": "numeric", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note (optional)"),
        help_text=_("For your own records, such as the batch or the date of receipt."),
        required=False,
        max_length=_NOTE,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    field_order = ["quantity", "kind", "note", "key"]  # as on the page: the list of problems follows it

    def __init__(self, *args: Any, available: int | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.available = available
        said = number_words(available)
        quantity = self.fields["quantity"]
        quantity.error_messages = {"required": said, "invalid": said}
        quantity.help_text = stock_words(available)

    def clean_quantity(self) -> int:
        """Refuse what can never be; the stock is looked at later, when it is held."""
        quantity: int = self.cleaned_data["quantity"]
        if not 1 <= quantity <= MOST:
            raise forms.ValidationError(number_words(self.available))
        return quantity

    def explain(self, refused: RemovalRefused, offer: Offer) -> None:
        """Put a refusal where it belongs, in words of what changed since the form was drawn."""
        field = "quantity" if refused.code in {"too_many", "none_left", "not_positive"} else None
        self.add_error(field, _refusal(refused, offer, self.data.get("stock", ""), self.data.get("seen", "")))
        self["quantity"].help_text = stock_words(available_units(offer))


def fresh_form(available: int | None) -> RemovalForm:
    """An empty form with a key of its own."""
    return RemovalForm(initial={"key": uuid.uuid4().hex}, available=available)


def seen_stock(offer: Offer) -> dict[str, str]:
    """What the form was drawn from."""
    available = available_units(offer)
    return {
        "stock": "" if offer.quantity is None else str(offer.quantity),
        "seen": "" if available is None else str(available),
    }


def number_words(available: int | None) -> str:
    """Which number to enter."""
    count = locale(get_language()).count
    return gettext("enter a number from 1 to %(most)s") % {
        "most": count(MOST if available is None else available)
    }


def stock_words(available: int | None) -> str:
    """What can be removed."""
    if available is None:
        return gettext("The stock of this offer is unknown. Enter the number of units that you want removed.")
    words = ngettext("You can remove %(count)s unit.", "You can remove up to %(count)s units.", available)
    return words % {"count": locale(get_language()).count(available)}


@dataclass(frozen=True, slots=True)
class _Change:
    """How many units fewer are available than when the form was drawn, and how many fewer are in stock."""

    available: int
    stock: int


def _refusal(refused: RemovalRefused, offer: Offer, stock: str, seen: str) -> str:
    if refused.code == "deleted":
        return gettext("This listing was deleted.")
    if refused.code == "seller_fulfilled":
        return seller_fulfilled_words()
    if refused.available is None:
        return number_words(None)
    change = _Change(_fewer(seen, refused.available), _fewer(stock, offer.quantity or 0))
    return f"{_what_changed(change)}{_what_is_left(refused.available, change)}"


def _fewer(before: str, now: int) -> int:
    """By how much a number fell; 0 where it did not, or nobody knows."""
    return max(0, int(before) - now) if before.isascii() and before.isdigit() and len(before) < 10 else 0


def _what_changed(change: _Change) -> str:
    if not change.available:
        return ""
    values = {"count": locale(get_language()).count(change.available)}
    if change.stock >= change.available:
        words = ngettext(
            "%(count)s unit was sold since you started. ",
            "%(count)s units were sold since you started. ",
            change.available,
        )
    else:
        words = ngettext(
            "%(count)s unit was sold or reserved since you started. ",
            "%(count)s units were sold or reserved since you started. ",
            change.available,
        )
    return words % values


def _what_is_left(available: int, change: _Change) -> str:
    if not available:
        return gettext("No units are left to remove")
    if not change.available:
        return number_words(available)
    count = locale(get_language()).count(available)
    return gettext("You can remove up to %(count)s") % {"count": count}


def seller_fulfilled_words() -> str:
    """Why an offer has no removal orders."""
    return gettext(
        "You ship this offer yourself, so the marketplace has no stock of it that could be removed."
    )
