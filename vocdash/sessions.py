"""Sessions in the database, read by a query that is kept (see docs/adr/0004): every page begins with it."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from offers.prepared import Prepared

_DATA = Prepared(
    lambda key: Session.objects.filter(session_key=key).values_list("session_data", "expire_date")
)


class SessionStore(DatabaseStore):
    """The framework's store; only reading a session takes the shorter way."""

    def load(self) -> dict[str, object]:
        """The session's values; {} for one that is gone or over, as the framework's store does."""
        rows = _DATA.rows(self.session_key) if self.session_key else []
        if not rows or rows[0][1] <= timezone.now():
            self._session_key = None
            return {}
        return self.decode(rows[0][0])
