"""The page of a seller's members: who belongs to it, who is invited, and what may be done (PRODUCT F6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from offers.members import MOST_OPEN, Refusal
from offers.models import Invitation, Membership, Role
from vocdash.pages.access import Standing

MEANINGS: Final[Mapping[str, str | Promise]] = {
    Role.OWNER: _("Also invites members, changes their roles and removes them."),
    Role.EDITOR: _("Also edits and deletes listings, resolves issues, relists offers and orders removals."),
    Role.VIEWER: _("Reads everything and downloads it."),
}
REFUSALS: Final[Mapping[Refusal, str | Promise]] = {
    Refusal.LAST_OWNER: _(
        "A seller needs an owner, and this is the last one. Make somebody else an owner first."
    ),
    Refusal.ALREADY_MEMBER: _("This address belongs to a member already. Change the role in the list above."),
    Refusal.TOO_MANY: _("There are %(most)s open invitations. Revoke some before you invite more people."),
    Refusal.TOO_MANY_TODAY: _("%(most)s invitations were sent within a day. Go on tomorrow."),
    Refusal.TOO_SOON: _(
        "This address was sent an invitation a moment ago. Wait a minute, then send it again."
    ),
    Refusal.GONE: _("This invitation is no longer open: it was accepted or revoked meanwhile."),
    Refusal.UNKNOWN: _("There is no such invitation. Check that the link is complete."),
    Refusal.USED: _("This invitation was accepted already. Sign in to go on."),
    Refusal.REVOKED: _("This invitation was revoked. Ask an owner of the seller for another one."),
    Refusal.EXPIRED: _("This invitation is too old. Ask an owner of the seller for another one."),
    Refusal.OTHER_ADDRESS: _("This invitation is for another e-mail address than that of your account."),
    Refusal.OPERATOR: _("Operators read every seller's pages and can't be members of one."),
}


def words_of(why: Refusal) -> str:
    """What to say of a refusal, and what to do."""
    return str(REFUSALS[why]) % {"most": MOST_OPEN}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the list. `sole_owner`: can be neither removed nor given another role."""

    membership: Membership
    name: str
    address: str
    role: str
    since: datetime
    myself: bool
    sole_owner: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """One open invitation of the list."""

    invitation: Invitation
    role: str
    sent: datetime
    until: datetime
    over: bool


@dataclass(frozen=True, slots=True)
class MembersPage:
    """The lists, and what this person may do: `owner` everything, `member` leave."""

    seller: str
    members: list[Member]
    invited: list[Invited]
    owner: bool
    member: bool
    roles: list[tuple[str, str | Promise, str | Promise]]


def members_page(standing: Standing, user: User) -> MembersPage:
    """The members of the seller where the person stands. Two queries."""
    zone = _zone(standing)
    memberships = list(
        Membership.objects.filter(seller=standing.seller.pk)
        .select_related("user")
        .order_by("user__first_name", "user__username", "pk")
    )
    owners = [row for row in memberships if row.role == Role.OWNER and row.user.is_active]
    sole = owners[0].pk if len(owners) == 1 else None
    return MembersPage(
        seller=standing.seller.name,
        members=[_member(row, user, zone, sole=row.pk == sole) for row in memberships],
        invited=_invited(standing.seller.pk, zone),
        owner=standing.role == Role.OWNER,
        member=standing.role is not None,
        roles=[(role.value, role.label, MEANINGS[role]) for role in Role],
    )


def _zone(standing: Standing) -> ZoneInfo:
    return standing.shown[0].zone if standing.shown else ZoneInfo("UTC")


def _member(row: Membership, user: User, zone: ZoneInfo, *, sole: bool) -> Member:
    name = name_of(row.user)
    return Member(
        membership=row,
        name=name,
        address="" if row.user.email == name else row.user.email,
        role=row.get_role_display(),
        since=row.created_at.astimezone(zone),
        myself=row.user_id == user.pk,
        sole_owner=sole,
    )


def name_of(user: User) -> str:
    """How a person is called: by name, else by user name."""
    return user.get_full_name() or user.get_username()


def _invited(seller_id: int, zone: ZoneInfo) -> list[Invited]:
    rows = Invitation.objects.filter(seller=seller_id, accepted_at__isnull=True, revoked_at__isnull=True)
    now = timezone.now()
    return [
        Invited(
            invitation=row,
            role=row.get_role_display(),
            sent=row.sent_at.astimezone(zone),
            until=row.expires_at.astimezone(zone),
            over=row.expires_at <= now,
        )
        for row in rows.order_by("email", "pk")
    ]
