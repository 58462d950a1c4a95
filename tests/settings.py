"""Settings of the tests: those of the site, in a folder and on a database of this run.

VOCDASH_TEST_DB=sqlite (default) or postgres picks the database. For postgres a DATABASE_URL in the
environment is used when there is one; else a server is started here, once: the processes of pytest-xdist
inherit its address, and the process that started it ends it.
"""

import atexit
import os
import shutil
import tempfile

from tests.services import start_postgres

# What a developer has set for a site of their own must not decide how tests end.
OF_A_SITE = (
    "VOCDASH_PRODUCTION", "DEBUG", "SECRET_KEY", "SECRET_KEY_FILE", "SECRET_KEY_FALLBACKS",
    "CUSTOMER_HASH_KEY",
    "CUSTOMER_HASH_KEY_FILE", "ALLOWED_HOSTS", "SITE_URL", "CSRF_TRUSTED_ORIGINS", "TRUSTED_PROXIES",
    "TRUST_X_FORWARDED_PROTO", "HSTS_SECONDS", "IMAGE_HOSTS", "EMAIL_URL", "DEFAULT_FROM_EMAIL",
    "SUPPORT_EMAIL", "OPERATOR_EMAILS", "LOG_LEVEL", "SUMMARY_DAY", "NIGHT_WORKERS",
    *(f"VOCDASH_KEEP_{kind}_DAYS" for kind in ("HISTORY", "BENCHMARKS", "ORDERS", "RUNS", "EMAILS", "NOTICES",
      "DRAFTS", "PROBLEMS", "IMPORTS", "SIGN_INS")),
)  # fmt: skip


def _database_of(kind: str, given: str) -> str:
    """Return the address of the database for the tests; nothing for SQLite, which then lies in memory."""
    if kind == "sqlite":
        return ""
    if kind != "postgres":
        raise ValueError(f"VOCDASH_TEST_DB is {kind!r}: set it to sqlite or postgres")
    if given:
        return given
    server = start_postgres()
    atexit.register(server.stop)
    return server.url


def _settle() -> None:
    """Put the environment of this run in place."""
    folder = tempfile.mkdtemp(prefix="vocdash-tests-", dir="/tmp")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in OF_A_SITE:
        os.environ.pop(name, None)
    given_database, given_redis = os.environ.pop("DATABASE_URL", ""), os.environ.pop("REDIS_URL", "")
    if given_redis:
        os.environ["VOCDASH_TEST_REDIS_URL"] = given_redis
    os.environ |= {"VOCDASH_TESTS_OWN_VAR": "1", "VOCDASH_VAR": folder}
    database = _database_of(os.environ.setdefault("VOCDASH_TEST_DB", "sqlite"), given_database)
    if database:
        os.environ["DATABASE_URL"] = database


if os.environ.get("VOCDASH_TESTS_OWN_VAR") != "1":  # else a process of pytest-xdist that inherits all of it
    _settle()

from vocdash.settings import *  # noqa: E402, F403  (the environment is complete only now)

# Hashing a password is slow by design; tests that are about it name the hasher themselves.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Tests that look at queries want to read them; plans on the connection have tests of their own.
DATABASE_PREPARE = False
