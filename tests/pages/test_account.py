"""Signing in, passwords, name, language, theme and keys (UX 6, WCAG 2.1.4)."""

import re
from typing import Any, cast

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetView
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from offers.models import Preferences
from tests.factories import PASSWORD, MembershipFactory, SellerFactory, SummaryFactory, UserFactory
from tests.pages.people import Person, operator, owner, person, queries
from tests.pages.reading import Element, page

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
OTHER_PASSWORD = "another battery staple"
PAGES = ["settings-account", "settings-appearance", "password_change", "password_change_done"]


@pytest.fixture(autouse=True)
def _no_letters_yet() -> None:
    cache.clear()


def sign_in(client: Client, user: User, password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN, {"username": user.username, "password": password, **more})


def problems(root: Element) -> str:
    return root.one("div", "summary-err").text


def test_a_wrong_password_is_told_in_plain_words() -> None:
    answer = sign_in(Client(), UserFactory(), "wrong")
    assert answer.status_code == 422
    assert "The user name and the password don't belong together." in problems(page(answer))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/voc/offers/1/resolve/fix/", "Your draft is saved."),
        ("/voc/offers/1/resolve/", "Your draft is saved."),
        ("/voc/", "Sign in to go on to the page you asked for."),
        ("/no/such/page/", "Sign in to go on to the page you asked for."),
    ],
)
def test_signing_in_says_what_waits_behind_it(address: str, words: str) -> None:
    text = page(Client().get(LOGIN, {"next": address})).one("main").text
    assert words in text
    assert ("draft" in text) == ("draft" in words)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil"],
)
def test_next_never_leads_off_the_site(address: str) -> None:
    user = UserFactory()
    answer = sign_in(Client(), user, next=address)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/voc/")
    client = Client()
    client.force_login(user)
    assert client.get(LOGIN, {"next": address}).headers["Location"] == "/voc/"
    assert client.post("/accounts/logout/", {"next": address}).headers["Location"] == LOGIN


def test_too_many_wrong_passwords_lead_to_a_page_that_says_what_to_do() -> None:
    user, client = UserFactory(), Client()
    for _ in range(9):
        sign_in(client, user, "wrong")
    answer = sign_in(client, user, "wrong")
    assert answer.status_code == 429
    main = page(answer).one("main")
    assert "nobody can sign in with this user name from here for 15 minutes" in main.text
    assert reverse("password_reset") in [link.attributes["href"] for link in main.all("a")]
    # Whoever sets a new password through the account's mailbox is let in at once.
    address, client = link_of(user), Client()
    form = {"new_password1": OTHER_PASSWORD, "new_password2": OTHER_PASSWORD}
    client.post(client.get(address).headers["Location"], form)
    assert sign_in(client, user, OTHER_PASSWORD).status_code == 302


def test_signing_out_has_the_browser_forget_its_pages() -> None:
    answer = person().client.post("/accounts/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_need_sign_in_and_stand_in_the_sellers_frame(name: str) -> None:
    seller = SellerFactory(name="Juniper shop")
    SummaryFactory(seller=seller)
    assert Client().get(reverse(name)).status_code == 302
    answer = owner(seller).client.get(reverse(name))
    assert answer.status_code == 200
    assert "Juniper shop" in page(answer).one("header", "bar").text
    for who in (operator(), person()):
        assert who.client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize(("name", "most"), [(PAGES[0], 4), (PAGES[1], 3), (PAGES[2], 2), (PAGES[3], 2)])
def test_a_page_of_settings_asks_little(name: str, most: int) -> None:
    seller = SellerFactory()
    SummaryFactory(seller=seller)
    who = owner(seller)
    assert len(queries(lambda: who.client.get(reverse(name)))) == most


def test_the_pages_of_settings_link_each_other() -> None:
    nav = page(owner(SellerFactory()).client.get("/settings/account/")).one("nav", "views")
    links = {link.attributes["href"]: link.attributes.get("aria-current") for link in nav.all("a")}
    assert links["/settings/account/"] == "page"
    assert {"/settings/account/", "/settings/appearance/", "/settings/members/"} <= set(links)


def test_the_account_page_shows_name_address_and_sellers() -> None:
    made = MembershipFactory(seller=SellerFactory(name="Juniper shop"), role="editor")
    text = page(Person(made.user).client.get("/settings/account/")).one("main").text
    assert made.user.email in text
    assert "Editor Juniper shop" in text


def test_name_and_language_are_kept_and_the_language_is_spoken_at_once() -> None:
    who = person()
    answer = who.client.post("/settings/account/", {"name": " Shop owner ", "language": "fr"}, follow=True)
    root = page(answer)
    assert root.one("html").attributes["lang"] == "fr"
    assert "Vos réglages ont été enregistrés." in root.text
    who.user.refresh_from_db()
    assert who.user.get_full_name() == "Shop owner"
    back = page(who.client.post("/settings/account/", {"name": "Shop owner", "language": ""}, follow=True))
    assert back.one("html").attributes["lang"] == "en"
    assert "django_language" not in {name for name, made in who.client.cookies.items() if made.value}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "", "language": ""}, "Name: This field is required."),
        ({"name": "x" * 151, "language": ""}, "Name: Ensure this value has at most 150 characters"),
        ({"name": "x", "language": "xx"}, "Language: Select a valid choice."),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(form: dict[str, str], words: str) -> None:
    who = person()
    answer = who.client.post("/settings/account/", form)
    assert answer.status_code == 422
    assert words in problems(page(answer))
    assert answer.content.decode().count("<title>Error: ") == 1
    assert not Preferences.objects.exists()


def test_only_what_the_form_asks_is_changed() -> None:
    who = person()
    forged = {"name": "x", "language": "", "email": "boss@evil.example", "is_staff": "1", "theme": "dark"}
    who.client.post("/settings/account/", forged)
    before = who.user.email
    who.user.refresh_from_db()
    assert (who.user.email, who.user.is_staff) == (before, False)
    assert Preferences.objects.get().theme == ""


def choose(who: Person, **form: str) -> Element:
    return page(who.client.post("/settings/appearance/", {"theme": "", "language": "", **form}, follow=True))


def test_theme_and_keys_are_followed_by_the_next_page() -> None:
    who = person()
    html = choose(who, theme="dark").one("html").attributes
    assert (html["data-theme"], html["data-nokeys"]) == ("dark", "1")  # the box of the keys was not ticked
    html = choose(who, theme="", shortcuts="on").one("html").attributes
    assert not {"data-theme", "data-nokeys"} & set(html)
    assert who.client.post("/settings/appearance/", {"theme": "neon"}).status_code == 422


def test_the_form_shows_what_was_chosen() -> None:
    who = person()
    root = choose(who, theme="light", language="en")
    chosen = [
        radio.attributes["value"]
        for radio in root.all("input", name="theme")
        if "checked" in radio.attributes
    ]
    assert chosen == ["light"]
    assert "checked" not in root.one("input", name="shortcuts").attributes


def test_another_device_follows_after_signing_in() -> None:
    who = person()
    choose(who, theme="dark", language="fr")
    device = Client()
    sign_in(device, who.user)
    html = page(device.get("/settings/account/")).one("html").attributes
    assert (html["lang"], html["data-theme"], html["data-nokeys"]) == ("fr", "dark", "1")
    sign_in(device, UserFactory())  # who never chose anything: the device stays as it is
    assert device.cookies["theme"].value == "dark"


def test_cookies_of_a_choice_are_no_business_of_scripts() -> None:
    who = person()
    choose(who, theme="dark")
    made = who.client.cookies["theme"]
    assert (made["httponly"], made["samesite"]) == (True, "Lax")


def test_a_password_is_changed_by_whoever_knows_it_and_ends_other_sessions() -> None:
    who, elsewhere = person(), Client()
    sign_in(elsewhere, who.user)
    form = {"old_password": PASSWORD, "new_password1": OTHER_PASSWORD, "new_password2": OTHER_PASSWORD}
    answer = who.client.post(reverse("password_change"), form)
    assert answer.headers["Location"] == reverse("password_change_done")
    assert who.client.get("/settings/account/").status_code == 200
    assert elsewhere.get("/settings/account/").status_code == 302


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"old_password": "wrong"}, "Current password: This is not your current password."),
        ({"new_password2": "something else"}, "New password again: The two passwords differ."),
        ({"new_password1": "short", "new_password2": "short"}, "must contain at least 12 characters"),
    ],
)
def test_a_password_that_does_not_do_is_refused(changed: dict[str, str], words: str) -> None:
    form = {"old_password": PASSWORD, "new_password1": OTHER_PASSWORD, "new_password2": OTHER_PASSWORD}
    answer = person().client.post(reverse("password_change"), form | changed)
    assert answer.status_code == 422
    assert words in problems(page(answer))


def ask(address: str, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).post(reverse("password_reset"), {"email": address}, headers=headers or None)


def link_of(user: User) -> str:
    """The address in the letter that the user gets."""
    cache.clear()
    ask(user.email)
    found = re.search(r"http://localhost:8000(\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_forgotten_password_is_replaced_through_the_mailbox_once() -> None:
    user, client = UserFactory(), Client()
    address = link_of(user)
    form_address = client.get(address).headers["Location"]
    bad = client.post(form_address, {"new_password1": "x", "new_password2": "x"})
    assert bad.status_code == 422
    form = {"new_password1": OTHER_PASSWORD, "new_password2": OTHER_PASSWORD}
    assert client.post(form_address, form).headers["Location"] == reverse("password_reset_complete")
    assert sign_in(Client(), user, OTHER_PASSWORD).status_code == 302
    again = page(Client().get(address))
    assert "This link no longer works" in again.one("h1").text


def test_the_letter_is_text_and_html_with_the_same_link_and_the_sites_own_address(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    user = UserFactory()
    ask(user.email, Host="evil.example")
    letter = cast(EmailMultiAlternatives, mail.outbox[0])
    html, kind = (str(part) for part in letter.alternatives[0])
    (address,) = re.findall(r"http://localhost:8000/password-reset/\S+", str(letter.body))
    assert kind == "text/html"
    assert f'href="{address}"' in html
    assert "evil.example" not in str(letter.body) + html
    assert "valid for 24 hours" in str(letter.body)
    assert letter.to == [user.email]


def test_the_answer_is_the_same_with_and_without_an_account() -> None:
    user = UserFactory()
    known, unknown = ask(user.email), ask("nobody@example.org")
    assert known.status_code == unknown.status_code == 302
    assert known.headers["Location"] == unknown.headers["Location"]
    assert len(mail.outbox) == 1


def test_letters_leave_after_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long it takes tells nobody whether there is an account."""
    seen: list[int] = []
    real = PasswordResetView.form_valid

    def watched(view: Any, form: Any) -> Any:
        answer = real(view, form)
        seen.append(len(mail.outbox))
        return answer

    monkeypatch.setattr(PasswordResetView, "form_valid", watched)
    ask(UserFactory().email)
    assert (seen, len(mail.outbox)) == ([0], 1)


def test_a_mailbox_is_not_filled_from_here() -> None:
    user = UserFactory()
    for _ in range(3):
        ask(user.email)
    assert len(mail.outbox) == 1


def test_a_mail_server_that_fails_changes_nothing_that_is_seen(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.pages.test_account.Failing"
    assert ask(UserFactory().email).status_code == 302


def test_whatever_keeps_a_letter_back_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_arguments: object) -> bool:
        raise ConnectionRefusedError("no cache")

    monkeypatch.setattr(cache, "add", gone)
    assert ask(UserFactory().email).status_code == 302
    assert "Letters about a forgotten password could not be sent" in caplog.text


class Failing:
    """A mail server that can't be reached."""

    def __init__(self, **_options: object) -> None:
        pass

    def send_messages(self, _messages: object) -> int:
        raise ConnectionRefusedError


def test_the_letter_speaks_the_language_that_the_person_chose() -> None:
    who = person()
    choose(who, language="fr")
    ask(who.user.email)
    assert mail.outbox[0].subject == "Choisir un nouveau mot de passe"


def test_forms_bear_a_token_against_forgery() -> None:
    strict = Client(enforce_csrf_checks=True)
    user = UserFactory()
    assert sign_in(strict, user).status_code == 403
    strict.force_login(user)
    for name in ("settings-account", "settings-appearance", "password_change", "member-invite", "logout"):
        assert strict.post(reverse(name), {"name": "x"}).status_code == 403
    assert ask(user.email, strict).status_code == 403
