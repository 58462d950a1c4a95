"""Keys that an installation makes for itself, once, when none is given in the environment."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

LEAST_KEY_LENGTH = 50


class KeyFileError(Exception):
    """A key file is there and can't be used; the message says what to do."""


def read_or_make_key(path: Path) -> str:
    """Return the key kept in `path`, making it on first use (mode 600).

    Any number of processes may call this at once and all get the same key: the new key is written to a
    file of its own and then linked into place, which succeeds for exactly one of them and never shows a
    half-written file. Raises KeyFileError for a file that can't be read, or is too short to be a key: a key
    that once was there is never replaced.
    """
    try:
        if not path.exists():
            _link_new_key(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path} can't be read or made ({error}). Make its folder writable.") from error
    if len(key) < LEAST_KEY_LENGTH:
        raise KeyFileError(
            f"{path} holds no whole key. Restore it from a backup, or delete it for a new one."
        )
    return key


def _link_new_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
