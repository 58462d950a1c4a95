"""The members of a seller and the page of an invitation: who sees them, who acts (PRODUCT F6)."""

import re
from datetime import timedelta
from typing import Any, cast

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings
from time_machine import travel

from offers.models import Invitation, Membership, Role, Seller
from tests.case_factories import InvitationFactory
from tests.factories import MembershipFactory, SellerFactory, SummaryFactory
from tests.pages.people import Person, member, operator, owner, person, queries, stranger
from tests.pages.reading import Element, page

pytestmark = pytest.mark.django_db
LIST = "/settings/members/"
NEW = "new@shop.example"
FAILING = "tests.pages.test_account.Failing"


@pytest.fixture
def seller() -> Seller:
    made: Seller = SellerFactory(name="Juniper shop")
    SummaryFactory(seller=made)
    return made


def reader(seller: Seller) -> Person:
    """An operator who looks at the seller's pages."""
    who = operator()
    who.switch(seller)
    return who


def read(who: Person) -> Element:
    answer = who.client.get(LIST)
    assert answer.status_code == 200
    return page(answer)


def rows(root: Element, head: str) -> list[str]:
    """The rows of the table with this heading."""
    regions = root.all("div", "scroll", **{"aria-labelledby": head})
    return [row.text for region in regions for row in region.one("tbody").all("tr")]


def post(who: Person, name: str, *args: object, **form: str) -> Any:
    return who.client.post(reverse(name, args=args), form)


def link_in_mail() -> str:
    found = re.search(r"http://localhost:8000(/invitations/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def roles(seller: Seller) -> dict[str, str]:
    return dict(Membership.objects.filter(seller=seller).values_list("user__username", "role"))


def test_f6_every_member_and_operators_see_who_belongs_to_the_seller(seller: Seller) -> None:
    first = owner(seller)
    InvitationFactory(seller=seller, email=NEW)
    InvitationFactory(email="elsewhere@shop.example")
    for who in (first, member(seller, Role.EDITOR), member(seller, Role.VIEWER), reader(seller)):
        root = read(who)
        assert first.user.username in " ".join(rows(root, "members"))
        assert rows(root, "invited")[0].startswith(f"{NEW} sent")
        assert "elsewhere" not in root.text
        assert bool(root.one("main").all("form")) == (who is first)  # only its owner acts


def test_f6_a_stranger_has_nothing_here(seller: Seller) -> None:
    here = MembershipFactory(seller=seller)
    other = stranger()
    assert here.user.username not in read(other).one("main").text
    assert post(other, "member-role", here.pk, role="viewer").status_code == 404
    assert post(other, "member-remove", here.pk).status_code == 404
    assert other.client.get(reverse("member-remove", args=[here.pk])).status_code == 404
    invitation = InvitationFactory(seller=seller)
    assert post(other, "invitation-send", invitation.pk).status_code == 404
    assert post(other, "invitation-revoke", invitation.pk).status_code == 404


def test_f6_somebody_without_a_seller_is_told_so() -> None:
    assert "You don't belong to a seller yet" in read(person()).text
    assert operator().client.get(LIST).headers["Location"] == reverse("switch")
    assert post(person(), "member-invite").status_code == 404


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER, None])
def test_f6_only_owners_act(seller: Seller, role: Role | None) -> None:
    row = MembershipFactory(seller=seller)
    invitation = InvitationFactory(seller=seller)
    who = member(seller, role) if role else reader(seller)
    for name, args in (
        ("member-invite", []),
        ("member-role", [row.pk]),
        ("member-remove", [row.pk]),
        ("invitation-send", [invitation.pk]),
        ("invitation-revoke", [invitation.pk]),
    ):
        assert post(who, name, *args, email=NEW, role="owner").status_code == 403
    assert who.client.get(reverse("member-remove", args=[row.pk])).status_code == 403
    assert (Invitation.objects.count(), len(mail.outbox)) == (1, 0)


def test_f6_an_operator_can_neither_leave_nor_act(seller: Seller) -> None:
    who = reader(seller)
    assert who.client.get(reverse("member-leave")).status_code == 403
    assert post(who, "member-leave").status_code == 403


def test_f6_an_owner_invites_and_the_letter_has_the_link_as_text_and_html(seller: Seller) -> None:
    who = owner(seller)
    answer = who.client.post(reverse("member-invite"), {"email": NEW, "role": "viewer"}, follow=True)
    root = page(answer)
    assert f"An invitation is on its way to {NEW}." in root.text
    assert re.match(rf"{NEW} sent .+, valid until .+ Viewer", rows(root, "invited")[0])
    letter = cast(EmailMultiAlternatives, mail.outbox[0])
    html = str(letter.alternatives[0][0])
    assert letter.to == [NEW]
    assert letter.subject == "Join Juniper shop on Voice of the Customer"
    assert "Your role: Viewer. " in str(letter.body).replace("\n", " ")
    assert link_in_mail() in html
    assert "valid for 7 days" in str(letter.body)
    assert link_in_mail() not in answer.content.decode()


def test_a_sellers_name_with_a_line_break_puts_nothing_into_the_letters_head(seller: Seller) -> None:
    Seller.objects.filter(pk=seller.pk).update(name="Juniper\r\nBcc: all@shop.example")
    post(owner(seller), "member-invite", email=NEW, role="viewer")
    assert mail.outbox[0].subject == "Join Juniper Bcc: all@shop.example on Voice of the Customer"
    assert mail.outbox[0].recipients() == [NEW]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "no address", "role": "viewer"}, "E-mail address: Enter a valid email address."),
        ({"email": NEW, "role": "boss"}, "Role: Select a valid choice."),
        ({"email": "x" * 150 + "@shop.example", "role": "viewer"}, "at most 150 characters"),
        ({}, "E-mail address: This field is required."),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    seller: Seller, form: dict[str, str], words: str
) -> None:
    answer = post(owner(seller), "member-invite", **form)
    assert answer.status_code == 422
    assert words in page(answer).one("div", "summary-err").text
    assert not Invitation.objects.exists()


def test_f6_members_are_not_invited_again(seller: Seller) -> None:
    who = owner(seller)
    answer = post(who, "member-invite", email=who.user.email, role="viewer")
    assert answer.status_code == 422
    assert "belongs to a member already" in page(answer).one("div", "summary-err").text


def test_f6_a_letter_that_cannot_be_sent_leaves_the_invitation_and_shows_its_link(
    seller: Seller, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = FAILING
    who = owner(seller)
    answer = post(who, "member-invite", email=NEW, role="viewer")
    root = page(answer)
    assert "The e-mail couldn't be sent" in root.one("h1").text
    link = root.one("input", id="link").attributes["value"].removeprefix("http://localhost:8000")
    assert page(Client().get(link)).one("h1").text == "Join Juniper shop"
    assert link not in who.client.get(LIST).content.decode()  # this once


def test_f6_sent_again_the_old_link_ends(seller: Seller) -> None:
    who = owner(seller)
    post(who, "member-invite", email=NEW, role="viewer")
    old = link_in_mail()
    with travel(timezone.now() + timedelta(days=8), tick=False):
        who.client.force_login(who.user)
        assert "no longer valid: send it again" in rows(read(who), "invited")[0]
        post(who, "invitation-send", Invitation.objects.get().pk)
        assert Client().get(old).status_code == 404
        assert Client().get(link_in_mail()).status_code == 200


def test_f6_revoked_the_link_says_so(seller: Seller) -> None:
    who = owner(seller)
    post(who, "member-invite", email=NEW, role="viewer")
    pk = Invitation.objects.get().pk
    post(who, "invitation-revoke", pk)
    answer = Client().get(link_in_mail())
    assert answer.status_code == 410
    assert "This invitation was revoked." in page(answer).text
    for name in ("invitation-revoke", "invitation-send"):
        late = post(who, name, pk)
        assert late.status_code == 422
        assert "no longer open" in page(late).one("div", "summary-err").text


def test_f6_roles_are_changed_and_members_removed_after_asking_once(seller: Seller) -> None:
    who, other = owner(seller), MembershipFactory(seller=seller, role=Role.VIEWER)
    post(who, "member-role", other.pk, role="editor")
    assert roles(seller)[other.user.username] == "editor"
    assert post(who, "member-role", other.pk, role="boss").status_code == 400
    asked = who.client.get(reverse("member-remove", args=[other.pk]))
    assert f"Remove {other.user.username}?" in page(asked).one("h1").text
    assert other.user.username in roles(seller)
    post(who, "member-remove", other.pk)
    assert list(roles(seller)) == [who.user.username]
    assert Person(other.user).dashboard().status_code == 200
    assert "You don't belong to a seller yet" in Person(other.user).dashboard().content.decode()


def test_f6_the_last_owner_stays(seller: Seller) -> None:
    who = owner(seller)
    mine = Membership.objects.get(user=who.user)
    assert "the only owner" in rows(read(who), "members")[0]
    for name, args in (("member-role", [mine.pk]), ("member-remove", [mine.pk]), ("member-leave", [])):
        answer = post(who, name, *args, role="viewer")
        assert answer.status_code == 422
        assert "this is the last one" in page(answer).one("div", "summary-err").text
    assert roles(seller) == {who.user.username: "owner"}


def test_f6_everybody_else_may_leave_after_asking_once(seller: Seller) -> None:
    owner(seller)
    who = member(seller, Role.VIEWER)
    assert "Leave Juniper shop?" in page(who.client.get(reverse("member-leave"))).one("h1").text
    assert post(who, "member-leave").headers["Location"] == reverse("dashboard")
    assert who.user.username not in roles(seller)


@pytest.mark.parametrize("verb", ["get", "head"])
def test_reading_changes_nothing(seller: Seller, verb: str) -> None:
    who, other = owner(seller), MembershipFactory(seller=seller)
    invitation = InvitationFactory(seller=seller)
    for name, args in (
        ("member-invite", []), ("member-role", [other.pk]), ("invitation-send", [invitation.pk]),
        ("invitation-revoke", [invitation.pk]),
    ):  # fmt: skip
        assert getattr(who.client, verb)(reverse(name, args=args)).status_code == 405


def test_the_letter_speaks_the_language_of_whom_it_is_for(seller: Seller) -> None:
    invitee, who = person(email=NEW), owner(seller)
    invitee.client.post("/settings/appearance/", {"theme": "", "language": "fr"})
    post(who, "member-invite", email=NEW, role="viewer")
    assert mail.outbox[0].subject == "Rejoignez Juniper shop sur la Voix du client"


def test_the_page_asks_as_little_for_many_members_as_for_one(seller: Seller) -> None:
    who = owner(seller)
    assert len(queries(lambda: read(who))) == 4  # memberships, marketplaces with summaries, members, invited
    for _ in range(9):
        MembershipFactory(seller=seller)
        InvitationFactory(seller=seller)
    assert len(queries(lambda: read(who))) == 4
