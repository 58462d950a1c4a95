"""Who gets which e-mails (D9)."""

import pytest
from django.core import mail

from health.mailing import (
    address_pending,
    choose_emails,
    send_round,
    unsubscribe,
    wanted_by,
)
from health.models import Notification, NotificationEmail
from offers.models import Role
from tests.case_factories import EmailPreferenceFactory
from tests.factories import (
    MembershipFactory,
    UserFactory,
)
from tests.health.outbox import waiting, words

pytestmark = pytest.mark.django_db


def test_every_member_gets_the_e_mail_and_nobody_else() -> None:
    notice = waiting()
    people = [MembershipFactory(seller=notice.seller, role=role).user.email for role in Role]
    MembershipFactory()
    UserFactory(is_staff=True)
    assert address_pending() == 1
    rows = NotificationEmail.objects.order_by("pk")
    assert [row.address for row in rows] == people
    assert {row.notification_id for row in rows} == {notice.pk}
    assert address_pending() == 0


def test_who_has_no_address_or_is_not_active_gets_none() -> None:
    notice = waiting("closed")
    MembershipFactory(seller=notice.seller, user=UserFactory(email=""))
    MembershipFactory(seller=notice.seller, user=UserFactory(is_active=False))
    address_pending()
    notice.refresh_from_db()
    assert not NotificationEmail.objects.exists()
    assert notice.email == Notification.Email.NONE


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("closed", True), ("lifted", True), ("at_risk", True), ("recovering", True), ("weekly", True),
        ("removal", False), ("import", False),
    ],
)  # fmt: skip
def test_each_kind_has_its_default(kind: str, sent: bool) -> None:
    notice = waiting(kind)
    MembershipFactory(seller=notice.seller)
    send_round(words)
    notice.refresh_from_db()
    assert (len(mail.outbox), notice.email) == ((1, "sent") if sent else (0, "none"))


def test_d9_a_member_chooses_the_kinds_but_closures_always_come() -> None:
    member = MembershipFactory()
    assert wanted_by(member) == {"at_risk", "recovering", "weekly"}
    choose_emails(membership=member, wanted={"removal", "closed", "nonsense"})
    assert wanted_by(member) == {"removal"}
    for kind in ("weekly", "removal", "closed", "lifted"):
        waiting(kind, member.seller)
    send_round(words)
    assert set(NotificationEmail.objects.values_list("notification__kind", flat=True)) == {
        "removal", "closed", "lifted"
    }  # fmt: skip


def test_a_choice_holds_for_one_seller_only() -> None:
    user = UserFactory()
    here, there = (MembershipFactory(user=user) for _ in range(2))
    EmailPreferenceFactory(membership=here, kind="weekly", wanted=False)
    waiting(seller=here.seller)
    waiting(seller=there.seller)
    send_round(words)
    assert [row.notification.seller for row in NotificationEmail.objects.all()] == [there.seller]


def test_unsubscribing_turns_one_kind_off_and_never_closures() -> None:
    member = MembershipFactory()
    assert unsubscribe(membership_id=member.pk, kind="weekly")
    assert wanted_by(member) == {"at_risk", "recovering"}
    assert not unsubscribe(membership_id=member.pk + 1, kind="weekly")
    with pytest.raises(ValueError, match="closed"):
        unsubscribe(membership_id=member.pk, kind="closed")
