"""The customer hash key and the database belong together."""

import hashlib
import hmac

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CUSTOMER_KEY = "customer hash key"


def fingerprint(key: str) -> str:
    """Return 64 hexadecimal digits that tell keys apart and from which no key can be told."""
    return hmac.new(key.encode(), b"vocdash fingerprint", hashlib.sha256).hexdigest()


def customer_key_problem() -> str | None:
    """Return why CUSTOMER_HASH_KEY must not be used with this database and what to do, or None if it may."""
    from vocdash.models import KeyFingerprint

    known = KeyFingerprint.objects.filter(name=CUSTOMER_KEY).values_list("fingerprint", flat=True).first()
    if known is None or hmac.compare_digest(known, fingerprint(settings.CUSTOMER_HASH_KEY)):
        return None
    return (
        "CUSTOMER_HASH_KEY is not the key that this database was made with: the same customer would become "
        "another. Restore the former key (or var/customer_hash_key). If it is lost, accept the new one with: "
        "manage.py adopt_customer_key"
    )


def refuse_other_customer_key() -> None:
    """Raise ImproperlyConfigured when customers would be hashed with another key than before."""
    problem = customer_key_problem()
    if problem:
        raise ImproperlyConfigured(problem)


def adopt_customer_key() -> bool:
    """Make the present CUSTOMER_HASH_KEY this database's own; return whether that changed anything."""
    from vocdash.models import KeyFingerprint

    if customer_key_problem() is None:
        return False
    KeyFingerprint.objects.filter(name=CUSTOMER_KEY).update(
        fingerprint=fingerprint(settings.CUSTOMER_HASH_KEY)
    )
    return True
