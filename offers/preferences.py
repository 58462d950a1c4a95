"""What people choose for themselves: their name, language, theme, and whether single keys are shortcuts."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from offers.models import Preferences


def preferences_of(user_id: int) -> Preferences:
    """The person's preferences; those of somebody who never chose are empty, and not stored."""
    return Preferences.objects.filter(pk=user_id).first() or Preferences(user_id=user_id)


@transaction.atomic
def save_preferences(*, user: User, **chosen: Any) -> Preferences:
    """Set `language`, `theme` or `shortcuts`; what isn't named stays as it is."""
    preferences, _ = Preferences.objects.update_or_create(user=user, defaults=chosen)
    return preferences


@transaction.atomic
def rename(*, user: User, name: str) -> None:
    """Set the name by which others see this person. One name: nobody is asked to take theirs apart."""
    user.first_name, user.last_name = name.strip(), ""
    user.save(update_fields=["first_name", "last_name"])
