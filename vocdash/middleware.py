"""What is done to every request: security headers, the visitor's address, pages that read one snapshot."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

from health.snapshots import one_snapshot
from offers.bulk import is_deadlock

GetResponse = Callable[[HttpRequest], HttpResponse]
_TRIES = 3
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen",
        "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment",
        "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


def content_security_policy(image_hosts: Iterable[str]) -> str:
    """Return the one policy of all pages: nothing but what this site serves itself, and the image hosts."""
    images = " ".join(["'self'", *(f"https://{host}" for host in image_hosts)])
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


class SecurityHeaders:
    """Put the headers on every answer that Django itself has no setting for."""

    def __init__(self, get_response: GetResponse) -> None:
        """Compose the headers once."""
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": content_security_policy(settings.IMAGE_HOSTS),
            "Permissions-Policy": PERMISSIONS_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers."""
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)  # a file that somebody uploaded has a stricter policy
        return response


class SqliteReads:
    """Let pages that only read begin a plain transaction on SQLite.

    Every request runs in a transaction, and on SQLite transactions begin by taking the one write lock (see
    services.py). A page that only reads must not stand in that queue behind an import or the nightly job.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and put back what process_view changed."""
        try:
            return self.get_response(request)
        finally:
            if connection.vendor == "sqlite":
                _begin_with("IMMEDIATE")

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: object, _kwargs: object
    ) -> None:
        """Before a view that reads, and that runs in a transaction, choose the kind of that transaction."""
        in_transaction = not hasattr(view, "_non_atomic_requests")
        if connection.vendor == "sqlite" and request.method in READING_METHODS and in_transaction:
            connection.ensure_connection()  # first, because connecting sets the mode
            _begin_with("DEFERRED")


class _CallsView:
    """A middleware that calls some views itself, and does nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)


class OneSnapshot(_CallsView):
    """Answer a page that reads from one snapshot of the database, so that it shows one night whole.

    A request's transaction sees with each query what is committed by then: the rows of one night under the
    tiles of another. This one stands behind all that look at a request before its view, because it calls the
    view itself: the snapshot must begin inside the transaction and before anything is read. Views that take
    their transactions in hand are left alone; so are streams, whose one query runs when they are sent.
    """

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[object],
        kwargs: Mapping[str, object],
    ) -> HttpResponseBase | None:
        """The answer of a view that reads; None where Django shall call the view as usual."""
        if request.method not in READING_METHODS or hasattr(view, "_non_atomic_requests"):
            return None
        with one_snapshot():
            response = view(request, *args, **kwargs)
            # The lists of the admin would otherwise ask their last questions after the transaction.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response


class AgainAfterDeadlock(_CallsView):
    """Do a form's work again when the database undid it to end a deadlock.

    A relist can meet the moment in which a night is published: each waits for what the other holds, and the
    database undoes one of them, whole. The person need not know. Forms with files are left out: what became
    of a file is not undone with the transaction. The last attempt is Django's own, as if nobody had tried.
    """

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[object],
        kwargs: Mapping[str, object],
    ) -> HttpResponseBase | None:
        """The answer of a view that writes; None where Django shall call the view as usual."""
        if request.method != "POST" or hasattr(view, "_non_atomic_requests") or request.FILES:
            return None
        for _ in range(_TRIES - 1):
            try:
                with transaction.atomic():
                    return view(request, *args, **kwargs)
            except OperationalError as error:
                if not is_deadlock(error):
                    raise
        return None


class SignInFirst(LoginRequiredMiddleware):
    """Send strangers to sign in; what only takes a form has no page, so they go on with the form's own."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """Where a form came from a page of this site, that page is the one to go on with."""
        came_from = urlsplit(request.headers.get("Referer", ""))
        if request.method in READING_METHODS or not came_from.path or came_from.netloc != request.get_host():
            return super().handle_no_permission(request, view_func)
        page = came_from._replace(scheme="", netloc="").geturl()
        return redirect_to_login(page, self.get_login_url(view_func), self.get_redirect_field_name(view_func))


def _begin_with(mode: str) -> None:
    connections[DEFAULT_DB_ALIAS].transaction_mode = mode  # type: ignore[attr-defined]  # missing in the stubs


def client_address(request: HttpRequest) -> str | None:
    """Return the visitor's address, looking behind as many proxies as TRUSTED_PROXIES says, and no further.

    Each proxy appends the address it was called from to X-Forwarded-For, so only the entries counted from
    the right are true; anything further left may have been sent by the visitor.
    """
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    trusted = settings.TRUSTED_PROXIES
    behind = forwarded[-trusted] if 0 < trusted <= len(forwarded) else ""
    return _address(behind) or _address(str(request.META.get("REMOTE_ADDR", "")))


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
