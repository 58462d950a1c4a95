"""The page to which an invitation's link leads: joining, and what is refused (PRODUCT F6)."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from offers.members import invite
from offers.models import Invitation, Membership, Role, Seller
from tests.factories import PASSWORD, MembershipFactory, SellerFactory, SummaryFactory, UserFactory
from tests.pages.people import person
from tests.pages.reading import page

pytestmark = pytest.mark.django_db
LIST = "/settings/members/"
NEW = "new@shop.example"


@pytest.fixture
def seller() -> Seller:
    made: Seller = SellerFactory(name="Juniper shop")
    SummaryFactory(seller=made)
    return made


def invited(seller: Seller, email: str = NEW, role: Role = Role.EDITOR) -> str:
    """The address of an invitation's page."""
    by = MembershipFactory(seller=seller, role=Role.OWNER).user
    _, token = invite(seller_id=seller.pk, email=email, role=role, by=by)
    return reverse("invitation", args=[token])


def roles(seller: Seller) -> dict[str, str]:
    return dict(Membership.objects.filter(seller=seller).values_list("user__username", "role"))


@pytest.mark.parametrize("verb", ["get", "head"])
def test_opening_the_link_accepts_nothing(seller: Seller, verb: str) -> None:
    """Mail programs open links to look at them."""
    UserFactory(email=NEW)
    assert getattr(Client(), verb)(invited(seller)).status_code == 200
    assert getattr(person(email="n2@shop.example").client, verb)(invited(seller, "n2@shop.example"))
    assert not Invitation.objects.filter(accepted_at__isnull=False).exists()


def test_f6_somebody_new_joins_with_a_name_and_a_password(seller: Seller) -> None:
    client, link = Client(), invited(seller)
    text = page(client.get(link)).one("main").text
    assert "Join Juniper shop" in text
    assert "Your role: Editor." in text
    assert NEW in text
    form = {"name": "Newcomer", "password1": PASSWORD, "password2": PASSWORD}
    forged = {"role": "owner", "email": "x@evil.example", "username": "boss", "is_staff": "1", "seller": "1"}
    answer = client.post(link, form | forged)
    assert answer.headers["Location"] == reverse("dashboard")
    assert "You are now a member of Juniper shop." in page(client.get(LIST)).text
    user = User.objects.get(username=NEW)
    assert (user.email, user.first_name, user.is_staff, user.is_superuser) == (NEW, "Newcomer", False, False)
    assert roles(seller)[NEW] == "editor"
    assert Client().get(link).status_code == 410


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Name: This field is required."),
        ({"password2": "another one here"}, "Password again: The two passwords differ."),
        ({"password1": "new@shop.example", "password2": "new@shop.example"}, "too similar to"),
        ({"password1": "password1234", "password2": "password1234"}, "too common"),
    ],
)
def test_f6_a_name_and_a_good_password_are_needed(
    seller: Seller, changed: dict[str, str], words: str
) -> None:
    link = invited(seller)
    form = {"name": "Newcomer", "password1": PASSWORD, "password2": PASSWORD}
    answer = Client().post(link, form | changed)
    assert answer.status_code == 422
    assert words in page(answer).one("div", "summary-err").text
    assert not User.objects.filter(username=NEW).exists()


def test_f6_who_has_an_account_signs_in_and_accepts(seller: Seller) -> None:
    user, client = UserFactory(email=NEW), Client()
    link = invited(seller)
    (button,) = page(client.get(link)).one("main").all("a", "primary")
    answer = client.post(
        button.attributes["href"], {"username": user.username, "password": PASSWORD, "next": link}
    )
    assert answer.headers["Location"] == link
    assert page(client.get(link)).one("main").one("button").text == "Accept the invitation"
    assert client.post(link).headers["Location"] == reverse("dashboard")
    assert roles(seller)[user.username] == "editor"


def test_f6_an_account_is_not_taken_over_by_setting_a_password_for_it(seller: Seller) -> None:
    user = UserFactory(email=NEW)
    link = invited(seller)
    Client().post(link, {"name": "x", "password1": "evil battery staple", "password2": "evil battery staple"})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert user.username not in roles(seller)


def test_f6_the_wrong_account_is_told_and_shown_no_address(seller: Seller) -> None:
    who, link = person(), invited(seller)
    for answer in (who.client.get(link), who.client.post(link)):
        text = page(answer).text
        assert f"You are signed in as {who.user.username}" in text
        assert NEW not in text
    assert who.user.username not in roles(seller)
    form = page(who.client.get(link)).one("main").one("form")
    assert form.one("input", name="next").attributes["value"] == link


def test_f6_an_operator_becomes_no_member(seller: Seller) -> None:
    who = person(email=NEW, is_staff=True)
    answer = who.client.post(invited(seller))
    assert answer.status_code == 403
    assert who.user.username not in roles(seller)


@pytest.mark.parametrize("token", ["x", "0" * 43, "%00", "é" * 20, "a" * 500])
def test_f6_a_guessed_link_leads_nowhere(seller: Seller, token: str) -> None:
    invited(seller)
    answer = Client().get(f"/invitations/{token}/")
    assert answer.status_code == 404
    assert "Juniper" not in answer.content.decode()


def test_the_page_of_an_invitation_is_kept_by_nobody(seller: Seller) -> None:
    assert "no-store" in Client().get(invited(seller)).headers["Cache-Control"]


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("invite_owner", *arguments, stdout=out)
    return out.getvalue()


def test_f6_the_command_invites_a_sellers_first_owner(seller: Seller, settings: Settings) -> None:
    told = command(seller.code, NEW)
    link = told.split("http://localhost:8000")[1].strip()
    assert link in str(mail.outbox[0].body)
    assert "The operator of the marketplace invites you to join Juniper shop." in str(mail.outbox[0].body)
    assert page(Client().get(link)).one("h1").text == "Join Juniper shop"
    settings.EMAIL_BACKEND = "tests.pages.test_account.Failing"
    assert "could not be sent" in command(seller.code, NEW)
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["NOBODY", NEW], "There is no seller NOBODY"),
        (["", "no address"], "'no address' is no e-mail address"),
        (["", "x" * 150 + "@shop.example"], "longer than 150 characters"),
        (["", "member@shop.example"], "has an owner already"),
    ],
)
def test_f6_the_command_says_what_is_wrong(seller: Seller, arguments: list[str], words: str) -> None:
    MembershipFactory(seller=seller, user__email="member@shop.example")
    with pytest.raises(CommandError) as refused:
        command(arguments[0] or seller.code, arguments[1])
    assert words in str(refused.value)
    assert refused.value.returncode == 2
    assert not Invitation.objects.exists()
