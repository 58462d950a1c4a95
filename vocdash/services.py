"""Addresses of the services around the site, read from the environment: database, Redis, mail."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url

from vocdash.env import Environment

POSTGRES_SCHEMES = frozenset({"postgres", "postgresql"})
DATABASE_FORMS = (
    "postgres://user:password@host:5432/name, postgres:///name?host=/run/postgresql or sqlite:////file"
)
REDIS_FORMS = "redis://host:6379/0, rediss://host:6379/0 or unix:///run/redis.sock?db=0"
MAIL_FORMS = "smtp://user:password@host:587?tls=1, smtps://user:password@host:465, console: or file:///folder"
SQLITE_WAIT_SECONDS = 30

# Write-ahead logging lets pages read while the nightly job writes. NORMAL is safe with it: a power cut can
# lose the last moments but never corrupts.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456; "
    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
)


@dataclass(frozen=True)
class RedisAddress:
    """One Redis, as its two kinds of client want to read it."""

    broker: str
    cache: str


def database_settings(env: Environment, var: Path) -> dict[str, Any]:
    """Return Django's settings for the default database from DATABASE_URL, else SQLite in `var`."""
    env.missing("DATABASE_URL", f"Set it to {DATABASE_FORMS}.")
    url = env.text("DATABASE_URL") or f"sqlite:///{var / 'vocdash.sqlite3'}"
    scheme = urlsplit(url).scheme
    if scheme == "sqlite" and url != "sqlite://":
        return _sqlite_settings(url)
    try:
        if scheme not in POSTGRES_SCHEMES:
            raise ValueError(f"{scheme or 'no'} scheme")
        settings = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
        if not settings["NAME"]:
            raise ValueError("no database name")
    except ValueError as error:  # the library's own parse errors are kinds of ValueError
        env.refuse("DATABASE_URL", f"can't be used ({error}). Set it to {DATABASE_FORMS}.")
        return _sqlite_settings("sqlite://")
    return {**settings, "ATOMIC_REQUESTS": True}


def _sqlite_settings(url: str) -> dict[str, Any]:
    path = unquote(url.removeprefix("sqlite://").partition("?")[0])
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path.replace("//", "/", 1) if path.startswith("//") else path or ":memory:",
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {
            # A transaction that will write says so when it begins: it then waits for its turn, where one
            # that turns from reading to writing half-way fails at once with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": SQLITE_WAIT_SECONDS,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def redis_address(env: Environment) -> RedisAddress | None:
    """Return the Redis named by REDIS_URL, or None when there is none."""
    url = env.text("REDIS_URL")
    if not url:
        return None
    parts = urlsplit(url)
    database = _redis_database(parts.path, parts.query, socket=parts.scheme in {"unix", "redis+socket"})
    if database is None:
        env.refuse("REDIS_URL", f"names no database number. Set it to {REDIS_FORMS}.")
    elif parts.scheme in {"redis", "rediss"} and parts.hostname:
        return RedisAddress(broker=url, cache=url)
    elif parts.scheme in {"unix", "redis+socket"} and parts.path.startswith("/"):
        socket = parts.path
        return RedisAddress(
            broker=f"redis+socket://{socket}?virtual_host={database}", cache=f"unix://{socket}?db={database}"
        )
    else:
        env.refuse("REDIS_URL", f"can't be used ({parts.scheme or 'no scheme'}). Set it to {REDIS_FORMS}.")
    return None


def _redis_database(path: str, query: str, *, socket: bool) -> int | None:
    options = parse_qs(query)
    named = (options.get("db") or options.get("virtual_host") or [""])[0]
    number = named or ("" if socket else path.strip("/")) or "0"
    return int(number) if number.isdecimal() else None


def mail_settings(env: Environment, var: Path) -> dict[str, Any]:
    """Return Django's EMAIL_* settings from EMAIL_URL; without one, mail is kept as files in `var`/mail."""
    env.missing("EMAIL_URL", f"Set it to {MAIL_FORMS}.")
    url = env.text("EMAIL_URL") or f"file://{var / 'mail'}"
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file" and parts.path.startswith("/"):
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": unquote(parts.path)}
    if parts.scheme in {"smtp", "smtps"} and parts.hostname:
        return _smtp_settings(url)
    env.refuse("EMAIL_URL", f"can't be used ({parts.scheme or 'no scheme'}). Set it to {MAIL_FORMS}.")
    return {}


def _smtp_settings(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    sealed = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if sealed else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": sealed,
        "EMAIL_USE_TLS": not sealed and parse_qs(parts.query).get("tls", ["0"])[0] in {"1", "true"},
        "EMAIL_TIMEOUT": 20,
    }
