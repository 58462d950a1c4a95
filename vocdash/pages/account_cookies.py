"""What a person chose, kept in this browser's cookies, so that pages need no query to follow it.

Set when a choice is saved and at sign-in, so that another device follows it from then on.
"""

from typing import Final

from django.conf import settings
from django.http import HttpResponse

from offers.models import Preferences
from vocdash.pages.shell import KEYS_COOKIE, KEYS_OFF, THEME_COOKIE

_A_YEAR: Final = 365 * 24 * 3600


def wear(response: HttpResponse, preferences: Preferences) -> None:
    """Make the browser follow the preferences. Those that were never stored leave it as it is."""
    if preferences._state.adding:
        return
    _set(response, THEME_COOKIE, str(preferences.theme))
    _set(response, KEYS_COOKIE, "" if preferences.shortcuts else KEYS_OFF)
    _set(response, settings.LANGUAGE_COOKIE_NAME, preferences.language)


def _set(response: HttpResponse, name: str, value: str) -> None:
    if not value:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name, value, max_age=_A_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
