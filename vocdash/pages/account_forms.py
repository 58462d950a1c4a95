"""Forms about accounts: signing in, name, appearance, passwords, invitations."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
)
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from offers.models import Preferences, Role
from vocdash.pages.account_mail import password_letter, send

LONGEST_NAME: Final = 150
LONGEST_ADDRESS: Final = 150
"""An account's user name is the address, and takes no more."""
_LETTER_EVERY: Final = 60
"""Seconds between two letters to one account: nobody fills another's mailbox from here."""


def _languages() -> list[tuple[str, Any]]:
    return [("", _("As your browser asks")), *settings.LANGUAGES]


class SignInForm(AuthenticationForm):
    """The framework's form, in plain words."""

    error_messages = {
        "invalid_login": _(
            "The user name and the password don't belong together. Check both: capital letters count."
        ),
        "inactive": _("This account is no longer active. Ask an operator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["username"].help_text = _("If you were invited, it is your e-mail address.")


class AccountForm(forms.Form):
    """Name and language."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Others at your seller see it beside what you did."),
        max_length=LONGEST_NAME,
        widget=forms.TextInput({"class": "input", "autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of pages and of e-mails to you."),
        choices=_languages,
        required=False,
        widget=forms.Select,
    )


class AppearanceForm(forms.Form):
    """Theme, language and keys."""

    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[
            (Preferences.Theme.DEVICE, _("As your device is set")),
            (Preferences.Theme.LIGHT, _("Light")),
            (Preferences.Theme.DARK, _("Dark")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of pages and of e-mails to you."),
        choices=_languages,
        required=False,
        widget=forms.Select,
    )
    shortcuts = forms.BooleanField(
        label=_("Single keys are shortcuts"),
        help_text=_("The key / goes to the search. Turn it off if you use speech input."),
        required=False,
    )


def _plain_password_help(form: forms.Form, field: str) -> None:
    """What a password needs as sentences; the framework's list can't stand inside a hint."""
    form.fields[field].help_text = " ".join(password_validators_help_texts())


_MISMATCH: Final = _("The two passwords differ. Type the same one twice.")


class ChangePasswordForm(PasswordChangeForm):
    """The framework's form, in plain words."""

    error_messages = {
        "password_incorrect": _("This is not your current password. Check it and type it again."),
        "password_mismatch": _MISMATCH,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("Current password")
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""
        _plain_password_help(self, "new_password1")


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not at run time
    """The framework's form, in plain words."""

    error_messages = {"password_mismatch": _MISMATCH}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""
        _plain_password_help(self, "new_password1")


class ForgottenForm(PasswordResetForm):
    """Asks for the address. Whether there is an account is only looked up once the view has answered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")

    def save(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing yet: see `send_letters`."""

    def send_letters(self, language: str | None) -> None:
        """Write to each account of the address, at most once a minute; in this language, or its own."""
        with override(language):
            for user in self.get_users(self.cleaned_data["email"]):
                if cache.add(f"password-letter:{user.pk}", 1, _LETTER_EVERY):
                    send(password_letter(user, user.email))


class InviteForm(forms.Form):
    """Whom to invite, and in which role."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=LONGEST_ADDRESS,
        widget=forms.EmailInput({"class": "input", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)


class JoinForm(forms.Form):
    """Somebody new who accepts an invitation: a name and a password."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Others at your seller see it beside what you did."),
        max_length=LONGEST_NAME,
        widget=forms.TextInput({"class": "input", "autocomplete": "name"}),
    )
    password1 = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    password2 = forms.CharField(
        label=_("Password again"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        _plain_password_help(self, "password1")

    def clean(self) -> dict[str, Any]:
        """The password must be typed twice, and be a good one for this person."""
        given = super().clean() or {}
        password = given.get("password1")
        if password is None:
            return given
        if given.get("password2") not in {None, password}:
            self.add_error("password2", gettext("The two passwords differ. Type the same one twice."))
        person = User(username=self.email, email=self.email, first_name=given.get("name", ""))
        try:
            validate_password(password, person)
        except ValidationError as error:
            self.add_error("password1", error)
        return given
