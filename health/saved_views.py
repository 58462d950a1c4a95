"""Saving a filter of the grid under a name, and forgetting it."""

from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext

from health.models import SavedView
from offers.models import Seller

MOST_VIEWS: Final = 20
_LONGEST_NAME: Final = 60


class ViewRefused(ValueError):
    """The view can't be saved; the message says what to do."""


@transaction.atomic
def save_view(*, user: User, seller: Seller, name: str, query: str) -> SavedView:
    """Keep a query string under a name. The same name again replaces it. Raises ViewRefused."""
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise ViewRefused(gettext("Enter a name for the view."))
    if len(name) > _LONGEST_NAME:
        raise ViewRefused(
            gettext("The name must be 60 characters or fewer. It's %(count)d now.") % {"count": len(name)}
        )
    if not query:
        raise ViewRefused(gettext("Choose a filter first: All offers is there already."))
    others = SavedView.objects.filter(user=user, seller=seller).exclude(name=name)
    if others.count() >= MOST_VIEWS:
        raise ViewRefused(gettext("You have %(count)d views. Delete one first.") % {"count": MOST_VIEWS})
    view, _ = SavedView.objects.update_or_create(
        user=user, seller=seller, name=name, defaults={"query": query}
    )
    return view


def delete_view(*, user: User, view_id: int) -> bool:
    """Forget one's own view. False when there is none."""
    deleted, _ = SavedView.objects.filter(user=user, pk=view_id).delete()
    return bool(deleted)
