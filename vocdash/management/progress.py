"""A progress bar on a terminal; nothing anywhere else."""

import shutil
import sys
import time
from typing import Final, TextIO

_EVERY: Final = 0.1  # seconds between two drawings


class ProgressBar:
    """One line on stderr that is drawn over itself: `offers.csv  ████████░░░░  67 %`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty()
        self._drawn_at = 0.0

    def __call__(self, name: str, share: float) -> None:
        """Show that `share` (0 to 1) of the work called `name` is done."""
        now = time.monotonic()
        if not self._shown or (share < 1 and now - self._drawn_at < _EVERY):
            return
        self._drawn_at = now
        width = max(10, min(40, shutil.get_terminal_size().columns - len(name) - 10))
        filled = round(width * share)
        self._stream.write(f"\r\x1b[K{name}  {'█' * filled}{'░' * (width - filled)} {share:4.0%}")
        self._stream.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self._shown and self._drawn_at:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
