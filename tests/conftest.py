"""Fixtures for all tests: Redis, a celery that works, a browser that watches what it sees."""

import os
from collections.abc import Generator, Iterator

import pytest
from django.apps import apps
from django.db.models import Model
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from tests.services import start_redis

OURS = {"offers", "feedback", "health", "vocdash"}
_FILLED: dict[type[Model], list[Model]] = {}

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
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Keep what our migrations filled: `pytest_runtest_teardown` puts it back."""
    with django_db_blocker.unblock():
        for model in apps.get_models():
            if model._meta.app_label in OURS:
                _FILLED[model] = list(model._default_manager.all())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """A test that really commits has all tables emptied after it: put back what our migrations filled.

    Otherwise every later test of the same process would miss the reason table and the mark of the key.
    """
    yield
    if nextitem is not None and _really_commits(item):
        with item.config.stash[blocking_manager_key].unblock():
            _fill_as_migrated()


def _fill_as_migrated() -> None:
    for model, rows in _FILLED.items():
        model._default_manager.bulk_create(rows, ignore_conflicts=True)  # a skipped test emptied nothing


def _really_commits(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool((mark and mark.kwargs.get("transaction")) or fixtures & {"transactional_db", "live_server"})


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
