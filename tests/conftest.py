"""Fixtures for all tests: Redis, a celery that works, a browser that watches what it sees."""

import os
from collections.abc import Iterator

import pytest
from django.utils import translation
from hypothesis import HealthCheck, settings

from tests.services import start_redis

pytest_plugins = ["tests.browsing"]

settings.register_profile(
    "vocdash", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("vocdash")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Yield the address of a real Redis: the one in the environment, else one of this run."""
    given = os.environ.get("VOCDASH_TEST_REDIS_URL")
    if given:
        yield given
        return
    server = start_redis()
    yield server.url
    server.stop()


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    """A page asked for in French leaves the thread speaking French: the next test begins without."""
    translation.deactivate()
    yield
    translation.deactivate()
