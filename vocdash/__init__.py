"""The site: configuration and every way in."""

from vocdash.celery import app as celery_app

__all__ = ["celery_app"]
