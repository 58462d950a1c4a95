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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second database only what asks a database anything: the rest says the same again."""
    if os.environ.get("VOCDASH_TESTS_OF_DATABASE_ONLY") != "1":
        return
    rest = [item for item in items if not _asks_a_database(item)]
    config.hook.pytest_deselected(items=rest)
    items[:] = [item for item in items if _asks_a_database(item)]


def _asks_a_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "live_server"})


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
