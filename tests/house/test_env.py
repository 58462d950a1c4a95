"""Settings from the environment: what is right is read, what is wrong is refused with what to do."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from vocdash.env import Environment


def environment(**values: str) -> Environment:
    return Environment(values)


def production(**values: str) -> Environment:
    return Environment(values, production=True)


def only_problem(env: Environment) -> str:
    (problem,) = env.problems
    return problem


@pytest.mark.parametrize("word", ["1", "true", "YES", "on", " On "])
def test_a_flag_is_on(word: str) -> None:
    assert environment(DEBUG=word).flag("DEBUG", default=False) is True


@pytest.mark.parametrize("word", ["0", "false", "NO", "off"])
def test_a_flag_is_off(word: str) -> None:
    assert environment(DEBUG=word).flag("DEBUG", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_flag_is_the_default(default: bool) -> None:
    assert environment(DEBUG=" ").flag("DEBUG", default=default) is default


@pytest.mark.parametrize("word", ["2", "ja", "tru", "-"])
def test_a_wrong_flag_is_refused_and_counts_as_off(word: str) -> None:
    env = environment(DEBUG=word)
    assert env.flag("DEBUG", default=True) is False
    assert only_problem(env) == f"DEBUG is {word!r}, neither yes nor no. Set it to 1 or 0."


@pytest.mark.parametrize("digits", ["x", "1.5", "-1", "11", "1e3", "٣", "9" * 30])
def test_a_wrong_number_is_refused(digits: str) -> None:
    env = environment(TRUSTED_PROXIES=digits)
    assert env.number("TRUSTED_PROXIES", 3, least=0, most=10) == 3
    assert only_problem(env).endswith("Set it to a whole number from 0 to 10.")


def test_a_number_is_read_up_to_its_borders() -> None:
    assert [environment(N=n).number("N", 5, least=0, most=10) for n in ("0", "10", "")] == [0, 10, 5]


def test_a_choice_is_read_whatever_its_case_and_else_refused() -> None:
    assert environment(LOG_LEVEL="debug").choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO")) == "DEBUG"
    env = environment(LOG_LEVEL="loud")
    assert env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO")) == "INFO"
    assert only_problem(env) == "LOG_LEVEL is 'loud'. Set it to one of DEBUG, INFO."


def test_hosts_are_trimmed_and_lower_cased() -> None:
    env = environment(ALLOWED_HOSTS=" Voc.Example.org, ,10.0.0.7,.shops.example ")
    assert env.hosts("ALLOWED_HOSTS", wildcards=True) == ["voc.example.org", "10.0.0.7", ".shops.example"]
    assert env.problems == []


@pytest.mark.parametrize(
    "host",
    ["*", "https://a.example", "a.example:8000", "a.example/x", "a b", "-a", "a..b", "a_b", "ä.example"],
)
def test_what_is_no_host_name_is_refused(host: str) -> None:
    env = environment(IMAGE_HOSTS=host)
    assert env.hosts("IMAGE_HOSTS") == []
    assert only_problem(env).startswith(f"IMAGE_HOSTS holds {host!r}, not a host name.")


def test_a_wildcard_is_refused_where_none_is_meant() -> None:
    # In the Content-Security-Policy a leading dot would mean nothing.
    env = environment(IMAGE_HOSTS=".example.org")
    assert env.hosts("IMAGE_HOSTS") == []
    assert env.problems


def test_an_injected_directive_never_gets_into_the_policy() -> None:
    env = environment(IMAGE_HOSTS="a.example; script-src *")
    assert env.hosts("IMAGE_HOSTS") == []


@pytest.mark.parametrize("origin", ["voc.example.org", "ftp://a.example", "https://a.example/", "https://*"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    env = environment(SITE_URL=origin)
    assert env.origins("SITE_URL") == []
    assert only_problem(env).startswith(f"SITE_URL holds {origin!r}.")


def test_origins_are_read() -> None:
    env = environment(CSRF_TRUSTED_ORIGINS="https://a.example,http://localhost:8001")
    assert env.origins("CSRF_TRUSTED_ORIGINS") == ["https://a.example", "http://localhost:8001"]


@pytest.mark.parametrize("address", ["help", "Help <help@shop.example>", "a@b@c.example", "a@b, c@d", "a@-"])
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    env = environment(SUPPORT_EMAIL=address)
    assert env.mail_address("SUPPORT_EMAIL") == ""
    assert only_problem(env).startswith(f"SUPPORT_EMAIL is {address!r}.")


def test_a_mail_address_is_read_or_left_out() -> None:
    assert (
        environment(SUPPORT_EMAIL=" Help@shop.example ").mail_address("SUPPORT_EMAIL") == "Help@shop.example"
    )
    assert environment().mail_address("SUPPORT_EMAIL") == ""


def test_a_relative_path_is_refused() -> None:
    env = environment(VOCDASH_VAR="var")
    assert env.path("VOCDASH_VAR", Path("/srv")) == Path("/srv")
    assert only_problem(env) == "VOCDASH_VAR is 'var'. Set it to an absolute path, beginning with /."


def test_a_secret_is_made_outside_production_only() -> None:
    assert environment().secret("SECRET_KEY", lambda: "made", least=50) == "made"
    env = production()
    assert env.secret("SECRET_KEY", lambda: "made", least=50) == ""
    assert only_problem(env).startswith(
        "SECRET_KEY is not set, and production needs it. Make one with: python3"
    )


@pytest.mark.parametrize("weak", ["short", "a" * 80, "x" * 49])
def test_a_weak_secret_is_refused_in_production_without_being_shown(weak: str) -> None:
    env = production(SECRET_KEY=weak)
    env.secret("SECRET_KEY", lambda: "made", least=50)
    assert "too easy to guess: at least 50 characters" in only_problem(env)
    assert weak not in only_problem(env).removeprefix("SECRET_KEY")


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    secret = "0123456789" * 6
    (tmp_path / "key").write_text(f"{secret}\n")
    env = production(SECRET_KEY_FILE=str(tmp_path / "key"))
    assert env.secret("SECRET_KEY", lambda: "made", least=50) == secret
    assert env.problems == []


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe\x00"])
def test_a_secret_file_that_holds_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    env = environment(SECRET_KEY_FILE=str(tmp_path / "key"))
    env.secret("SECRET_KEY", lambda: pytest.fail("a key was made although a file was named"), least=50)
    assert only_problem(env).startswith("SECRET_KEY_FILE ")


def test_all_problems_are_told_at_once() -> None:
    env = production(DEBUG="maybe", HSTS_SECONDS="long")
    env.flag("DEBUG", default=False)
    env.number("HSTS_SECONDS", 0, least=0, most=9)
    env.missing("DATABASE_URL", "Set it.")
    with pytest.raises(ImproperlyConfigured) as refused:
        env.refuse_problems()
    lines = str(refused.value).splitlines()
    assert lines[0] == "The environment can't be used:"
    assert [line.split()[1] for line in lines[1:]] == ["DEBUG", "HSTS_SECONDS", "DATABASE_URL"]


def test_nothing_is_refused_when_nothing_is_wrong() -> None:
    environment(DEBUG="1").refuse_problems()


def test_outside_production_nothing_is_missing() -> None:
    env = environment()
    assert env.missing("DATABASE_URL", "Set it.") is False
    assert env.problems == []
