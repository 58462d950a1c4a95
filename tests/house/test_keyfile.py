"""Keys that an installation makes for itself."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vocdash.keyfile import KeyFileError, read_or_make_key

# Eight of these start at once: each waits for the file "go", then asks for the key.
ASK = """
import pathlib, sys, time
from vocdash.keyfile import read_or_make_key
folder = pathlib.Path(sys.argv[1])
(folder / f"ready-{sys.argv[2]}").touch()
while not (folder / "go").exists():
    time.sleep(0.0005)
print(read_or_make_key(folder / "var" / "secret_key"))
"""


def test_a_key_is_made_once_and_then_read(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"
    key = read_or_make_key(path)
    assert len(key) >= 64
    assert read_or_make_key(path) == key
    assert list(path.parent.iterdir()) == [path]  # the draft is gone


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    assert read_or_make_key(tmp_path / "a") != read_or_make_key(tmp_path / "b")


def test_only_its_owner_can_read_a_key(tmp_path: Path) -> None:
    read_or_make_key(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, str(tmp_path), str(n)], stdout=subprocess.PIPE, text=True
        )
        for n in range(8)
    ]
    while len(list(tmp_path.glob("ready-*"))) < len(processes):
        assert all(process.poll() is None for process in processes)
    (tmp_path / "go").touch()
    keys = {process.communicate(timeout=30)[0].strip() for process in processes}
    assert keys == {(tmp_path / "var" / "secret_key").read_text().strip()}


@pytest.mark.parametrize("content", ["", "half a key", "ä" * 60])
def test_a_damaged_key_is_never_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KeyFileError):
        read_or_make_key(path)
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    with pytest.raises(KeyFileError, match="can't be read or made"):
        read_or_make_key(tmp_path / "var" / "key")
