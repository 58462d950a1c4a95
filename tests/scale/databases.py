"""Databases to measure in: a server of our own unless DATABASE_URL names one, a database for each size."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2

from tests.services import Server, start_postgres

ROOT: Final = Path(__file__).parents[2]
# As an operator would set a server of this size, but for what makes a power cut harmless: that stays off.
SERVER_OPTIONS: Final = {
    "shared_buffers": "6GB", "max_wal_size": "8GB", "effective_cache_size": "12GB", "wal_level": "minimal",
    "max_wal_senders": "0", "checkpoint_timeout": "30min", "autovacuum": "on",
}  # fmt: skip
_EMPTY: Final = "vocdash_bench_empty"
# What a developer has set for a site of their own must not decide what is measured.
_OF_A_SITE: Final = (
    "VOCDASH_PRODUCTION",
    "DEBUG",
    "EMAIL_URL",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "REDIS_URL",
    "LOG_LEVEL",
)


@contextmanager
def server() -> Iterator[str]:
    """Yield the address of a PostgreSQL server, as DATABASE_URL is written, and set Django up to use it."""
    for name in _OF_A_SITE:
        os.environ.pop(name, None)
    own: Server | None = None
    with tempfile.TemporaryDirectory(prefix="vocdash-bench-", dir="/tmp") as var:
        if not os.environ.get("DATABASE_URL"):
            own = start_postgres(SERVER_OPTIONS)
            os.environ["DATABASE_URL"] = own.url
        os.environ |= {"VOCDASH_VAR": var, "DJANGO_SETTINGS_MODULE": "vocdash.settings", "LOG_LEVEL": "ERROR"}
        try:
            yield os.environ["DATABASE_URL"]
        finally:
            if own:
                own.stop()


def _ours(name: str) -> str:
    return f"vocdash_bench_{name}"


class Databases:
    """Makes databases on the server, and takes them away again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []
        self.used = ""
        self._make(_EMPTY, "template0")
        self.use(_EMPTY)
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)

    def url(self, name: str) -> str:
        """The address of a database."""
        return urlunsplit(urlsplit(self._url)._replace(path="/" + quote(name)))

    def make(self, name: str) -> str:
        """An empty database with all tables, which Django uses from now on. Returns its name."""
        return self.copy(_EMPTY, name)

    def copy(self, template: str, name: str) -> str:
        """A copy of a database, which Django uses from now on. Returns its name."""
        name = _ours(name)
        self.use(None)
        self._make(name, template)
        self.use(name)
        return name

    def drop(self, name: str) -> None:
        """Take away a database that was made."""
        self.use(None)
        self._run(f'DROP DATABASE IF EXISTS "{_ours(name)}" WITH (FORCE)')
        self._made.remove(_ours(name))

    def use(self, name: str | None) -> None:
        """Let Django's connection lead there; None lets go of the one it has."""
        from django.conf import settings
        from django.db import connection

        connection.close()
        if name is not None:
            connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = self.used = name

    def drop_all(self) -> None:
        """Take away what was made."""
        self.use(None)
        for name in reversed(self._made):
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _make(self, name: str, template: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{name}" TEMPLATE {template}')
        self._made.append(name)

    def _run(self, sql: str) -> None:
        from vocdash.env import Environment
        from vocdash.services import database_settings

        known = database_settings(Environment({"DATABASE_URL": self._url}), Path("/tmp"))
        names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
        params = {name: known[key] for key, name in names.items() if known.get(key)}
        connection = psycopg2.connect(dbname="postgres", **params, **known.get("OPTIONS", {}))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()
