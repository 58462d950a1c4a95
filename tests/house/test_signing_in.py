"""Every page is behind sign-in, except those named here; guessing passwords is stopped."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from vocdash import settings as site

HELP = {
    "help", "help-voice-of-the-customer", "help-cx-health", "help-ncx-notifications", "help-resolve",
    "help-accessibility", "help-shortcuts", "support", "start-selling",
}  # fmt: skip
WAYS_IN = {
    "login", "invitation", "password_reset", "password_reset_done", "password_reset_confirm",
    "password_reset_complete",
}  # fmt: skip
PUBLIC = {"healthz", "readyz", "admin:login", "unsubscribe"} | HELP | WAYS_IN


def addresses(
    resolver: URLResolver, prefix: str = "", name: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Yield every page: its name with namespace, its address with 1 for every parameter, its pattern."""
    for pattern in resolver.url_patterns:
        route = re.sub(r"<uuid:[^>]+>", "00000000-0000-4000-8000-000000000001", str(pattern.pattern))
        route = prefix + re.sub(r"<[^>]+>", "1", route)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route, f"{name}{pattern.namespace}:" if pattern.namespace else name)
        elif "(" not in route:  # the admin's catch-all is no page
            yield f"{name}{pattern.name}", route, pattern


def test_only_named_pages_are_public() -> None:
    pages = list(addresses(get_resolver(), "/"))
    assert len(pages) > 20
    public = {name for name, _address, page in pages if not getattr(page.callback, "login_required", True)}
    assert public == PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in_from_every_other_page(method: str, client: Client) -> None:
    for name, address, _page in addresses(get_resolver(), "/"):
        if name not in PUBLIC:
            answer = getattr(client, method)(address)
            assert (answer.status_code, "/login/?next=" in answer.headers.get("Location", "")) == (
                302,
                True,
            ), address


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("came_from", "next_page"),
    [
        ("http://testserver/notifications/?kind=weekly", "/notifications/%3Fkind%3Dweekly"),
        ("http://elsewhere.example/notifications/", "/notifications/read-all/"),
        ("", "/notifications/read-all/"),
    ],
)
def test_a_form_sent_signed_out_leads_to_its_page(came_from: str, next_page: str, client: Client) -> None:
    """Its own address takes forms only: after signing in nothing would be there."""
    answer = client.post("/notifications/read-all/", headers={"Referer": came_from})
    assert answer.headers["Location"] == f"/accounts/login/?next={next_page}"


def test_new_passwords_are_hashed_with_argon2(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS
    assert identify_hasher(make_password("correct horse battery")).algorithm == "argon2"


@pytest.mark.django_db
def test_guessing_is_stopped_for_one_name_from_one_address(client: Client) -> None:
    User.objects.create_superuser("owner@shop.example", password="correct horse battery")

    def sign_in(password: str, address: str = "198.51.100.1") -> int:
        form = {"username": "owner@shop.example", "password": password}
        return client.post("/admin/login/", form, REMOTE_ADDR=address).status_code

    for _guess in range(9):
        assert sign_in("wrong") == 200
    assert sign_in("wrong") == 429
    assert sign_in("correct horse battery") == 429
    # The owner, elsewhere, isn't locked out by a stranger's guessing.
    assert sign_in("correct horse battery", address="203.0.113.2") == 302
