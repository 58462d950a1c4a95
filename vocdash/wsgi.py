"""Where a WSGI server enters: `gunicorn vocdash.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vocdash.settings")

application = get_wsgi_application()
