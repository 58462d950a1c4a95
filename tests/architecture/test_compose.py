"""docker-compose.yml and Dockerfile: everything has a health check, no secret is made up, nobody is root."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.architecture.code import ROOT
from tests.services import ServerMissing
from vocdash import settings as site

NEEDED = {
    "SECRET_KEY": "x", "CUSTOMER_HASH_KEY": "x", "POSTGRES_PASSWORD": "x", "ALLOWED_HOSTS": "voc.example.org",
    "SITE_URL": "https://voc.example.org", "EMAIL_URL": "console:",
}  # fmt: skip
SITE_SERVICES = ("migrate", "web", "worker", "beat")


def config(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Let docker-compose itself read the file, with nothing but these variables."""
    if shutil.which("docker-compose"):
        command = ["docker-compose"]
    elif shutil.which("docker"):
        command = ["docker", "compose"]
    else:
        raise ServerMissing("docker-compose isn't installed. Install it with: apt-get install docker-compose")
    # Away from the project's folder, so that a developer's .env isn't read.
    return subprocess.run(
        [*command, "--project-directory", "/usr", "-f", str(ROOT / "docker-compose.yml"), "config"],
        cwd="/usr", env={"PATH": "/usr/bin:/bin:/usr/local/bin", **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """Return the services as docker-compose understands them, anchors and variables resolved."""
    outcome = config(NEEDED)
    assert outcome.returncode == 0, outcome.stderr
    found: dict[str, Any] = yaml.safe_load(outcome.stdout)["services"]
    return found


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_secret_is_refused_by_name(name: str) -> None:
    outcome = config({key: value for key, value in NEEDED.items() if key != name})
    assert outcome.returncode != 0
    assert f"{name} is missing, see .env.example" in outcome.stderr


def test_all_parts_are_there(services: dict[str, Any]) -> None:
    assert set(services) == {"db", "redis", *SITE_SERVICES}


def test_everything_that_stays_up_has_a_health_check(services: dict[str, Any]) -> None:
    tests = {name: services[name].get("healthcheck", {}).get("test") for name in services}
    assert tests.pop("migrate") in (["NONE"], None)  # it ends by itself
    assert tests.pop("web") is None  # the image brings its own
    assert all(test[0] in {"CMD", "CMD-SHELL"} for test in tests.values())
    assert re.search(r"^HEALTHCHECK .*scripts/probe.py", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_everything_waits_for_the_migrations(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"


def test_only_the_web_server_can_be_reached_and_only_from_this_machine(services: dict[str, Any]) -> None:
    assert {name for name in services if "ports" in services[name]} == {"web"}
    assert str(services["web"]["ports"]).count("127.0.0.1") == 1
    assert set(services["db"]["networks"]) == set(services["redis"]["networks"]) == {"inside"}


def test_the_site_runs_without_privileges(services: dict[str, Any]) -> None:
    for name in SITE_SERVICES:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]
    last_stage = (ROOT / "Dockerfile").read_text().split("FROM ")[-1]
    assert "\nUSER vocdash\n" in last_stage


def test_the_same_settings_reach_every_process(services: dict[str, Any]) -> None:
    environments = [services[name]["environment"] for name in SITE_SERVICES]
    assert all(environment == environments[0] for environment in environments)
    assert environments[0]["VOCDASH_PRODUCTION"] == "1"


def test_uploaded_pictures_outlive_their_container_and_are_seen_by_those_who_need_them(
    services: dict[str, Any],
) -> None:
    mounted = {name for name in SITE_SERVICES if "pictures" in str(services[name].get("volumes", ""))}
    assert mounted == {"web", "worker"}
    dockerfile = (ROOT / "Dockerfile").read_text()
    # Made and given away before the volume lies over it: a volume takes over whose folder it covers.
    assert dockerfile.index("mkdir -p var/media") < dockerfile.index("chown -R vocdash:vocdash var")
    assert site.MEDIA_ROOT == site.VAR_DIR / "media"


def test_every_variable_that_is_read_is_described_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    described = set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE))
    read = {"PORT"}
    for module in (site.__file__, *(str(ROOT / "vocdash" / name) for name in ("services.py",))):
        with open(module, encoding="utf-8") as file:  # noqa: PTH123
            read |= set(re.findall(r'env\.(?!is_set)\w+\(\s*"([A-Z_]+)"', file.read()))
    composed = set(re.findall(r"\$\{(POSTGRES_\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert composed <= described
    assert read - composed == described - composed


def test_the_database_is_given_memory_that_can_be_chosen(services: dict[str, Any]) -> None:
    assert "-cshared_buffers=512MB" in services["db"]["command"]
    outcome = config({**NEEDED, "POSTGRES_SHARED_BUFFERS": "6GB"})
    assert "-cshared_buffers=6GB" in yaml.safe_load(outcome.stdout)["services"]["db"]["command"]


def test_the_image_gets_no_file_that_it_does_not_need() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert not {"!.env", "!var", "!.git", "!tests"} & set(ignored)
