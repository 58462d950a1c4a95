"""Every page is behind sign-in, except those named here; guessing passwords is stopped."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from vocdash import settings as site

PUBLIC = {"healthz", "readyz", "login", "admin:login"}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address's name, with its namespace, and its pattern."""
    namespace = f"{prefix}{resolver.namespace}:" if resolver.namespace else prefix
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, namespace)
        else:
            yield f"{namespace}{pattern.name}", pattern


def test_only_named_pages_are_public() -> None:
    found = dict(patterns(get_resolver()))
    assert len(found) > 10
    assert {
        name for name, pattern in found.items() if not getattr(pattern.callback, "login_required", True)
    } == PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/", "/admin/auth/user/", "/accounts/logout/"])
def test_a_stranger_is_sent_to_sign_in(address: str, client: Client) -> None:
    answer = client.post(address) if "logout" in address else client.get(address)
    assert answer.status_code == 302
    assert "/login/?next=" in answer.headers["Location"]


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
