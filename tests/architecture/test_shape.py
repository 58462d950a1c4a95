"""The shape of the code: short functions, short files, and the things that this project does without."""

import ast
import importlib
import re
import statistics
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models

from tests.architecture.code import FLOORS, ROOT, files, functions, tree_of

LONGEST_FUNCTION = 60
LONGEST_FILE = 349
WRITING_METHODS = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "delete",
}
CLOCKS = {"now", "today", "utcnow", "localtime", "localdate", "monotonic"}


def own_models() -> list[type[models.Model]]:
    """Return the models of the four floors."""
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]


def names_imported(path: Path) -> set[str]:
    """Return the full names of everything that the file imports."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_functions_are_short() -> None:
    lengths = [function.lines for function in functions()]
    assert statistics.median(lengths) <= 9
    assert statistics.quantiles(lengths, n=10)[-1] <= 30


def test_no_function_is_long() -> None:
    assert [
        function for function in functions(*FLOORS, "scripts", "tests") if function.lines > LONGEST_FUNCTION
    ] == []


def test_no_file_is_long() -> None:
    lengths = {
        path.relative_to(ROOT): len(path.read_text().splitlines())
        for path in files(*FLOORS, "scripts", "tests")
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_module_can_be_imported() -> None:
    for path in files(migrations=True):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        importlib.import_module(name.removesuffix(".__init__"))


def test_there_are_models_of_every_floor() -> None:
    # The next three tests would pass on an empty list.
    assert {model.__module__.split(".")[0] for model in own_models()} == set(FLOORS)


def test_no_model_has_an_ordering_that_every_query_would_pay_for() -> None:
    assert [model for model in own_models() if model._meta.ordering] == []


def test_no_model_has_a_generic_foreign_key() -> None:
    fields = [field for model in own_models() for field in model._meta.private_fields]
    assert [field for field in fields if isinstance(field, GenericForeignKey)] == []


def test_no_code_hides_behind_signals() -> None:
    hidden = {
        "django.dispatch",
        "django.db.models.signals",
        "django.core.signals",
        "django.contrib.auth.signals",
    }
    for path in files():
        parents = {name.rpartition(".")[0] for name in names_imported(path)} | names_imported(path)
        assert not parents & hidden, path


def test_every_migration_has_a_name_that_says_what_it_does() -> None:
    names = [path.stem for path in files(migrations=True) if path.parent.name == "migrations"]
    named = [name for name in names if name != "__init__"]
    assert named
    assert [name for name in named if not re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", name)] == []
    assert [name for name in named if re.search(r"_(auto|initial$|alter_\w+_\w+_and_more)", name)] == []


def test_pages_write_to_no_model() -> None:
    for path in files("vocdash/pages"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                on_rows = "objects" in ast.unparse(node.func.value)
                writes = node.func.attr in WRITING_METHODS or (node.func.attr == "update" and on_rows)
                assert not writes, f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}"


def test_rules_never_look_at_the_clock() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (pure,) = (contract for contract in contracts if contract["id"] == "pure")
    for module in pure["source_modules"]:
        path = ROOT / module.replace(".", "/")
        for file in [path.with_suffix(".py")] if path.with_suffix(".py").exists() else path.rglob("*.py"):
            calls = [node.func for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call)]
            assert not {call.attr for call in calls if isinstance(call, ast.Attribute)} & CLOCKS, file


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_says_why_it_is_there(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    required = [line for line in lines if line and not line.startswith(("#", "-r ", "-c "))]
    assert len(required) > 5
    for line in required:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+(\[\w+\])?==[\w.]+ +# \S.{5,}", line), line
