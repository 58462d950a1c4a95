"""The people of the demo: roles, with addresses in domains that can't exist."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser

from offers.models import Membership, Role, Seller
from vocdash.demo.shops import Shop, shops

WELL_KNOWN_PASSWORD: Final = "demo-voice-of-the-customer"  # noqa: S105 - meant to be known; never in production
OPERATOR: Final = "operator@marketplace.example"
_SIGN_IN: Final = (
    ("JP", Role.OWNER), ("JP", Role.EDITOR), ("JP", Role.VIEWER), ("LK", Role.OWNER), ("TV", Role.OWNER),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody one can sign in as. shop and role are empty for the operator."""

    user_name: str
    password: str
    shop: str = ""
    role: str = ""


def user_name_of(shop: Shop, role: str) -> str:
    """The user name of a shop's person, which is an e-mail address."""
    return f"{role}@{shop.domain}"


def sign_ins(password: str) -> list[SignIn]:
    """All those one can sign in as, with this password."""
    people = [
        SignIn(user_name_of(shops()[short], role), password, shops()[short].name, str(role.label))
        for short, role in _SIGN_IN
    ]
    return [*people, SignIn(OPERATOR, password)]


def make_accounts(password: str) -> list[SignIn]:
    """Make everybody: those one signs in as, and an owner without a password for each other shop."""
    user: Any = get_user_model()
    user.objects.create_superuser(
        OPERATOR, OPERATOR, password, first_name="Marketplace", last_name="operator"
    )
    hashed = make_password(password)
    chosen = set(_SIGN_IN)
    for short, shop in shops().items():
        seller = Seller.objects.get(code=shop.code)
        roles = {role for of, role in _SIGN_IN if of == short} | {Role.OWNER}
        for role in sorted(roles):
            name = user_name_of(shop, role)
            secret = hashed if (short, role) in chosen else make_password(None)
            person = user.objects.create(
                username=name, email=name, password=secret, first_name=str(role.label)
            )
            Membership.objects.create(user=person, seller=seller, role=role)
    return sign_ins(password)


def actor_of(shop: Shop) -> AbstractBaseUser:
    """Who edits and relists for a shop: its editor where it has one."""
    role = Role.EDITOR if (shop.short, Role.EDITOR) in _SIGN_IN else Role.OWNER
    found: AbstractBaseUser = get_user_model()._default_manager.get(username=user_name_of(shop, role))
    return found


def remove_accounts() -> None:
    """Remove everybody again."""
    names = [OPERATOR, *_all_names(shops().values())]
    get_user_model()._default_manager.filter(username__in=names).delete()


def _all_names(of: Iterable[Shop]) -> list[str]:
    return [user_name_of(shop, role) for shop in of for role in Role]


def new_password() -> str:
    """A password that nobody can guess."""
    return secrets.token_urlsafe(15)
