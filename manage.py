#!/usr/bin/env python
"""Command line of vocdash. `manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    """Run the command given on the command line; a refused setting ends in a message, not in a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vocdash.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(f"{error}. Install what is needed with: make install (or pip install -r requirements.txt)")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
