"""The way out of e-mails: a signed link that names one member and one kind, and needs no sign-in."""

from typing import Final, NamedTuple

from django.core import signing

_SALT: Final = "vocdash.unsubscribe"


class Wish(NamedTuple):
    """Who wants no more e-mail of which kind."""

    membership_id: int
    kind: str


def make_token(wish: Wish) -> str:
    """The token of a link. It does not run out: an old e-mail must still let its reader go."""
    return signing.dumps([wish.membership_id, wish.kind], salt=_SALT)


def read_token(token: str) -> Wish | None:
    """What a token says, None for one that was not made here."""
    try:
        membership_id, kind = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return Wish(int(membership_id), str(kind))
