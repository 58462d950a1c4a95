"""Where a WSGI server enters: `gunicorn vocdash.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vocdash.settings")

application = get_wsgi_application()
# What is loaded now stays until the end, and a page makes some ten thousand objects that end with it: the
# collector need not look through the former, nor look several times while a page is made.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
