"""What was typed survives a sign-in that ran out, for the same person and nobody else (PRODUCT D5)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from time_machine import travel

from health.models import ResolutionCase
from health.resolving import drop_case
from offers.listing_actions import edit_listing
from tests.factories import PASSWORD, MembershipFactory, UserFactory
from tests.pages.people import Person
from tests.pages.reading import page
from tests.pages.resolving import NOON, Seller, at_risk_offer, closed_offer, form_values, seller

pytestmark = pytest.mark.django_db
TYPED = "A title that took long to write"


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def who() -> Seller:
    found = seller(closed_offer())
    found.review()
    return found


def signed_out(who: Seller) -> dict[str, object]:
    """The form of the second step, filled in; then the session is over."""
    values = {**form_values(who.read("fix")), "fix": ["listing"], "title": TYPED}
    Session.objects.all().delete()
    return values


def sign_in(client: Client, person: Person) -> Any:
    user = person.user
    login = reverse("login")
    return client.post(login, {"username": user.username, "password": PASSWORD})


def test_d5_a_form_sent_signed_out_leads_to_sign_in_and_back_to_what_was_typed(who: Seller) -> None:
    client, values = who.who.client, signed_out(who)
    answer = client.post(who.address("fix"), values)
    assert answer.headers["Location"] == f"{reverse('login')}?next={who.address('fix')}"
    assert "Sign in to go on. Your draft is saved." in page(client.get(answer.headers["Location"])).text
    assert who.case.listing == {}
    assert sign_in(client, who.who).status_code == 302
    root = who.read("fix")
    assert "You're back. What you had typed is below." in root.one("div", "ok").text
    assert root.one(id="title").attributes["value"] == TYPED
    assert "checked" in root.one(id="fix-listing").attributes
    assert who.case.listing == {}  # nothing was done in anybody's name
    assert who.send("fix", root).headers["Location"] == who.address("confirm")
    assert who.case.listing == {"title": TYPED}
    assert "You're back" not in who.read("fix").text


def test_d5_it_is_there_after_a_reload_and_only_on_its_own_page(who: Seller) -> None:
    client, values = who.who.client, signed_out(who)
    client.post(who.address("fix"), values)
    sign_in(client, who.who)
    assert "You're back" not in who.read("review").text
    assert ["You're back" in who.read("fix").text for _ in range(2)] == [True, True]


def test_d5_another_person_who_signs_in_gets_nothing(who: Seller) -> None:
    colleague = seller(who.offer)
    colleague.review()
    client, values = who.who.client, signed_out(who)
    client.post(who.address("fix"), values)
    sign_in(client, colleague.who)
    colleague.who.client = client  # at the same computer
    root = colleague.read("fix")
    assert TYPED not in root.one("main").text
    assert root.one(id="title").attributes["value"] != TYPED
    assert "typed" not in client.session


def test_d5_a_form_that_came_too_early_is_filled_in_when_its_step_is_due(who: Seller) -> None:
    root = who.read("fix")
    drop_case(case_id=who.case.pk, by=who.who.user)  # in another window
    answer = who.send("fix", root, fix=["listing"], title=TYPED)
    assert answer.headers["Location"] == who.address("review")
    who.review()
    assert who.read("fix").one(id="title").attributes["value"] == TYPED


def test_d5_the_ticks_of_the_review_are_kept_too() -> None:
    who = seller(closed_offer())
    root = who.read("review")
    keys = [box.attributes["value"] for box in root.all("input", name="read")]
    values = {**form_values(root), "read": keys[:1], "cause": ["listing", ""]}
    Session.objects.all().delete()
    who.who.client.post(who.address("review"), values)
    assert not ResolutionCase.objects.exists()
    sign_in(who.who.client, who.who)
    again = who.read("review")
    assert ["checked" in box.attributes for box in again.all("input", name="read")] == [True, False]


def test_d5_what_others_changed_while_one_was_signed_out_is_not_overwritten() -> None:
    who = seller(at_risk_offer())
    client, offer = who.who.client, who.offer
    address = reverse("offer-edit", args=[offer.pk])
    values = {**form_values(page(client.get(address))), "title": TYPED}
    Session.objects.all().delete()
    client.post(address, values)
    edit_listing(
        offer_id=offer.pk,
        values={"description": "Boils fast, in silence."},
        seen_revision=1,
        by=UserFactory(),
        source="seller",
    )
    sign_in(client, who.who)
    answer = client.get(address)
    root = page(answer)
    assert answer.status_code == 200
    assert "You're back. What you had typed is below." in root.text
    assert "Nothing was saved. Your edits are below, on top of the other changes" in root.text
    assert client.post(address, form_values(root)).status_code == 302
    offer.refresh_from_db()
    assert (offer.title, offer.description) == (TYPED, "Boils fast, in silence.")


def test_without_a_mark_nothing_is_kept(who: Seller) -> None:
    client = Client()
    for mark in ("", "made-up", form_values(who.read("review"))["whose"][0]):
        answer = client.post(who.address("fix"), {"title": TYPED, "whose": mark})
        assert answer.headers["Location"].startswith(reverse("login"))
        assert "sessionid" not in client.cookies


def test_too_much_is_not_kept(who: Seller) -> None:
    values = {**signed_out(who), "remedy": "x" * 100_001}
    who.who.client.post(who.address("fix"), values)
    sign_in(who.who.client, who.who)
    assert "You're back" not in who.read("fix").text


def test_what_was_kept_is_forgotten_after_half_a_day(who: Seller) -> None:
    client, values = who.who.client, signed_out(who)
    client.post(who.address("fix"), values)
    sign_in(client, who.who)
    with travel(NOON + timedelta(hours=12, seconds=1), tick=False):
        assert "You're back" not in who.read("fix").text


def test_d5_a_token_of_an_earlier_sign_in_says_what_to_do_and_keeps_what_was_typed(who: Seller) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(who.who.user)
    values = form_values(page(strict.get(who.address("fix"))))
    strict.cookies["csrftoken"] = "b" * 32  # another tab has signed in since
    answer = strict.post(who.address("fix"), {**values, "fix": ["listing"], "title": TYPED})
    assert answer.status_code == 403
    root = page(answer)
    assert "What you had typed is kept." in root.text
    assert root.one("a", "primary").attributes["href"] == who.address("fix")
    found = page(strict.get(who.address("fix")))
    assert found.one(id="title").attributes["value"] == TYPED
    assert who.case.listing == {}


def test_a_foreign_form_is_refused_and_leaves_nothing(who: Seller) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(who.who.user)
    answer = strict.post(who.address("fix"), {"title": "planted"})
    assert answer.status_code == 403
    assert "Go back, reload the page and send the form again." in page(answer).text
    assert "planted" not in strict.get(who.address("fix")).content.decode()


def test_the_mark_of_another_person_keeps_nothing(who: Seller) -> None:
    mark = form_values(who.read("fix"))["whose"][0]
    strict = Client(enforce_csrf_checks=True)
    colleague = UserFactory()
    MembershipFactory(user=colleague, seller=who.offer.seller)
    strict.force_login(colleague)
    strict.post(who.address("fix"), {"title": "planted", "whose": mark})
    assert "typed" not in strict.session
