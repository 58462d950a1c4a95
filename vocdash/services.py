"""Addresses of the services around the site, read from the environment: database, Redis, mail."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import dj_database_url

from vocdash.env import TRUE_WORDS, Environment

POSTGRES_SCHEMES = frozenset({"postgres", "postgresql"})
DATABASE_FORMS = (
    "postgres://user:password@host:5432/name, postgres:///name?host=/run/postgresql or sqlite:////file"
)
REDIS_FORMS = "redis://host:6379/0, rediss://host:6379/0 or unix:///run/redis.sock?db=0"
MAIL_FORMS = "smtp://user:password@host:587?tls=1, smtps://user:password@host:465, console: or file:///folder"
MAIL_BACKENDS = "django.core.mail.backends"
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
    sealed: bool = False


@dataclass(frozen=True)
class MailService:
    """Where mail goes: to a server, into a folder, or onto the console."""

    backend: str
    folder: str | None = None
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    start_tls: bool = False
    sealed: bool = False


def database_settings(env: Environment, var: Path) -> dict[str, Any]:
    """Return Django's settings for the default database from DATABASE_URL, else SQLite in `var`."""
    env.missing("DATABASE_URL", f"Set it to {DATABASE_FORMS}.")
    url = env.text("DATABASE_URL") or f"sqlite:///{var / 'vocdash.sqlite3'}"
    scheme = url.partition(":")[0]
    settings = None
    if scheme == "sqlite":
        settings = _sqlite_settings(url)
    elif scheme in POSTGRES_SCHEMES:
        settings = _postgres_settings(url)
    if settings is None:  # the value itself isn't repeated: it may hold a password
        env.refuse("DATABASE_URL", f"can't be understood. Set it to {DATABASE_FORMS}.")
    return {**(settings or _sqlite_settings("sqlite:////nowhere") or {}), "ATOMIC_REQUESTS": True}


def _postgres_settings(url: str) -> dict[str, Any] | None:
    try:
        settings = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except ValueError:  # the library's own errors are kinds of it
        return None
    return settings if settings["NAME"] else None


def _sqlite_settings(url: str) -> dict[str, Any] | None:
    path = unquote(url.removeprefix("sqlite://").partition("?")[0]).replace("//", "/", 1)
    if not path.startswith("/") or path.endswith("/"):
        return None
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
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
    try:
        address = _redis_at(urlsplit(url), url)
    except ValueError:
        address = None
    if address is None:
        env.refuse("REDIS_URL", f"can't be understood. Set it to {REDIS_FORMS}.")
    return address


def _redis_at(parts: SplitResult, url: str) -> RedisAddress | None:
    if parts.scheme in {"redis", "rediss"} and parts.hostname and parts.port != 0:
        database = parts.path.strip("/") or "0"
        sealed = parts.scheme == "rediss"
        return RedisAddress(broker=url, cache=url, sealed=sealed) if database.isdecimal() else None
    if parts.scheme in {"unix", "redis+socket"} and parts.path.startswith("/") and not parts.netloc:
        options = parse_qs(parts.query)
        database = (options.get("db") or options.get("virtual_host") or ["0"])[0]
        if database.isdecimal():
            broker = f"redis+socket://{parts.path}?virtual_host={database}"
            return RedisAddress(broker=broker, cache=f"unix://{parts.path}?db={database}")
    return None


def mail_service(env: Environment, var: Path) -> MailService:
    """Return where mail goes, from EMAIL_URL; without one it is kept as files in `var`/mail."""
    env.missing("EMAIL_URL", f"Set it to {MAIL_FORMS}.")
    url = env.text("EMAIL_URL") or f"file://{var / 'mail'}"
    try:
        service = _mail_at(urlsplit(url))
    except ValueError:
        service = None
    if service is None:
        env.refuse("EMAIL_URL", f"can't be understood. Set it to {MAIL_FORMS}.")
    return service or MailService(f"{MAIL_BACKENDS}.console.EmailBackend")


def _mail_at(parts: SplitResult) -> MailService | None:
    if parts.scheme == "console":
        return MailService(f"{MAIL_BACKENDS}.console.EmailBackend")
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return MailService(f"{MAIL_BACKENDS}.filebased.EmailBackend", folder=unquote(parts.path))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        return None
    sealed = parts.scheme == "smtps"
    return MailService(
        f"{MAIL_BACKENDS}.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or (465 if sealed else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        start_tls=not sealed and parse_qs(parts.query).get("tls", ["0"])[0] in TRUE_WORDS,
        sealed=sealed,
    )
