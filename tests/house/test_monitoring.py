"""What /healthz and /readyz tell machines."""

from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from vocdash.env import Environment
from vocdash.monitoring import PARTS
from vocdash.services import redis_address


def test_healthz_answers_without_the_database(client: Client) -> None:
    # pytest-django refuses database access in a test that isn't marked for it.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_says_that_everything_is_there(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "parts": {"database": "ok", "migrations": "ok", "broker": "ok", "customer key": "ok"},
        "nights": "ok",
    }


@pytest.mark.django_db
def test_readyz_answers_503_and_counts_the_migrations_that_are_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'axes'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "not applied: run manage.py migrate" in answer.json()["parts"]["migrations"]


@pytest.mark.django_db
def test_readyz_answers_503_when_the_database_is_gone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> str:
        raise OperationalError("connection to server at 10.1.2.3 failed: password was s3cret")

    monkeypatch.setitem(PARTS, "database", refused)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "failed: OperationalError"  # and no word of where it is
    assert answer.json()["parts"]["broker"] == "ok"


def use_redis(settings: Settings, url: str) -> None:
    """Let the site use this Redis."""
    address = redis_address(Environment({"REDIS_URL": url}))
    assert address is not None
    settings.REDIS = address
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": address.cache}}


@pytest.mark.django_db
def test_readyz_writes_to_redis_and_reads_it_back(client: Client, settings: Settings, redis_url: str) -> None:
    use_redis(settings, redis_url)
    assert client.get("/readyz").json()["parts"]["broker"] == "ok"
    assert caches["default"].get("readyz") == "ok"


@pytest.mark.django_db
def test_readyz_answers_503_when_redis_is_gone(client: Client, settings: Settings, tmp_path: Path) -> None:
    use_redis(settings, f"unix://{tmp_path}/none.sock")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"] == "failed: ConnectionError"


@pytest.mark.django_db
def test_readyz_answers_503_when_the_folder_of_the_queue_cannot_be_made(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "broker").write_text("a file where the folder should be")
    settings.BROKER_DIR = tmp_path / "broker"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"].startswith("failed")


def test_health_checks_answer_reading_methods_only(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
