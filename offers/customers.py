"""Customers are known only by a keyed hash: enough to tell one buyer from many, and nothing else. Pure.

A reference that was hashed already is written `hash:` and 16 hexadecimal digits, so that a bad row can
be kept and imported again without the reference itself.
"""

import hashlib
import re
from typing import Final

_MARK: Final = "hash:"
_HASHED: Final = re.compile(rf"{_MARK}([0-9a-f]{{16}})")


def hash_key(secret: str) -> bytes:
    """The key for `customer_hash` from the setting CUSTOMER_HASH_KEY, however long that is."""
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"vocdash customer").digest()


def customer_hash(reference: str, key: bytes) -> int | None:
    """64 bits as a signed number; None for an empty reference."""
    if not reference:
        return None
    hashed = reference.startswith(_MARK) and _HASHED.fullmatch(reference)
    digest = (
        bytes.fromhex(hashed[1])
        if hashed
        else hashlib.blake2b(reference.encode(), digest_size=8, key=key).digest()
    )
    return int.from_bytes(digest, "big", signed=True)


def hashed_reference(reference: str, key: bytes) -> str:
    """The reference as it may be kept: `customer_hash` gives the same number for both."""
    number = customer_hash(reference, key)
    return "" if number is None else f"hash:{number & 0xFFFF_FFFF_FFFF_FFFF:016x}"
