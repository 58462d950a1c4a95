"""Who is signed in, read by a query that is kept (see docs/adr/0004): every page begins with it."""

from typing import Final

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS

from offers.prepared import Prepared

_FIELDS: Final = tuple(field.attname for field in User._meta.concrete_fields)
_USER: Final = Prepared(lambda user_id: User.objects.filter(pk=user_id).values_list(*_FIELDS))


class AccountBackend(ModelBackend):
    """The framework's backend; only finding the user of a session takes the shorter way."""

    def get_user(self, user_id: int) -> User | None:
        """The active user with this id, or None."""
        rows = _USER.rows(user_id)
        if not rows:
            return None
        user = User.from_db(DEFAULT_DB_ALIAS, _FIELDS, rows[0])
        return user if self.user_can_authenticate(user) else None
