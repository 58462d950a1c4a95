"""System checks of our own: what would go wrong later is said at start."""

import difflib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from vocdash.keys import customer_key_problem

OLDEST_TESTED_POSTGRES = 150_000
OWN_VARIABLES = (
    "VOCDASH_PRODUCTION", "VOCDASH_VAR", "VOCDASH_TEST_DB", "VOCDASH_TEST_REDIS_URL", "VOCDASH_TESTS_OWN_VAR",
    "VOCDASH_MARKETPLACE_DATA", "VOCDASH_SHOTS",
)  # fmt: skip


@register(Tags.security)
def keys_are_apart(**_kwargs: object) -> list[CheckMessage]:
    """Refuse one key for two purposes: changing the one must never change the other."""
    if settings.CUSTOMER_HASH_KEY not in {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS}:
        return []
    hint = "Give CUSTOMER_HASH_KEY a value of its own; customers are stored as hashes keyed with it."
    return [Error("CUSTOMER_HASH_KEY is the same as SECRET_KEY.", hint=hint, id="vocdash.E001")]


@register
def var_is_writable(**_kwargs: object) -> list[CheckMessage]:
    """Refuse a var/ that can't be written: broker, mail and SQLite live there."""
    folder = Path(settings.VAR_DIR)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return [
            Error(f"{folder} can't be made: {error.strerror}.", hint="Set VOCDASH_VAR.", id="vocdash.E002")
        ]
    if os.access(folder, os.W_OK | os.X_OK):
        return []
    hint = "Give this user the right to write there, or set VOCDASH_VAR to another folder."
    return [Error(f"{folder} is not writable.", hint=hint, id="vocdash.E002")]


@register(Tags.security)
def key_files_are_private(**_kwargs: object) -> list[CheckMessage]:
    """Warn of key files that others on the machine can read."""
    files = [Path(settings.VAR_DIR, name) for name in ("secret_key", "customer_hash_key")]
    return [
        checks.Warning(f"{file} can be read by others.", hint=f"chmod 600 {file}", id="vocdash.W003")
        for file in files
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077
    ]


@register
def variables_are_known(**_kwargs: object) -> list[CheckMessage]:
    """Warn of misspelled variables: VOCDASH_PRODUCTON=1 would leave production mode off."""
    return [
        checks.Warning(f"{name} is not a variable of vocdash.", hint=_did_you_mean(name), id="vocdash.W004")
        for name in sorted(os.environ)
        if name.startswith("VOCDASH_") and name not in OWN_VARIABLES
    ]


def _did_you_mean(name: str) -> str:
    close = difflib.get_close_matches(name, OWN_VARIABLES, n=1)
    return f"Did you mean {close[0]}?" if close else "Unset it; .env.example lists what can be set."


@register(deploy=True)
def static_files_are_collected(**_kwargs: object) -> list[CheckMessage]:
    """Refuse production without collected static files: every page would fail."""
    if settings.STATIC_ROOT is None or Path(settings.STATIC_ROOT, "staticfiles.json").exists():
        return []
    hint = "Run: manage.py collectstatic --noinput"
    return [Error("The static files have not been collected.", hint=hint, id="vocdash.E005")]


@register(Tags.database)
def postgres_is_suitable(databases: Iterable[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Check version and encoding of PostgreSQL."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor == "postgresql":
            found += _postgres_problems(alias)
    return found


def _postgres_problems(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
        )
        version, encoding = cursor.fetchone()
    found: list[CheckMessage] = []
    if version < OLDEST_TESTED_POSTGRES:
        text = f"PostgreSQL {version // 10_000} is older than what vocdash is tested with."
        found.append(checks.Warning(text, hint="Use PostgreSQL 15 or later.", id="vocdash.W006"))
    if encoding != "UTF8":
        hint = "Create the database with ENCODING 'UTF8' TEMPLATE template0."
        found.append(Error(f"The database's encoding is {encoding}.", hint=hint, id="vocdash.E007"))
    return found


@register(Tags.database)
def search_has_its_index(databases: Iterable[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Say where a search reads every offer, because the migrations could not add the extension pg_trgm."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor != "postgresql":
            continue
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regclass('offers_offer') IS NULL, to_regclass('offer_words') IS NULL")
            no_offers, no_index = cursor.fetchone()
        if no_index and not no_offers:
            hint = "See docs/operating.md, Search, for the two commands that a database administrator runs."
            text = "Searches read every offer of a seller: the index offer_words is missing."
            found.append(checks.Warning(text, hint=hint, id="vocdash.W009"))
    return found


@register(Tags.database)
def customer_key_is_the_databases_own(
    databases: Iterable[str] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """Refuse a CUSTOMER_HASH_KEY other than the one that the database was made with."""
    has_table = [
        alias
        for alias in databases or ()
        if "vocdash_keyfingerprint" in connections[alias].introspection.table_names()
    ]
    problem = customer_key_problem() if has_table else None
    return [Error(problem, id="vocdash.E008")] if problem else []
