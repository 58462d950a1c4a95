"""The offers app."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """Who sells what, and what was ordered; knows nothing of feedback."""

    name = "offers"
    label = "offers"
    verbose_name = "Offers and orders"
