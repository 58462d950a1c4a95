"""Where a WSGI server enters: `gunicorn vocdash.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vocdash.settings")

application = get_wsgi_application()
# What is loaded now stays until the end: the collector need not look through it after every few pages.
gc.collect()
gc.freeze()
