"""The form in which an operator makes an offer or edits its listing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.admin.base import ModelForm, PrettyJSONField
from offers.lifecycle import Status
from offers.models import Offer

LONGEST_BULLET = 1000


class LinesField(forms.CharField):
    """A list of texts, one per line; empty lines are none."""

    widget = forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        """The texts as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The lines as texts."""
        lines = value if isinstance(value, list) else (super().to_python(value) or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the texts differ, whatever their line ends."""
        return bool(self.to_python(initial or []) != self.to_python(data or ""))


class OfferForm(ModelForm):
    """A listing. `seen_revision` is the one that was edited: of two who edit at once the second is told."""

    bullets = LinesField(
        label=gettext_lazy("Bullets"), required=False, help_text=gettext_lazy("One per line.")
    )
    attributes = PrettyJSONField(
        label=gettext_lazy("Attributes"),
        required=False,
        initial=dict,
        widget=forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
        help_text=gettext_lazy('Names and values as texts, such as {"color": "red"}.'),
    )
    seen_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "seen_revision" in self.fields:
            self.fields["seen_revision"].initial = self.instance.revision

    def clean_bullets(self) -> list[str]:
        """Bullets of readable length."""
        bullets: list[str] = self.cleaned_data["bullets"]
        if any(len(bullet) > LONGEST_BULLET for bullet in bullets):
            raise ValidationError(_("Shorten the bullets to %(most)d characters.") % {"most": LONGEST_BULLET})
        return bullets

    def clean_attributes(self) -> dict[str, str]:
        """Names and values, both texts."""
        given = self.cleaned_data["attributes"] or {}
        texts = isinstance(given, dict) and all(isinstance(value, str) for value in given.values())
        if not texts:
            raise ValidationError(_('Give names and values as texts, such as {"color": "red"}.'))
        return dict(given)

    def clean_currency(self) -> str:
        """A code of three letters, or none."""
        currency: str = self.cleaned_data["currency"].strip().upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise ValidationError(_("Enter a code of three letters, such as USD."))
        return currency

    def clean(self) -> dict[str, Any] | None:
        """Refuse a second offer of a SKU, and a listing that somebody changed meanwhile."""
        cleaned = super().clean()
        if self.instance.pk is None:
            self._check_new()
        elif "seen_revision" in self.fields:
            self._check_revision()
        return cleaned

    def _check_revision(self) -> None:
        stored = Offer.objects.values_list("revision", flat=True).get(pk=self.instance.pk)
        if self.cleaned_data.get("seen_revision") != stored:
            raise ValidationError(
                _("Somebody else changed this listing meanwhile. Look at it again, then edit it.")
            )

    def _check_new(self) -> None:
        """A SKU is listed once; after its deletion it comes again with a later listing date."""
        key = {name: self.cleaned_data.get(name) for name in ("marketplace", "seller", "sku")}
        if not all(key.values()):
            return
        lives = Offer.objects.filter(**key)
        if lives.exclude(status=Status.LISTING_DELETED).exists():
            self.add_error("sku", _("This seller has an offer with this SKU already."))
        ended = lives.order_by("-deleted_on").values_list("deleted_on", flat=True).first()
        listed_on = self.cleaned_data.get("listed_on")
        if ended and not (listed_on and listed_on > ended):
            said = _("This SKU was deleted on %(date)s for ever. To list it anew, give a date after that.")
            self.add_error("listed_on", said % {"date": ended})
