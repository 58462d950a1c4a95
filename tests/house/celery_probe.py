"""A Celery app for tests: that of the site, with one task that leaves a trace."""

from pathlib import Path

from vocdash.celery import app

__all__ = ["app"]


@app.task(name="tests.leave_trace")
def leave_trace(path: str, text: str) -> None:
    """Write `text` to `path`."""
    Path(path).write_text(text, encoding="utf-8")
