"""Addresses of database, Redis and mail."""

from pathlib import Path

import pytest

from vocdash.env import Environment
from vocdash.services import database_settings, mail_service, redis_address

VAR = Path("/srv/var")


def test_without_an_address_the_database_is_sqlite_in_var() -> None:
    settings = database_settings(Environment({}), VAR)
    assert settings["ENGINE"] == "django.db.backends.sqlite3"
    assert settings["NAME"] == "/srv/var/vocdash.sqlite3"
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["ATOMIC_REQUESTS"] is True


@pytest.mark.parametrize("url", ["sqlite:////srv/a%20b.sqlite3", "sqlite:///srv/a%20b.sqlite3"])
def test_a_sqlite_file_can_be_named(url: str) -> None:
    assert database_settings(Environment({"DATABASE_URL": url}), VAR)["NAME"] == "/srv/a b.sqlite3"


def test_postgres_is_reached_by_network() -> None:
    env = Environment({"DATABASE_URL": "postgres://me:p%40ss@db.example:5433/voc"})
    settings = database_settings(env, VAR)
    wanted = {"NAME": "voc", "USER": "me", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": 5433}
    assert wanted.items() <= settings.items()
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert settings["ATOMIC_REQUESTS"] is True
    assert settings["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize("url", ["postgres:///voc?host=/run/pg", "postgresql://me@/voc?host=/run/pg"])
def test_postgres_is_reached_by_unix_socket(url: str) -> None:
    settings = database_settings(Environment({"DATABASE_URL": url}), VAR)
    assert (settings["NAME"], settings["HOST"], settings["OPTIONS"]["host"]) == ("voc", "", "/run/pg")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://db/voc", "db.example/voc", "postgres://db.example", "postgres://db:x/voc", "sqlite://",
        "sqlite:////srv/", "postgres://[::1/voc", "oracle",
    ],
)  # fmt: skip
def test_another_database_is_refused(url: str) -> None:
    env = Environment({"DATABASE_URL": url})
    database_settings(env, VAR)
    (problem,) = env.problems
    assert problem.startswith("DATABASE_URL can't be understood. Set it to postgres://user:password@host")


def test_a_refused_address_never_shows_its_password() -> None:
    env = Environment({
        "DATABASE_URL": "mysql://me:pa55word@db/voc",
        "REDIS_URL": "http://:pa55word@host",
        "EMAIL_URL": "smtp://me:pa55word@host:port",
    })  # fmt: skip
    database_settings(env, VAR)
    redis_address(env)
    mail_service(env, VAR)
    assert len(env.problems) == 3
    assert "pa55word" not in " ".join(env.problems)


def test_without_an_address_there_is_no_redis() -> None:
    assert redis_address(Environment({})) is None


@pytest.mark.parametrize(
    ("url", "broker", "cache"),
    [
        ("redis://h:6379/2", "redis://h:6379/2", "redis://h:6379/2"),
        ("redis://:secret@h", "redis://:secret@h", "redis://:secret@h"),
        ("unix:///run/r.sock?db=3", "redis+socket:///run/r.sock?virtual_host=3", "unix:///run/r.sock?db=3"),
        (
            "redis+socket:///run/r.sock",
            "redis+socket:///run/r.sock?virtual_host=0",
            "unix:///run/r.sock?db=0",
        ),
    ],
)
def test_redis_is_understood_for_both_its_clients(url: str, broker: str, cache: str) -> None:
    address = redis_address(Environment({"REDIS_URL": url}))
    assert address is not None
    assert (address.broker, address.cache, address.sealed) == (broker, cache, False)


def test_redis_over_tls_is_told_apart() -> None:
    address = redis_address(Environment({"REDIS_URL": "rediss://h:6380/0"}))
    assert address is not None
    assert address.sealed


@pytest.mark.parametrize(
    "url",
    ["h:6379", "http://h", "redis://", "redis://h/x", "redis://h:port", "unix://r.sock", "unix:///r?db=a"],
)
def test_another_redis_address_is_refused(url: str) -> None:
    env = Environment({"REDIS_URL": url})
    assert redis_address(env) is None
    (problem,) = env.problems
    assert problem.startswith("REDIS_URL can't be understood. Set it to redis://host:6379/0")


def test_mail_is_kept_in_var_without_an_address() -> None:
    service = mail_service(Environment({}), VAR)
    assert (service.backend.split(".")[-2], service.folder) == ("filebased", "/srv/var/mail")


@pytest.mark.parametrize(
    ("url", "port", "start_tls", "sealed"),
    [
        ("smtp://me:p%2Fss@mail.example:587?tls=1", 587, True, False),
        ("smtp://me:p%2Fss@mail.example", 25, False, False),
        ("smtps://me:p%2Fss@mail.example", 465, False, True),
    ],
)
def test_mail_goes_to_a_server(url: str, port: int, start_tls: bool, sealed: bool) -> None:
    service = mail_service(Environment({"EMAIL_URL": url}), VAR)
    assert (service.host, service.user, service.password) == ("mail.example", "me", "p/ss")
    assert (service.port, service.start_tls, service.sealed) == (port, start_tls, sealed)


@pytest.mark.parametrize("url", ["mail.example", "smtp://", "smtp://h:port", "file://relative", "imap://h"])
def test_another_mail_address_is_refused(url: str) -> None:
    env = Environment({"EMAIL_URL": url})
    mail_service(env, VAR)
    (problem,) = env.problems
    assert problem.startswith("EMAIL_URL can't be understood. Set it to smtp://")
