"""The import contracts hold, and each of them bites: it is broken once, on purpose, in a copy."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.code import FLOORS, ROOT

# Contract, the module that gets a line it must not have, the line.
VIOLATIONS = {
    "a lower floor imports a higher one": ("floors", "feedback/reasons.py", "import health.policy"),
    "the lowest floor imports the highest": ("floors", "offers/lifecycle.py", "import vocdash.env"),
    "a model of offers imports an action": ("offers", "offers/models/orders.py", "import offers.actions"),
    "a rule of feedback imports a model": ("feedback", "feedback/reasons.py", "import feedback.models"),
    "a selector of health imports an action": ("health", "health/reading.py", "import health.actions"),
    "a module has no place": ("health", "health/stray.py", ""),
    "a page imports a command": ("site", "vocdash/pages/formats.py", "import vocdash.management.commands"),
    "a rule imports Django": ("pure", "health/bands.py", "import django.db"),
    "a rule looks at the clock": ("pure", "health/counting.py", "import time"),
    "a chart imports Django": ("pure", "vocdash/pages/charts/small.py", "import django.utils.html"),
}


def lint_imports(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the four floors in `folder`."""
    program = str(Path(sys.executable).parent / "lint-imports")
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [program, "--no-cache", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with a copy of the four floors and of the contracts."""
    for floor in FLOORS:
        shutil.copytree(ROOT / floor, tmp_path / floor, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_contracts_are_kept() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_contract_is_broken_when(violation: str, copy: Path) -> None:
    contract, module, line = VIOLATIONS[violation]
    with (copy / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    outcome = lint_imports(copy, "--contract", contract)
    assert outcome.returncode == 1, outcome.stdout
    assert "BROKEN" in outcome.stdout


def test_every_contract_is_broken_once() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract for contract, _module, _line in VIOLATIONS.values()} == {
        contract["id"] for contract in contracts
    }
