"""Signing in and out, name, appearance, passwords."""

import logging
from contextlib import suppress
from functools import partial
from typing import Any, cast

from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse_lazy
from django.utils.translation import get_language, gettext, override
from django.views.decorators.http import require_http_methods

from offers.models import Membership, Preferences
from offers.preferences import preferences_of, rename, save_preferences
from vocdash.pages.access import NoSeller, stand
from vocdash.pages.account_cookies import wear
from vocdash.pages.account_forms import (
    AccountForm,
    AppearanceForm,
    ChangePasswordForm,
    ForgottenForm,
    NewPasswordForm,
    SignInForm,
)

logger = logging.getLogger(__name__)

_DRAFT_PAGES = frozenset({"offer-resolve", "resolve-review", "resolve-fix", "resolve-confirm"})


class _Refusing:
    """Answers a form with problems by 422."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again, with what is wrong."""
        context = self.get_context_data(form=form)  # type: ignore[attr-defined]  # a FormView's
        return cast(HttpResponse, self.render_to_response(context, status=422))  # type: ignore[attr-defined]


class SignIn(_Refusing, auth_views.LoginView):
    """The sign-in page."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in; this browser then follows what the person chose elsewhere."""
        response = super().form_valid(form)
        wear(response, preferences_of(form.get_user().pk))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also whether a draft of theirs waits where they want to go."""
        context = super().get_context_data(**kwargs)
        return context | {"draft_waits": _leads_to_draft(self.get_redirect_url())}


def _leads_to_draft(address: str) -> bool:
    try:
        return resolve(address.partition("?")[0]).url_name in _DRAFT_PAGES
    except Resolver404:
        return False


class SignOut(auth_views.LogoutView):
    """Sign out, and have the browser forget the pages that it keeps for its Back button."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go on to the sign-in page."""
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


def locked_out(request: HttpRequest, *_about: object) -> HttpResponse:
    """Say what to do after too many wrong passwords."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds()) // 60
    return render(request, "registration/locked.html", {"minutes": minutes}, status=429)


def _framed(request: HttpRequest) -> User:
    """The signed-in person, with the frame of the page set up around their seller if they have one."""
    with suppress(NoSeller, Http404):
        stand(request)
    return cast(User, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name and language; address and sellers are shown."""
    user = _framed(request)
    known = {"name": user.get_full_name(), "language": preferences_of(user.pk).language}
    form = AccountForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        rename(user=user, name=form.cleaned_data["name"])
        return _chosen(request, "settings-account", language=form.cleaned_data["language"])
    sellers = Membership.objects.filter(user=user).select_related("seller").order_by("seller__name", "pk")
    context = {"form": form, "sellers": list(sellers)}
    return render(request, "account/account.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request: HttpRequest) -> HttpResponse:
    """Theme, language and keys."""
    user = _framed(request)
    known = preferences_of(user.pk)
    initial = {"theme": known.theme, "language": known.language, "shortcuts": known.shortcuts}
    form = AppearanceForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _chosen(request, "settings-appearance", **form.cleaned_data)
    return render(request, "account/appearance.html", {"form": form}, status=422 if form.errors else 200)


def _chosen(request: HttpRequest, name: str, **chosen: Any) -> HttpResponse:
    """Keep what was chosen, and say so in the language that was chosen."""
    preferences: Preferences = save_preferences(user=cast(User, request.user), **chosen)
    with override(preferences.language or None):
        messages.success(request, gettext("Your settings were saved."))
    response = redirect(name)
    wear(response, preferences)
    return response


class _Framed:
    """Sets up the frame of the page around the person's seller."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Nothing more for the template itself."""
        _framed(self.request)
        return cast(dict[str, Any], super().get_context_data(**kwargs))  # type: ignore[misc]  # a FormView's


class ChangePassword(_Refusing, _Framed, auth_views.PasswordChangeView):
    """Another password, for somebody who knows the present one."""

    form_class = ChangePasswordForm
    template_name = "account/password.html"
    success_url = reverse_lazy("password_change_done")


class PasswordChanged(_Framed, auth_views.PasswordChangeDoneView):
    """The password was changed."""

    template_name = "account/password_done.html"


class ForgottenPassword(_Refusing, auth_views.PasswordResetView):
    """Asks for the address. What it answers, and how fast, is the same whether there is an account or not."""

    form_class = ForgottenForm
    template_name = "account/forgotten.html"
    success_url = reverse_lazy("password_reset_done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Answer first: letters are sent once the answer is out."""
        response = super().form_valid(form)
        # Called when the server has sent the answer and closes it.
        response._resource_closers.append(partial(_send_letters, form, get_language()))  # type: ignore[attr-defined]
        return response


def _send_letters(form: Any, language: str | None) -> None:
    """Send them, and tell the log of what goes wrong: the framework tells nobody at this hour."""
    try:
        form.send_letters(language)
    except Exception:
        logger.exception("Letters about a forgotten password could not be sent")


class LetterSent(auth_views.PasswordResetDoneView):
    """Says what to look for."""

    template_name = "account/forgotten_done.html"


class NewPassword(_Refusing, auth_views.PasswordResetConfirmView):
    """Another password, for somebody who has the letter."""

    form_class = NewPasswordForm
    template_name = "account/new_password.html"
    success_url = reverse_lazy("password_reset_complete")

    def form_valid(self, form: Any) -> HttpResponse:
        """Whoever reads the account's mail is no guesser: failed sign-ins are forgotten."""
        response = super().form_valid(form)
        forget_failures(username=form.user.get_username())
        return response


class NewPasswordSet(auth_views.PasswordResetCompleteView):
    """The new password works."""

    template_name = "account/new_password_done.html"
