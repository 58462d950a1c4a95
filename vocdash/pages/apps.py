"""The pages app."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Everything people see; nothing here writes to a model."""

    name = "vocdash.pages"
    label = "pages"
    verbose_name = "Pages"
