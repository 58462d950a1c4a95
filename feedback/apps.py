"""The feedback app."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """What customers said about orders."""

    name = "feedback"
    label = "feedback"
    verbose_name = "Customer feedback"
