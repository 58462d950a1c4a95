"""Pages that were drawn before, kept for as long as nothing in them changes.

Drawing a page takes longer than reading what stands in it, and people come back to the same one: from an
offer, from another tab, as a colleague of the same seller. What is kept is found by all that was read for the
page and by all that its frame depends on, so it is never out of date. The token of its forms is put in anew.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render

from vocdash.pages.shell import Shell

MOST_KEPT: Final = 200  # of some 100 KB
# Stands where the token of a request belongs: nobody can guess it, so no text of a seller's holds it.
_TOKEN: Final = secrets.token_hex(24)

Pieces: TypeAlias = tuple[bytes, ...]
"""A page as it is sent, cut where the token belongs."""
_kept: "OrderedDict[Hashable, Pieces]" = OrderedDict()
_lock: Final = Lock()


def render_kept(
    request: HttpRequest, template: str, shows: Hashable, context: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Answer with a page. `shows` is all that `context` is made of, and that the template shows.

    A page that tells of what was just done is drawn for that alone.
    """
    if settings.DEBUG or len(get_messages(request)):
        return render(request, template, context())
    key = (template, Shell(request).frame, shows)
    page = _found(key)
    if page is None:
        drawn = render(request, template, {**context(), "csrf_token": _TOKEN})
        page = tuple(drawn.content.split(_TOKEN.encode()))
        _keep(key, page)
    return HttpResponse(get_token(request).encode().join(page))


def _found(key: Hashable) -> Pieces | None:
    with _lock:
        page = _kept.get(key)
        if page is not None:
            _kept.move_to_end(key)
        return page


def _keep(key: Hashable, page: Pieces) -> None:
    with _lock:
        _kept[key] = page
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


def forget_pages() -> None:
    """Forget all pages, as a new process would not know them."""
    with _lock:
        _kept.clear()
