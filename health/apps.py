"""The health app."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """How each offer compares with similar offers."""

    name = "health"
    label = "health"
    verbose_name = "CX health"
