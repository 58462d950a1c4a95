"""The progress bar of long commands."""

import io

import pytest

from vocdash.management.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_much_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([1.0, 1.01, 2.0, 2.001])
    monkeypatch.setattr("vocdash.management.progress.time.monotonic", lambda: next(clock))
    terminal = Terminal()
    bar = ProgressBar(terminal)
    for share in (0.25, 0.26, 0.5, 1.0):
        bar("offers.csv", share)
    drawn = terminal.getvalue().split("\r\x1b[K")[1:]
    assert [line.split()[-1] for line in drawn] == ["25%", "50%", "100%"]
    assert all(line.startswith("offers.csv  ") for line in drawn)
    assert drawn[1].count("█") == drawn[1].count("░")
    bar.clear()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_anything_but_a_terminal_shows_nothing() -> None:
    file = io.StringIO()
    bar = ProgressBar(file)
    bar("offers.csv", 0.5)
    bar.clear()
    assert not file.getvalue()
