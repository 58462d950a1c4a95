"""The settings as a whole, read by a process of its own with an environment of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.code import ROOT

KEY = "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PRODUCTION = {
    "VOCDASH_PRODUCTION": "1", "SECRET_KEY": KEY, "CUSTOMER_HASH_KEY": KEY[::-1], "EMAIL_URL": "console:",
    "ALLOWED_HOSTS": "voc.example.org", "SITE_URL": "https://voc.example.org",
    "DATABASE_URL": "postgres:///voc?host=/run/postgresql", "REDIS_URL": "redis://localhost:6379/0",
}  # fmt: skip
SHOW = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "vocdash.settings"
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def run(var: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project with only these variables set."""
    settled = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VOCDASH_VAR": str(var)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env=settled | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def shown(var: Path, *names: str, **environment: str) -> dict[str, object]:
    """Return settings by name."""
    outcome = run(var, "-c", SHOW, *names, **environment)
    assert outcome.returncode == 0, outcome.stderr
    values: dict[str, object] = json.loads(outcome.stdout)
    return values


def test_a_fresh_checkout_needs_nothing(tmp_path: Path) -> None:
    outcome = run(tmp_path, "manage.py", "check")
    assert outcome.returncode == 0, outcome.stderr
    keys = {(tmp_path / name).read_text() for name in ("secret_key", "customer_hash_key")}
    assert len(keys) == 2


def test_without_an_environment_only_this_machine_is_answered_and_nothing_is_shown(tmp_path: Path) -> None:
    names = ("DEBUG", "ALLOWED_HOSTS", "PRODUCTION", "CELERY_BROKER_URL", "TIME_ZONE", "USE_TZ")
    assert shown(tmp_path, *names) == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "PRODUCTION": False,
        "CELERY_BROKER_URL": "filesystem://",
        "TIME_ZONE": "UTC",
        "USE_TZ": True,
    }


def test_production_refuses_to_start_and_names_everything_that_is_missing(tmp_path: Path) -> None:
    outcome = run(tmp_path, "manage.py", "check", VOCDASH_PRODUCTION="1")
    assert outcome.returncode == 1
    assert "Traceback" not in outcome.stderr
    for name in PRODUCTION.keys() - {"VOCDASH_PRODUCTION", "REDIS_URL"}:
        assert f"  - {name} is not set, and production needs it." in outcome.stderr
    assert list(tmp_path.iterdir()) == []  # no key was made up


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"VOCDASH_PRODUCTION", "REDIS_URL"}))
def test_production_refuses_to_start_without(name: str, tmp_path: Path) -> None:
    environment = {key: value for key, value in PRODUCTION.items() if key != name}
    outcome = run(tmp_path, "-c", SHOW, "DEBUG", **environment)
    assert outcome.returncode == 1
    assert f"{name} is not set, and production needs it" in outcome.stderr


def test_production_refuses_debug(tmp_path: Path) -> None:
    outcome = run(tmp_path, "manage.py", "check", **PRODUCTION, DEBUG="1")
    assert "DEBUG is on, which shows settings and code to visitors." in outcome.stderr


def test_a_wrong_value_ends_in_a_message_for_every_command(tmp_path: Path) -> None:
    for command in ("check", "migrate", "adopt_customer_key"):
        outcome = run(tmp_path, "manage.py", command, DATABASE_URL="mysql://db/voc")
        assert outcome.returncode == 1
        assert outcome.stderr.startswith("The environment can't be used:\n  - DATABASE_URL can't be")


def test_check_deploy_is_clean_in_production() -> None:
    outcome = subprocess.run(
        ["scripts/check_production.sh", sys.executable], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (outcome.returncode, outcome.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_check_deploy_asks_for_the_static_files(tmp_path: Path) -> None:
    outcome = run(tmp_path, "manage.py", "check", "--deploy", **PRODUCTION)
    assert outcome.returncode == 1
    assert "vocdash.E005" in outcome.stderr


def test_production_is_secure_by_default(tmp_path: Path) -> None:
    values = shown(
        tmp_path, "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS",
        "SECURE_PROXY_SSL_HEADER", "WHITENOISE_USE_FINDERS", **PRODUCTION,
    )  # fmt: skip
    assert values == {
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_PROXY_SSL_HEADER": None,  # a header that anybody can send is believed only on request
        "WHITENOISE_USE_FINDERS": False,
    }


def test_the_proxys_header_is_believed_on_request(tmp_path: Path) -> None:
    values = shown(tmp_path, "SECURE_PROXY_SSL_HEADER", **PRODUCTION, TRUST_X_FORWARDED_PROTO="1")
    assert values["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_redis_becomes_queue_and_cache(tmp_path: Path) -> None:
    values = shown(
        tmp_path, "CELERY_BROKER_URL", "CACHES", "CELERY_BROKER_USE_SSL", REDIS_URL="rediss://h:1/2"
    )
    assert values["CELERY_BROKER_URL"] == "rediss://h:1/2"
    assert values["CELERY_BROKER_USE_SSL"] == {"ssl_cert_reqs": "2"} or values["CELERY_BROKER_USE_SSL"] == {
        "ssl_cert_reqs": 2
    }
    assert '"LOCATION": "rediss://h:1/2"' in json.dumps(values["CACHES"])


def test_one_key_for_two_purposes_is_refused(tmp_path: Path) -> None:
    outcome = run(tmp_path, "manage.py", "check", SECRET_KEY=KEY, CUSTOMER_HASH_KEY=KEY)
    assert outcome.returncode == 1
    assert "vocdash.E001" in outcome.stderr


def test_a_misspelled_variable_is_pointed_out(tmp_path: Path) -> None:
    outcome = run(tmp_path, "manage.py", "check", VOCDASH_PRODUCTON="1")
    assert "VOCDASH_PRODUCTON is not a variable of vocdash." in outcome.stderr
    assert "Did you mean VOCDASH_PRODUCTION?" in outcome.stderr


def test_a_key_that_others_can_read_is_pointed_out(tmp_path: Path) -> None:
    run(tmp_path, "manage.py", "check")
    (tmp_path / "secret_key").chmod(0o644)
    outcome = run(tmp_path, "manage.py", "check")
    assert "secret_key can be read by others." in outcome.stderr
    assert "customer_hash_key can be read" not in outcome.stderr


def test_a_var_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    outcome = run(tmp_path / "var", "manage.py", "check", SECRET_KEY=KEY, CUSTOMER_HASH_KEY=KEY[::-1])
    assert outcome.returncode == 1
    assert "vocdash.E002" in outcome.stderr
