"""What /healthz and /readyz tell machines."""

import pytest
from django.db import connection
from django.test import Client


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
    }


@pytest.mark.django_db
def test_readyz_answers_503_and_counts_the_migrations_that_are_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'axes'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "not applied: run manage.py migrate" in answer.json()["parts"]["migrations"]
