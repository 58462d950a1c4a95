"""The vocdash app."""

from django.apps import AppConfig


class VocdashConfig(AppConfig):
    """The site: commands, checks and the demo marketplace."""

    name = "vocdash"
    label = "vocdash"
    verbose_name = "Vocdash"

    def ready(self) -> None:
        """Register the system checks."""
        from vocdash import checks  # noqa: F401
