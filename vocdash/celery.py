"""The Celery app. `celery -A vocdash worker` does the work, `celery -A vocdash beat` keeps the hours."""

import os
from pathlib import Path

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vocdash.settings")

app = Celery("vocdash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def make_broker_folders(**_kwargs: object) -> None:
    """Make the folders of the filesystem broker, which doesn't make them itself."""
    if settings.CELERY_BROKER_URL == "filesystem://":
        for folder in ("messages", "control"):
            Path(settings.BROKER_DIR, folder).mkdir(parents=True, exist_ok=True)
