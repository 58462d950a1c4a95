"""Who belongs to a seller, and in which role: invitations, roles, leaving (PRODUCT F6).

Whoever changes something is an owner of the seller at that moment: it is looked up under the lock that
every change of a seller's members takes, so that of two that contradict each other the second is refused.
A seller never loses its last owner.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from offers.models import Invitation, Membership, Role, Seller

VALID_DAYS: Final = 7
MOST_OPEN: Final = 100
"""Open invitations of one seller, and those sent within a day: enough for any shop, too few for a pest."""
PAUSE: Final = timedelta(minutes=1)
"""Between two letters to one address: nobody fills another's mailbox from here."""
_TOKEN_BYTES: Final = 32


class Refusal(StrEnum):
    """Why nothing was changed."""

    NOT_OWNER = "not_owner"
    LAST_OWNER = "last_owner"
    GONE = "gone"
    ALREADY_MEMBER = "already_member"
    TOO_MANY = "too_many"
    TOO_MANY_TODAY = "too_many_today"
    TOO_SOON = "too_soon"
    UNKNOWN = "unknown"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"
    OTHER_ADDRESS = "other_address"
    OPERATOR = "operator"
    HAS_ACCOUNT = "has_account"
    HAS_OWNER = "has_owner"


class MemberRefused(Exception):
    """Nothing was changed; `why` says why not."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


def normal_address(email: str) -> str:
    """An e-mail address as it is stored and compared."""
    return email.strip().lower()


def account_of(email: str) -> User | None:
    """The account of an address: its user name or its e-mail address is this one."""
    address = normal_address(email)
    found = get_user_model()._default_manager.filter(Q(email__iexact=address) | Q(username__iexact=address))
    return found.order_by("-is_active", "pk").first()


def read_invitation(token: str) -> Invitation:
    """The open invitation with this token. Raises MemberRefused for any other."""
    found = Invitation.objects.select_related("seller").filter(token_hash=_hash(token)).first()
    if found is None:
        raise MemberRefused(Refusal.UNKNOWN)
    _check_open(found, timezone.now())
    return found


def _check_open(invitation: Invitation, now: datetime) -> None:
    if invitation.accepted_at:
        raise MemberRefused(Refusal.USED)
    if invitation.revoked_at:
        raise MemberRefused(Refusal.REVOKED)
    if invitation.expires_at <= now:
        raise MemberRefused(Refusal.EXPIRED)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def invite(
    *, seller_id: int, email: str, role: Role, by: User, at: datetime | None = None
) -> tuple[Invitation, str]:
    """Invite an address to the seller; returns the invitation and its token, which is stored nowhere.

    An address that is invited already gets a new token, and the old link ends. Raises MemberRefused.
    """
    _lock_as_owner(seller_id, by)
    return _invite(seller_id, normal_address(email), role, by, at or timezone.now())


@transaction.atomic
def invite_first_owner(*, seller_id: int, email: str, at: datetime | None = None) -> tuple[Invitation, str]:
    """Invite the owner of a seller that has none: an operator's act. Raises MemberRefused.

    Where there is an owner, owners invite.
    """
    _lock(seller_id)
    if _owners(seller_id).exists():
        raise MemberRefused(Refusal.HAS_OWNER)
    return _invite(seller_id, normal_address(email), Role.OWNER, None, at or timezone.now())


def _invite(
    seller_id: int, address: str, role: Role, by: User | None, now: datetime
) -> tuple[Invitation, str]:
    members = Membership.objects.filter(seller=seller_id)
    if members.filter(Q(user__email__iexact=address) | Q(user__username__iexact=address)).exists():
        raise MemberRefused(Refusal.ALREADY_MEMBER)
    invitations = _open(seller_id)
    again = invitations.select_for_update().filter(email=address).first()
    if again is None and invitations.count() >= MOST_OPEN:
        raise MemberRefused(Refusal.TOO_MANY)
    if by:
        _check_letters(seller_id, address, now)
    invitation = again or Invitation(seller_id=seller_id, email=address)
    invitation.role, invitation.by = role, by
    return invitation, _give_token(invitation, now)


def _check_letters(seller_id: int, address: str, now: datetime) -> None:
    """Refuse an owner who sends too many, also by revoking each and inviting anew."""
    sent = Invitation.objects.filter(seller=seller_id)
    if sent.filter(email=address, sent_at__gt=now - PAUSE).exists():
        raise MemberRefused(Refusal.TOO_SOON)
    if sent.filter(sent_at__gt=now - timedelta(days=1)).count() >= MOST_OPEN:
        raise MemberRefused(Refusal.TOO_MANY_TODAY)


@transaction.atomic
def invite_again(
    *, seller_id: int, invitation_id: int, by: User, at: datetime | None = None
) -> tuple[Invitation, str]:
    """A new token and another seven days for an open invitation, also for one whose time ran out."""
    _lock_as_owner(seller_id, by)
    invitation, now = _locked_open(seller_id, invitation_id), at or timezone.now()
    _check_letters(seller_id, invitation.email, now)
    return invitation, _give_token(invitation, now)


def _give_token(invitation: Invitation, now: datetime) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    invitation.token_hash = _hash(token)
    invitation.sent_at, invitation.expires_at = now, now + timedelta(days=VALID_DAYS)
    invitation.save()
    return token


@transaction.atomic
def revoke(*, seller_id: int, invitation_id: int, by: User, at: datetime | None = None) -> Invitation:
    """End an open invitation: its link works no more. Raises MemberRefused."""
    _lock_as_owner(seller_id, by)
    invitation = _locked_open(seller_id, invitation_id)
    invitation.revoked_at = at or timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def _open(seller_id: int) -> QuerySet[Invitation]:
    """Neither accepted nor revoked."""
    return Invitation.objects.filter(seller=seller_id, accepted_at__isnull=True, revoked_at__isnull=True)


def _locked_open(seller_id: int, invitation_id: int) -> Invitation:
    """The open invitation, held so that nobody accepts it meanwhile. Raises MemberRefused."""
    found = _open(seller_id).select_for_update().filter(pk=invitation_id).first()
    if found is None:
        raise MemberRefused(Refusal.GONE)
    return found


@transaction.atomic
def accept(*, token: str, by: User, at: datetime | None = None) -> Membership:
    """Join the seller as the person who is signed in. Raises MemberRefused.

    The invitation is for one address: somebody else who got hold of its link can't use it.
    """
    now = at or timezone.now()
    invitation = _locked_invitation(token, now)
    if by.is_staff:  # who reads every seller's pages acts for none
        raise MemberRefused(Refusal.OPERATOR)
    if invitation.email not in {normal_address(by.email), normal_address(by.username)}:
        raise MemberRefused(Refusal.OTHER_ADDRESS)
    return _join(invitation, by, now)


@transaction.atomic
def accept_as_new(*, token: str, name: str, password: str, at: datetime | None = None) -> User:
    """Make the account of an address that has none, and join the seller with it. Raises MemberRefused."""
    now = at or timezone.now()
    invitation = _locked_invitation(token, now)
    if account_of(invitation.email) is not None:
        raise MemberRefused(Refusal.HAS_ACCOUNT)
    address = invitation.email
    try:
        with transaction.atomic():
            user: User = get_user_model()._default_manager.create_user(
                address, address, password, first_name=name.strip()
            )
    except IntegrityError as error:  # made a moment ago, by the invitation of another seller
        raise MemberRefused(Refusal.HAS_ACCOUNT) from error
    _join(invitation, user, now)
    return user


def _locked_invitation(token: str, now: datetime) -> Invitation:
    found = Invitation.objects.select_for_update().filter(token_hash=_hash(token)).first()
    if found is None:
        raise MemberRefused(Refusal.UNKNOWN)
    _check_open(found, now)
    return found


def _join(invitation: Invitation, user: User, now: datetime) -> Membership:
    """A role that the person has there already stays: an invitation never takes one away."""
    membership, _ = Membership.objects.get_or_create(
        user=user, seller_id=invitation.seller_id, defaults={"role": invitation.role}
    )
    invitation.accepted_at, invitation.accepted_by = now, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return membership


@transaction.atomic
def change_role(*, seller_id: int, membership_id: int, role: Role, by: User) -> Membership:
    """Give a member another role. Raises MemberRefused, also for the last owner."""
    _lock_as_owner(seller_id, by)
    membership = _member(seller_id, membership_id)
    if role != Role.OWNER:
        _check_another_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove_member(*, seller_id: int, membership_id: int, by: User) -> Membership:
    """Take a member out of the seller; their account stays. Raises MemberRefused, also for the last owner."""
    _lock_as_owner(seller_id, by)
    membership = _member(seller_id, membership_id)
    _check_another_owner(membership)
    membership.delete()
    return membership


@transaction.atomic
def leave(*, seller_id: int, by: User) -> None:
    """Leave the seller, in whatever role. Raises MemberRefused, also for the last owner."""
    _lock(seller_id)
    membership = Membership.objects.filter(seller=seller_id, user=by).first()
    if membership is None:
        raise MemberRefused(Refusal.GONE)
    _check_another_owner(membership)
    membership.delete()


def _lock(seller_id: int) -> None:
    """One change of a seller's members at a time, where the database locks rows; orders come in meanwhile."""
    Seller.objects.select_for_update(no_key=True).get(pk=seller_id)


def _lock_as_owner(seller_id: int, by: User) -> None:
    _lock(seller_id)
    if not Membership.objects.filter(seller=seller_id, user=by, role=Role.OWNER).exists():
        raise MemberRefused(Refusal.NOT_OWNER)


def _member(seller_id: int, membership_id: int) -> Membership:
    found = Membership.objects.select_related("user").filter(seller=seller_id, pk=membership_id).first()
    if found is None:
        raise MemberRefused(Refusal.GONE)
    return found


def _check_another_owner(membership: Membership) -> None:
    """Refuse where this is the seller's last owner who can sign in."""
    others = _owners(membership.seller_id).exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.exists():
        raise MemberRefused(Refusal.LAST_OWNER)


def _owners(seller_id: int) -> QuerySet[Membership]:
    """The seller's owners who can sign in."""
    return Membership.objects.filter(seller=seller_id, role=Role.OWNER, user__is_active=True)
