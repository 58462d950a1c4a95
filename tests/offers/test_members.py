"""What can be done to a seller's members and invitations, and what is refused (PRODUCT F6)."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from time_machine import travel

from offers import members
from offers.members import (
    MOST_OPEN,
    PAUSE,
    VALID_DAYS,
    MemberRefused,
    Refusal,
    accept,
    accept_as_new,
    change_role,
    invite,
    invite_again,
    invite_first_owner,
    leave,
    read_invitation,
    remove_member,
    revoke,
)
from offers.models import Invitation, Membership, Role, Seller
from offers.preferences import preferences_of, save_preferences
from tests.factories import PASSWORD, MembershipFactory, SellerFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW = "new@shop.example"


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(role=Role.OWNER)


def refused(why: Refusal, verb: Callable[..., Any], **arguments: Any) -> None:
    with pytest.raises(MemberRefused) as raised:
        verb(**arguments)
    assert raised.value.why is why


def invited(owner: Membership, email: str = NEW, role: Role = Role.EDITOR) -> tuple[Invitation, str]:
    return invite(seller_id=owner.seller_id, email=email, role=role, by=owner.user)


def role_of(user: User, seller: Seller) -> str | None:
    return Membership.objects.filter(user=user, seller=seller).values_list("role", flat=True).first()


def test_f6_an_invitation_keeps_a_hash_of_its_token_and_ends_after_seven_days(owner: Membership) -> None:
    invitation, token = invited(owner, "  New@Shop.Example ")
    assert invitation.email == NEW
    assert len(token) > 40
    assert token not in invitation.token_hash
    assert invitation.expires_at - invitation.sent_at == timedelta(days=7)
    assert read_invitation(token) == invitation
    refused(Refusal.UNKNOWN, read_invitation, token=invitation.token_hash)


def test_f6_a_new_person_gets_an_account_and_the_role(owner: Membership) -> None:
    _, token = invited(owner)
    user = accept_as_new(token=token, name=" Newcomer ", password=PASSWORD)
    assert (user.username, user.email, user.first_name) == (NEW, NEW, "Newcomer")
    assert user.check_password(PASSWORD)
    assert not user.is_staff
    assert not user.is_superuser
    assert role_of(user, owner.seller) == Role.EDITOR
    assert Invitation.objects.get().accepted_by == user


def test_f6_an_existing_person_joins_and_the_link_works_once(owner: Membership) -> None:
    user = UserFactory(email="New@Shop.example")
    _, token = invited(owner)
    refused(Refusal.HAS_ACCOUNT, accept_as_new, token=token, name="X", password=PASSWORD)
    accept(token=token, by=user)
    assert role_of(user, owner.seller) == Role.EDITOR
    refused(Refusal.USED, accept, token=token, by=user)
    refused(Refusal.USED, read_invitation, token=token)


def test_f6_nobody_else_can_use_the_link(owner: Membership) -> None:
    _, token = invited(owner)
    refused(Refusal.OTHER_ADDRESS, accept, token=token, by=UserFactory())
    refused(Refusal.OPERATOR, accept, token=token, by=UserFactory(email=NEW, is_staff=True))
    assert Membership.objects.count() == 1


def test_f6_an_ended_invitation_is_refused_by_what_ended_it(owner: Membership) -> None:
    user = UserFactory(email=NEW)
    invitation, token = invited(owner)
    with travel(timezone.now() + timedelta(days=VALID_DAYS), tick=False):
        refused(Refusal.EXPIRED, accept, token=token, by=user)
    revoke(seller_id=owner.seller_id, invitation_id=invitation.pk, by=owner.user)
    refused(Refusal.REVOKED, accept, token=token, by=user)
    refused(Refusal.GONE, revoke, seller_id=owner.seller_id, invitation_id=invitation.pk, by=owner.user)
    refused(Refusal.GONE, invite_again, seller_id=owner.seller_id, invitation_id=invitation.pk, by=owner.user)
    assert Membership.objects.count() == 1


def test_f6_sending_again_ends_the_old_link_and_begins_seven_new_days(owner: Membership) -> None:
    first, old = invited(owner)
    later: datetime = timezone.now() + timedelta(days=9)
    again, token = invite_again(seller_id=owner.seller_id, invitation_id=first.pk, by=owner.user, at=later)
    refused(Refusal.UNKNOWN, read_invitation, token=old)
    assert read_invitation(token) == again == first
    assert again.expires_at == later + timedelta(days=7)


def test_f6_inviting_an_address_twice_renews_its_one_invitation_with_the_new_role(owner: Membership) -> None:
    _, old = invited(owner, role=Role.VIEWER)
    with travel(timezone.now() + PAUSE, tick=False):
        _, token = invited(owner, role=Role.OWNER)
    assert Invitation.objects.get().role == Role.OWNER
    refused(Refusal.UNKNOWN, read_invitation, token=old)
    assert read_invitation(token).role == Role.OWNER


def test_f6_an_address_is_written_to_once_a_minute_whatever_an_owner_does(owner: Membership) -> None:
    start = timezone.now()
    with travel(start, tick=False):
        invitation, _ = invited(owner)
        which: dict[str, Any] = {
            "seller_id": owner.seller_id, "invitation_id": invitation.pk, "by": owner.user
        }  # fmt: skip
        refused(Refusal.TOO_SOON, invite_again, **which)
        refused(Refusal.TOO_SOON, invited, owner=owner)
        revoke(**which)
        refused(Refusal.TOO_SOON, invited, owner=owner)
        assert invited(owner, "other@shop.example")
    with travel(start + PAUSE, tick=False):
        assert invited(owner)


def test_f6_an_owner_who_revokes_each_invitation_writes_to_no_more_people_a_day(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST_OPEN", 3)
    start = timezone.now()
    with travel(start, tick=False):
        for number in range(3):
            invitation, _ = invited(owner, f"n{number}@shop.example")
            revoke(seller_id=owner.seller_id, invitation_id=invitation.pk, by=owner.user)
        refused(Refusal.TOO_MANY_TODAY, invited, owner=owner)
    with travel(start + timedelta(days=1), tick=False):
        assert invited(owner)


def test_f6_members_are_not_invited_again(owner: Membership) -> None:
    refused(
        Refusal.ALREADY_MEMBER, invite, seller_id=owner.seller_id, email=owner.user.email.upper(),
        role=Role.VIEWER, by=owner.user,
    )  # fmt: skip


def test_f6_a_seller_has_only_so_many_open_invitations(owner: Membership) -> None:
    for number in range(MOST_OPEN):
        invited(owner, f"n{number}@shop.example")
    refused(Refusal.TOO_MANY, invite, seller_id=owner.seller_id, email=NEW, role=Role.VIEWER, by=owner.user)
    with travel(timezone.now() + timedelta(days=1), tick=False):
        invited(owner, "n0@shop.example")  # one that is there may be renewed


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER, None])
def test_f6_only_owners_act(owner: Membership, role: Role | None) -> None:
    user = UserFactory()
    if role:
        MembershipFactory(user=user, seller=owner.seller, role=role)
    MembershipFactory(user=user, seller=SellerFactory(), role=Role.OWNER)  # an owner elsewhere
    invitation, _ = invited(owner)
    here: dict[str, Any] = {"seller_id": owner.seller_id, "by": user}
    refused(Refusal.NOT_OWNER, invite, email="x@shop.example", role=Role.OWNER, **here)
    refused(Refusal.NOT_OWNER, invite_again, invitation_id=invitation.pk, **here)
    refused(Refusal.NOT_OWNER, revoke, invitation_id=invitation.pk, **here)
    refused(Refusal.NOT_OWNER, change_role, membership_id=owner.pk, role=Role.VIEWER, **here)
    refused(Refusal.NOT_OWNER, remove_member, membership_id=owner.pk, **here)
    assert Invitation.objects.get().revoked_at is None


def test_f6_an_owner_acts_for_no_other_seller(owner: Membership) -> None:
    other = MembershipFactory(role=Role.OWNER)
    invitation, _ = invited(other)
    here: dict[str, Any] = {"seller_id": owner.seller_id, "by": owner.user}
    refused(Refusal.GONE, change_role, membership_id=other.pk, role=Role.VIEWER, **here)
    refused(Refusal.GONE, remove_member, membership_id=other.pk, **here)
    refused(Refusal.GONE, revoke, invitation_id=invitation.pk, **here)


def test_f6_the_last_owner_is_neither_removed_nor_demoted_and_does_not_leave(owner: Membership) -> None:
    MembershipFactory(seller=owner.seller, role=Role.EDITOR)
    MembershipFactory(seller=owner.seller, role=Role.OWNER, user=UserFactory(is_active=False))
    here: dict[str, Any] = {"seller_id": owner.seller_id, "by": owner.user}
    refused(Refusal.LAST_OWNER, change_role, membership_id=owner.pk, role=Role.VIEWER, **here)
    refused(Refusal.LAST_OWNER, remove_member, membership_id=owner.pk, **here)
    refused(Refusal.LAST_OWNER, leave, **here)
    change_role(membership_id=owner.pk, role=Role.OWNER, **here)  # to stay an owner is no change


def test_f6_roles_change_and_members_go(owner: Membership) -> None:
    second = MembershipFactory(seller=owner.seller, role=Role.VIEWER)
    here: dict[str, Any] = {"seller_id": owner.seller_id, "by": owner.user}
    change_role(membership_id=second.pk, role=Role.OWNER, **here)
    assert role_of(second.user, owner.seller) == Role.OWNER
    leave(**here)
    assert role_of(owner.user, owner.seller) is None
    refused(Refusal.GONE, leave, **here)
    third = MembershipFactory(seller=owner.seller)
    remove_member(seller_id=owner.seller_id, membership_id=third.pk, by=second.user)
    assert User.objects.filter(pk=third.user_id).exists()  # the account stays


def test_f6_who_is_a_member_already_keeps_the_role(owner: Membership) -> None:
    user = UserFactory(email=NEW)
    _, token = invited(owner, role=Role.VIEWER)
    MembershipFactory(user=user, seller=owner.seller, role=Role.OWNER)
    accept(token=token, by=user)
    assert role_of(user, owner.seller) == Role.OWNER


def test_f6_the_first_owner_is_invited_by_an_operator_and_nobody_after() -> None:
    seller = SellerFactory()
    _, token = invite_first_owner(seller_id=seller.pk, email=NEW)
    user = accept_as_new(token=token, name="First", password=PASSWORD)
    assert role_of(user, seller) == Role.OWNER
    refused(Refusal.HAS_OWNER, invite_first_owner, seller_id=seller.pk, email="x@shop.example")


def test_preferences_are_kept_one_by_one() -> None:
    user = UserFactory()
    assert preferences_of(user.pk)._state.adding
    save_preferences(user=user, language="fr", theme="dark")
    save_preferences(user=user, shortcuts=False)
    kept = preferences_of(user.pk)
    assert (kept.language, kept.theme, kept.shortcuts) == ("fr", "dark", False)


needs_two_writers = pytest.mark.skipif(
    os.environ.get("VOCDASH_TEST_DB") != "postgres", reason="SQLite has one writer at a time by itself"
)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned, or why it was refused; all of them begin at the same moment."""
    ready = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            ready.wait(timeout=20)
            return call()
        except MemberRefused as refusal:
            return refusal.why
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@needs_two_writers
@pytest.mark.django_db(transaction=True)
def test_f6_of_two_owners_who_demote_each_other_at_once_one_stays() -> None:
    for _ in range(5):
        first = MembershipFactory(role=Role.OWNER)
        second = MembershipFactory(seller=first.seller, role=Role.OWNER)

        def demote(by: Membership, whom: Membership) -> Callable[[], Any]:
            return lambda: change_role(
                seller_id=by.seller_id, membership_id=whom.pk, role=Role.VIEWER, by=by.user
            )

        results = at_once(demote(first, second), demote(second, first))
        assert results.count(Refusal.NOT_OWNER) == 1  # the one who came second is no owner any more
        assert Membership.objects.filter(seller=first.seller, role=Role.OWNER).count() == 1


@needs_two_writers
@pytest.mark.django_db(transaction=True)
def test_f6_of_two_owners_who_leave_at_once_one_stays() -> None:
    for _ in range(5):
        first = MembershipFactory(role=Role.OWNER)
        second = MembershipFactory(seller=first.seller, role=Role.OWNER)
        results = at_once(
            *[lambda row=row: leave(seller_id=row.seller_id, by=row.user) for row in (first, second)]
        )
        assert results.count(Refusal.LAST_OWNER) == 1
        assert Membership.objects.filter(seller=first.seller, role=Role.OWNER).count() == 1


@needs_two_writers
@pytest.mark.django_db(transaction=True)
def test_f6_an_invitation_accepted_and_revoked_at_once_ends_once() -> None:
    owner = MembershipFactory(role=Role.OWNER)
    for number in range(5):
        address = f"n{number}@shop.example"
        user = UserFactory(email=address)
        invitation, token = invited(owner, address)
        results = at_once(
            lambda token=token, user=user: accept(token=token, by=user),  # type: ignore[misc]
            lambda pk=invitation.pk: revoke(seller_id=owner.seller_id, invitation_id=pk, by=owner.user),  # type: ignore[misc]
        )
        joined = role_of(user, owner.seller) is not None
        assert results[1 if joined else 0] is (Refusal.GONE if joined else Refusal.REVOKED)


@needs_two_writers
@pytest.mark.django_db(transaction=True)
def test_f6_a_link_opened_twice_at_once_makes_one_account() -> None:
    owner = MembershipFactory(role=Role.OWNER)
    _, token = invited(owner)
    results = at_once(*[lambda: accept_as_new(token=token, name="New", password=PASSWORD)] * 3)
    assert results.count(Refusal.USED) == 2
    assert User.objects.filter(username=NEW).count() == 1


@needs_two_writers
@pytest.mark.django_db(transaction=True)
def test_f6_invitations_of_two_sellers_accepted_at_once_make_one_account() -> None:
    for number in range(5):
        address = f"m{number}@shop.example"
        links = [invited(MembershipFactory(role=Role.OWNER), address)[1] for _ in range(2)]
        results = at_once(
            *[lambda link=link: accept_as_new(token=link, name="New", password=PASSWORD) for link in links]
        )
        assert results.count(Refusal.HAS_ACCOUNT) == 1
        assert User.objects.filter(username=address).count() == 1
