"""Headers on every answer, the visitor's address, and reads that take no lock on SQLite."""

from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django.fixtures import Settings

from vocdash.middleware import AgainAfterDeadlock, SecurityHeaders, client_address, content_security_policy
from vocdash.urls import urlpatterns as site_patterns

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def broken(_request: HttpRequest) -> HttpResponse:
    """Fail as a page with a mistake does."""
    raise RuntimeError("on purpose")


urlpatterns = [*site_patterns, path("broken", broken)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/admin/", 302),
        ("/nowhere/", 404),
        ("/static/admin/css/base.css", 200),
    ],
)
def test_every_answer_has_the_headers(address: str, status: int, client: Client) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    if not address.startswith("/static/"):
        assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.urls("tests.house.test_middleware")
@pytest.mark.django_db
def test_an_error_page_has_the_headers_too(admin_client: Client) -> None:
    admin_client.raise_request_exception = False
    answer = admin_client.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_a_foreign_host_gets_the_headers_and_no_page(client: Client) -> None:
    answer = client.get("/admin/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_pictures_come_from_the_named_hosts_by_https_only(settings: Settings, rf: RequestFactory) -> None:
    settings.IMAGE_HOSTS = ["img.example.org", "cdn.example.net"]
    answer = SecurityHeaders(lambda _request: HttpResponse())(rf.get("/"))
    assert (
        "; img-src 'self' https://img.example.org https://cdn.example.net;"
        in (answer.headers["Content-Security-Policy"])
    )


def test_nothing_in_the_policy_lets_inline_code_or_everything_in() -> None:
    policy = content_security_policy(["img.example.org"])
    assert not [word for word in ("unsafe", "*", "data:", "blob:", "http:") if word in policy]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "10.0.0.1"),
        (0, "203.0.113.9", "10.0.0.1"),  # nobody stands between: the header is the visitor's own
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.66, 203.0.113.9", "203.0.113.9"),  # the left one was sent by the visitor
        (2, "198.51.100.66, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),  # fewer proxies than promised: none of it can be believed
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "nonsense'; --", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_the_visitors_address(
    proxies: int, forwarded: str, address: str, settings: Settings, rf: RequestFactory
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": forwarded} if forwarded else {})
    assert client_address(request) == address


def test_a_server_on_a_socket_knows_no_address(rf: RequestFactory) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR="")) is None


def mode_inside(_request: HttpRequest) -> HttpResponse:
    """Tell how this request's transaction began."""
    return HttpResponse(str(getattr(connection, "transaction_mode", "")))


def begins_with(method: str) -> str:
    """Return how the transaction of a request with this method begins on SQLite."""
    from vocdash.middleware import SqliteReads

    request = RequestFactory().generic(method, "/")

    def answer(request: HttpRequest) -> HttpResponse:
        middleware.process_view(request, mode_inside, (), {})
        return mode_inside(request)

    middleware = SqliteReads(answer)
    return middleware(request).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_that_reads_takes_no_write_lock(method: str) -> None:
    if connection.vendor == "sqlite":
        assert begins_with(method) == "DEFERRED"
        assert connection.transaction_mode == "IMMEDIATE"  # type: ignore[attr-defined]
    else:
        assert begins_with(method) == ""


@pytest.mark.django_db
def test_a_form_that_is_sent_waits_for_the_write_lock() -> None:
    assert begins_with("POST") == ("IMMEDIATE" if connection.vendor == "sqlite" else "")


class _Deadlock(Exception):
    pgcode = "40P01"


@pytest.mark.django_db
@pytest.mark.parametrize(("fails", "calls"), [(0, 1), (1, 2), (2, 2)])
def test_a_form_whose_work_was_undone_to_end_a_deadlock_is_done_again(fails: int, calls: int) -> None:
    seen: list[str] = []

    def work(request: HttpRequest) -> HttpResponse:
        Group.objects.create(name=f"at {len(seen)}")
        seen.append(request.POST["what"])
        if len(seen) <= fails:
            raise OperationalError("deadlock detected") from _Deadlock()
        return HttpResponse("done")

    middleware = AgainAfterDeadlock(lambda _request: HttpResponse())
    answer = middleware.process_view(RequestFactory().post("/", {"what": "relist"}), work, (), {})
    assert (answer is None) == (fails == 2)  # the last attempt is left to Django
    assert seen == ["relist"] * calls
    assert Group.objects.count() == (fails < 2)


@pytest.mark.django_db
def test_other_errors_of_a_form_and_forms_with_files_are_left_as_they_are() -> None:
    def away(_request: HttpRequest) -> HttpResponse:
        raise OperationalError("the server went away")

    middleware, make = AgainAfterDeadlock(lambda _request: HttpResponse()), RequestFactory()
    with pytest.raises(OperationalError, match="went away"):
        middleware.process_view(make.post("/"), away, (), {})
    assert middleware.process_view(make.post("/", {"picture": BytesIO(b"x")}), away, (), {}) is None
    assert middleware.process_view(make.get("/"), away, (), {}) is None
