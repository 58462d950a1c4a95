"""Pages as a server answers them, without the network and without a test client between."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client, override_settings

from health.grid_orders import forget_orders
from offers.models import Membership, Seller
from vocdash.pages import drawn_rows
from vocdash.pages.kept_pages import forget_pages


def forget_what_is_kept() -> None:
    """Let the process know no page, no row and no order, as a new one does."""
    forget_pages()
    forget_orders()
    drawn_rows._kept.clear()


def owner_of(seller: Seller) -> User:
    """A person who owns the seller."""
    user, _ = User.objects.get_or_create(username=f"owner-{seller.pk}@bench.example")
    Membership.objects.get_or_create(user=user, seller=seller, role="owner")
    return user


def operator() -> User:
    """A person who runs all marketplaces."""
    user, _ = User.objects.get_or_create(username="operator@bench.example", is_staff=True, is_superuser=True)
    return user


class Reader:
    """A person who is signed in and asks for pages."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        self._cookie = client.cookies["sessionid"].value
        from vocdash.wsgi import application  # as a server loads it, and not before it is needed

        self._application: WSGIHandler = application

    def page(self, address: str) -> bytes:
        """The page's body. AssertionError when it is anything but 200."""
        said: list[str] = []

        def start(status: str, _headers: object, _exc_info: object = None) -> None:
            said.append(status)

        response = self._application(_environ(self._cookie, address), start)  # type: ignore[arg-type]
        body = b"".join(response)
        response.close()
        assert said == ["200 OK"], (address, said)
        return body

    def queries(self, address: str) -> list[str]:
        """The queries that the page makes, but for those of its session and its user."""
        asked: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            asked.append(sql)
            return execute(sql, params, many, context)

        # A plan on the connection would be called by its number, and nobody could tell what is asked.
        with override_settings(DATABASE_PREPARE=False), connection.execute_wrapper(note):
            self.page(address)
        own = ("django_session", "auth_user")
        return [sql for sql in asked if not any(table in sql for table in own)]


def _environ(cookie: str, address: str) -> dict[str, Any]:
    path, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_COOKIE": f"sessionid={cookie}; csrftoken={'c' * 32}",
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip


@contextmanager
def bare_cursor() -> Iterator[Any]:
    """A cursor of the driver itself, on a connection of its own."""
    bare = psycopg2.connect(**connection.get_connection_params())
    bare.autocommit = True
    try:
        yield bare.cursor()
    finally:
        bare.close()
