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

STARTED_HERE = "VOCDASH_VAR" not in os.environ or os.environ.get("VOCDASH_TESTS_OWN_VAR") != "1"

if STARTED_HERE:
    given_database = os.environ.pop("DATABASE_URL", "")
    given_redis = os.environ.pop("REDIS_URL", "")
    # What a developer has set for a site of their own must not decide how tests end.
    for name in ("VOCDASH_PRODUCTION", "DEBUG", "ALLOWED_HOSTS", "IMAGE_HOSTS", "EMAIL_URL", "SITE_URL"):
        os.environ.pop(name, None)
    if given_redis:
        os.environ["VOCDASH_TEST_REDIS_URL"] = given_redis
    os.environ["VOCDASH_TESTS_OWN_VAR"] = "1"
    os.environ["VOCDASH_VAR"] = tempfile.mkdtemp(prefix="vocdash-tests-", dir="/tmp")
    atexit.register(shutil.rmtree, os.environ["VOCDASH_VAR"], ignore_errors=True)
    database = os.environ.setdefault("VOCDASH_TEST_DB", "sqlite")
    if database == "postgres":
        if not given_database:
            server = start_postgres()
            atexit.register(server.stop)
            given_database = server.url
        os.environ["DATABASE_URL"] = given_database
    elif database != "sqlite":
        raise ValueError(f"VOCDASH_TEST_DB is {database!r}: set it to sqlite or postgres")

from vocdash.settings import *  # noqa: E402, F403  (the environment is complete only now)

# Hashing a password is slow by design; tests that are about it name the hasher themselves.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
