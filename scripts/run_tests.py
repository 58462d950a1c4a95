"""Run all tests: on SQLite, on PostgreSQL, and in Chromium; the summaries of all three stand at the end.

Usage: python scripts/run_tests.py [ARGUMENTS FOR PYTEST]
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ON_DATABASE = "not browser and not scale"
FRESH_CHECKOUT = (
    "tests/offers/test_import_command.py::test_the_commands_work_in_a_fresh_checkout_and_need_no_broker"
)
# Processes and commands that bring a database of their own, or ask nothing special of it: once is enough.
ONCE = [
    *(f"--ignore=tests/house/test_{name}.py" for name in ("celery", "demo", "production", "settings")),
    "--ignore=tests/demo",  # Chromium's run loads the demo into PostgreSQL
    f"--deselect={FRESH_CHECKOUT}",
]
PARALLEL = ["-n", "2", "--dist", "loadfile"]  # a file brings what all its tests share once
RUNS = (
    ("SQLite", {"VOCDASH_TEST_DB": "sqlite"}, [*PARALLEL, "-m", ON_DATABASE]),
    # There only what asks a database anything: the rest has been run.
    (
        "PostgreSQL",
        {"VOCDASH_TEST_DB": "postgres", "VOCDASH_TESTS_OF_DATABASE_ONLY": "1"},
        [*PARALLEL, "-m", ON_DATABASE, *ONCE],
    ),
    ("Chromium", {"VOCDASH_TEST_DB": "postgres"}, [*PARALLEL, "-m", "browser"]),
)


def main(arguments: list[str]) -> int:
    """Run one after the other, also after a failure; return 0 only when all of them passed."""
    os.chdir(ROOT)
    summaries = [_run(name, given, [*options, *arguments]) for name, given, options in RUNS]
    print("\n" + "\n".join(line for line, _passed in summaries), flush=True)
    return 0 if all(passed for _line, passed in summaries) else 1


def _run(name: str, given: dict[str, str], options: list[str]) -> tuple[str, bool]:
    """Run pytest, showing what it prints; return its own last line with our name before it."""
    print(f"\n== Tests: {name} ==", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", *options]
    environment = os.environ | given
    last = ""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as pytest:
        for line in pytest.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
    passed = pytest.returncode == 0
    outcome = "ok" if passed else f"FAILED ({pytest.returncode})"
    return f"{name:<10} {outcome}: {last.strip('= ')} [{time.monotonic() - began:.0f} s]", passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
