"""What somebody typed into a form while their sign-in ran out: kept until they are back (PRODUCT D5).

The form carries a signed mark that says whose it is. When it comes back signed out, or with the token of an
earlier sign-in, its fields are put into the visitor's session. Signing in keeps the session's values, so the
same person then finds the form filled in. Nothing is done in their name meanwhile, another person who signs
in gets nothing, and without a mark, which only signed-in people get, nothing is kept at all.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext

MARK: Final = "whose"
_KEPT: Final = "typed"
_SALT: Final = "vocdash.typed"
# As long as a session lives a form may be open; what was typed waits for half a day.
_MARK_LIVES: Final = timedelta(days=14)
_KEPT_FOR: Final = timedelta(hours=12)
_MOST_CHARACTERS: Final = 100_000
_NOT_KEPT: Final = frozenset({MARK, "csrfmiddlewaretoken"})


def mark_of(request: HttpRequest) -> str:
    """The mark for the forms of this page: who is signed in, and the page's address."""
    return signing.dumps([request.user.pk, request.path], salt=_SALT)


def keep(request: HttpRequest) -> bool:
    """Keep the fields of a form that could not be taken. False where it bears no good mark, or too much."""
    owner = _owner(request)
    if owner is None or (request.user.is_authenticated and request.user.pk != owner):
        return False
    fields = [[name, values] for name, values in request.POST.lists() if name not in _NOT_KEPT]
    if sum(len(text) for name, values in fields for text in (name, *map(str, values))) > _MOST_CHARACTERS:
        return False
    until = (timezone.now() + _KEPT_FOR).timestamp()
    request.session[_KEPT] = {"user": owner, "path": request.path, "until": until, "fields": fields}
    return True


def _owner(request: HttpRequest) -> int | None:
    try:
        owner, path = signing.loads(request.POST.get(MARK, ""), salt=_SALT, max_age=_MARK_LIVES)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return owner if isinstance(owner, int) and path == request.path else None


def kept(request: HttpRequest) -> QueryDict | None:
    """What this person had typed into the form of this page, if it was kept."""
    found: dict[str, Any] = request.session.get(_KEPT) or {}
    if not found or found["path"] != request.path:
        return None
    if found["user"] != request.user.pk or found["until"] < timezone.now().timestamp():
        del request.session[_KEPT]
        return None
    fields = QueryDict(mutable=True)
    for name, values in found["fields"]:
        fields.setlist(name, values)
    return fields


def forget(request: HttpRequest) -> None:
    """The form of this page has come through: what was kept of it has done its work."""
    if request.session.get(_KEPT, {}).get("path") == request.path:
        del request.session[_KEPT]


class KeepTyped:
    """Stands before the middleware that sends visitors to sign in, and keeps what they had typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Only `process_view` does anything."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """A form of a signed-in page that comes from somebody who is not, any more."""
        signed_out = request.method == "POST" and not request.user.is_authenticated
        if not signed_out or not getattr(view, "login_required", True) or not keep(request):
            return None
        messages.info(request, gettext("Sign in to go on. Your draft is saved."))
        return redirect_to_login(request.path)
