"""Who may act for a seller: its owners and editors (PRODUCT F6). Others read."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext

from offers.models import Role


def may_act(role: str | None) -> bool:
    """Whether this role acts for the seller; None is an operator, who only reads."""
    return role in {Role.OWNER, Role.EDITOR}


def refuse_readers(request: HttpRequest, role: str | None) -> None:
    """Raise PermissionDenied for a viewer, and for an operator who sends a form."""
    if role == Role.VIEWER or (role is None and request.method == "POST"):
        raise PermissionDenied(_only_members())


def refuse_all_but_members(role: str | None) -> None:
    """Raise PermissionDenied for everybody who may not act: a page that only they have."""
    if not may_act(role):
        raise PermissionDenied(_only_members())


def _only_members() -> str:
    return gettext("Only owners and editors of the seller can do this. Ask one of them.")
